"""Trying out sources: a short crawl into a folder that is thrown away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from crawler.archive import Archive, Location
from crawler.collect import collect
from crawler.fetches import canonical_url, host_of
from crawler.health import left_for_hours
from crawler.ledger import Ledger
from crawler.night import may_ask
from crawler.presets import load_presets
from crawler.resting import Rest
from crawler.sources import Source

#: Seconds between two requests to a host whose pages are looked at.
_DELAY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What the first page of a source's list yields.

    Attributes:
        id, name, url: Of the source.
        status: HTTP status of the list; None without an answer.
        rows: Articles that the list names; None if it did not come.
        min_items: How many are expected at least.
        newest: Newest day beside a row; None if no row has one.
        problem: What is wrong (see `crawler.health.Problem`); None if nothing is.
        detail: One line about it.
    """

    id: str
    name: str
    url: str
    status: int | None
    rows: int | None
    min_items: int
    newest: date | None
    problem: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page that was looked at: its bytes, or what was wrong."""

    url: str
    body: bytes | None = None
    problem: str | None = None


def hosts_at_rest(ledger: Path) -> Mapping[str, Rest]:
    """Return the hosts that are not to be asked now, by `host:port`."""
    if not ledger.is_file():
        return {}
    with Ledger(ledger) as known:
        return known.rests.hosts(datetime.now(UTC))


def check_sources(
    sources: Sequence[Source],
    *,
    user_agent: str,
    today: date,
    delay: float | None = None,
    at_rest: Mapping[str, Rest] = MappingProxyType({}),
    house: Path | None = None,
) -> list[Check]:
    """Ask for the first list of each source, as politely as a crawl does, and say what it yields.

    Those whose hosts are at rest, or whose hours are not now, are not asked: it is said why.

    Args:
        sources: The sources.
        user_agent: What the crawl calls itself.
        today: Day in China, by which a source is stale.
        delay: Seconds between two requests to a host; None leaves it to each source.
        at_rest: Hosts that are not to be asked, by `host:port`.
        house: Ledger that is told which hosts have asked to be left alone; None if nobody is.

    Raises:
        CrawlError: The crawl itself failed.
    """
    with TemporaryDirectory(prefix="bole-check-") as folder:
        now = datetime.now(UTC)
        left = {source.id: _left(source, at_rest, now) for source in sources}
        asked = [source for source in sources if left[source.id] is None]
        if asked:
            collect(asked, Path(folder), user_agent=user_agent, delay=delay, only_lists=True)
        with Ledger(Path(folder) / "ledger.sqlite") as ledger:
            if house is not None:
                _remember(house, ledger)
            return [left[source.id] or _check(ledger, source, today) for source in sources]


def fetch_samples(
    urls: Iterable[str], *, user_agent: str, allow_private: Sequence[str] = ()
) -> dict[str, Sample]:
    """Fetch pages as a crawl does and return them by the address that was asked for.

    Raises:
        CrawlError: The crawl itself failed.
    """
    wanted = list(dict.fromkeys(urls))
    with TemporaryDirectory(prefix="bole-look-") as name:
        folder = Path(name)
        addresses = folder / "urls.txt"
        addresses.write_text("\n".join(wanted), encoding="utf-8")
        source = Source(
            id="sample",
            name="sample",
            url=addresses.as_uri(),
            preset=load_presets()["urls"],
            level="national",
            publisher="official",
            min_items=0,
            delay=0.0 if allow_private else _DELAY,
            allow_private=tuple(allow_private),
        )
        collect([source], folder, user_agent=user_agent)
        archive = Archive(folder)
        with Ledger(folder / "ledger.sqlite") as ledger:
            return {url: _sample(ledger, archive, url) for url in wanted}


def _remember(house: Path, seen: Ledger) -> None:
    """Note in a ledger which hosts are to be left alone: the next crawl does so."""
    rests = seen.rests.hosts(datetime.now(UTC))
    if not rests:
        return
    house.parent.mkdir(parents=True, exist_ok=True)
    with Ledger(house) as ledger:
        for pair, rest in rests.items():
            if rest.kind == "busy":
                ledger.rests.add(pair, rest)
        for fetch in seen.fetches():
            if fetch.problem == "challenged" and fetch.status is not None:
                ledger.record(fetch)


def _left(source: Source, at_rest: Mapping[str, Rest], now: datetime) -> Check | None:
    """Return what is said of a source that is not asked; None if it is asked."""
    rest = at_rest.get(host_of(source.url))
    if rest is not None:
        return _unasked(source, rest.kind, rest.words)
    if not may_ask(source.hours, now):
        return _unasked(source, "not_asked", left_for_hours(source))
    return None


def _unasked(source: Source, problem: str, detail: str | None) -> Check:
    return Check(
        id=source.id,
        name=source.name,
        url=source.url,
        status=None,
        rows=None,
        min_items=source.min_items,
        newest=None,
        problem=problem,
        detail=detail,
    )


def _check(ledger: Ledger, source: Source, today: date) -> Check:
    fetch = next(iter(ledger.last_fetches(source.id, [source.url])), None)
    if fetch is None:  # its hours ended before its turn came
        return _unasked(source, "not_asked", left_for_hours(source))
    newest = next((row.day for row in ledger.newest_listings(source.id, 1)), None)
    check = replace(
        _unasked(source, "", fetch.detail),
        status=fetch.status,
        rows=fetch.items,
        newest=newest,
        problem=fetch.problem,
    )
    if fetch.problem is None and newest and (today - newest).days > source.stale_after_days:
        return replace(check, problem="stale", detail=f"newest item of {newest.isoformat()}")
    return check


def _sample(ledger: Ledger, archive: Archive, url: str) -> Sample:
    fetch = ledger.latest(canonical_url(url))
    if fetch is None or fetch.problem or fetch.warc_file is None or fetch.warc_offset is None:
        words = f"{fetch.problem}: {fetch.detail}" if fetch and fetch.problem else "it did not come"
        return Sample(url=url, problem=words)
    body = archive.read_record(Location(fetch.warc_file, fetch.warc_offset))
    return Sample(url=fetch.final_url, body=body)
