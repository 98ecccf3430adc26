"""The daily run: collect, read, extract, keep, compose, publish. Safe to repeat and to kill."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from bole.config import ConfigError, Settings
from bole.issues import Retell, Span, publish_issue
from bole.progress import shown_progress
from bole.reading import EXPECTED, BatchRead, PageReader, read_batch
from bole.retelling import Reteller
from bole.version import reader_version
from bole.watched import load_watchlist
from bole.web.marks import FOLDER as MARKS
from bole.web.marks import import_marks
from crawler.archive import Archive
from crawler.collect import collect
from crawler.health import (
    Problem,
    SourceHealth,
    broken_sources,
    reading_problems,
    source_health,
)
from crawler.ledger import Ledger, Page
from crawler.night import may_ask
from crawler.ocr import ScanReader, scan_reader
from crawler.sources import Source, choose_sources
from extract.gazetteer import districts_by_code
from extract.models import RULES, tagger
from store import Failure, Store

Say = Callable[[str], None]

#: Pages read in one go and written in one transaction.
BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run comes to.

    Attributes:
        day: Day of the digest.
        counts: Rows that the store holds now, by table.
        failures: Pages that could not become articles or facts.
        health: How each source stands.
        pages: The digest's files.
        broken: Ids of enabled sources whose list gives nothing, or none of whose pages can be read.
        rewriting: Why the digest was not retold, though the settings want it.
    """

    day: date
    counts: Mapping[str, int]
    failures: Sequence[Failure]
    health: Sequence[SourceHealth]
    pages: Sequence[Path]
    broken: Sequence[str] = ()
    rewriting: str | None = None

    @property
    def unexpected(self) -> Sequence[Failure]:
        """Return the failures without those that a person can do nothing about (scanned files)."""
        return [failure for failure in self.failures if failure.kind not in EXPECTED]


def run_day(settings: Settings, *, day: date, say: Say) -> Outcome:
    """Do everything that is due on `day` and return what it came to."""
    sources = load_watchlist(settings)
    check_home(settings)
    tagger(settings.names)  # a model that cannot be loaded is told before anything is fetched
    settings.data.mkdir(parents=True, exist_ok=True)
    with Store(settings.database) as store:
        run = store.start_run(day)
        take_marks(store, settings, say)
        collect_pages(settings, only=(), say=say)
        with Ledger(settings.ledger) as ledger:
            import_crawl(store, ledger, sources)
            read_pages(
                store,
                ledger,
                Archive(settings.data),
                say,
                scans=scans_of(settings),
                names=settings.names,
            )
            health = health_of(store, ledger, sources, day)
        retell = Reteller(settings)
        pages = publish_issue(store, settings, Span(day=day), health, retell)
        outcome = Outcome(
            day=day,
            counts=store.counts(),
            failures=store.failures(),
            health=health,
            pages=pages,
            broken=broken_sources(health, sources),
            rewriting=retell.problem,
        )
        store.finish_run(run)
        store.publish()
    return outcome


def take_marks(store: Store, settings: Settings, say: Say) -> None:
    """Keep what readers of the web page marked as right or wrong since the last run."""
    kept, problems = import_marks(store, settings.data / MARKS)
    for line in problems:
        say(f"marks: {line}")
    if kept:
        say(f"kept {len(kept)} marks of readers")


def check_home(settings: Settings) -> None:
    """Refuse a home district that is none.

    Raises:
        ConfigError: No district has that code.
    """
    if settings.home and settings.home not in districts_by_code():
        cure = "write that of your district, as in 320300, or leave it empty"
        raise ConfigError(f"home = {settings.home!r} is no code of a district today; {cure}")


def due_sources(settings: Settings, only: Sequence[str], say: Say) -> list[Source]:
    """Return the enabled sources, or those named in `only`, that may be asked at this hour."""
    sources = choose_sources(load_watchlist(settings), only)
    now = datetime.now(UTC)
    for source in sources:
        if not may_ask(source.hours, now):
            say(f"{source.id}: left for its hours, {source.hours} in China")
    return [source for source in sources if may_ask(source.hours, now)]


def collect_pages(settings: Settings, *, only: Sequence[str], say: Say) -> None:
    """Fetch what is new at the enabled sources, or at those named in `only`, into the archive."""
    settings.data.mkdir(parents=True, exist_ok=True)
    sources = due_sources(settings, only, say)
    say(f"collecting from {len(sources)} sources")
    delay = None if settings.delay < 0 else settings.delay
    with shown_progress() as tell:
        collect(sources, settings.data, user_agent=settings.user_agent, delay=delay, tell=tell)


