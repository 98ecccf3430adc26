"""The words that stay of chosen clauses: what is read off the article, in its order."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from summarize.news import Page
from summarize.segments import SHORTEST, head, leads, letters

_BRACKETED = re.compile(r"[（(][^（()）]*[)）]")

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with words left out at most: `text` is read off `article.text[start:end]`."""

    text: str
    start: int
    end: int


def write_out(page: Page, taken: Set[int], facts: Spans) -> Iterator[Sentence]:
    """Yield the chosen clauses, those of one sentence together, shortened.

    Args:
        page: The article.
        taken: Places of the chosen clauses.
        facts: Where the facts stand in the clean text: they are never left out.
    """
    by_sentence: dict[int, list[int]] = {}
    for i in sorted(taken):
        by_sentence.setdefault(page.clauses[i].sentence, []).append(i)
    for chosen in by_sentence.values():
        kept = _kept(page, chosen, facts)
        if _letters(page, kept) < SHORTEST:
            kept = list(range(page.clauses[chosen[0]].start, page.clauses[chosen[-1]].end))
        yield from _lines(page, kept)


def _lines(page: Page, kept: Sequence[int]) -> Iterator[Sentence]:
    """Yield the kept characters, line by line of the raw text where a line break cuts them."""
    reading = page.reading
    line: list[int] = list(kept[:1])
    for before, here in pairwise(kept):
        if "\n" in reading.raw[reading.offsets[before] : reading.offsets[here]]:
            yield from _line(page, line)
            line = []
        line.append(here)
    yield from _line(page, line)


def _line(page: Page, kept: Sequence[int]) -> Iterator[Sentence]:
    reading = page.reading
    if _letters(page, kept) >= SHORTEST:
        text = "".join(reading.raw[reading.offsets[i]] for i in kept)
        start, end = reading.offsets[kept[0]], reading.offsets[kept[-1]] + 1
        yield Sentence(" ".join(text.split()), start, end)


def crosses_lines(page: Page, run: range) -> bool:
    """Return whether a line break of the raw text leaves a stump that says nothing."""
    kept = range(page.clauses[run[0]].start, page.clauses[run[-1]].end)
    said = sum(letters(line.text, 0, len(line.text)) for line in _lines(page, kept))
    return said < _letters(page, kept)


def _letters(page: Page, kept: Sequence[int]) -> int:
    return sum(page.reading.text[k].isalnum() for k in kept)


def _kept(page: Page, chosen: Sequence[int], facts: Spans) -> list[int]:
    """Return what stays of the chosen clauses of a sentence, as places in the clean text."""
    text, clauses = page.reading.text, page.clauses
    kept: list[int] = []
    for n, i in enumerate(chosen):
        start, end = clauses[i].start, clauses[i].end
        if not (n and chosen[n - 1] == i - 1):
            start = _without_lead(page, i, facts)
        dropped = [
            b.span() for b in _BRACKETED.finditer(text, start, end) if not _holds(facts, *b.span())
        ]
        kept += [k for k in range(start, end) if not any(a <= k < b for a, b in dropped)]
        follows = clauses[chosen[n + 1]].start if n + 1 < len(chosen) else 0
        kept += range(end, _after_mark(text, end, follows)) if follows else _end_mark(text, end)
    return kept


def _without_lead(page: Page, i: int, facts: Spans) -> int:
    text, clause = page.reading.text, page.clauses[i]
    start = head(text, clause)
    if _holds(facts, clause.start, start):
        start = clause.start
    for word in leads()["drop"]:
        after = start + len(word)
        rest = letters(text, after, clause.end)
        if text.startswith(word, start) and rest >= SHORTEST and not _holds(facts, start, after):
            return after + (text[after] in "，,")
    return start


def _holds(facts: Spans, start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in facts)


def _after_mark(text: str, end: int, follows: int) -> int:
    """Return where the mark after a clause ends, the blank of a Latin text with it."""
    stop = min(end + 1, follows)
    while stop < follows and text[stop].isspace():
        stop += 1
    return stop


def _end_mark(text: str, end: int) -> range:
    return range(end, end + 1) if text[end : end + 1] in set("。！？.!?") else range(end, end)
