"""The one door to DuckDB: opening, locking, transactions, and SQL that can only read."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from store import layout, strangers
from store.errors import StoreError
from store.lock import WriteLock
from store.migrations import copy_aside, drop_views_sql, schema_sql, steps, views_sql
from store.schema import VERSION
from store.snapshots import publish_copy
from store.troubles import named_errors

#: Settings as duckdb.connect types them.
Config = dict[str, str | bool | int | float | list[str]]

#: Nothing is fetched from the network: all that the store needs comes with DuckDB.
_OFFLINE: Config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
#: Form of a new file: it keeps repeated words well, and every DuckDB since 1.5 can open it.
_STORAGE = "v1.5.0"
#: How a writer works: rows come in by all cores at once, in any order; each packs what it has as
#: soon as it can; and the log grows over many batches before it is worked into the tables, where
#: each time the last rows of each table are packed anew. What is sorted for a snapshot and does
#: not fit into the memory that an office PC can spare goes to a folder beside the file meanwhile.
_WRITING: Config = {
    **_OFFLINE,
    "memory_limit": "3GB",
    "storage_compatibility_version": _STORAGE,
    "preserve_insertion_order": False,
    "write_buffer_row_group_count": 1,
    "checkpoint_threshold": "512MB",
}
#: What a reader's SQL may not do: files, extensions, settings, variables of this program.
_LOCKED: Config = {
    **_OFFLINE,
    "enable_external_access": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
    # of a page of rows in order only those of the page are read as a whole
    "late_materialization_max_rows": 10_001,
    "lock_configuration": True,
}
#: Rows that are packed together. A batch of more goes to the file at once, packed; one of fewer
#: waits in the log. Readers pass over those packs that can hold nothing that they ask for.
_PACKED = 30_720
#: What DuckDB calls the file that is written; nothing in it remembers the name.
_NAME = "base"
#: Rows that are fetched at once where not all may be wanted.
_CHUNK = 10_000
#: Rows that one core takes at once.
_CHUNK_IN = 30_720


class Database:
    """A DuckDB file with the tables of schema.sql, open for writing or for reading.

    Raises:
        StoreError: Another process writes it, it is no database of bole, or one of a newer bole.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._read_only = read_only
        self._lock = WriteLock(path)
        if not read_only:
            self._lock.acquire()
        try:
            self._con = self._connect()
        except BaseException:
            self._lock.release()
            raise
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file and let the next writer in."""
        self._con.close()
        self._lock.release()

    def cursor(self) -> Self:
        """Return another door to the same open file, for one more thread; close it alone."""
        other = copy(self)
        other._con = self._con.cursor()  # noqa: SLF001 - a copy of this very object
        return other

    def publish(self) -> Path:
        """Publish a copy for readers and return its path."""
        self._check_writable()
        with named_errors(f"cannot publish {self._path}"):
            self._con.execute("checkpoint")
        # Windows copies no open file; elsewhere reading it would drop DuckDB's own lock on it
        (figures,) = self.one("select count(*) from figures")
        self._con.close()
        try:
            return publish_copy(self._path, self._lay_out if figures >= layout.LAID_FROM else None)
        finally:
            self._con = self._connect()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is written inside, or nothing."""
        self._check_writable()
        with named_errors(f"cannot write {self._path}"):
            self._con.begin()
            try:
                yield
                self._con.commit()
            except BaseException:
                # when the file is lost there is nothing to roll back: the first error says why
                with suppress(duckdb.Error):
                    self._con.rollback()
                raise

    @contextmanager
    def incoming(self, **tables: pa.Table) -> Iterator[None]:
        """Let SQL read Arrow tables by these names."""
        for name, table in tables.items():
            self._con.register(name, table)
        try:
            yield
        finally:
            for name in tables:
                self._con.unregister(name)

    def insert(self, table: str, rows: pa.Table) -> None:
        """Append rows to a table, column by name."""
        if not rows.num_rows:
            return
        small = pa.Table.from_batches(rows.to_batches(max_chunksize=_CHUNK_IN), rows.schema)
        with self.incoming(incoming_rows=small):
            self._con.execute(f"insert into {table} by name select * from incoming_rows")  # noqa: S608

    def delete(self, table: str, where: str, **values: Any) -> None:
        """Delete rows of a table."""
        self._con.execute(f"delete from {table} where {where}", values)  # noqa: S608

    def replace(self, table: str, rows: pa.Table, *, key: str) -> None:
        """Put rows in place of those with the same value of `key`."""
        with self.incoming(replacing=rows.select([key])):
            self.delete(table, f"{key} in (select {key} from replacing)")  # noqa: S608
        self.insert(table, rows)

    def execute(self, sql: str, **values: Any) -> None:
        """Run a statement that returns nothing."""
        self._con.execute(sql, values)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        return self._con.execute(sql, values).fetchall()

    def dicts(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Return the rows of a question by the names of their columns."""
        with named_errors("cannot answer this question"):
            answer = self._con.execute(sql, values)
            names = [column[0] for column in answer.description or ()]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def one(self, sql: str, **values: Any) -> tuple[Any, ...]:
        """Return the only row of a question that always has one."""
        return self.rows(sql, **values)[0]

    def arrow(self, sql: str, **values: Any) -> pa.Table:
        """Return the rows of a question as an Arrow table."""
        with named_errors("cannot answer this question"):
            return self._con.execute(sql, values).to_arrow_table()

    def batches(self, sql: str, **values: Any) -> pa.RecordBatchReader:
        """Return the rows of a question in batches; ask nothing else until all are read."""
        with named_errors("cannot answer this question"):
            return self._con.execute(sql, values).to_arrow_reader(_CHUNK)

    def read(self, sql: str, *, seconds: float, limit: int | None = None) -> pa.Table:
        """Return the rows of a stranger's SQL; it can read these tables and nothing else.

        Args:
            sql: One statement.
            seconds: Time that it may take.
            limit: Rows that are returned at most; None for all.
        """
        if not self._read_only:
            raise StoreError("SQL is asked of a snapshot; open one: Store.open_snapshot(folder)")
        return strangers.read(self._con, sql, seconds=seconds, limit=limit)

    def tables(self) -> list[str]:
        """Return the names of the tables of schema.sql, in alphabetic order."""
        return layout.plain_tables(self._all_tables())

    def _all_tables(self) -> list[str]:
        sql = "select table_name from duckdb_tables() where not temporary order by table_name"
        return [name for (name,) in self.rows(sql)]

    def _lay_out(self, database: Path, target: Path) -> None:
        """Copy a closed database, and put the rows of the copy in the order of its readers."""
        shutil.copyfile(database, target)
        with (
            named_errors(f"cannot publish {database}"),
            closing(_open_to_write(target, preserve_insertion_order=True)) as con,
        ):
            layout.lay_out(con)
            con.execute("checkpoint")

    def _connect(self) -> duckdb.DuckDBPyConnection:
        if self._read_only and not self._path.is_file():
            raise StoreError(f"no database {self._path}; make one: bole run")
        with named_errors(f"cannot open {self._path}"):
            if self._read_only:
                return duckdb.connect(str(self._path), read_only=True, config=_LOCKED)
            return _open_to_write(self._path)

    def _prepare(self) -> None:
        """Give a new file its tables; bring those of an old one forward."""
        tables = self._all_tables()
        if not tables and not self._read_only:
            with self.transaction():
                self.execute(schema_sql())
                self.execute("insert into schema_version values ($version)", version=VERSION)
        elif "schema_version" not in tables:
            raise StoreError(f"{self._path} holds no tables of bole; name the right file")
        elif not self._read_only:
            self._unlay(tables)
        (found,) = self.one("select max(version) from schema_version")
        if found > VERSION:
            raise StoreError(
                f"{self._path} was written by a newer bole (tables {found}, this one knows "
                f"{VERSION}); update bole, or write the tables anew: bole rebuild"
            )
        if found < VERSION and self._read_only:
            raise StoreError(
                f"{self._path} was written by an older bole (tables {found}, this one reads "
                f"{VERSION}); bring it forward and publish it: bole run"
            )
        if found < VERSION:
            self._migrate(found)

    def _unlay(self, tables: list[str]) -> None:
        """Make a laid out snapshot, which a backup may have brought back, a file to write."""
        laid = [name for name in tables if name in layout.LAID_VIEWS]
        if laid:
            with self.transaction():
                layout.take_up(self._con, laid)
                self._drop_views()
                self.execute(views_sql())

    def _drop_views(self) -> None:
        sql = "select view_name from duckdb_views() where not internal order by all"
        self.execute(drop_views_sql([name for (name,) in self.rows(sql)]))

    def _migrate(self, found: int) -> None:
        """Bring tables of form `found` forward, all or nothing, with a copy kept aside."""
        self._con.close()  # Windows copies no open file; closing leaves no log behind
        try:
            copy_aside(self._path, found)
        finally:
            self._con = self._connect()
        with self.transaction():
            self._drop_views()
            for step in steps(found, VERSION):
                self.execute(step)
            self.execute(views_sql())
            self.execute("update schema_version set version = $version", version=VERSION)

    def _check_writable(self) -> None:
        if self._read_only:
            raise StoreError(f"{self._path} is open for reading; open it for writing: Store(path)")


def _open_to_write(path: Path, **settings: str | bool) -> duckdb.DuckDBPyConnection:
    """Open a file with the way to keep rows and words that reads and writes fastest.

    Args:
        path: The file; one that is not there is made.
        settings: In place of those of a writer.
    """
    beside = {"temp_directory": f"{path}.tmp"}  # what does not fit into memory meanwhile
    con = duckdb.connect(config=_WRITING | beside | settings)
    try:
        # only a file that is attached can be told how many rows it packs together
        written = str(path).replace("'", "''")
        con.execute(f"attach '{written}' as {_NAME} (row_group_size {_PACKED})")
        con.execute(f"use {_NAME}")
        (found,) = con.execute(
            "select tags['storage_version'] from duckdb_databases() "
            "where database_name = current_database()"
        ).fetchall()[0]
        if found == f"{_STORAGE}+":  # a file of an older DuckDB keeps its form
            con.execute("pragma force_compression = 'dict_fsst'")
    except BaseException:
        con.close()
        raise
    return con
