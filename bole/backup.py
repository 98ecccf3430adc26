"""A copy of the whole house elsewhere: a folder that `bole -C COPY` works in at once.

Whatever is copied later knows more than what was copied before, so a run may go on: the archive
holds every page that the ledger tells of, the ledger every fetch that the database knows. Files are
written aside and renamed, `bole.toml`, without which no command opens the folder, last: a copy that
was begun is never taken for a whole one, and one that is brought up to date is always whole.
"""

import errno
import json
import re
import shutil
import sqlite3
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bole.config import FILE, ConfigError, Settings
from bole.copying import copy, copy_bytes, copy_ledger, files_in, is_there, part_of, put, write
from bole.targets import load_targets
from crawler.archive import Archive
from crawler.errors import CrawlError
from crawler.ledger import Ledger
from crawler.opening import trouble_words
from crawler.sources import SourceError, load_sources
from store import Store
from store.snapshots import newest_snapshot

#: Says of a folder that it is a copy, of which house, and of when.
NOTE = "backup.json"
_PATHS = frozenset(
    f.name for f in fields(Settings) if isinstance(getattr(Settings(), f.name), Path)
)
_PATH_LINE = re.compile(
    rf"^[ \t]*[\"']?(?:{'|'.join(sorted(_PATHS))})[\"']?[ \t]*=.*\n?", re.MULTILINE
)
#: What a crawl, a rebuild or a pruning leaves behind where it was at work.
_WORKED = "crawl.lock"
_DELIVERED = "delivered.json"
#: What scanned documents say, which takes long to read again.
_SCANS = "ocr"
#: Times that pages may be pruned while they are copied.
_TRIES = 3
_FULL = (errno.ENOSPC, errno.EDQUOT)


class BackupError(CrawlError):
    """A copy that could not be made; names the folder and the cure."""


@dataclass(slots=True)
class Copied:
    """What a backup came to.

    Attributes:
        files: Files that the copy holds of the house.
        bytes: Their size.
        missing: Archive files that the ledger tells of and the house itself has lost.
        has_database, has_pages: Whether there is something to be asked, or to make it from.
        left_out: What was not copied, and why.
    """

    files: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    has_database: bool = True
    has_pages: bool = True

    def add(self, path: Path) -> None:
        """Count a file of the copy."""
        self.files += 1
        self.bytes += path.stat().st_size


class _PrunedMeanwhileError(Exception):
    """The ledger that was copied tells of pages that have moved since."""


def back_up(settings: Settings, home: Path, to: Path) -> Copied:
    """Copy all that the house in `home` keeps to the folder `to`, also while a run is going on.

    Raises:
        ConfigError: There is nothing to copy, or `to` is no place for it.
        BackupError: The disk is full, or cannot be written.
    """
    _check_places(settings, home, to)
    copied = Copied()
    with _named_errors(to):
        there = replace(Settings(), **{name: to / getattr(Settings(), name) for name in _PATHS})
        _make_room(settings, there, to)
        _copy_data(settings, there, copied)
        _copy_papers(settings, there, copied)
        if there.database.is_file():
            with Store(there.database) as store:
                store.publish()
            there.database.with_name(f"{there.database.name}.lock").unlink(missing_ok=True)
        write(to / FILE, _portable(home / FILE))
        copied.add(to / FILE)
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        _write_note(to, home, finished)
    return copied


# --- where to ------------------------------------------------------------------------------------


def _check_places(settings: Settings, home: Path, to: Path) -> None:
    """Refuse a folder that holds something else, and one that would be copied into itself.

    Raises:
        ConfigError: Names the folder and the cure.
    """
    if not settings.ledger.is_file():
        raise ConfigError(f"{settings.ledger}: nothing to copy yet; collect first: bole run")
    for folder in (settings.data, settings.digests):
        if to.resolve().is_relative_to(folder.resolve()):
            raise ConfigError(f"{to} lies in {folder}, which is copied; name a folder elsewhere")
    if to.exists() and not to.is_dir():
        raise ConfigError(f"{to} is a file; name a folder")
    if to.is_dir() and any(to.iterdir()):
        _check_copy(home, to, to / Settings().data / _WORKED)
    if not to.is_dir():
        to.mkdir(parents=True)
    if not (to / NOTE).is_file():
        _write_note(to, home, None)


