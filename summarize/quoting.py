"""Quotes for a digest: the clauses that say given facts whole, every number a link."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from extract.reading import read_text
from summarize.clauses import Clause, cover, span_in
from summarize.entries import Part, Quote
from summarize.news import Find, Page
from summarize.segments import head, leans_on, letters, planned, waits_for

#: A clause longer than the budget is still told up to so many times its length, if it comes first.
_STRETCH = 1.6
#: Words kept on each side of a number where a table has room for forty characters.
_ROOM = 18
#: Clauses before a run that it may lean on.
_LEANS_ON = 2
#: Letters beside a number that do not yet say what it is of.
_STUMP = 4
_OPENING = frozenset("“‘《（(")
_PAUSES = frozenset("、，；,;")
_NUMERALS = frozenset("一二三四五六七八九十百千万亿两零〇几.,")


@cache
def qualifier_words() -> Mapping[str, tuple[str, ...]]:
    """Return the words that state each qualifier, from `data/qualifiers.toml`."""
    table = tomllib.loads((files("summarize") / "data" / "qualifiers.toml").read_text("utf-8"))
    return MappingProxyType({name: tuple(words) for name, words in table.items()})


def has_qualifier(text: str, qualifier: str) -> bool:
    """Return whether `text` says `qualifier`; every text says exact."""
    words = qualifier_words().get(qualifier, ())
    return not words or any(word in text.lower() for word in words)


def run_of(page: Page, find: Find) -> range | None:
    """Return the clauses that say a fact whole: its number, what is counted, for whom, how far."""
    run = _run_of(page, find)
    return None if run is None else _leaned(page, run)


def _leaned(page: Page, run: range) -> range:
    """Return a run with the clauses before it that it needs, a few at most."""
    clauses, first, text = page.clauses, run.start, page.reading.text
    while (
        first > 0
        and run.start - first < _LEANS_ON
        and clauses[first].sentence == clauses[first - 1].sentence
        and leans_on(text, clauses, first)
    ):
        first -= 1
    plan = planned(text, clauses, run.stop - 1)
    return range(first if plan is None else min(first, plan), run.stop)


def _whole(page: Page, run: range) -> range | None:
    """Return a run with the clauses around it that complete it; None if it stays a fragment."""
    clauses, text = page.clauses, page.reading.text
    run = _leaned(page, run)
    stop = run.stop
    while (
        stop < len(clauses)
        and stop - run.stop < _LEANS_ON
        and clauses[stop].sentence == clauses[stop - 1].sentence
        and waits_for(text, clauses, stop - 1)
    ):
        stop += 1
    if waits_for(text, clauses, stop - 1):
        return None
    return range(run.start, stop)


def _run_of(page: Page, find: Find) -> range | None:
    span = span_in(page.reading, find.evidence)
    if span is None:
        return None
    text, figure = page.reading.text, find.figure
    words = []
    if figure is not None:
        lang = page.reading.lang
        words = [read_text(w, lang).text for w in (figure.target, figure.counted) if w]
    run = cover(text, page.clauses, span, words)
    if run is None or figure is None or has_qualifier(run_text(page, run), figure.qualifier):
        return run
    wider = (
        cover(text, page.clauses, span, [*words, word])
        for word in qualifier_words()[figure.qualifier]
    )
    whole = [r for r in wider if r and has_qualifier(run_text(page, r), figure.qualifier)]
    return min(whole, key=lambda r: (len(r), r.start), default=run)


def run_text(page: Page, run: range) -> str:
    """Return the clean words of clauses in a row, with the marks between them."""
    return page.reading.text[page.clauses[run[0]].start : page.clauses[run[-1]].end]


def choose_clauses(
    page: Page, finds: Iterable[Find], *, budget: float, skip: Collection[int] = ()
) -> list[range]:
    """Return runs of clauses that tell the weightiest of `finds` within `budget`, in text order.

    Args:
        page: The article.
        finds: Facts to tell, all of that article.
        budget: Width in Han characters; a Latin letter counts as half of one.
        skip: Clauses that were told elsewhere.
    """
    taken: set[int] = set()
    spent = 0.0
    for find in sorted(finds, key=lambda f: (-f.weight, f.evidence.start, f.id)):
        run = _run_of(page, find)
        run = None if run is None else _whole(page, run)
        if run is None or set(run) & set(skip) or _is_stump(page, run, find):
            continue
        cost = sum(width(run_text(page, range(i, i + 1))) for i in run if i not in taken)
        if spent + cost <= (budget if taken else budget * _STRETCH):
            taken.update(run)
            spent += cost
    return _runs(page, taken)


def width(text: str) -> float:
    """Return how much room `text` takes, in Han characters."""
    return sum(1.0 if char >= "\u2e80" else 0.5 for char in text)


def quote_runs(page: Page, source: int, runs: Iterable[range], finds: Sequence[Find]) -> Quote:
    """Return the clauses of `runs` with every fact of `finds` in them linked."""
    clauses = page.clauses
    text = page.reading.text
    spans = ((_start(text, clauses[run[0]], page, finds), clauses[run[-1]].end) for run in runs)
    return Quote(source, tuple(tuple(_parts(page, *span, finds)) for span in spans))


def _start(text: str, clause: Clause, page: Page, finds: Sequence[Find]) -> int:
    """Return where a clause begins behind its list number, unless that is part of a fact."""
    start = head(text, clause)
    spans = (span_in(page.reading, find.evidence) for find in finds)
    cut = any(span and span[0] < start and clause.start < span[1] for span in spans)
    return clause.start if cut else start


def quote_short(page: Page, source: int, find: Find, finds: Sequence[Find]) -> Quote | None:
    """Return the clause of one fact, cut down around its words to what a table has room for."""
    span = span_in(page.reading, find.evidence)
    run = cover(page.reading.text, page.clauses, span, ()) if span else None
    if span is None or run is None:
        return None
    start, end = page.clauses[run[0]].start, page.clauses[run[-1]].end
    text = page.reading.text
    if width(text[start:end]) > 2 * _ROOM + 6:
        room = 2 * _ROOM if text[start:end].isascii() else _ROOM
        start = _after_pause(text, _cut(text, max(start, span[0] - room), start, span[0]), span[0])
        end = _before_pause(text, span[1], _cut(text, min(end, span[1] + room), span[1], end), end)
        while start < span[0] and not text[start].isalnum() and text[start] not in _OPENING:
            start += 1
        end = span[1] + len(text[span[1] : end].rstrip(" 、，,"))
    return Quote(source, (tuple(_parts(page, start, end, finds)),))


def _cut(text: str, at: int, low: int, high: int) -> int:
    """Move a cut off the middle of a number or a Latin word, to the left."""
    while low < at < high and (text[at - 1] in _NUMERALS or _is_latin(text[at - 1])):
        at -= 1
    return at


def _after_pause(text: str, start: int, stop: int) -> int:
    """Return where the words begin that follow a mark near a cut: a stump before it says little."""
    marks = [i for i in range(start, stop) if text[i] in _PAUSES]
    return marks[0] + 1 if marks else start


def _before_pause(text: str, start: int, cut: int, end: int) -> int:
    """Return where the last whole words before a cut end; the cut if no mark tells it."""
    marks = [i for i in range(start, cut) if text[i] in _PAUSES]
    return marks[-1] if marks and cut < end else cut


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _is_stump(page: Page, run: range, find: Find) -> bool:
    """Return whether a run says nothing but its number."""
    quote = find.evidence.quote if find.figure else ""
    said = run_text(page, run)
    return letters(said, 0, len(said)) - letters(quote, 0, len(quote)) < _STUMP


def _runs(page: Page, taken: Collection[int]) -> list[range]:
    runs: list[range] = []
    for i in sorted(taken):
        last = runs[-1] if runs else None
        if last and last.stop == i and page.clauses[i].sentence == page.clauses[i - 1].sentence:
            runs[-1] = range(last.start, i + 1)
        else:
            runs.append(range(i, i + 1))
    return runs


def _parts(page: Page, start: int, end: int, finds: Sequence[Find]) -> Iterator[Part]:
    text = page.reading.text
    position = start
    for span, find in _links(page, start, end, finds):
        if span[0] > position:
            yield Part(text[position : span[0]])
        yield Part(text[span[0] : span[1]], find.id)
        position = span[1]
    if position < end:
        yield Part(text[position:end])


def _links(
    page: Page, start: int, end: int, finds: Sequence[Find]
) -> list[tuple[tuple[int, int], Find]]:
    """Return the facts within a span, the longer one where two overlap."""
    placed = []
    for find in finds:
        span = span_in(page.reading, find.evidence)
        if span and start <= span[0] and span[1] <= end:
            placed.append((span, find))
    kept: list[tuple[tuple[int, int], Find]] = []
    for span, find in sorted(placed, key=lambda p: (p[0][0] - p[0][1], p[0][0], p[1].id)):
        if all(span[1] <= other[0] or other[1] <= span[0] for other, _ in kept):
            kept.append((span, find))
    return sorted(kept, key=lambda p: p[0])
