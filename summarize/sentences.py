"""Which sentences of an article say it: an extract within a budget, words left out at most."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from crawler.article import Article
from extract.facts import Facts
from extract.reading import read_body
from summarize.clauses import span_in, split_clauses
from summarize.likeness import clean_title
from summarize.news import Find, Page, finds_of
from summarize.quoting import run_of
from summarize.stories import Report

#: Room of a summary in Han characters; a Latin letter takes half of one (60 English words).
BUDGET = 220
#: A shorter sentence says nothing by itself.
_SHORTEST = 10
#: Worth of any fact, and more by its weight in a digest; of a word that the article dwells on.
_FACT, _FACT_WEIGHT, _WORD_WEIGHT = 2.0, 0.4, 0.1
#: Room that a Latin letter takes: an English word of six letters as much as four characters.
_LATIN = 0.7
#: Clauses that one which points back may bring along, with itself.
_LONGEST_RUN = 3
#: A clause costs its width and so much more, since each cut costs the reader.
_CUT = 4.0
#: A clause beside a chosen one reads on; one that a line break cuts off hardly reads.
_BESIDE, _BROKEN = 1.6, 0.2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with words left out at most: `text` is read off `article.text[start:end]`."""

    text: str
    start: int
    end: int


def summarise(article: Article, facts: Facts, *, budget: int | None = None) -> list[Sentence]:
    """Return what `article` says, in the order of its text, within `budget`.

    Clauses with figures and policies weigh most, then those that speak of what the title and the
    rest of the article speak of; what is said already counts no more.

    Args:
        article: The article.
        facts: What it states.
        budget: Room in Han characters, a Latin letter as two thirds of one; `BUDGET` without it.
    """
    reading = read_body(article)
    page = Page(reading, tuple(split_clauses(reading.text)))
    room = float(BUDGET if budget is None else budget)
    finds = finds_of(Report(article=article, facts=facts, first_seen=date.min))
    candidates = _candidates(page, clean_title(article), finds)
    taken: set[int] = set()
    said: set[str] = set()
    while True:
        open_ = [c for c in candidates if c.cost(taken) and c.cost(taken) <= room]
        best = max(open_, key=lambda c: (c.worth(taken, said), -c.run.start), default=None)
        if best is None or best.worth(taken, said) <= 0:
            break
        room -= best.cost(taken)
        taken.update(best.run)
        said.update(best.grams)
        said.update(best.facts)
    return list(_sentences(page, taken, finds))


@dataclass(frozen=True, slots=True)
class _Candidate:
    run: range
    widths: tuple[float, ...]
    grams: dict[str, float]
    facts: dict[str, float]
    trust: float

    def cost(self, taken: Set[int]) -> float:
        return sum(w for i, w in zip(self.run, self.widths, strict=True) if i not in taken)

    def worth(self, taken: Set[int], said: Set[str]) -> float:
        new = sum(w for key, w in self.facts.items() if key not in said)
        words = sum(w for gram, w in self.grams.items() if gram not in said)
        beside = self.run.start - 1 in taken or self.run.stop in taken
        near = _BESIDE if beside or any(i in taken for i in self.run) else 1.0
        return near * self.trust * (new + _WORD_WEIGHT * words) / (self.cost(taken) + _CUT)


_STOPS = frozenset("。！？；：，.!?;:,”》）)")


def _candidates(page: Page, title: str, finds: Sequence[Find]) -> list[_Candidate]:
    text, clauses = page.reading.text, page.clauses
    weights = _gram_weights(text, title)
    told = [run for find in finds if (run := run_of(page, find))]
    full = {i for run in told for i in run}
    alone = [_leaned(page, range(i, i + 1)) for i in range(len(clauses)) if i not in full]
    runs = {_leaned(page, run): None for run in told}
    runs |= {run: None for run in alone if full.isdisjoint(run)}
    made = []
    for run in runs:
        start, end = clauses[run[0]].start, clauses[run[-1]].end
        if _short(page, run.start, run.stop):
            continue
        inside = {
            f.key: _FACT + _FACT_WEIGHT * f.weight for f in finds if _within(page, f, start, end)
        }
        grams = {g: weights[g] for g in _grams(text[start:end])}
        costs = tuple(_width(text[clauses[i].start : clauses[i].end]) + 1 for i in run)
        trust = _BROKEN if _is_broken(text, start, end) else 1.0
        made.append(_Candidate(run, costs, grams, inside, trust))
    return made


def _leaned(page: Page, run: range) -> range:
    """Return `run` with its neighbours, if it points back to them or is too short without."""
    clauses, text = page.clauses, page.reading.text
    first, stop = run.start, run.stop
    while (
        first > 0
        and stop - first < _LONGEST_RUN
        and clauses[first].sentence == clauses[first - 1].sentence
        and (text.startswith(_leads()["lean"], clauses[first].start) or _short(page, first, stop))
    ):
        first -= 1
    while (
        stop < len(clauses)
        and clauses[stop].sentence == clauses[first].sentence
        and _short(page, first, stop)
    ):
        stop += 1
    return range(first, stop)