def _check_copy(home: Path, to: Path, worked: Path) -> None:
    if not (to / NOTE).is_file():
        raise ConfigError(f"{to} holds other things than a copy; name a new or an empty folder")
    try:
        of = json.loads((to / NOTE).read_text("utf-8"))["home"]
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{to / NOTE}: not written by bole; name a new folder") from error
    if of != str(home.resolve()):
        raise ConfigError(f"{to} is a copy of {of}, not of {home.resolve()}; name another folder")
    if worked.is_file():
        raise ConfigError(f"{to}: the copy has been worked in; keep it, and name a new folder")


def _write_note(to: Path, home: Path, finished: str | None) -> None:
    note = {"home": str(home.resolve()), "finished": finished}
    write(to / NOTE, json.dumps(note, ensure_ascii=False) + "\n")


def _make_room(settings: Settings, there: Settings, to: Path) -> None:
    """Refuse a copy that the disk has no room for, before anything is written.

    Raises:
        BackupError: Says how much is needed.
    """
    source, target = Archive(settings.data), Archive(there.data)
    new = [one for one in source.files() if not is_there(one, target.path_of(source.name_of(one)))]
    small = [settings.ledger, *files_in(settings.digests)]
    needed = sum(one.stat().st_size for one in (*new, *small))
    if settings.database.is_file():
        needed += 2 * settings.database.stat().st_size  # itself and what readers open
    free = shutil.disk_usage(to).free
    if needed > free:
        raise BackupError(
            f"{to}: the copy takes {needed / 2**20:.0f} MB, {free / 2**20:.0f} MB are free there; "
            "free space or name a folder on another disk"
        )


@contextmanager
def _named_errors(to: Path) -> Iterator[None]:
    """Turn a disk's errors into one line; what was written in part goes.

    Raises:
        BackupError: Names the file, the trouble and the cure.
    """
    try:
        yield
    except (OSError, sqlite3.DatabaseError) as error:
        for part in to.rglob("*.part"):
            part.unlink(missing_ok=True)
        state = "is as it was" if (to / FILE).is_file() else "is not whole"
        raise BackupError(f"{_trouble(error, to)}; the copy in {to} {state}") from error


def _trouble(error: OSError | sqlite3.DatabaseError, to: Path) -> str:
    if isinstance(error, sqlite3.DatabaseError):
        return f"{to}: ledger {trouble_words(error)}"
    cure = "free space there" if error.errno in _FULL else "mend the rights, or name another folder"
    return f"{error.filename2 or error.filename or to}: {error.strerror}; {cure}"


# --- what ----------------------------------------------------------------------------------------


def _copy_data(settings: Settings, there: Settings, copied: Copied) -> None:
    """Copy database, ledger and archive.

    Raises:
        BackupError: Pages were pruned again and again.
    """
    there.data.mkdir(exist_ok=True)
    parts = [part_of(there.database), part_of(there.ledger)]
    for _ in range(_TRIES):
        has_database = _copy_snapshot(settings.data, parts[0])
        copy_ledger(settings.ledger, parts[1])
        try:
            copied.missing = _copy_archive(settings, there, parts[1])
        except _PrunedMeanwhileError:
            continue
        break
    else:
        raise BackupError(f"{there.data}: pages are being pruned; run bole backup again later")
    for part, path in ((parts[1], there.ledger), *([(parts[0], there.database)] * has_database)):
        put(part, path)
        copied.add(path)
    copied.has_database, copied.has_pages = has_database, bool(Archive(there.data).files())
    if not has_database:
        copied.left_out.append("the database: no run has published it yet")
    _drop_old_editions(settings, there, copied)


def _copy_snapshot(data: Path, target: Path) -> bool:
    """Copy the database as it was last published; return whether it was."""
    if not (data / "snapshots" / "current").is_file():
        return False
    path, before = newest_snapshot(data), None
    while not path.is_file() and path != before:  # newer ones came since its name was read
        path, before = newest_snapshot(data), path
    copy_bytes(path, target)
    return True


