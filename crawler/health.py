"""How the sources stand: what came, what did not, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crawler.ledger import Ledger
from crawler.sources import Source

#: Articles at the top of a source's lists whose problems are told: those that each crawl asks for.
WATCHED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something at a source that did not go as it should.

    Attributes:
        kind: not_found, forbidden, http_error, challenged, no_rows, no_body, unreachable ...;
            the words for a reader stand in a table.
        url: Where; None if it is about the whole source.
        detail: One line with the value (HTTP status, rule); None if `kind` says it all.
    """

    kind: str
    url: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source stands: `pages` and `articles` are all it has given so far, not one run's."""

    source_id: str
    name: str
    pages: int
    articles: int
    problems: tuple[Problem, ...] = ()


def source_health(
    ledger: Ledger, sources: Sequence[Source], *, today: date | None = None
) -> list[SourceHealth]:
    """Return how each source stands, in their order, by the last fetch of each address.

    A crawl that finds nothing changed changes nothing here. `pages` counts archived contents,
    `articles` the addresses they came from. Only with `today` (China) is a source told stale.
    """
    counts = ledger.page_counts()
    return [
        SourceHealth(
            source_id=source.id,
            name=source.name,
            pages=counts.get(source.id, (0, 0))[0],
            articles=counts.get(source.id, (0, 0))[1],
            problems=(*_problems(ledger, source), *_staleness(ledger, source, today)),
        )
        for source in sources
    ]


def broken_sources(health: Sequence[SourceHealth], sources: Sequence[Source]) -> list[str]:
    """Return the ids of enabled sources that are broken as a whole: no list, or only such pages.

    A single page that is gone, or a quiet month, does not break a source: `problems` tells them.
    """
    lists = {source.id: source.url for source in sources if source.enabled}
    return [
        one.source_id
        for one in health
        if one.source_id in lists
        and (
            any(p.url == lists[one.source_id] or p.kind == "challenged" for p in one.problems)
            or (one.pages > 0 and one.articles == 0)
        )
    ]


def _problems(ledger: Ledger, source: Source) -> list[Problem]:
    listed = [row.url for row in ledger.newest_listings(source.id, WATCHED)]
    listed += ledger.newest_attachments(source.id, WATCHED)
    return [
        Problem(kind=fetch.problem, url=fetch.url, detail=fetch.detail)
        for fetch in ledger.last_fetches(source.id, [source.url, *listed])
        if fetch.problem is not None
    ]


def _staleness(ledger: Ledger, source: Source, today: date | None) -> list[Problem]:
    last = ledger.last_news(source.id)
    if today is None or last is None or (today - last).days <= source.stale_after_days:
        return []
    return [Problem(kind="stale", detail=last.isoformat())]
