"""Keeping what is kept: tables anew from the archive, an archive that fits, a copy elsewhere."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bole.config import ConfigError, Settings
from bole.daily import health_of, import_crawl, read_pages
from bole.issues import Span, publish_issue
from bole.reading import china_day
from crawler.archive import Archive
from crawler.health import SourceHealth
from crawler.ledger import Ledger
from crawler.locking import crawl_lock
from crawler.restoring import rebuild_ledger
from crawler.retention import Pruned, Retention, prune
from crawler.sources import Source, load_sources
from store import Store
from store.corrections import Correction
from store.snapshots import newest_snapshot
from summarize.stories import Report

Say = Callable[[str], None]
#: Where new tables are made, beside the old ones, until they are whole.
_WORKSHOP = "rebuild"


@dataclass(frozen=True, slots=True)
class _Carried:
    """What no page tells: articles from files, people's corrections, days of written issues."""

    reports: dict[str, list[Report]]
    corrections: tuple[Correction, ...]
    health: Mapping[date, list[SourceHealth]]


def rebuild(settings: Settings, say: Say) -> dict[str, int]:
    """Make ledger and database anew from the archive and return the rows of each table.

    Issues keep their days; articles from files and corrections are taken over from the database,
    if there is one. Until the new tables are whole the old ones stay as they are.

    Raises:
        ConfigError: There is no archive.
    """
    archive = Archive(settings.data)
    if not archive.files():
        raise ConfigError(f"{archive.folder}: no archive to rebuild from; collect one: bole run")
    sources = load_sources(settings.watchlist)
    workshop = settings.data / _WORKSHOP
    with crawl_lock(settings.data), _new_folder(workshop):
        say("writing the ledger from the archive")
        rebuild_ledger(archive, workshop / settings.ledger.name)
        with (
            Store(workshop / settings.database.name) as new,
            Ledger(workshop / settings.ledger.name) as ledger,
        ):
            import_crawl(new, ledger, sources)
            read_pages(new, ledger, archive, say)
            _restore(new, ledger, sources, settings)
            counts = new.counts()
        for path in (settings.ledger, settings.database):
            _put(workshop / path.name, path)
    with Store(settings.database) as store:
        store.publish()
    return counts


def _restore(new: Store, ledger: Ledger, sources: list[Source], settings: Settings) -> None:
    """Take over what no page tells, and compose the issues again, day by day."""
    carried = _carried(settings, set(new.known_pages()))
    for version, reports in sorted(carried.reports.items()):
        new.write_articles(reports, reader_version=version)
    new.write_corrections(carried.corrections)
    health = dict(carried.health) or {
        day: [*health_of(new, ledger, sources, day)] for day in _days(ledger)
    }
    # its files are not wanted: those that people have read stay as they are
    aside = replace(settings, digests=settings.data / _WORKSHOP / "digests")
    for day in sorted(health):
        publish_issue(new, aside, Span(day=day), health[day])


def _days(ledger: Ledger) -> set[date]:
    """Return the days on which something came for the first time."""
    return {china_day(page.first_fetched) for page in ledger.pages()}


def _carried(settings: Settings, known: set[str]) -> _Carried:
    if not settings.database.is_file():
        return _Carried({}, (), {})
    with Store(settings.database) as old:
        old.publish()
        readers = {article: version for article, (_, version) in old.known_pages().items()}
        reports: dict[str, list[Report]] = {}
        for report in old.read_reports(until=date.max):
            if report.article.id not in known and report.article.fetched is None:
                reports.setdefault(readers[report.article.id], []).append(report)
        corrections = tuple(old.corrections())
        days = _digest_days(settings)
        return _Carried(reports, corrections, {day: old.digest_health(day) or [] for day in days})


def _digest_days(settings: Settings) -> list[date]:
    with Store.open_snapshot(settings.data) as snapshot:
        return [row["day"] for row in snapshot.query("select day from digests").to_pylist()]


