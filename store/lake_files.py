"""Lakes of one writer at a time: a folder of Parquet files and the list of those that count.

The list, `lake.json`, is replaced as a whole when all that it names is there. What it does not
name is no part of the lake: what a commit that was killed left behind, or what was replaced.
"""

import json
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from store import lake_batches
from store.errors import StoreError
from store.lake_batches import GROUP, Batch, Committed, gather, joined
from store.lake_errors import lake_errors
from store.lake_shards import FORM, Shard
from store.lake_views import HELD
from store.lock import WriteLock
from store.migrations import table_sql
from store.schema import SCHEMAS
from store.writing import with_first_days

#: The list of a lake.
LIST = "lake.json"
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
#: Which articles the lake has, and in which bundle; where each was first seen is kept for good.
_KNOWN = "create table known (id varchar, first_seen date, shard varchar, bundle varchar)"
_REGISTERED = (
    "create table registered (shard varchar, digest varchar, articles bigint, facts bigint, "
    "dead bigint, committed timestamp)"
)
#: Columns of the files: those of the tables, and the shard that an article came with.
_WITH_SHARD = {**SCHEMAS, "articles": SCHEMAS["articles"].append(pa.field("shard", pa.string()))}

#: A bundle of a lake: the file of each table that has rows, beside the list.
Bundle = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a list names.

    Attributes:
        shards: What is noted of each shard, as the table `shards` has it.
        bundles: The bundles by name.
    """

    shards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bundles: Mapping[str, Bundle] = field(default_factory=dict)


class FileCommitter:
    """The one that registers shards in a folder, while `committing` lasts."""

    def __init__(self, folder: Path, con: duckdb.DuckDBPyConnection) -> None:
        self._folder = folder
        self._list = read_list(folder)
        self._con = con
        con.execute(_KNOWN)
        for name in self._list.bundles:
            self._know(name)

    def commit(self, shards: Iterable[Shard]) -> Committed:
        """Put the rows of shards in place of what is known of them and their articles.

        Raises:
            StoreError: The lake cannot be written; what came in before stays.
        """
        done = Committed()
        known = {name: str(noted["digest"]) for name, noted in self._list.shards.items()}
        for batch in gather(shards, known, done):
            self._take(batch)
            done.new += len(batch.entries)
        return done

    def compact(self, days: float) -> None:
        """Put small bundles together; delete files that are not listed for so many days."""
        counts = dict(
            self._con.execute("select bundle, count(*) from known group by bundle").fetchall()
        )
        waiting: list[str] = []
        for name in sorted(self._list.bundles):
            if counts[name] * 2 < lake_batches.FULL:
                waiting.append(name)
            if sum(counts[one] for one in waiting) >= lake_batches.FULL:
                self._join(waiting)
                waiting = []
        self._join(waiting)
        named = {file for bundle in self._list.bundles.values() for file in bundle.values()}
        for table in HELD:
            for path in sorted((self._folder / table).glob("*")):
                old = path.stat().st_mtime <= time.time() - days * 86_400
                if old and f"{table}/{path.name}" not in named:
                    path.unlink()

    def _join(self, names: Sequence[str]) -> None:
        """Put bundles together to one."""
        if len(names) > 1:
            bundles = [self._read(name) for name in names]
            tables = {table: joined(table, [bundle[table] for bundle in bundles]) for table in HELD}
            self._relist(names, [self._write(tables)], {})

    def _take(self, batch: Batch) -> None:
        """Write a batch, and anew the bundles that lose articles to it; then list them."""
        old = self._old(batch)
        days = {article: day for article, day, _ in old}
        losing = sorted({bundle for _, _, bundle in old})
        gone = {name: [one for one, _, bundle in old if bundle == name] for name in losing}
        written = [self._write(self._without(name, articles)) for name, articles in gone.items()]
        tables = dict(batch.tables)
        tables["articles"] = with_first_days(tables["articles"], days)
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        noted = {entry.shard: asdict(entry) | {"committed": now} for entry in batch.entries}
        self._relist(losing, [*written, self._write(tables)], noted)

    def _old(self, batch: Batch) -> list[tuple[str, date, str]]:
        """Return what is known of the articles and the shards of a batch: id, day, bundle."""
        self._con.register("incoming", batch.tables["articles"].select(["id"]))
        sql = (
            "select id, first_seen, bundle from known "
            "where list_contains($1, shard) or id in (select id from incoming) order by all"
        )
        found = self._con.execute(sql, [batch.names]).fetchall()
        self._con.unregister("incoming")
        return found

    def _without(self, name: str, gone: list[str]) -> dict[str, pa.Table]:
        """Return the rows of a bundle without those of some articles."""
        left = {}
        for table, rows in self._read(name).items():
            key = rows["id" if table == "articles" else "article_id"]
            lost = pa.compute.is_in(key, pa.array(gone, pa.string()))
            left[table] = rows.filter(pa.compute.invert(lost))
        return left

    def _read(self, name: str) -> dict[str, pa.Table]:
        """Return the rows of a bundle."""
        bundle = self._list.bundles[name]
        return {
            table: _read_rows(self._folder / bundle[table])
            if table in bundle
            else _WITH_SHARD[table].empty_table()
            for table in HELD
        }

    def _write(self, tables: Mapping[str, pa.Table]) -> Bundle:
        return {
            table: _write_rows(rows, self._folder / table)
            for table, rows in tables.items()
            if rows.num_rows
        }

    def _relist(
        self,
        gone: Collection[str],
        bundles: Iterable[Bundle],
        noted: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Replace the list: other bundles in the place of some, and what is noted of shards."""
        for name in gone:  # those who read them have so many days from now on
            for file in self._list.bundles[name].values():
                (self._folder / file).touch()
        new = {Path(bundle["articles"]).stem: bundle for bundle in bundles if bundle}
        kept = {name: bundle for name, bundle in self._list.bundles.items() if name not in gone}
        self._list = Listed(shards={**self._list.shards, **noted}, bundles={**kept, **new})
        text = json.dumps({"form": FORM, **asdict(self._list)}, ensure_ascii=False, indent=0)
        _write_whole(self._folder / LIST, text.encode())
        self._con.execute("delete from known where list_contains($1, bundle)", [list(gone)])
        for name in new:
            self._know(name)

    def _know(self, name: str) -> None:
        path = str(self._folder / self._list.bundles[name]["articles"])
        with lake_errors(f"cannot read the lake {self._folder}"):
            self._con.execute(
                "insert into known select id, first_seen, shard, $1 from read_parquet($2)",
                [name, path],
            )


