"""Keeping what is kept: tables anew from the archive, an archive that fits the disk."""

import math
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bole.config import ConfigError, Settings
from bole.copying import copy_ledger, put
from bole.daily import health_of, import_crawl, read_pages, scans_of
from bole.issues import Span, publish_issue
from bole.reading import china_day
from bole.rereading import forget_shards, reread_pages
from bole.watched import load_watchlist
from crawler.archive import Archive
from crawler.article import article_id
from crawler.health import SourceHealth
from crawler.ledger import Ledger
from crawler.locking import crawl_lock
from crawler.restoring import carry_over, rebuild_ledger
from crawler.retention import Pruned, Retention, archive_size, prune
from crawler.sources import Source
from store import Store, StoreError
from store.corrections import Correction
from store.lock import WriteLock
from store.records import Run
from store.snapshots import FOLDER as SNAPSHOTS
from summarize.stories import Report

Say = Callable[[str], None]
#: Where new tables are made, beside the old ones, until they are whole.
_WORKSHOP = "rebuild"


@dataclass(frozen=True, slots=True)
class _Carried:
    """What no page tells: articles from files, people's corrections, issues, the journal of runs.

    Attributes:
        health: What the issue of each day said of the sources; None if no database tells of issues.
    """

    reports: dict[str, list[Report]]
    corrections: tuple[Correction, ...]
    health: Mapping[date, list[SourceHealth]] | None
    runs: tuple[Run, ...]


def rebuild(settings: Settings, say: Say) -> dict[str, int]:
    """Make ledger and database anew from the archive and return the rows of each table.

    Issues keep their days; articles from files and corrections are taken over from the database,
    if there is one, and what no archive holds from the ledger, if it can be read. Until the new
    tables are whole the old ones stay as they are.

    Raises:
        ConfigError: There is no archive.
        EngineError: The engine that reads the pages is gone; what it read is found again.
    """
    archive = Archive(settings.data)
    if not archive.files():
        raise ConfigError(f"{archive.folder}: no archive to rebuild from; collect one: bole run")
    sources = load_watchlist(settings)
    workshop = settings.data / _WORKSHOP
    with crawl_lock(settings.data), _new_folder(workshop):
        with _old_store(settings) as old:  # held, so that nothing is written that would be lost
            say("writing the ledger from the archive")
            for damage in rebuild_ledger(archive, workshop / settings.ledger.name):
                say(str(damage))
            _carry_ledger(settings, workshop, say)
            with (
                Store(workshop / settings.database.name) as new,
                Ledger(workshop / settings.ledger.name) as ledger,
            ):
                import_crawl(new, ledger, sources)
                _read_all(settings, new, ledger, archive, say)
                _restore(new, ledger, sources, settings, old)
                counts = new.counts()
        _settle(settings.ledger)
        for path in (settings.ledger, settings.database):
            put(workshop / path.name, path)
    forget_shards(settings)
    with Store(settings.database) as store:
        store.publish()
    return counts


def _read_all(settings: Settings, new: Store, ledger: Ledger, archive: Archive, say: Say) -> None:
    """Read the pages in this process, or by the engine of the settings."""
    if settings.engine == "local":
        names = settings.names
        read_pages(new, ledger, archive, say, scans=scans_of(settings), names=names)
    else:
        reread_pages(settings, new, ledger, archive, say)


def _carry_ledger(settings: Settings, workshop: Path, say: Say) -> None:
    """Take over from the old ledger what no archive holds: problems, lists, back-offs."""
    if not settings.ledger.is_file():
        say(f"{settings.ledger} is not there: {_LOST}")
        return
    aside = workshop / f"old-{settings.ledger.name}"
    try:
        copy_ledger(settings.ledger, aside)  # with its journal, and the old one stays as it is
    except sqlite3.DatabaseError as error:
        trouble: str | None = str(error)
    else:
        trouble = carry_over(aside, workshop / settings.ledger.name)
    if trouble:
        say(f"{settings.ledger} cannot be read ({trouble}): {_LOST}")


#: What is lost with the ledger, for a line of talk.
_LOST = (
    "what did not come, how lists answered and which hosts are left alone is forgotten; "
    "the next run asks again"
)