@contextmanager
def _new_folder(folder: Path) -> Iterator[None]:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    yield
    shutil.rmtree(folder)


def _put(new: Path, old: Path) -> None:
    """Put a file in the place of another, whose journals are of no more use."""
    for journal in ("-wal", "-shm", ".wal"):
        old.with_name(old.name + journal).unlink(missing_ok=True)
    new.replace(old)


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
        since=None if days is None else datetime.now(UTC) - timedelta(days=days),
        largest=None if gigabytes is None else int(gigabytes * 2**30),
    )
    archive = Archive(settings.data)
    with (
        crawl_lock(settings.data),
        Store(settings.database) as store,
        Ledger(settings.ledger) as ledger,
    ):
        kept = _in_use(store, ledger, settings)
        pruned = prune(archive, ledger, retention, kept=kept, is_dry=is_dry)
        if not is_dry:
            store.write_fetches(ledger.fetches())
    return pruned


def _in_use(store: Store, ledger: Ledger, settings: Settings) -> set[tuple[str, str]]:
    """Return (address, digest) of the contents that facts stand in, and of their newest.

    An attachment is read with its page: that one stays with it.
    """
    store.publish()
    with Store.open_snapshot(settings.data) as snapshot:
        rows = snapshot.query(_USED).to_pylist()
    used = {row["url"]: row["sha256"] for row in rows}
    pages = list(ledger.pages())
    parents = {page.parent for page in pages if page.parent and page.url in used}
    newest = {page.url: page.sha256 for page in pages if page.url in used or page.url in parents}
    return {*used.items(), *newest.items()}


_USED = """
select distinct p.url, p.sha256 from pages_read p where p.article_id in (
    select article_id from figures union select article_id from policy_mentions
    union select article_id from places union select article_id from names
)
"""


def back_up(settings: Settings, folder: Path) -> list[Path]:
    """Copy database, ledger and archive, also while a run is going on, and return the copies.

    What is copied later knows more than what was copied before: the archive holds every page that
    the ledger tells of, the ledger every fetch that the database knows.

    Raises:
        ConfigError: There is nothing to copy, or the copy lies in the folder that it copies.
    """
    if folder.resolve().is_relative_to(settings.data.resolve()):
        raise ConfigError(f"{folder} lies in {settings.data}; name a folder elsewhere")
    if not settings.ledger.is_file():
        raise ConfigError(f"{settings.ledger}: nothing to copy yet; collect first: bole run")
    folder.mkdir(parents=True, exist_ok=True)
    copies = []
    if (settings.data / "snapshots").is_dir():
        copies.append(_copy(newest_snapshot(settings.data), folder / settings.database.name))
    copies.append(_copy_ledger(settings.ledger, folder / settings.ledger.name))
    archive = Archive(folder)
    archive.folder.mkdir(exist_ok=True)
    files = Archive(settings.data).files()
    copies += [_copy(path, archive.folder / path.name) for path in files]
    _check(folder, settings)
    return copies


def _copy(source: Path, target: Path) -> Path:
    """Copy a file, whole or not at all; one that is there already is not copied again."""
    stat = source.stat()
    if target.is_file():
        there = target.stat()
        if (there.st_size, there.st_mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            return target
    part = target.with_name(f"{target.name}.part")
    shutil.copy2(source, part)
    part.replace(target)
    return target


def _copy_ledger(source: Path, target: Path) -> Path:
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(part)) as new:
        old.backup(new)
    _put(part, target)
    return target


def _check(folder: Path, settings: Settings) -> None:
    """Refuse a copy whose ledger tells of pages that it does not hold.

    Raises:
        ConfigError: Pages were pruned meanwhile.
    """
    archive = Archive(folder)
    with Ledger(folder / settings.ledger.name) as ledger:
        for one in ledger.held():
            path = archive.folder / one.location.file
            if not path.is_file() or path.stat().st_size <= one.location.offset:
                raise ConfigError(
                    f"{path}: pages were pruned while they were copied; run bole backup again"
                )
