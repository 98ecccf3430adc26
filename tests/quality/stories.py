"""How well reports are grouped into stories, on `stories.jsonl`.

Each line is an article of our own writing with the story it tells. `kind` says what it is: the
first report, a repost, a cut repost, a copy in traditional script (some with pinyin notes), a
rewrite by another outlet, or a translation. Stories of one district, neighbours' notices in the
same words and last year's editions stand among them.
"""

import json
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from hashlib import sha256
from itertools import combinations
from pathlib import Path

from crawler.article import Article
from extract import read_facts
from summarize.stories import Report, group_stories

STORIES = Path(__file__).parent / "stories.jsonl"


def load_reports(path: Path = STORIES) -> list[tuple[Report, str]]:
    """Return each report with the name of its story, facts read as in a daily run."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [(_report(row), row["story"]) for row in rows]


def _report(row: dict[str, str]) -> Report:
    text = row["text"]
    article = Article(
        id=row["id"],
        title=row["title"],
        text=text,
        body=(0, len(text)),
        lang=row["lang"],  # type: ignore[arg-type]  # the file holds the three names only
        published=date.fromisoformat(row["published"]),
        source=row["source"] or None,
        sha256=sha256(text.encode()).hexdigest(),
    )
    return Report(
        article=article, facts=read_facts(article), first_seen=date.fromisoformat(row["published"])
    )


def measure_pairs(reports: Sequence[tuple[Report, str]]) -> tuple[float, list[str]]:
    """Return the F1 over pairs of reports in one story, and what was joined or parted wrongly."""
    wanted = _pairs((story, report.article.id) for report, story in reports)
    stories = group_stories(report for report, _ in reports)
    found = _pairs((story.id, one.article.id) for story in stories for one in story.reports)
    misses = [f"parted: {a} {b}" for a, b in sorted(wanted - found)]
    misses += [f"joined: {a} {b}" for a, b in sorted(found - wanted)]
    hits = len(wanted & found)
    return round(2 * hits / (len(wanted) + len(found)), 4), misses


def _pairs(named: Iterable[tuple[Hashable, str]]) -> set[tuple[str, str]]:
    groups: dict[Hashable, list[str]] = {}
    for group, name in named:
        groups.setdefault(group, []).append(name)
    return {pair for names in groups.values() for pair in combinations(sorted(names), 2)}