def write_digest_of(settings: Settings, span: Span, retell: Retell | None = None) -> Sequence[Path]:
    """Compose the issue of `span` from the store and return the paths of its files.

    An issue that was written before shows the sources as they stood then. `retell` puts it in
    other words.

    Raises:
        ConfigError: Nothing had been collected by that day.
    """
    sources = load_watchlist(settings)
    if not settings.database.exists():
        raise ConfigError(f"nothing is collected yet in {settings.data}; run `bole run` first")
    day = span.day
    with Store(settings.database) as store, Ledger(settings.ledger) as ledger:
        first = store.first_day()
        if first is None or day < first:
            since = f"the first article came on {first}" if first else "run `bole run` first"
            raise ConfigError(f"nothing had been collected by {day}; {since}")
        written = store.digest_health(day)
        health = health_of(store, ledger, sources, day) if written is None else written
        return publish_issue(store, settings, span, health, retell)


def import_crawl(store: Store, ledger: Ledger, sources: Sequence[Source]) -> None:
    """Copy the watchlist and what the crawl did into the store."""
    store.write_sources(sources)
    store.write_fetches(ledger.fetches(after_id=store.last_fetch()))


def scans_of(settings: Settings) -> ScanReader | None:
    """Return what reads scanned documents; None without the extra, or if the settings want none."""
    return scan_reader(settings.data / "ocr", settings.ocr_pages)


def read_pages(
    store: Store,
    ledger: Ledger,
    archive: Archive,
    say: Say,
    *,
    scans: ScanReader | None = None,
    names: str = RULES,
) -> None:
    """Read every archived page whose newest content this reader has not read yet.

    With `scans` those are read again that were left for it; with another model for `names` all.

    Raises:
        ModelError: That model cannot be loaded.
    """
    tagger(names)
    version = reader_version(names)
    known = store.pages_read()
    left = {one.subject for one in store.failures() if scans and one.kind == "needs_ocr"}
    newest = {page.url: page for page in ledger.pages()}
    reader = PageReader(archive, newest, scans=scans, names=names)
    due = [
        page
        for page in newest.values()
        if page.part is None
        and (
            any(known.get(one.url) != (one.sha256, version) for one in reader.pages_of(page))
            or page.url in left
        )
    ]
    if due:
        say(f"reading {len(due)} pages")
    parts = [due[start : start + BATCH] for start in range(0, len(due), BATCH)]
    keep_batches(store, ledger, (read_batch(reader, pages, version) for pages in parts), version)


def keep_batches(store: Store, ledger: Ledger, batches: Iterable[BatchRead], version: str) -> None:
    """Keep what came of batches of pages, one transaction each."""
    for batch in batches:
        _keep_batch(store, batch, version)
        for lacking in batch.lacking:  # the next crawl asks for them
            ledger.parts.add(lacking.source_id, lacking.url, lacking.parts)


def _keep_batch(store: Store, batch: BatchRead, version: str) -> None:
    store.write_articles(batch.reports, reader_version=version)
    store.clear_failures("read", batch.pages)
    store.write_failures(batch.failures)
    store.write_pages_read(batch.outcomes)


def health_of(
    store: Store, ledger: Ledger, sources: Sequence[Source], day: date
) -> Sequence[SourceHealth]:
    """Return how each source stands, with the pages that could not be read."""
    pages = list(ledger.pages())
    source_of = {page.url: page.source_id for page in pages}
    unread = {failure.subject: failure.kind for failure in store.failures()}
    undated = store.undated_pages()
    parts = {page.url for page in pages if page.part is not None}
    articles = Counter(
        source_of[url] for url in store.article_pages() if url in source_of and url not in parts
    )
    newest = _newest_first(pages)

    def with_reading(health: SourceHealth) -> SourceHealth:
        own = newest[health.source_id]
        single = [
            Problem(kind=kind, url=url)
            for url, kind in unread.items()
            if source_of.get(url) == health.source_id
        ]
        without = {url for url, kind in unread.items() if kind != "incomplete"}
        whole = reading_problems(own, unread=without, undated=undated)
        found = (*whole, *health.problems, *single) if health.enabled else ()
        return replace(health, articles=articles[health.source_id], problems=found)

    return [with_reading(health) for health in source_health(ledger, sources, today=day)]


def _newest_first(pages: Sequence[Page]) -> Mapping[str, Sequence[str]]:
    """Return the addresses of each source's article pages, those that are new to us first."""
    urls: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for page in sorted(pages, key=lambda page: (page.first_fetched, page.url), reverse=True):
        if page.parent is None:
            urls[page.source_id][page.url] = None
    return defaultdict(list, {source: list(own) for source, own in urls.items()})
