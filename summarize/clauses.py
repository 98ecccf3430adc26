"""The clauses of an article, and which of them it takes to say a fact whole."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extract.facts import Evidence
from extract.reading import Reading

_END = re.compile(
    r"""
    \n                                  # a paragraph
    | [。！？]+[”’」』）]*               # a Chinese sentence, its closing marks with it
    | (?<![A-Z])(?<!\bNo)(?<!\bMr)(?<!\bDr)(?<!\bVol)(?<!\b[A-Z][a-z][a-z]) [.!?]+ ["')]* (?=\s|$)
    """,
    re.VERBOSE,
)
_CLOSING = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》"}
_BREAK = re.compile(
    r"""
    [，；：] | ——
    | [;:](?=\s) | \s—\s?
    # an English comma parts lists as often as clauses: only before what can stand alone
    | ,(?=\s(?:and|but|while|whereas|which|who|with|as|including|up\ to)\b)
    """,
    re.VERBOSE,
)
#: 【导语】 and the like before a text.
_LABEL = re.compile(r"\s*【[^】\n]{1,6}】")
#: What stands in brackets is one with the clause around it.
_BRACKETED = re.compile(r"[（(][^（()）\n。]{0,80}[)）]")


@dataclass(frozen=True, slots=True)
class Clause:
    """A run of `reading.text[start:end]` between two marks, and the number of its sentence."""

    start: int
    end: int
    sentence: int


def split_clauses(text: str) -> list[Clause]:
    """Return the clauses of `text` in its order, marks and blanks at their ends left out.

    >>> [c.sentence for c in split_clauses("设置1,000万元资金，奖励企业。另建3家平台。")]
    [0, 0, 1]
    """
    found = []
    number = 0
    for first, last in _pieces(text, 0, len(text), _END):
        parts = [Clause(a, b, number) for a, b in _pieces(text, first, last, _BREAK)]
        found.extend(parts)
        number += bool(parts)
    return found


def _pieces(text: str, start: int, end: int, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    position = start
    bracketed = [hit.span() for hit in _BRACKETED.finditer(text, start, end)]
    for hit in mark.finditer(text, start, end):
        if any(a < hit.start() < b for a, b in bracketed):
            continue
        yield from _stripped(text, position, hit.start())
        position = hit.end()
    yield from _stripped(text, position, end)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    label = _LABEL.match(text, start, end)
    start = label.end() if label else start
    while start < end and (text[start].isspace() or _opens_in_vain(text, start, end)):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _opens_in_vain(text: str, start: int, end: int) -> bool:
    """Return whether a quotation mark opens what ends in another piece."""
    closing = _CLOSING.get(text[start])
    if closing is None:
        return False
    return text.count(text[start], start, end) > text.count(closing, start, end)


def span_in(reading: Reading, evidence: Evidence) -> tuple[int, int] | None:
    """Return where the words of a fact stand in `reading.text`; None if it does not hold them."""
    if not reading.offsets[0] <= evidence.start < evidence.end <= reading.offsets[-1]:
        return None
    span = bisect_left(reading.offsets, evidence.start), bisect_left(reading.offsets, evidence.end)
    return span if span[0] < span[1] else None


def cover(
    text: str, clauses: Sequence[Clause], span: tuple[int, int], words: Iterable[str]
) -> range | None:
    """Return the fewest clauses in a row that hold `span` and, if its sentence has them, `words`.

    A clause such as 最高给予5000万元 says nothing without the clause before it that tells who
    gets the money: `words` are what belongs to the number.
    """
    inside = [i for i, c in enumerate(clauses) if c.start < span[1] and span[0] < c.end]
    if not inside:
        return None
    first, last = inside[0], inside[-1]
    here = clauses[first].sentence
    for word in words:
        if word in text[clauses[first].start : clauses[last].end]:
            continue
        holders = [
            i for i, c in enumerate(clauses) if c.sentence == here and word in text[c.start : c.end]
        ]
        if holders:
            near = min(holders, key=lambda i: (abs(i - first), i))
            first, last = min(first, near), max(last, near)
    return range(first, last + 1)