def _restore(
    new: Store, ledger: Ledger, sources: list[Source], settings: Settings, old: Store | None
) -> None:
    """Take over what no page tells, and compose the issues again, day by day."""
    carried = _carried(old, new, ledger)
    for version, reports in sorted(carried.reports.items()):
        new.write_articles(reports, reader_version=version)
    new.write_corrections(carried.corrections)
    new.write_runs(carried.runs)
    health = carried.health
    if health is None:  # the days of issues are lost: each day with news had one
        health = {day: [*health_of(new, ledger, sources, day)] for day in _days(ledger)}
    # its files are not wanted: those that people have read stay as they are
    aside = replace(settings, digests=settings.data / _WORKSHOP / "digests")
    for day in sorted(health):
        publish_issue(new, aside, Span(day=day), health[day])


def _days(ledger: Ledger) -> set[date]:
    """Return the days on which something came for the first time."""
    return {china_day(page.first_fetched) for page in ledger.pages()}


def _carried(old: Store | None, new: Store, ledger: Ledger) -> _Carried:
    """Return what only the old tables tell.

    Articles whose pages have left the archive are among it: pruned ones, and those of lost files.
    """
    if old is None:
        return _Carried({}, (), None, ())
    archived = {article_id(page.url) for page in ledger.pages()} | set(new.known_pages())
    readers = {article: version for article, (_, version) in old.known_pages().items()}
    reports: dict[str, list[Report]] = {}
    for report in old.read_reports(until=date.max):
        if report.article.id not in archived:
            reports.setdefault(readers[report.article.id], []).append(report)
    health = {day: old.digest_health(day) or [] for day in _issue_days(old)}
    return _Carried(reports, tuple(old.corrections()), health, tuple(old.runs()))


def _issue_days(store: Store) -> list[date]:
    """Return the days of all issues, oldest first."""
    days: list[date] = []
    day = store.issue_before(date.max)
    while day is not None:
        days.append(day)
        day = store.issue_before(day)
    return days[::-1]


@contextmanager
def _old_store(settings: Settings) -> Iterator[Store | None]:
    """Yield what was kept so far; without a database its last snapshot, without one None.

    Raises:
        StoreError: Another process writes it, or it cannot be read; names the cure.
    """
    lock = WriteLock(settings.database)
    lock.acquire()  # another writer is another trouble than a damaged file
    lock.release()
    snapshots = settings.data / SNAPSHOTS
    has_database = settings.database.is_file()
    try:
        if has_database:
            opened: Store | None = Store(settings.database)
        elif (snapshots / "current").is_file():
            opened = Store.open_snapshot(settings.data)
        else:
            opened = None
    except StoreError as error:
        bad, rest = (
            (settings.database, "from its last snapshot")
            if has_database
            else (snapshots, "from nowhere, so only do that without a backup")
        )
        raise StoreError(
            f"{error}; or move {bad} away and run bole rebuild again: what no page tells "
            f"(corrections, loaded articles) then comes {rest}"
        ) from error
    with opened or nullcontext():
        yield opened


def _settle(ledger: Path) -> None:
    """Put what the old ledger's journal holds into the ledger: it is whole without it then."""
    # a damaged one has nothing to lose: the new one takes its place
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(ledger)) as old:
        old.execute("pragma wal_checkpoint(truncate)")


@contextmanager
def _new_folder(folder: Path) -> Iterator[None]:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    try:
        yield
    finally:
        shutil.rmtree(folder)


def prune_archive(
    settings: Settings, *, days: int | None, gigabytes: float | None, is_dry: bool
) -> Pruned:
    """Take pages out of the archive, never one that carries a fact in use.

    Args:
        settings: The settings.
        days: Pages that came longer ago than so many days go.
        gigabytes: The oldest pages go until the archive is no larger.
        is_dry: Only say what would go.
    """
    retention = Retention(
        since=None if days is None else datetime.now(UTC) - timedelta(days=min(days, _AGES)),
        largest=None if gigabytes is None else _bytes(gigabytes),
    )
    for path, cure in ((settings.ledger, "bole run"), (settings.database, "bole rebuild")):
        if not path.is_file():
            raise ConfigError(f"{path} is not there to say which pages are needed; make it: {cure}")
    archive = Archive(settings.data)
    with (
        crawl_lock(settings.data),
        Store(settings.database) as store,
        Ledger(settings.ledger) as ledger,
    ):
        store.publish()  # what it holds now is asked of the snapshot
        rows = _ask(settings, _USED)
        kept = _in_use(store, ledger, {row["url"]: row["sha256"] for row in rows})
        pruned = prune(archive, ledger, retention, kept=kept, is_dry=is_dry)
        places = {row["warc_file"] for row in _ask(settings, _PLACES)}
        if not is_dry and places != ledger.files():
            store.write_fetches(ledger.fetches())
            store.publish()
    return pruned


