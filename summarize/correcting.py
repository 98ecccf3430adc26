"""Corrections of earlier issues: what they printed and no report states any more."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from summarize.news import Find, finds_of
from summarize.stories import Report, Story

_FIELDS = ("value", "value_max", "unit", "qualifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A fact that an earlier issue showed otherwise.

    Attributes:
        day: Day of the earlier issue.
        quote: The words it showed.
        story_id: The story that it belongs to.
        report: The report that was cited.
        now: What that report states there now; None if it states nothing.
    """

    day: date
    quote: str
    story_id: str
    report: Report
    now: Find | None


def find_corrections(
    stories: Iterable[Story], earlier: Iterable[Mapping[str, Any]]
) -> Iterator[Correction]:
    """Yield what issues before showed and is read otherwise today, in the order of the issues.

    Args:
        stories: What is known today.
        earlier: Earlier issues as `summarize.feed.digest_row` gives them.
    """
    known = {r.article.id: (story.id, r) for story in stories for r in story.reports}
    for row in sorted(earlier, key=lambda row: str(row["day"])):
        articles = {source["number"]: source["article_id"] for source in row["sources"]}
        for fact_id, fact in sorted(row["facts"].items()):
            held = known.get(articles[fact["source"]])
            if held is None or "value" not in fact:
                continue
            now = _now(held[1], fact_id, fact)
            if now is None or _stated(now) != tuple(fact[name] for name in _FIELDS):
                yield Correction(
                    day=date.fromisoformat(row["day"]),
                    quote=fact["quote"],
                    story_id=held[0],
                    report=held[1],
                    now=now,
                )


def _now(report: Report, fact_id: str, fact: Mapping[str, Any]) -> Find | None:
    """Return what the same words state today; a text that moved keeps what it stated."""
    finds = [find for find in finds_of(report) if find.figure]
    same = [find for find in finds if find.id == fact_id]
    moved = [
        find
        for find in finds
        if find.evidence.quote == fact["quote"]
        and _stated(find) == tuple(fact[name] for name in _FIELDS)
    ]
    return next(iter(moved or same), None)


def _stated(find: Find) -> tuple[str | None, ...]:
    figure = find.figure
    if figure is None:
        return ()
    top = None if figure.value_max is None else f"{figure.value_max:f}"
    return f"{figure.value:f}", top, figure.unit, figure.qualifier
