"""Lakes of several writers: DuckLake, which keeps rows as Parquet and its catalog in PostgreSQL.

Rows come in by batches of shards, each in a transaction that registers these too. Appends never
conflict, so two that look, insert and register at the same time would double a shard. Hence one
commits at a time: it holds a lock of PostgreSQL, which goes with its connection however it ends.
And each commit counts up one row: should the lock ever be lost in the middle, that row conflicts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from store.errors import StoreError
from store.lake_batches import GROUP, ORDER, Batch, Committed, gather
from store.lake_errors import lake_errors, masked
from store.lake_shards import FORM, Shard
from store.lake_views import HELD
from store.migrations import table_sql
from store.schema import FACT_TABLES
from store.writing import with_first_days

#: What the lake is called in SQL; in a lake that is asked nobody may name it.
NAME = "bole_lake"
#: Bases behind the views, which no stranger may name.
HIDDEN = frozenset((NAME, f"__ducklake_metadata_{NAME}", "empty_tables"))
#: Schema of PostgreSQL that the catalog lies in.
_SCHEMA = "bole_lake"
#: Where in the folder of a lake its rows lie; what is found there and not known is deleted.
_ROWS = "tables"
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
#: What libpq is told beside, unless the settings tell it.
_TOLD = ("connect_timeout=10", "application_name=bole")
_EXTENSIONS = ("ducklake", "postgres_scanner")
_LOCK = 0x626F6C65
#: How the files are written; the library's own choice takes twice the room.
_PARQUET: Mapping[str, object] = {
    "parquet_compression": "zstd",
    "parquet_row_group_size": GROUP,
}
_OWN_TABLES = """
create table shards (
    shard varchar not null,
    digest varchar not null,
    articles bigint not null,
    facts bigint not null,
    dead bigint not null,
    committed timestamp not null
);
create table state (form varchar not null, commits bigint not null);
"""
_HOLDER = f"""
select a.pid, coalesce(host(a.client_addr), 'this machine'),
    to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.objid = {_LOCK} and l.granted
"""  # noqa: S608


class CatalogCommitter:
    """The one that registers shards in a lake, while `committing` lasts."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def commit(self, shards: Iterable[Shard]) -> Committed:
        """Put the rows of shards in place of what is known of them and their articles.

        Raises:
            StoreError: The lake cannot be written; what came in before stays.
        """
        done = Committed()
        with lake_errors("cannot read the shards of the lake"):
            known = dict(self._rows("select shard, digest from shards"))
        for batch in gather(shards, known, done):
            with lake_errors(f"cannot commit {len(batch.entries)} shards"), transaction(self._con):
                # first of all: two that commit at once conflict in this row
                self._con.execute("update state set commits = commits + 1")
                self._put(batch)
                self._register(batch)
            done.new += len(batch.entries)
        return done

    def compact(self, days: float) -> None:
        """Put small files together, forget states older than so many days, and delete their files.

        Raises:
            StoreError: The lake cannot be written.
        """
        before = f"older_than => now() - to_seconds({float(days) * 86_400})"
        with lake_errors("cannot compact the lake"):
            for call in (
                f"ducklake_rewrite_data_files('{NAME}')",
                f"ducklake_merge_adjacent_files('{NAME}')",
                f"ducklake_expire_snapshots('{NAME}', {before})",
                f"ducklake_cleanup_old_files('{NAME}', {before})",
                f"ducklake_delete_orphaned_files('{NAME}', {before})",
            ):
                self._con.execute(f"call {call}").fetchall()

    def _put(self, batch: Batch) -> None:
        """Delete what is known of the articles, and of the shards, and insert the rows."""
        articles = batch.tables["articles"]
        with self._incoming(articles.select(["id"])):
            old: dict[str, date] = dict(
                self._rows(
                    "select id, first_seen from articles "
                    "where list_contains($1, shard) or id in (select id from incoming)",
                    batch.names,
                )
            )
        if old:
            with self._incoming(pa.table({"id": list(old)})):
                for table, key in (("articles", "id"), *((t, "article_id") for t in FACT_TABLES)):
                    self._con.execute(
                        f"delete from {table} where {key} in (select id from incoming)"  # noqa: S608
                    )
        for table, rows in batch.tables.items():
            if rows.num_rows:
                with self._incoming(with_first_days(rows, old) if table == "articles" else rows):
                    self._con.execute(f"insert into {table} by name from incoming")

    def _register(self, batch: Batch) -> None:
        self._con.execute("delete from shards where list_contains($1, shard)", [batch.names])
        rows = pa.Table.from_pylist([asdict(entry) for entry in batch.entries])
        with self._incoming(rows):
            self._con.execute(
                "insert into shards by name select *, now()::timestamp as committed from incoming"
            )

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._con.execute(sql, list(values)).fetchall()

    @contextmanager
    def _incoming(self, rows: pa.Table) -> Iterator[None]:
        self._con.register("incoming", rows)
        try:
            yield
        finally:
            self._con.unregister("incoming")


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Keep all that is written inside, or nothing."""
    con.begin()
    try:
        yield
        con.commit()
    except BaseException:
        # without its connection there is nothing to roll back: the first error says why
        with suppress(duckdb.Error):
            con.rollback()
        raise


@contextmanager
def committing(folder: Path, catalog: str) -> Iterator[CatalogCommitter]:
    """Hold the right to commit, and make the lake if there is none.

    Raises:
        StoreError: Another holds it, the catalog is not reached, or an extension is missing.
    """
    with closing(_connect()) as con, closing(con.cursor()) as turn:
        where = f"cannot write the lake {folder}"
        with lake_errors(where):
            con.execute(f"attach '{_quoted(_dsn(catalog))}' as bole_turn (type postgres)")
            turn.begin()
            held = f"select pg_try_advisory_xact_lock({_LOCK})"
            if _ask(turn, held) != [(True,)]:
                raise StoreError(_refusal(folder, _ask(turn, _HOLDER)))
            _attach(con, folder, catalog, read_only=False)
            with transaction(con):
                con.execute(f"use {NAME}")
                _prepare(con)
        try:
            yield CatalogCommitter(con)
        finally:
            with suppress(duckdb.Error):  # a lost connection holds no lock
                turn.rollback()


def open_rows(folder: Path, catalog: str) -> tuple[duckdb.DuckDBPyConnection, dict[str, str]]:
    """Return a connection that reads a lake, and the SQL of the rows of its tables.

    It is within a transaction, so that the catalog is asked once for all views.

    Raises:
        StoreError: There is no such lake, it is of another form, or an extension is missing.
    """
    con = _connect()
    try:
        with lake_errors(f"cannot read the lake {folder}"):
            _attach(con, folder, catalog, read_only=True)
            con.begin()
            _check_form(con)
            con.execute(f"set allowed_directories = ['{_quoted(rows_of(folder))}']")
    except BaseException:
        con.close()
        raise
    held = {table: f"from {NAME}.{table}" for table in (*HELD, "shards")}
    return con, held | {"articles": f"select * exclude (shard) from {NAME}.articles"}  # noqa: S608


def rows_of(folder: Path) -> str:
    """Return the folder of a lake's rows."""
    return f"{folder.absolute().as_posix()}/{_ROWS}/"


