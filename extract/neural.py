"""Taggers of the Hugging Face kind: any token-classification model, by its id or folder."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from extract.tagging import LABELS, Label, ModelError, Tag, need

#: How the packages for these models come.
CURE = "make neural (or pip install 'bole[neural]')"
#: Pieces that go through a model at once, blanks that fill up short texts included.
_PIECES = 2048
#: Pieces of a text that are read in one go, if the model can take so many.
_LONGEST = 512
#: Half-open offsets of a piece and the label that the model gives it.
Piece = tuple[int, int, str]


@cache
def load_neural(name: str) -> Callable[[Sequence[str]], list[list[Tag]]]:
    """Return the tagger of this id or folder, loaded once a process.

    Raises:
        ModelError: No such model, a package is not installed, or it is no tagger of names.
    """
    for package in ("torch", "transformers"):
        need(package, name, CURE)
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer, logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()  # what is wrong with a model is told below, in one line
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model = AutoModelForTokenClassification.from_pretrained(name, dtype=torch.float32)
    except (OSError, ValueError) as error:
        cure = (
            "give rules, lac, spacy, or the folder or id of a tagger (bole models train makes one)"
        )
        raise ModelError(f"no model {name!r}; {cure}") from error
    labels = {int(key): str(label) for key, label in model.config.id2label.items()}
    if not any(_kind(label) for label in labels.values()):
        known = ", ".join(sorted(labels.values())[:9])
        cure = "train one from it: bole models train DATA FOLDER --base"
        raise ModelError(
            f"model {name!r} tags {known}, not people, places and bodies; {cure} {name}"
        )
    limit = min(_LONGEST, model.config.max_position_embeddings, tokenizer.model_max_length)
    filler = tokenizer.pad_token_id or 0
    return Neural(tokenizer, model.eval(), labels, limit=limit, filler=filler).tag


class Neural:
    """A model with its tokenizer and its labels by number.

    `limit` is how many pieces it takes at once, `filler` the piece that fills up short rows.
    """

    def __init__(
        self,
        tokenizer: Callable[..., Any],
        model: Callable[..., Any],
        labels: Mapping[int, str],
        *,
        limit: int,
        filler: int,
    ) -> None:
        self._tokenizer, self._model, self._labels = tokenizer, model, labels
        self._limit, self._filler = limit, filler

    def tag(self, texts: Sequence[str]) -> list[list[Tag]]:
        """Return the names of each text, in its order."""
        rows = self._tokenizer(
            list(texts),
            truncation=True,
            max_length=self._limit,
            return_overflowing_tokens=True,  # a text that is too long goes on in further rows
            return_offsets_mapping=True,
        )
        pieces: list[list[Piece]] = [[] for _ in texts]
        labels = self._labels_of(rows["input_ids"])
        for owner, offsets, row in zip(
            rows["overflow_to_sample_mapping"], rows["offset_mapping"], labels, strict=True
        ):
            pieces[owner] += [(a, b, label) for (a, b), label in zip(offsets, row, strict=True)]
        return [list(read_pieces(text, row)) for text, row in zip(texts, pieces, strict=True)]

    def _labels_of(self, rows: Sequence[Sequence[int]]) -> list[list[str]]:
        import torch

        found: list[list[str]] = [[] for _ in rows]
        for batch in _batches(rows):
            keys, mask = pad([rows[n] for n in batch], self._filler)
            with torch.inference_mode():
                best = self._model(input_ids=keys, attention_mask=mask).logits.argmax(-1).tolist()
            for n, row in zip(batch, best, strict=True):
                found[n] = [self._labels[label] for label in row[: len(rows[n])]]
        return found


def _batches(rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield which rows go together: those of like length, as many as fill a batch."""
    batch: list[int] = []
    for n in sorted(range(len(rows)), key=lambda n: len(rows[n])):
        if batch and (len(batch) + 1) * len(rows[n]) > _PIECES:
            yield batch
            batch = []
        batch.append(n)
    if batch:
        yield batch


def pad(rows: Sequence[Sequence[int]], filler: int) -> tuple[Any, Any]:
    """Return rows filled up to one length as a tensor, and the mask of what is theirs."""
    import torch

    length = max(map(len, rows))
    keys = torch.tensor([[*row, *([filler] * (length - len(row)))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    return keys, mask


def own_pieces(offsets: Sequence[tuple[int, int]]) -> list[bool]:
    """Return which pieces have characters of their own.

    Marks of a text's ends have none; nor has the mark of a word's beginning, which some
    tokenizers give as a piece that begins where the next one does.

    >>> own_pieces([(0, 0), (0, 1), (0, 2), (2, 4), (0, 0)])
    [False, False, True, True, False]
    """
    starts = [start for start, _ in offsets[1:]] + [-1]
    return [
        a < b and not (following == a and b - a == 1)
        for (a, b), following in zip(offsets, starts, strict=True)
    ]


def read_pieces(text: str, pieces: Sequence[Piece]) -> Iterator[Tag]:
    """Yield the names that labelled pieces make; a piece inside a word of letters goes with it.

    >>> row = [(0, 1, "B-PER"), (1, 2, "I-PER"), (2, 3, "O"), (3, 7, "B-LOC"), (7, 11, "O")]
    >>> [(t.start, t.end, t.label) for t in read_pieces("张伟在Hangzhou", row)]
    [(0, 2, 'PER'), (3, 11, 'LOC')]
    """
    spans: list[tuple[int, int, Label]] = []
    last: Label | None = None
    own = own_pieces([(start, end) for start, end, _ in pieces])
    for (start, end, label), is_own in zip(pieces, own, strict=True):
        if not is_own:
            continue
        is_inside = _is_inside_word(text, start)
        kind = last if is_inside else _kind(label)
        if kind and kind == last and (is_inside or label[:2] not in _BEGINNINGS):
            spans[-1] = (spans[-1][0], end, kind)
        elif kind:
            spans.append((start, end, kind))
        last = kind
    for start, end, kind in spans:
        name = text[start:end]
        if name.strip():
            first = start + len(name) - len(name.lstrip())
            yield Tag(start=first, end=start + len(name.rstrip()), label=kind)


#: With what the label of a name's first piece begins, in the schemes in use.
_BEGINNINGS = frozenset(("B-", "S-", "U-"))


def _is_inside_word(text: str, at: int) -> bool:
    """Whether letters that are no Han characters stand on both sides."""
    return at > 0 and all(char.isalpha() and char < "\u2e80" for char in text[at - 1 : at + 1])


def _kind(label: str) -> Label | None:
    return LABELS.get(label.rpartition("-")[2].upper())
