"""SQL of strangers: one select of a snapshot's tables, and nothing that reaches beyond them.

A snapshot is opened without rights to files, extensions and settings. That leaves functions that
change what DuckDB does besides answering (it would write its profile or its log to any file), and
those that run SQL hidden in a text: they are refused by name. A lake has to reach its files and its
catalog, so there SQL that names them itself is refused too.
"""

import json
import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from threading import Timer
from typing import Any

import duckdb
import pyarrow as pa

from store.errors import StoreError
from store.troubles import named_errors

#: Rows that are fetched at once where not all may be wanted.
_CHUNK = 10_000
_NOT_ONE = "this SQL is not one select; write a single statement that reads"
_EXPLAIN = re.compile(
    r"""
    \s* explain \s+           # EXPLAIN select ...
    (?: analyze \s+ )?        # EXPLAIN ANALYZE select ...
    (?: \( [^()]* \) \s* )?   # EXPLAIN (format json) select ...
    """,
    re.IGNORECASE | re.VERBOSE,
)

#: They change what DuckDB does, or what it has written.
_ACTING = frozenset(
    (
        *("enable_logging", "disable_logging", "truncate_duckdb_logs", "write_log"),
        *("enable_profiling", "disable_profiling", "checkpoint", "force_checkpoint"),
    )
)
#: They run SQL, or read a table, that stands in a text.
_HIDING = frozenset(("query", "query_table", "json_execute_serialized_sql"))
#: They read files, or the memory of this program, or where it keeps its secrets.
_REACHING = frozenset(
    (
        *("read_csv", "read_csv_auto", "sniff_csv", "read_text", "read_blob", "glob"),
        *("read_json", "read_json_auto", "read_ndjson", "read_ndjson_auto"),
        *("read_json_objects", "read_json_objects_auto", "read_ndjson_objects"),
        *("read_parquet", "parquet_scan", "parquet_metadata", "parquet_full_metadata"),
        *("parquet_file_metadata", "parquet_kv_metadata", "parquet_schema", "parquet_bloom_probe"),
        *("read_duckdb", "arrow_scan", "arrow_scan_dumb", "pandas_scan", "python_map_function"),
        *("seq_scan", "duckdb_secrets", "duckdb_secret_types", "which_secret", "getenv"),
        *("duckdb_extensions", "duckdb_logs", "duckdb_log_contexts", "duckdb_logs_parsed"),
    )
)
#: Functions of the extensions of lakes: they act on the catalog, or ask any PostgreSQL.
_OF_LAKES = re.compile(r"ducklake_\w+|postgres_\w+|read_postgres_\w+|pg_clear_cache")
#: What no table or view is called: a file, an address, a pattern.
_FILE_LIKE = re.compile(r"[/\\.:*?]")
#: Functions that a stranger's SQL may not call.
REFUSED = _ACTING | _HIDING | _REACHING


def read(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    *,
    seconds: float,
    limit: int | None,
    hidden: Collection[str] = (),
) -> pa.Table:
    """Return the rows of a stranger's SQL.

    Args:
        con: A snapshot, opened without rights to anything else; or the views of a lake.
        sql: One statement.
        seconds: Time that it may take.
        limit: Rows that are returned at most; None for all.
        hidden: Bases behind the views of a lake, which nobody may name.

    Raises:
        StoreError: SQL that is wrong, does more than read, or takes longer.
    """
    with named_errors("cannot run this SQL"):
        statement = _one_select(con, sql)
        if hidden:
            _check_names(con, sql, hidden)
        watch = Timer(seconds, con.interrupt)
        watch.start()
        try:
            return _first_rows(con.execute(statement), limit)
        except duckdb.InterruptException as error:
            raise StoreError(f"this SQL took over {seconds:g} s; narrow it with where") from error
        finally:
            watch.cancel()


def _one_select(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """Return the statement of SQL that only reads.

    Raises:
        StoreError: Names what is refused.
    """
    words = _words(sql)
    for name in (word for word, follower in pairwise([*words, ""]) if follower == "("):
        if name in REFUSED or _OF_LAKES.fullmatch(name):
            raise StoreError(
                f"this SQL calls {name}(), which reaches beyond the tables; select from the tables "
                "of the snapshot: bole query lists them"
            )
    if "pragma" in words[:1]:  # DuckDB would make some of them a select
        raise StoreError(_NOT_ONE)
    statements = con.extract_statements(sql)
    explained = con.extract_statements(_EXPLAIN.sub("", sql, count=1))
    if [one.type for one in explained] != [duckdb.StatementType.SELECT] or len(statements) != 1:
        raise StoreError(_NOT_ONE)
    return statements[0]


def _check_names(con: duckdb.DuckDBPyConnection, sql: str, hidden: Collection[str]) -> None:
    """Check that SQL names only what lies before the views of a lake.

    Raises:
        StoreError: Names what is refused.
    """
    bare = _EXPLAIN.sub("", sql, count=1)
    ((text,),) = con.execute("select json_serialize_sql($1::varchar)", [bare]).fetchall()
    parsed = json.loads(text)
    if parsed["error"]:
        raise StoreError(_NOT_ONE)
    for node in _nodes(parsed):
        table = str(node.get("table_name", ""))
        places = (node.get(key) for key in ("catalog_name", "schema_name", "catalog", "schema"))
        named = next((str(one) for one in places if str(one).lower() in hidden), None)
        if node.get("type") == "BASE_TABLE" and _FILE_LIKE.search(table):
            named = table
        if named:
            raise StoreError(
                f"this SQL names {named!r}, which lies beyond the tables; select from the tables "
                "of the lake: bole query --lake lists them"
            )


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Yield each object of a tree."""
    below = [tree]
    while below:
        one = below.pop()
        if isinstance(one, dict):
            yield one
            below.extend(one.values())
        elif isinstance(one, list):
            below.extend(one)


def _words(sql: str) -> list[str]:
    """Return the words and marks of SQL without its comments, names in small letters and bare."""
    raw = sql.encode()
    begins = [place for place, _ in duckdb.tokenize(sql)]
    pieces = [raw[one:next_].decode() for one, next_ in pairwise([*begins, len(raw)])]
    return [_word(piece) for piece in pieces]


def _word(piece: str) -> str:
    found = re.match(r'"(?P<quoted>(?:[^"]|"")*)"|(?P<bare>\w+)|(?P<mark>\S)', piece)
    return "" if found is None else (found[found.lastgroup or 0]).lower()


def _first_rows(answer: duckdb.DuckDBPyConnection, limit: int | None) -> pa.Table:
    reader = answer.to_arrow_reader(_CHUNK)
    batches, left = [], limit
    while left is None or left > 0:
        batch = _next(reader)
        if batch is None:
            break
        batches.append(batch if left is None else batch.slice(0, left))
        left = None if left is None else left - batch.num_rows
    return pa.Table.from_batches(batches, reader.schema)


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    """Return the next rows; None behind the last.

    Raises:
        duckdb.Error: What went wrong; Arrow calls all of it an error of the system.
    """
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None
    except OSError as error:
        words = str(error)
        kind = duckdb.InterruptException if words.startswith("INTERRUPT") else duckdb.DataError
        raise kind(words) from error
