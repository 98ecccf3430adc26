"""How the sources stand: what came, what did not, and why."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.ledger import Fetch, Ledger
from crawler.resting import RESTING
from crawler.sources import Source

#: Articles at the top of a source's lists whose problems are told: those that each crawl asks for.
WATCHED = 50
#: What many of the watched pages have in common is told of the source: so many, and this share.
_MANY, _SHARE = 5, 1 / 3
_CHINA = timedelta(hours=8)
#: What a site says on purpose is no fault of its pages.
_ON_PURPOSE = frozenset({"forbidden", "refused", *RESTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something at a source that did not go as it should.

    Attributes:
        kind: not_found, forbidden, http_error, challenged, busy, no_rows, no_body, no_browser,
            unreachable, stale, not_asked, many_failed ...; what a reader is told, and what cures
            it, stand in tables (`summarize/data/labels.*.toml`).
        url: Where; None if it is about the whole source.
        detail: One line with the value (HTTP status, rule); None if `kind` says it all.
    """

    kind: str
    url: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source stands: `pages` and `articles` are all it has given so far, not one run's.

    Until its pages are read the two are one number. One that is not `enabled` is left alone, so it
    has no problems.
    """

    source_id: str
    name: str
    pages: int
    articles: int
    problems: tuple[Problem, ...] = ()
    enabled: bool = True


def source_health(
    ledger: Ledger, sources: Sequence[Source], *, today: date | None = None
) -> list[SourceHealth]:
    """Return how each source stands, in their order, by the last fetch of each address.

    A crawl that finds nothing changed changes nothing here. Only with `today` (China) is a source
    told stale, or that it was not asked.
    """
    counts = ledger.page_counts()
    asked = ledger.last_asked() if today else {}
    return [
        SourceHealth(
            source_id=source.id,
            name=source.name,
            pages=counts.get(source.id, 0),
            articles=counts.get(source.id, 0),
            problems=(
                *_unasked(source, asked.get(source.id), today),
                *_problems(ledger, source, today),
            )
            if source.enabled
            else (),
            enabled=source.enabled,
        )
        for source in sources
    ]


def broken_sources(health: Sequence[SourceHealth], sources: Sequence[Source]) -> list[str]:
    """Return the ids of enabled sources that are broken as a whole: no list, or only such pages.

    A single page that is gone, or a quiet month, does not break a source: `problems` tells them.
    """
    known = {source.id: source for source in sources if source.enabled}
    return [
        one.source_id
        for one in health
        if one.source_id in known
        and (breaking(one, known[one.source_id]) or (one.pages > 0 and one.articles == 0))
    ]


def breaking(health: SourceHealth, source: Source) -> list[Problem]:
    """Return the problems that break a source as a whole: its list's, and tests for robots."""
    return [p for p in health.problems if p.url == source.url or p.kind == "challenged"]


def reading_problems(
    pages: Sequence[str], *, unread: Container[str], undated: Container[str]
) -> list[Problem]:
    """Return what the reading of a source's newest pages shows of the source as a whole.

    Args:
        pages: Addresses of its articles' pages that were had, newest first.
        unread: Pages that no article could be read from.
        undated: Pages whose article has no day of publication.
    """
    watched = pages[:WATCHED]
    without_body = sum(page in unread for page in watched)
    without_day = sum(page in undated for page in watched)
    return [
        *_told_if_many("many_unread", without_body, len(watched)),
        *_told_if_many("many_undated", without_day, len(watched) - without_body),
    ]


def _problems(ledger: Ledger, source: Source, today: date | None) -> tuple[Problem, ...]:
    listed = [row.url for row in ledger.newest_listings(source.id, WATCHED)]
    articles = ledger.last_fetches(source.id, listed)
    more = [
        *ledger.parts.newest(source.id, WATCHED),
        *ledger.attachments_of_newest(source.id, WATCHED),
    ]
    # what concerns all of a source goes before its pages, of which a digest shows the first few
    return (
        *_told(ledger.last_fetches(source.id, [source.url])),
        *_staleness(ledger, source, today),
        *_failing(articles),
        *_told([*articles, *ledger.last_fetches(source.id, more)]),
    )


def _unasked(source: Source, last: datetime | None, today: date | None) -> list[Problem]:
    """Return the problem that a source never had its turn, or that its hours never come."""
    if today is None:
        return []
    if last is None:
        return [Problem(kind="not_asked", detail=left_for_hours(source))]
    day = (last + _CHINA).date()
    if source.hours is None or (today - day).days <= source.stale_after_days:
        return []
    detail = f"{left_for_hours(source)}; asked last on {day.isoformat()}"
    return [Problem(kind="not_asked", detail=detail)]


def left_for_hours(source: Source) -> str | None:
    """Return that a source is left for its hours; None if it has none."""
    return f"left for its hours, {source.hours} in China" if source.hours else None


def _told(fetches: Sequence[Fetch]) -> list[Problem]:
    return [Problem(kind=f.problem, url=f.url, detail=f.detail) for f in fetches if f.problem]


def _failing(articles: Sequence[Fetch]) -> list[Problem]:
    """Return the problem that many of the watched articles do not come, with the status mix."""
    failed = [f for f in articles if f.problem and f.problem not in _ON_PURPOSE]
    mix = Counter(str(f.status or f.problem) for f in failed)
    words = ", ".join(f"{status}×{count}" for status, count in sorted(mix.items()))
    return _told_if_many("many_failed", len(failed), len(articles), more=f": {words}")


def _told_if_many(kind: str, count: int, total: int, *, more: str = "") -> list[Problem]:
    if count < _MANY or count < total * _SHARE:
        return []
    return [Problem(kind=kind, detail=f"{count}/{total}{more}")]


def _staleness(ledger: Ledger, source: Source, today: date | None) -> list[Problem]:
    last = ledger.last_news(source.id)
    if today is None or last is None or (today - last).days <= source.stale_after_days:
        return []
    return [Problem(kind="stale", detail=last.isoformat())]
