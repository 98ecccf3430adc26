"""The daily run: collect, read, extract, keep, compose, publish. Safe to repeat and to kill."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from bole.config import Settings
from bole.version import reader_version
from crawler.archive import Archive
from crawler.collect import collect
from crawler.health import Problem, SourceHealth, source_health
from crawler.ledger import Ledger, Page
from crawler.page import PageError, read_page
from crawler.sources import Source, choose_sources, load_sources
from extract import read_facts
from extract.gazetteer import district_name, districts_by_code
from store import Failure, PageRead, Store
from summarize.digest import Issue, compose
from summarize.render import Pages, publish_pages
from summarize.stories import Report, Story, group_stories

Say = Callable[[str], None]

#: Reports older than this are not compared with new ones: a story is over by then.
STORY_DAYS = 45
#: Pages read in one go and written in one transaction.
BATCH = 200
#: Days are days in China; it has had one zone, without summer time, since 1991.
CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run comes to.

    Attributes:
        day: Day of the digest.
        counts: Rows that the store holds now, by table.
        failures: Pages that could not become articles or facts.
        health: How each source stands.
        pages: The digest's files.
    """

    day: date
    counts: Mapping[str, int]
    failures: Sequence[Failure]
    health: Sequence[SourceHealth]
    pages: Sequence[Path]


def run_day(settings: Settings, *, day: date, say: Say) -> Outcome:
    """Do everything that is due on `day` and return what it came to."""
    sources = load_sources(settings.watchlist)
    settings.data.mkdir(parents=True, exist_ok=True)
    with Store(settings.database) as store:
        run = store.start_run(day)
        collect_pages(settings, only=(), say=say)
        with Ledger(settings.ledger) as ledger:
            _import_crawl(store, ledger, sources)
            _read_pages(store, ledger, Archive(settings.data), say)
            health = _health(store, ledger, sources, day)
        pages = _publish(store, settings, day, health)
        outcome = Outcome(
            day=day,
            counts=store.counts(),
            failures=store.failures(),
            health=health,
            pages=pages,
        )
        store.finish_run(run)
        store.publish()
    return outcome


def collect_pages(settings: Settings, *, only: Sequence[str], say: Say) -> None:
    """Fetch what is new at the enabled sources, or at those named in `only`, into the archive."""
    sources = choose_sources(load_sources(settings.watchlist), only)
    settings.data.mkdir(parents=True, exist_ok=True)
    say(f"collecting from {len(sources)} sources")
    delay = None if settings.delay < 0 else settings.delay
    collect(sources, settings.data, user_agent=settings.user_agent, delay=delay)


def write_digest_of(settings: Settings, day: date) -> Sequence[Path]:
    """Compose the digest of `day` from the store and return the paths of its files.

    An issue that was written before shows the sources as they stood then.
    """
    sources = load_sources(settings.watchlist)
    with Store(settings.database) as store, Ledger(settings.ledger) as ledger:
        written = store.digest_health(day)
        health = _health(store, ledger, sources, day) if written is None else written
        return _publish(store, settings, day, health)


def _import_crawl(store: Store, ledger: Ledger, sources: Sequence[Source]) -> None:
    store.write_sources(sources)
    store.write_fetches(ledger.fetches(after_id=store.last_fetch()))


def _read_pages(store: Store, ledger: Ledger, archive: Archive, say: Say) -> None:
    """Read every archived page whose newest content this reader has not read yet."""
    version = reader_version()
    known = store.pages_read()
    due = [p for p in _newest(ledger) if known.get(p.url) != (p.sha256, version)]
    if due:
        say(f"reading {len(due)} pages")
    for start in range(0, len(due), BATCH):
        _read_batch(store, archive, due[start : start + BATCH], version)


def _newest(ledger: Ledger) -> Iterator[Page]:
    newest = {page.url: page for page in ledger.pages()}
    yield from newest.values()


def _read_batch(store: Store, archive: Archive, pages: Sequence[Page], version: str) -> None:
    reports: list[Report] = []
    failures: list[Failure] = []
    outcomes: list[PageRead] = []
    for page in pages:
        report = _report(page, archive.read_record(page.location))
        if isinstance(report, Failure):
            failures.append(report)
        else:
            reports.append(report)
        article_id = None if isinstance(report, Failure) else report.article.id
        outcomes.append(
            PageRead(url=page.url, sha256=page.sha256, version=version, article_id=article_id)
        )
    store.write_articles(reports, reader_version=version)
    store.clear_failures("read", [page.url for page in pages])
    store.write_failures(failures)
    store.write_pages_read(outcomes)


def _report(page: Page, data: bytes) -> Report | Failure:
    """Return the report of one page; whatever goes wrong with it stays with it."""
    try:
        article = read_page(
            data,
            url=page.url,
            fetched=page.fetched,
            list_title=page.list_title,
            list_date=page.list_date,
        )
        facts = read_facts(article)
    except PageError as error:
        return Failure(subject=page.url, stage="read", kind=error.kind, message=str(error))
    except Exception as error:  # noqa: BLE001 - one bad article is a row, never a lost run
        message = f"{type(error).__name__}: {error}"
        return Failure(subject=page.url, stage="read", kind="bug", message=message)
    return Report(article=article, facts=facts, first_seen=china_day(page.first_fetched))


def _health(
    store: Store, ledger: Ledger, sources: Sequence[Source], day: date
) -> Sequence[SourceHealth]:
    """Return how each source stands, with the pages that could not be read."""
    source_of = {page.url: page.source_id for page in ledger.pages()}
    unread = defaultdict(list)
    for failure in store.failures():
        problem = Problem(kind=failure.kind, url=failure.subject)
        unread[source_of.get(failure.subject, "")].append(problem)
    articles = Counter(source_of[url] for url in store.article_pages() if url in source_of)
    return [
        replace(
            health,
            articles=articles[health.source_id],
            problems=(*health.problems, *unread[health.source_id]),
        )
        for health in source_health(ledger, sources, today=day)
    ]


def _publish(
    store: Store, settings: Settings, day: date, health: Sequence[SourceHealth]
) -> Sequence[Path]:
    """Compose the digest of `day`, check its pages, note what it tells, and write the files.

    Raises:
        CheckError: A number on a page has no fact behind it; nothing is noted or written then.
    """
    numbers = store.digest_numbers(day)
    digest = compose(
        _stories(store, day),
        issue=Issue(
            day=day,
            number_in_year=numbers[0],
            number_in_all=numbers[1],
            issuer=settings.issuer or None,
            home=settings.home or None,
            since=store.issue_before(day),
        ),
        told=store.told_facts(before=day),
        health=health,
        names={code: district_name(code) for code in districts_by_code()},
    )
    pages = publish_pages(digest)
    items = [
        (position, item.section, item.story_id, sorted(item.facts))
        for position, item in enumerate(digest.items)
    ]
    store.write_digest(day, numbers, health, items)
    return _write_files(pages, settings.digests, day)


def _stories(store: Store, day: date) -> list[Story]:
    reports = store.read_reports(until=day, since=day - timedelta(days=STORY_DAYS))
    stories = group_stories(reports, known=store.known_stories())
    store.write_stories(stories)
    return stories


def _write_files(pages: Pages, folder: Path, day: date) -> Sequence[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for suffix, text in (("html", pages.html), ("md", pages.markdown)):
        path = folder / f"{day.isoformat()}.{suffix}"
        part = path.with_suffix(f".{suffix}.part")
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
        written.append(path)
    return written


def china_day(instant: datetime) -> date:
    """Return the day in China of an aware instant."""
    return instant.astimezone(CHINA).date()
