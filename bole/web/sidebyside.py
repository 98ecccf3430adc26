"""An article as published beside its simplified text, with the words of its facts marked."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extract.reading import read_text
from summarize.wording import inert_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Words of a fact: half-open offsets in the raw text."""

    start: int
    end: int
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text, and the fact that it proves; None if it proves none."""

    text: str
    fact: str | None
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A paragraph as published and in clean simplified words.

    Attributes:
        raw, clean: Its pieces; nothing where the line is empty.
        in_body: Whether it is of the article proper.
    """

    raw: tuple[Piece, ...]
    clean: tuple[Piece, ...]
    in_body: bool

    @property
    def is_same(self) -> bool:
        """Whether both are the same words."""
        return "".join(p.text for p in self.raw) == "".join(p.text for p in self.clean)

    @property
    def length(self) -> int:
        """Return how many characters the line has as published."""
        return sum(len(piece.text) for piece in self.raw)


def lay_side_by_side(
    text: str, lang: str, body: tuple[int, int], spans: Iterable[Span]
) -> list[Line]:
    """Return the lines of an article that hold something.

    Args:
        text: As published.
        lang: Its language.
        body: Half-open offsets of the article proper.
        spans: Words of facts; of those that overlap the first, longest one is marked.
    """
    reading = read_text(text, lang)
    apart = _apart(spans)
    offsets = reading.offsets
    moved = [
        Span(start=bisect_left(offsets, s.start), end=bisect_left(offsets, s.end), fact=s.fact)
        for s in apart
    ]
    lines, seen, seen_clean = [], set[str](), set[str]()
    clean_lines = list(_lines(reading.text))
    for (start, end), (clean_start, clean_end) in zip(_lines(text), clean_lines, strict=True):
        if not text[start:end].strip():
            continue
        lines.append(
            Line(
                raw=tuple(_pieces(text, start, end, apart, seen)),
                clean=tuple(_pieces(reading.text, clean_start, clean_end, moved, seen_clean)),
                in_body=start < body[1] and end > body[0],
            )
        )
    return lines


def _apart(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.fact)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield start, end
        start = end + 1
    yield start, len(text)


def _pieces(
    text: str, start: int, end: int, spans: Sequence[Span], seen: set[str]
) -> Iterator[Piece]:
    """Yield the pieces of text[start:end]; what is not seen or turns a line is left out."""
    place = start
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first >= last:
            continue
        if first > place:
            yield Piece(text=inert_run(text[place:first]), fact=None)
        is_new = span.fact not in seen
        seen.add(span.fact)
        yield Piece(text=inert_run(text[first:last]), fact=span.fact, first=is_new)
        place = last
    if place < end:
        yield Piece(text=inert_run(text[place:end]), fact=None)