def _short(page: Page, first: int, stop: int) -> bool:
    text = page.reading.text[page.clauses[first].start : page.clauses[stop - 1].end]
    return sum(map(str.isalnum, text)) < _SHORTEST


def _is_broken(text: str, start: int, end: int) -> bool:
    """Return whether a line break without a mark cuts the clause off."""
    before = text[:start].rstrip(" ")
    wrapped = before.endswith("\n") and before.rstrip()[-1:] not in _STOPS
    return end >= len(text) or text[end] == "\n" or (wrapped and start > 0)


@cache
def _leads() -> Mapping[str, tuple[str, ...]]:
    table = tomllib.loads((files("summarize") / "data" / "leads.toml").read_text("utf-8"))
    ordered = {name: sorted(words, key=lambda w: (-len(w), w)) for name, words in table.items()}
    return {name: tuple(words) for name, words in ordered.items()}


def _within(page: Page, find: Find, start: int, end: int) -> bool:
    span = span_in(page.reading, find.evidence)
    return span is not None and start <= span[0] and span[1] <= end


def _width(text: str) -> float:
    return sum(_LATIN if char.isascii() and not char.isdigit() else 1.0 for char in text)


def _gram_weights(text: str, title: str) -> dict[str, float]:
    counts = Counter(_grams(text))
    titled = set(_grams(title))
    return {g: (min(n, 6) - 1) * 0.5 + (3.0 if g in titled else 0.0) for g, n in counts.items()}


def _grams(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.lower()):
        if word[0] >= "\u3400":
            yield from (word[i : i + 2] for i in range(len(word) - 1))
        elif len(word) > 3:
            yield word


def _sentences(page: Page, taken: Set[int], facts: Sequence[Find]) -> Iterator[Sentence]:
    by_sentence: dict[int, list[int]] = {}
    for i in sorted(taken):
        by_sentence.setdefault(page.clauses[i].sentence, []).append(i)
    spans = [span for find in facts if (span := span_in(page.reading, find.evidence))]
    for chosen in by_sentence.values():
        kept = _kept(page, chosen, spans)
        if sum(page.reading.text[k].isalnum() for k in kept) < _SHORTEST:
            kept = list(range(page.clauses[chosen[0]].start, page.clauses[chosen[-1]].end))
        if sum(page.reading.text[k].isalnum() for k in kept) < _SHORTEST:
            continue  # one half of a fact that a line break cuts in two
        reading = page.reading
        text = "".join(reading.raw[reading.offsets[i]] for i in kept)
        yield Sentence(
            " ".join(text.split()), reading.offsets[kept[0]], reading.offsets[kept[-1]] + 1
        )


def _kept(page: Page, chosen: Sequence[int], facts: Sequence[tuple[int, int]]) -> list[int]:
    """Return what stays of the chosen clauses of a sentence, as places in the clean text."""
    text, clauses = page.reading.text, page.clauses
    kept: list[int] = []
    for n, i in enumerate(chosen):
        start, end = clauses[i].start, clauses[i].end
        if not (n and chosen[n - 1] == i - 1):
            start = _without_lead(text, start, end, facts)
        dropped = [
            b.span() for b in _BRACKETED.finditer(text, start, end) if not _holds(facts, *b.span())
        ]
        kept += [k for k in range(start, end) if not any(a <= k < b for a, b in dropped)]
        follows = clauses[chosen[n + 1]].start if n + 1 < len(chosen) else 0
        kept += range(end, _after_mark(text, end, follows)) if follows else _end_mark(text, end)
    return kept


def _without_lead(text: str, start: int, end: int, facts: Sequence[tuple[int, int]]) -> int:
    number = _LIST_NUMBER.match(text, start, end)
    start = number.end() if number and not _holds(facts, *number.span()) else start
    for word in _leads()["drop"]:
        after = start + len(word)
        rest = sum(map(str.isalnum, text[after:end]))
        if text.startswith(word, start) and rest >= _SHORTEST and not _holds(facts, start, after):
            return after
    return start


def _holds(facts: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in facts)


def _after_mark(text: str, end: int, follows: int) -> int:
    """Return where the mark after a clause ends, the blank of a Latin text with it."""
    stop = min(end + 1, follows)
    while stop < follows and text[stop].isspace():
        stop += 1
    return stop


def _end_mark(text: str, end: int) -> range:
    return range(end, end + 1) if text[end : end + 1] in set("。！？.!?") else range(end, end)


_BRACKETED = re.compile(r"[（(][^（()）]*[)）]")
_LIST_NUMBER = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,2}(?:[)）][、.]?|[、.](?!\d))\s*")
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