@contextmanager
def committing(folder: Path) -> Iterator[FileCommitter]:
    """Hold the right to commit, and make the folder if there is none.

    Raises:
        StoreError: Another holds it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make the lake {folder}: {error.strerror}; name another folder"
        ) from error
    lock = WriteLock(folder / LIST)
    lock.acquire()
    try:
        with closing(duckdb.connect(config=_OFFLINE)) as con:
            yield FileCommitter(folder, con)
    finally:
        lock.release()


def open_rows(folder: Path) -> tuple[duckdb.DuckDBPyConnection, dict[str, str]]:
    """Return a connection, within a transaction, and the SQL of the rows of a lake's tables.

    Raises:
        StoreError: There is no such lake, or it is of another form.
    """
    if not (folder / LIST).is_file():
        raise StoreError(f"no lake in {folder}; make one: bole lake commit FOLDER")
    folder, listed = folder.absolute(), read_list(folder)
    con = duckdb.connect(config=_OFFLINE)
    con.execute(_REGISTERED)
    if listed.shards:
        con.register("noted", pa.Table.from_pylist(list(listed.shards.values())))
        con.execute("insert into registered by name from noted")
        con.unregister("noted")
    con.execute("create schema empty_tables")
    held, files = {"shards": "from registered"}, []
    for table in HELD:
        con.execute(table_sql(table).replace("create table ", "create table empty_tables.", 1))
        paths = sorted(str(folder / p[table]) for p in listed.bundles.values() if table in p)
        named = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        columns = "* exclude (shard)" if table == "articles" else "*"
        rows = f"select {columns} from read_parquet([{named}])"  # noqa: S608
        held[table] = rows if paths else f"from empty_tables.{table}"
        files += paths
    con.execute("set allowed_paths = $1", [files])
    con.begin()
    return con, held


def read_list(folder: Path) -> Listed:
    """Return what the list of a lake names; nothing where there is no list yet.

    Raises:
        StoreError: The list is broken, or of another form.
    """
    path = folder / LIST
    if not path.is_file():
        return Listed()
    try:
        given = json.loads(path.read_text("utf-8"))
        form, listed = given["form"], Listed(shards=given["shards"], bundles=given["bundles"])
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(
            f"{path}: not the list of a lake ({error}); name another folder"
        ) from error
    if form != FORM:
        raise StoreError(
            f"{path}: this lake holds tables of form {form}, this bole knows {FORM}: another bole "
            "wrote it; use that one, or extract anew to a new lake"
        )
    return listed


def _read_rows(path: Path) -> pa.Table:
    try:
        return pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        said = " ".join(str(error).split())
        raise StoreError(
            f"{path}: not a readable Parquet file ({said}); bring it back from a backup, or commit "
            "all shards to a new lake"
        ) from error


def _write_rows(rows: pa.Table, folder: Path) -> str:
    """Write a file that is named by its content; return its place in the lake."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd", row_group_size=GROUP)
    content = sink.getvalue()
    file = f"{sha256(content).hexdigest()[:20]}.parquet"
    _write_whole(folder / file, content)
    return f"{folder.name}/{file}"


def _write_whole(path: Path, content: bytes | pa.Buffer) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(
            f"cannot write {path}: {error.strerror}; check the folder's rights and free space"
        ) from error
