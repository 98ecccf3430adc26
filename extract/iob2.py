"""Sentences whose names are marked word by word (IOB2), as Universal NER publishes them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from extract.tagging import ModelError

#: Half-open offsets and the kind of each name of a sentence.
Spans = set[tuple[int, int, str]]


def read_iob2(path: Path) -> Iterator[tuple[str, Spans]]:
    """Yield each sentence with the spans of its names; words are joined without blanks.

    Raises:
        ModelError: A line has no number, word and tag.
    """
    words: list[tuple[str, str]] = []
    for number, line in enumerate([*path.read_text("utf-8").splitlines(), ""], 1):
        if line and not line.startswith("#"):
            columns = line.split("\t")
            if len(columns) < 3:
                wanted = "number, word and tag, with tabs between them"
                raise ModelError(f"{path}:{number}: {line[:40]!r} is not {wanted}")
            words.append((columns[1], columns[2]))
        elif not line and words:
            yield "".join(word for word, _ in words), _spans(words)
            words = []


def _spans(words: Sequence[tuple[str, str]]) -> Spans:
    found: list[tuple[int, int, str]] = []
    position = 0
    for word, tag in words:
        end = position + len(word)
        if tag.startswith("B-"):
            found.append((position, end, tag[2:]))
        elif tag.startswith("I-") and found:
            start, _, label = found[-1]
            found[-1] = (start, end, label)
        position = end
    return set(found)


def f1(found: Sequence[Spans], wanted: Sequence[Spans]) -> float:
    """Return the harmonic mean of precision and recall over all sentences.

    >>> f1([{(0, 2, "PER")}], [{(0, 2, "PER"), (3, 5, "LOC")}])
    0.6667
    """
    hits = sum(len(a & b) for a, b in zip(found, wanted, strict=True))
    total = sum(map(len, found)) + sum(map(len, wanted))
    return round(2 * hits / total, 4) if total else 0.0