def _copy_archive(settings: Settings, there: Settings, ledger: Path) -> list[str]:
    """Copy the archive, and return the files that the house itself has lost.

    Raises:
        _PrunedMeanwhileError: The copied ledger tells of files that have gone since.
    """
    source, target = Archive(settings.data), Archive(there.data)
    target.folder.mkdir(exist_ok=True)
    for path in source.files():
        if path.is_file():  # pruning takes files away
            place = target.path_of(source.name_of(path))
            place.parent.mkdir(parents=True, exist_ok=True)
            copy(path, place)
    with Ledger(ledger) as known:
        lost = {one.location.file for one in known.held() if not _has(target, one.location)}
    with Ledger(settings.ledger) as now:
        moved = lost - now.files()
    if moved:
        raise _PrunedMeanwhileError
    return sorted(lost)


def _has(archive: Archive, place: tuple[str, int]) -> bool:
    path = archive.path_of(place[0])
    return path.is_file() and path.stat().st_size > place[1]


def _drop_old_editions(settings: Settings, there: Settings, copied: Copied) -> None:
    """Take away what pruning has taken away; what the house has lost stays in its copy."""
    source, target = Archive(settings.data), Archive(there.data)
    names = {source.name_of(path) for path in source.files()}
    with Ledger(there.ledger) as ledger:
        names |= ledger.files()
    for path in target.files():
        if target.name_of(path) in names:
            copied.add(path)
        else:
            path.unlink()


def _copy_papers(settings: Settings, there: Settings, copied: Copied) -> None:
    """Copy what people wrote and read: watchlist, delivery list, issues, scanned documents."""
    targets = [(settings.watchlist, there.watchlist)]
    targets += _lists_beside(settings, there, copied)
    targets += [(settings.data / _DELIVERED, there.data / _DELIVERED)]
    targets += [
        (path, new / path.relative_to(old))
        for old, new in (
            (settings.digests, there.digests),
            (settings.data / _SCANS, there.data / _SCANS),
        )
        for path in files_in(old)
    ]
    if settings.delivery.is_file():
        targets += _delivery(settings, there, copied)
    for source, target in targets:
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            copy(source, target)
            copied.add(target)


def _lists_beside(
    settings: Settings, there: Settings, copied: Copied
) -> Iterable[tuple[Path, Path]]:
    """Return the files of addresses that stand beside the watchlist, and where they go."""
    beside = settings.watchlist.parent.resolve()
    try:
        sources = load_sources(settings.watchlist)
    except SourceError as error:
        copied.left_out.append(f"files of addresses that the watchlist names: {error}")
        return []
    named = [Path(url2pathname(urlsplit(s.url).path)) for s in sources if s.url.startswith("file:")]
    far = [path for path in named if not path.is_relative_to(beside)]
    copied.left_out += [f"{path}: lies elsewhere than the watchlist" for path in far]
    return [
        (path, there.watchlist.parent / path.relative_to(beside))
        for path in named
        if path not in far
    ]


def _delivery(settings: Settings, there: Settings, copied: Copied) -> list[tuple[Path, Path]]:
    """Return the delivery list and where it goes; not one in which a secret may stand."""
    try:
        targets = load_targets(settings.delivery)
    except ConfigError as error:
        copied.left_out.append(str(error))
        return []
    secrets = {one for t in targets for one in (t.url, t.password, t.sign) if one}
    copied.left_out += [
        f"the secret at {one}: set it where the copy is used" for one in sorted(secrets)
    ]
    return [(settings.delivery, there.delivery)]


def _portable(path: Path) -> str:
    """Return the settings without the lines that name places: the copy has the usual ones.

    Raises:
        ConfigError: A place is not named on a line of its own.
    """
    text = path.read_text("utf-8")
    short = _PATH_LINE.sub("", text)
    wanted = {key: value for key, value in tomllib.loads(text).items() if key not in _PATHS}
    try:
        found = tomllib.loads(short)
    except tomllib.TOMLDecodeError:
        found = {}
    if found != wanted:
        raise ConfigError(f"{path}: write {', '.join(sorted(_PATHS))} on a line each")
    return short
