"""What a search found: the articles, with the words that were looked for marked in their text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from extract.reading import Reading, read_text
from store.database import Database
from store.search import ABOUT, Run, SearchIndex, cut, runs

#: Characters of a snippet, and how many of them stand before the first mark.
WIDTH, _LEAD = 90, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that holds the words.

    Attributes:
        article_id, url, title, district, grade: The article's.
        day: Day of publication, else of first sight.
        score: How well it fits; comparable within one search.
        snippet: A part of its text, in its own script, line breaks as blanks.
        marks: Half-open offsets in `snippet` of the words that were looked for.
    """

    article_id: str
    url: str | None
    title: str | None
    district: str | None
    grade: str
    day: date
    score: float
    snippet: str
    marks: tuple[tuple[int, int], ...]


_BEGINS = "select id, body_start from articles where list_contains($ids::varchar[], id)"
_BODIES = """
select id, substr(text, body_start + 1, body_end - body_start) from articles
where list_contains($ids::varchar[], id)
"""
_ARTICLES = f"select id, {ABOUT} from articles where list_contains($ids::varchar[], id)"  # noqa: S608


def read_bodies(
    db: Database, index: SearchIndex, articles: Iterable[str]
) -> dict[str, tuple[int, str]]:
    """Return by id where the article proper begins in the text, and its words as published.

    They come from the index if it holds this very snapshot, else, slower, from the tables.
    """
    ids = sorted(set(articles))
    begins = dict(db.rows(_BEGINS, ids=ids))
    texts = index.texts_of(begins) if index.is_of_snapshot() else {}
    if begins.keys() != texts.keys() or not index.is_of_snapshot():
        texts = dict(db.rows(_BODIES, ids=ids))
    return {one: (begin, texts[one]) for one, begin in begins.items()}


def find_articles(db: Database, index: SearchIndex, words: str, *, limit: int) -> list[Hit]:
    """Return the articles that hold all of `words`, best first.

    Articles that the index holds and these tables do not (a snapshot may be older) are left out.
    """
    found = index.find_texts(words, limit=limit)
    if index.is_of_snapshot():
        about = {one.id: one.about for one in found}
    else:
        rows = db.dicts(_ARTICLES, ids=[one.id for one in found])
        about = {row.pop("id"): row for row in rows}
    asked = runs(words)
    hits = []
    for one in found:
        if one.id not in about:
            continue
        snippet, marks = mark(read_text(one.text, one.lang), asked)
        told = about[one.id]
        hits.append(Hit(article_id=one.id, score=one.score, snippet=snippet, marks=marks, **told))
    return hits


def mark(reading: Reading, asked: Iterable[Run]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the part of a raw text that shows most of what was asked, and where it stands there.

    What is asked as a whole is marked whole; where it never stands so, its words are.
    """
    text = reading.text.lower()
    spots: list[tuple[int, int]] = []
    for run in asked:
        whole = _spots(text, run.text)
        spots += whole or [spot for word in cut(run) for spot in _spots(text, word)]
    spots = _apart(spots)
    start = _best_start(text, spots)
    end = min(len(text), start + WIDTH)
    offsets = reading.offsets
    first, last = offsets[start], offsets[end]
    marks = tuple(
        (offsets[a] - first, offsets[b - 1] + 1 - first)
        for a, b in spots
        if a >= start and b <= end
    )
    return reading.raw[first:last].replace("\n", " "), marks


def _spots(text: str, word: str) -> list[tuple[int, int]]:
    found, place = [], text.find(word)
    while place >= 0:
        found.append((place, place + len(word)))
        place = text.find(word, place + len(word))
    return found


def _apart(spots: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spots in the order of the text, of those that overlap the first and longest."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spots, key=lambda s: (s[0], -s[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _best_start(text: str, spots: Sequence[tuple[int, int]]) -> int:
    """Return where the part begins that shows most different words, then most of them."""
    best, start = (0, 0), 0
    for place, _ in spots:
        shown = [text[a:b] for a, b in spots if place <= a and b <= place + WIDTH - _LEAD]
        worth = (len(set(shown)), len(shown))
        if worth > best:
            best, start = worth, place
    return max(0, min(start - _LEAD, len(text) - WIDTH))
