"""How much the archive holds, and how pages that nobody needs leave it."""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive import SHARDS, Archive, Location, record_spans
from crawler.ledger import Held, Ledger

_NAME = re.compile(r"(pages-\d{6})(?:-(\d{3}))?\.warc\.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What may stay: pages had since `since`, and so many bytes at most; None sets no bound."""

    since: datetime | None = None
    largest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What a pruning comes to: pages that went, bytes before and after."""

    pages: int
    before: int
    after: int


def archive_size(archive: Archive) -> int:
    """Return the bytes of all files of the archive."""
    return sum(path.stat().st_size for path in archive.files())


def prune(
    archive: Archive,
    ledger: Ledger,
    retention: Retention,
    *,
    kept: Collection[tuple[str, str]],
    is_dry: bool = False,
) -> Pruned:
    """Take pages out of the archive, the oldest first; lists stay, and so does what is `kept`.

    It may be killed at any moment: a file is written anew beside the old one, then the ledger is
    told, then the old one goes.

    Args:
        archive: The archive; no crawl may be at work in it.
        ledger: Its ledger.
        retention: What may stay.
        kept: (address, digest) of contents that never go.
        is_dry: Only say what would go.
    """
    if not is_dry:
        _clean_up(archive, ledger)
    before = archive_size(archive)
    held = sorted(ledger.held(), key=lambda one: (one.fetched, one.location))
    needed = {one.location for one in held if (one.url, one.sha256) in kept}
    free = [one for one in held if one.location not in needed]
    sizes = _sizes(archive, {one.location.file for one in free})
    # a file of which something is damaged stays as it is: it may be mended from a backup
    damaged = {one.location.file for one in held if one.location not in sizes}
    free = [one for one in free if one.location.file not in damaged]
    doomed = dict(_choose(free, retention, sizes, before))
    if not is_dry:
        for name in sorted({place.file for place in doomed}):
            _rewrite(archive, ledger, name, {p.offset for p in doomed if p.file == name})
    after = before - sum(doomed.values()) if is_dry else archive_size(archive)
    return Pruned(pages=len(doomed), before=before, after=after)


def _choose(
    free: Sequence[Held], retention: Retention, sizes: dict[Location, int], total: int
) -> Iterator[tuple[Location, int]]:
    """Yield (place, bytes) of what goes."""
    for one in free:
        is_old = retention.since is not None and one.fetched < retention.since
        is_too_much = retention.largest is not None and total > retention.largest
        if (is_old or is_too_much) and one.location in sizes:
            total -= sizes[one.location]
            yield one.location, sizes[one.location]


def _sizes(archive: Archive, names: Collection[str]) -> dict[Location, int]:
    return {
        Location(name, start): end - start
        for name in sorted(names)
        for start, end in _spans(archive.path_of(name))
    }


def _spans(path: Path) -> Iterator[tuple[int, int]]:
    """Yield start and end of each whole record of a file; none of a file that is gone."""
    if path.is_file():
        yield from record_spans(path)


def _rewrite(archive: Archive, ledger: Ledger, name: str, doomed: Collection[int]) -> None:
    old = archive.path_of(name)
    new = old.with_name(_next_name(old.name))
    part = new.with_suffix(".part")
    moves: dict[int, Location | None] = {}
    with old.open("rb") as source, part.open("wb") as target:
        for start, end in _spans(old):
            if start in doomed:
                moves[start] = None
                continue
            moves[start] = Location(archive.name_of(new), target.tell())
            source.seek(start)
            target.write(source.read(end - start))
        target.flush()
        os.fsync(target.fileno())
        is_empty = target.tell() == 0
    if is_empty:
        part.unlink()
    else:
        part.replace(new)
    ledger.move(name, moves)
    _move_in_shard(old, moves)
    old.unlink()


def _move_in_shard(old: Path, moves: Mapping[int, Location | None]) -> None:
    """Note in the ledger of a shard, if the file is one's, where its records lie now."""
    path = old.parent.parent / "ledger.sqlite"
    if old.parent.parent.parent.name == SHARDS and path.is_file():
        own = {
            start: place and Location(place.file.rpartition("/")[2], place.offset)
            for start, place in moves.items()
        }
        with Ledger(path) as shard:
            shard.move(old.name, own)


def _next_name(name: str) -> str:
    """Return the name of a file's next edition; it sorts where the first one did.

    >>> _next_name("pages-000007.warc.gz"), _next_name("pages-000007-001.warc.gz")
    ('pages-000007-001.warc.gz', 'pages-000007-002.warc.gz')
    """
    match = _NAME.fullmatch(name)
    stem, edition = (match[1], int(match[2] or 0)) if match else (name, 0)
    return f"{stem}-{edition + 1:03}.warc.gz"


def _clean_up(archive: Archive, ledger: Ledger) -> None:
    """Take away what a killed pruning has left: parts, and the edition that the ledger left."""
    for folder in {archive.folder, *(path.parent for path in archive.files())}:
        for part in folder.glob("*.part"):
            part.unlink()
    used = ledger.files()
    editions: dict[Path, list[Path]] = {}
    for path in archive.files():
        match = _NAME.fullmatch(path.name)
        editions.setdefault(path.with_name(match[1]) if match else path, []).append(path)
    for paths in editions.values():
        unused = [path for path in paths if archive.name_of(path) not in used]
        for path in unused if len(unused) < len(paths) else sorted(unused, key=_edition)[:-1]:
            if len(paths) > 1:
                path.unlink()


def _edition(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    return int(match[2] or 0) if match else 0