#: Days that are surely longer ago than any page.
_AGES = 36_500


def _bytes(gigabytes: float) -> int:
    if not (math.isfinite(gigabytes) and gigabytes >= 0):
        raise ConfigError(f"{gigabytes} is no size in gigabytes; write a number, as 20 or 0.5")
    return int(gigabytes * 2**30)


def keep_in_bounds(settings: Settings, say: Say) -> None:
    """Prune what the settings let go, and say what the house takes of its disk."""
    days = settings.archive_days or None
    gigabytes = settings.archive_gigabytes or None
    largest = None if gigabytes is None else _bytes(gigabytes)
    is_large = largest is not None and archive_size(Archive(settings.data)) > largest
    if days is not None or is_large:
        pruned = prune_archive(settings, days=days, gigabytes=gigabytes, is_dry=False)
        if pruned.pages:
            say(f"pruned {pruned.pages} pages, {size_words(pruned.before - pruned.after)} freed")
        if largest is not None and pruned.after > largest:
            say(STILL_LARGER)
    say(disk_words(disk_use(settings)))


#: What is said where an archive cannot be made as small as it should be.
STILL_LARGER = "the archive is still larger than it should be: what is left carries facts in use"


def disk_use(settings: Settings) -> dict[str, int]:
    """Return the bytes that each part of the house takes, what is free, and the number of files."""
    archive = Archive(settings.data)
    parts = {"ledger": settings.ledger, "database": settings.database}
    folders = {name: settings.data / name for name in (SNAPSHOTS, "search")}
    place = settings.data if settings.data.is_dir() else settings.watchlist.parent
    return {
        "files": len(archive.files()),
        "archive": archive_size(archive),
        **{name: path.stat().st_size if path.is_file() else 0 for name, path in parts.items()},
        **{name: _folder_size(path) for name, path in folders.items()},
        "free": shutil.disk_usage(place).free,
    }


def _folder_size(folder: Path) -> int:
    """Return the bytes of a folder's files; those that go while they are counted count nothing."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def disk_words(use: Mapping[str, int]) -> str:
    """Return one line about what `disk_use` found."""
    tables = sum(use[name] for name in ("ledger", "database", SNAPSHOTS, "search"))
    return (
        f"disk: archive {size_words(use['archive'])}, tables {size_words(tables)}, "
        f"{size_words(use['free'])} free"
    )


def size_words(count: int) -> str:
    """Return bytes as people read them.

    >>> size_words(0), size_words(1536), size_words(3 * 2**30)
    ('0 B', '1.5 KB', '3.0 GB')
    """
    size, unit = float(count), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"


def _ask(settings: Settings, sql: str) -> list[dict[str, str]]:
    with Store.open_snapshot(settings.data) as snapshot:
        rows: list[dict[str, str]] = snapshot.query(sql).to_pylist()
    return rows


def _in_use(store: Store, ledger: Ledger, used: Mapping[str, str]) -> set[tuple[str, str]]:
    """Return (address, digest) of the contents that facts stand in, and of their newest.

    A document and the further parts of an article are read with its first page: they stay
    together. What was not read yet may carry facts, so it stays too.

    Args:
        store: What was read.
        ledger: What was had.
        used: Digest of the content that facts were read in, by address.
    """
    pages = list(ledger.pages())
    last = {page.url: page.sha256 for page in pages}
    read = {url: digest for url, (digest, _) in store.pages_read().items()}
    single = {page.url for page in pages if page.part is None}
    needed = used.keys() | {url for url in single if read.get(url) != last[url]}
    needed |= {page.parent for page in pages if page.parent and page.url in needed}
    needed |= {page.url for page in pages if page.part is not None and page.parent in needed}
    return {*used.items(), *((url, last[url]) for url in needed if url in last)}


_USED = """
select distinct p.url, p.sha256 from pages_read p where p.article_id in (
    select article_id from figures union select article_id from policy_mentions
    union select article_id from places union select article_id from names
    union select article_id from corrections
)
"""

_PLACES = "select distinct warc_file from fetches where warc_file is not null"
