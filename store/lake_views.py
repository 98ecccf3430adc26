"""The tables and views of schema.sql over what a lake holds, for those who ask it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

import duckdb

from store.migrations import schema_sql, table_sql, views_sql
from store.reference import district_rows, zone_rows
from store.schema import FACT_TABLES
from store.statements import POLICIES

#: Tables whose rows a lake holds; their columns are those of schema.sql.
HELD = ("articles", *FACT_TABLES)
#: What is made of them, or comes with bole; an article of a lake stands for its own story.
_MADE = ("policies", "districts", "zones", "story_articles")
#: Views about the daily run, which has no part in a lake.
_LEFT_OUT = ("source_health", "attachments")

_NAMED = re.compile(r"^create (?:table|view) (?P<name>\w+)", re.MULTILINE)
_VIEW = re.compile(
    r"^create (?:view|or replace macro) (?P<name>\w+).*?;$", re.MULTILINE | re.DOTALL
)
_COMMENT = re.compile(r"^comment on (?P<kind>table|view|column) (?P<name>\w+).*;$", re.MULTILINE)


def lay_views(con: duckdb.DuckDBPyConnection, held: Mapping[str, str]) -> None:
    """Give an empty base what people ask.

    Args:
        con: A base in memory.
        held: The SQL of the rows of each table of `HELD`.
    """
    for table, sql in held.items():
        con.execute(f"create view {table} as {sql}")
    con.execute(f"create view policies as {POLICIES.format(chosen='true')}")
    con.execute(table_sql("story_articles"))
    for table, rows in (("districts", district_rows()), ("zones", zone_rows())):
        con.register("reference_rows", rows)
        con.execute(table_sql(table))
        con.execute(f"insert into {table} by name from reference_rows")
        con.unregister("reference_rows")
    for statement in _statements():
        con.execute(statement)


@cache
def left_out() -> frozenset[str]:
    """Return the tables and views of schema.sql that a lake has not."""
    named = {found["name"] for found in _NAMED.finditer(schema_sql())}
    views = {found["name"] for found in _VIEW.finditer(views_sql())} - set(_LEFT_OUT)
    return frozenset(named - views - set(HELD) - set(_MADE))


def _statements() -> Iterator[str]:
    """Yield the views and macros of schema.sql that a lake can answer, then the comments."""
    for found in _VIEW.finditer(views_sql()):
        if found["name"] not in _LEFT_OUT:
            yield found[0]
    views = {*HELD, "policies"}
    for found in _COMMENT.finditer(schema_sql()):
        if found["name"] in left_out():
            continue
        shown = found["kind"] == "table" and found["name"] in views
        yield found[0].replace("comment on table", "comment on view") if shown else found[0]
