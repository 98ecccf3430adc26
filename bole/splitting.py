"""Large inputs in shards: the same input gives the same shards, on whatever engine."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bole.loading import LoadError
from bole.pagelists import digest_of, page_list
from bole.receipts import MANIFEST, read_receipt, table_path, write_text
from bole.shards import PARTS, Recipe, Shard
from crawler.archive import SHARDS, Archive
from crawler.ledger import Ledger, Page
from crawler.restoring import rebuild_ledger

#: Articles of a shard: few enough that workers end together, many enough that files are few.
ROWS = 250
#: Bytes of an archive file whose pages make a shard: some hundred pages.
_SPAN = 2 * 2**20
#: More than a file has of these.
_SPANS = 100_000
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A Parquet file of articles: its `source`, what it is called, and its number of `rows`."""

    source: str
    path: Path
    rows: int

    @property
    def shards(self) -> int:
        """Return how many shards it makes."""
        return -(-self.rows // ROWS)


def find_tables(paths: Iterable[Path]) -> list[Table]:
    """Return the Parquet files among and below `paths`, those with most rows first.

    Raises:
        LoadError: A path that is not there, or a file that is no Parquet file.
    """
    tables = [_table(source, path) for given in paths for source, path in _files(given)]
    return sorted(tables, key=lambda one: (-one.rows, one.source))


def article_shards(recipe: Recipe, tables: Iterable[Table]) -> Iterator[Shard]:
    """Yield the shards of tables; of one with many rows a part is written for each."""
    for table in tables:
        with table.path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()[:16]
        shards = [
            Shard(
                name=f"{digest}-{first:08}-{min(ROWS, table.rows - first)}-{recipe.stamp}",
                kind="articles",
                part=table.path,
                source=table.source,
                first=first,
            )
            for first in range(0, table.rows, ROWS)
        ]
        yield from shards if len(shards) < 2 else _parted(recipe, table.path, shards)


def archive_shards(recipe: Recipe, folder: Path, say: Say) -> list[Shard]:
    """Return the shards of an archive: its pages as they lie in its files.

    Pages that come later change few of them: what is known of the others holds.

    Raises:
        LoadError: There is no archive, or no page can be read in it.
    """
    archive = Archive(_archive_folder(folder))
    if not archive.files():
        raise LoadError(f"{folder}: no archive (warc/pages-*.warc.gz) there; name its folder")
    ledger = recipe.out / PARTS / f"{digest_of(str(folder.resolve()))}.sqlite"
    ledger.parent.mkdir(parents=True, exist_ok=True)
    ledger.unlink(missing_ok=True)
    for damage in rebuild_ledger(archive, ledger):
        say(f"{folder}: {damage}")
    with Ledger(ledger) as opened:
        newest = {page.url: page for page in opened.pages()}
    ledger.unlink()
    if not newest:
        raise LoadError(f"{folder}: no page can be read in its archive; restore it from a backup")
    spans: defaultdict[int, list[Page]] = defaultdict(list)
    for page in sorted(newest.values(), key=lambda page: (page.location, page.url)):
        if page.part is None:
            spans[_span(page)].append(page)
    source = archive_source(folder)
    return [*page_shards(recipe, archive, sorted(spans.items()), newest, source=source)]


def _span(page: Page) -> int:
    """Return the number of a place in an archive, which holds whatever comes or goes elsewhere."""
    serial = int("".join(filter(str.isdigit, page.location.file)) or 0)
    return serial * _SPANS + page.location.offset // _SPAN


def archive_source(folder: Path) -> str:
    """Return what the archive of a folder is called: the last of its path."""
    return "/".join(_archive_folder(folder).resolve().parts[-2:])


def page_shards(
    recipe: Recipe,
    archive: Archive,
    batches: Iterable[tuple[int, Sequence[Page]]],
    newest: Mapping[str, Page],
    *,
    source: str,
) -> Iterator[Shard]:
    """Yield a shard for each numbered batch of pages; its list is written as it is asked for."""
    parts: defaultdict[str, list[Page]] = defaultdict(list)
    for page in newest.values():
        if page.parent is not None and page.part is not None:
            parts[page.parent].append(page)
    for first, batch in batches:
        beside = [part for page in batch for part in parts.get(page.url, ())]
        text = page_list(batch, newest, beside)
        name = f"{digest_of(text)}-{first:08}-{len(batch)}-{recipe.stamp}"
        path = recipe.out / PARTS / f"{name}.jsonl"
        write_text(path, text)
        yield Shard(
            name=name,
            kind="pages",
            part=path,
            source=source,
            first=first,
            archive=archive.folder.parent,
            is_made=True,
        )


def _files(given: Path) -> list[tuple[str, Path]]:
    """Return the Parquet files that a path names, each with what it is called."""
    if given.is_file():
        return [(given.name, given)]
    if not given.is_dir():
        raise LoadError(f"{given}: no such file or folder; check the name")
    if (given / MANIFEST).is_file():  # shards of another version: what their list names
        names = [one["name"] for one in json.loads((given / MANIFEST).read_text("utf-8"))["shards"]]
        return [(f"{name}.parquet", table_path(given, "articles", name)) for name in names]
    found = sorted(given.rglob("*.parquet"))
    if not found:
        raise LoadError(f"{given}: no Parquet files (*.parquet) in that folder")
    return [(path.relative_to(given).as_posix(), path) for path in found]


def _table(source: str, path: Path) -> Table:
    try:
        rows = pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException) as error:
        said = _said(error)
        raise LoadError(f"{path}: not a readable Parquet file ({said}); write it again") from error
    return Table(source=source, path=path, rows=rows)


def _parted(recipe: Recipe, path: Path, shards: Sequence[Shard]) -> Iterator[Shard]:
    """Yield the shards of a file, each with a file of its own rows."""
    parts = _parts(path)
    for number, shard in enumerate(shards):
        part = recipe.out / PARTS / f"{shard.name}.parquet"
        receipt = read_receipt(recipe.out, shard.name)
        try:
            rows = next(parts)
        except (OSError, pa.ArrowException) as error:
            trouble = f"{path}: cannot be read from here on ({_said(error)}); write it again"
            yield from (replace(rest, trouble=trouble) for rest in shards[number:])
            return
        if receipt is None or receipt.dead:
            _write_part(rows, part)
        yield replace(shard, part=part, is_made=True)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())


def _parts(path: Path) -> Iterator[pa.Table]:
    """Yield the rows of a file, `ROWS` at a time, however its writer grouped them."""
    left: pa.Table | None = None
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS):
            rows = pa.Table.from_batches([batch])
            left = rows if left is None else pa.concat_tables([left, rows])
            while left.num_rows >= ROWS:
                yield left.slice(0, ROWS)
                left = left.slice(ROWS)
    if left is not None and left.num_rows:
        yield left


def _write_part(rows: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.part")
    pq.write_table(rows, aside, compression="lz4")
    aside.replace(path)


def _archive_folder(folder: Path) -> Path:
    """Return the folder that `warc/` lies in, of an office, its data, or that folder itself."""
    if folder.name == "warc":
        return folder.parent
    data = folder / "data"
    return data if any((data / name).is_dir() for name in ("warc", SHARDS)) else folder