def _connect() -> duckdb.DuckDBPyConnection:
    """Return a base in memory with the extensions, which are loaded from where pip put them."""
    paths = [_extension(name) for name in _EXTENSIONS]
    con = duckdb.connect(config=_OFFLINE)
    with lake_errors("cannot load DuckDB's extensions"):
        for path in paths:
            con.execute(f"load '{_quoted(path.as_posix())}'")
    return con


def _extension(name: str) -> Path:
    package = f"duckdb_extension_{name}"
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise StoreError(
            f"a lake with a catalog needs the package {package.replace('_', '-')}; "
            "install the extra: pip install 'bole[lake]'"
        )
    home = Path(found.submodule_search_locations[0])
    return home / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"


def _attach(con: duckdb.DuckDBPyConnection, folder: Path, catalog: str, *, read_only: bool) -> None:
    options = [f"data_path '{_quoted(rows_of(folder))}'", f"metadata_schema '{_SCHEMA}'"]
    if read_only:  # who only reads may have the folder mounted elsewhere
        options += ["read_only", "create_if_not_exists false", "override_data_path true"]
    name = _quoted(_dsn(catalog))
    con.execute(f"attach 'ducklake:postgres:{name}' as {NAME} ({', '.join(options)})")


def _prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Give a new lake its tables.

    Raises:
        StoreError: It has those of another form.
    """
    made = f"select table_name from ducklake_table_info('{NAME}')"  # noqa: S608
    if ("state",) in con.execute(made).fetchall():
        _check_form(con)
        return
    for table in HELD:
        con.execute(re.sub(r" using compression \w+", "", table_sql(table)))
    con.execute("alter table articles add column shard varchar")
    for table, order in ORDER.items():
        con.execute(f"alter table {table} set sorted by ({', '.join(order)})")
    for option, value in _PARQUET.items():
        con.execute(f"call ducklake_set_option('{NAME}', '{option}', '{value}')")
    con.execute(_OWN_TABLES)
    con.execute("insert into state values ($1, 0)", [FORM])


def _check_form(con: duckdb.DuckDBPyConnection) -> None:
    ((form,),) = con.execute(f"select form from {NAME}.state").fetchall()  # noqa: S608
    if form != FORM:
        raise StoreError(
            f"this lake holds tables of form {form}, this bole knows {FORM}: another bole wrote "
            "it; use that one, or extract anew to a new lake"
        )


def _dsn(catalog: str) -> str:
    """Return where libpq finds the catalog; who does not answer is not waited for for good."""
    told = [one for one in _TOLD if one.partition("=")[0] not in catalog]
    if "://" not in catalog:
        return " ".join([catalog, *told])
    mark = "&" if "?" in catalog else "?"
    return f"{catalog}{mark if told else ''}{'&'.join(told)}"


def _ask(con: duckdb.DuckDBPyConnection, sql: str) -> Sequence[tuple[object, ...]]:
    """Return what PostgreSQL answers, within the transaction of `con`."""
    return con.execute(f"from postgres_query('bole_turn', '{_quoted(sql)}')").fetchall()


def _refusal(folder: Path, holders: Sequence[tuple[object, ...]]) -> str:
    who = "".join(
        f" (PostgreSQL process {pid}, {host}, since {at} UTC)" for pid, host, at in holders
    )
    return masked(f"the lake {folder} is being written by another{who}; wait until it has ended")


def _quoted(words: str) -> str:
    return words.replace("'", "''")
