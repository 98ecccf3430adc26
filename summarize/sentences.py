"""Which sentences of an article say it: an extract within a budget, words left out at most."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from crawler.article import Article
from extract.facts import Facts
from extract.reading import read_body
from extract.wrapping import unwrap
from summarize.clauses import span_in, split_clauses
from summarize.likeness import clean_title
from summarize.news import Find, Page, finds_of
from summarize.quoting import run_of
from summarize.segments import leads, runs_alone, trust
from summarize.shortening import Sentence, crosses_lines, write_out
from summarize.stories import Report

__all__ = ["BUDGET", "Sentence", "summarise"]

#: Room of a summary in Han characters; a Latin letter takes less (60 English words).
BUDGET = 220
#: Worth of any fact, and more by its weight in a digest.
_FACT, _FACT_WEIGHT = 2.5, 0.4
#: Worth of two characters or a word: of any, for each time more that the article says it (up to
#: five), and if the title says it.
_WORD, _AGAIN, _TITLED = 0.02, 0.028, 0.21
#: A clause with a word that tells news is worth so much more.
_TELLING = 1.3
#: One with neither fact nor such a word is worth less than its words.
_EMPTY = 0.6
#: Room that a Latin letter takes: an English word of six letters as much as four characters.
_LATIN = 0.7
#: A run costs its width and so much more, since each cut costs the reader; next to a chosen one
#: it reads on.
_CUT, _READS_ON = 16.0, 2.0
#: What says less than this for its room is left out, though there is room.
_LEAST = 0.012

_GRAMS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")


def summarise(article: Article, facts: Facts, *, budget: int | None = None) -> list[Sentence]:
    """Return what `article` says, in the order of its text, within `budget`.

    Clauses with figures and policies weigh most, then those that speak of what the title and the
    rest of the article speak of; what is said already counts no more.

    Args:
        article: The article.
        facts: What it states.
        budget: Room in Han characters, a Latin letter as two thirds of one; `BUDGET` without it.
    """
    reading = unwrap(read_body(article))
    page = Page(reading, tuple(split_clauses(reading.text)))
    room = float(BUDGET if budget is None else budget)
    finds = finds_of(Report(article=article, facts=facts, first_seen=date.min))
    candidates = _candidates(page, clean_title(article), finds, room)
    taken = _choose(candidates, room)
    spans = [span for find in finds if (span := span_in(page.reading, find.evidence))]
    return list(write_out(page, taken, spans))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Clauses in a row that read as a sentence, and what each thing they say is worth."""

    run: range
    widths: tuple[float, ...]
    worths: Mapping[str, float]
    trust: float

    def cost(self, taken: Set[int]) -> float:
        return sum(w for i, w in zip(self.run, self.widths, strict=True) if i not in taken)

    def density(self, taken: Set[int], said: Set[str]) -> float:
        new = sum(worth for key, worth in self.worths.items() if key not in said)
        beside = self.run.start - 1 in taken or self.run.stop in taken
        near = beside or any(i in taken for i in self.run)
        return self.trust * new / (self.cost(taken) + (_READS_ON if near else _CUT))


def _choose(candidates: Sequence[_Candidate], room: float) -> set[int]:
    """Return the clauses of the candidates that say most for their room, one after the other."""
    taken: set[int] = set()
    said: set[str] = set()
    while True:
        fitting = [c for c in candidates if 0 < c.cost(taken) <= room]
        best = max(fitting, key=lambda c: (c.density(taken, said), -c.run.start), default=None)
        if best is None or best.density(taken, said) <= (_LEAST if taken else 0):
            return taken
        room -= best.cost(taken)
        taken.update(best.run)
        said.update(best.worths)


def _candidates(page: Page, title: str, finds: Sequence[Find], room: float) -> list[_Candidate]:
    text, clauses = page.reading.text, page.clauses
    weights = _gram_weights(text, title)
    widths = [_width(text[c.start : c.end]) + 1 for c in clauses]
    told = [(find, run) for find in finds if (run := run_of(page, find))]
    made = []
    for run in runs_alone(text, clauses):
        said = text[clauses[run[0]].start : clauses[run[-1]].end]
        if sum(widths[i] for i in run) > room or crosses_lines(page, run):
            continue
        worths = {gram: weights[gram] for gram in _grams(said)}
        for find, whole in told:
            if run.start <= whole.start and whole.stop <= run.stop:
                worths[find.key] = _FACT + _FACT_WEIGHT * find.weight
        telling = _TELLING if any(word in said for word in leads()["tell"]) else 1.0
        if telling == 1.0 and not any(find.key in worths for find, _ in told):
            telling = _EMPTY
        worth = telling * trust(text, clauses, run)
        made.append(_Candidate(run, tuple(widths[i] for i in run), worths, worth))
    return made


def _gram_weights(text: str, title: str) -> dict[str, float]:
    counts = Counter(_grams(text))
    titled = set(_grams(title))
    return {
        gram: _WORD + _AGAIN * (min(count, 6) - 1) + (_TITLED if gram in titled else 0.0)
        for gram, count in counts.items()
    }


def _grams(text: str) -> Iterator[str]:
    for word in _GRAMS.findall(text.lower()):
        if word[0] >= "\u3400":
            yield from (word[i : i + 2] for i in range(len(word) - 1))
        elif len(word) > 3:
            yield word


def _width(text: str) -> float:
    return sum(_LATIN if char.isascii() and not char.isdigit() else 1.0 for char in text)
