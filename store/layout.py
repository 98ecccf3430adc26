"""Snapshots of large bases: the same tables, with their rows in the order in which they are asked.

A base of an office answers at once however its rows lie, and is published as it is. From
`LAID_FROM` figures on, views that most questions read become tables of its copy. The widest of
them holds the figures with their articles, so `figures` is a view of it there. Names, columns and
comments are those of schema.sql.
"""

import re

import duckdb

from store.migrations import schema_sql, table_sql

#: From so many figures on a snapshot is laid out.
LAID_FROM = 100_000
#: Views that are tables in such a snapshot, with the order of their rows; a later one may be made
#: of those before it.
LAID_VIEWS = {
    "cited_figures": "role, in_district, article_id, position",
    "measures_by_target": "target, unit, coalesce(amount_max, amount) desc, fact_id",
    "offers": "benefit, district, tier, fact_id",
    "highest_measures": "tier, coalesce(amount_max, amount) desc, district",
    "targets": "target",
    "granting_policies": "policy, policy_id, district",
    "support_amounts": "benefit, tier, per",
    "latest_policies": "coalesce(published, first_seen) desc, district, id",
    "district_summary": "district",
}
#: Table of schema.sql whose rows the first of them holds.
_WIDENED = "figures"
#: Words of which no two are alike: packing them takes time, and so does looking for one.
_UNIQUE = "fact_id"


def lay_out(con: duckdb.DuckDBPyConnection) -> None:
    """Turn a copy of a base into a snapshot that is laid out."""
    for view, order in LAID_VIEWS.items():
        con.execute(f"create table laid ({_definitions(con, view)})")
        con.execute(f"insert into laid select * from {view} order by {order}")  # noqa: S608
        con.execute(f"drop view {view}")
        con.execute(f"alter table laid rename to {view}")
        if view == "cited_figures":
            columns = ", ".join(_columns(con))
            con.execute(f"drop table {_WIDENED}")
            con.execute(f"create view {_WIDENED} as select {columns} from {view}")  # noqa: S608
            con.execute("checkpoint")  # what comes next takes the room of what went
    con.execute(_comments())


def take_up(con: duckdb.DuckDBPyConnection, laid: list[str]) -> None:
    """Give a snapshot that was laid out the tables of schema.sql again; its views go.

    Args:
        con: The snapshot, open for writing in a transaction.
        laid: Those of `LAID_VIEWS` that are tables in it.
    """
    if "cited_figures" in laid:
        con.execute(f"drop view {_WIDENED}")
        con.execute(table_sql(_WIDENED))
        columns = ", ".join(_columns(con))
        con.execute(f"insert into {_WIDENED} by name select {columns} from cited_figures")  # noqa: S608
    for name in laid:
        con.execute(f"drop table {name}")


def plain_tables(found: list[str]) -> list[str]:
    """Return the names of the tables of schema.sql, of those that a file has."""
    widened = [_WIDENED] if "cited_figures" in found else []
    return sorted([*(name for name in found if name not in LAID_VIEWS), *widened])


def _definitions(con: duckdb.DuckDBPyConnection, view: str) -> str:
    """Return the columns of a view as those of a table."""
    found = con.execute(f"select column_name, column_type from (describe {view})").fetchall()  # noqa: S608
    packed = {_UNIQUE: " using compression uncompressed"}
    return ", ".join(f'"{name}" {kind}{packed.get(name, "")}' for name, kind in found)


def _columns(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the columns of the widened table, quoted."""
    found = con.execute(f"select column_name from (describe {_WIDENED})").fetchall()  # noqa: S608
    return [f'"{name}"' for (name,) in found]


def _comments() -> str:
    """Return the comments for what stands in the place of views, and of the widened table."""
    names = "|".join([*LAID_VIEWS, _WIDENED])
    pattern = rf"^comment on (?:view|table|column) (?:{names})\b.*$"
    sql = "\n".join(re.findall(pattern, schema_sql(), re.MULTILINE))
    sql = sql.replace("comment on view ", "comment on table ")
    return sql.replace(f"comment on table {_WIDENED} ", f"comment on view {_WIDENED} ")
