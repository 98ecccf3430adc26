"""Snapshots of large bases: the same tables, with their rows in the order in which they are asked.

A base of an office answers at once however its rows lie, and is published as it is. From
`LAID_FROM` figures on, a snapshot is written anew: figures by role and district, and the views
that most questions read as tables. Names, columns and comments are those of schema.sql.
"""

import re

import duckdb

from store.migrations import schema_sql

#: From so many figures on a snapshot is laid out.
LAID_FROM = 100_000
#: Views that are tables in such a snapshot, with the order of their rows.
LAID_VIEWS = {
    "measures": "district, coalesce(published, first_seen), article_id, fact_id",
    "measures_by_target": "target, unit, coalesce(amount_max, amount) desc, fact_id",
    "highest_measures": "tier, coalesce(amount_max, amount) desc, district",
    "targets": "target",
}
_ORDERS = {"figures": " order by role, in_district, article_id, position"}
#: A policy has few measures in many districts.
_INDEX = "create index measures_of_policy on measures (policy_id)"


def lay_out(con: duckdb.DuckDBPyConnection, tables: list[str]) -> None:
    """Fill a new file with the rows of `tables` of the attached database `origin`."""
    con.execute(schema_sql())
    for table in tables:
        order = _ORDERS.get(table, "")
        con.execute(f"insert into {table} by name select * from origin.main.{table}{order}")  # noqa: S608
    for view, order in LAID_VIEWS.items():
        con.execute(f"create table laid as select * from {view} order by {order}")  # noqa: S608
        con.execute(f"drop view {view}")
        con.execute(f"alter table laid rename to {view}")
    con.execute(_INDEX)
    con.execute(_comments())


def _comments() -> str:
    """Return the comments of the views for the tables that stand in their place."""
    names = "|".join(LAID_VIEWS)
    found = re.findall(rf"^comment on (?:view|column) (?:{names})\b.*$", schema_sql(), re.MULTILINE)
    return "\n".join(found).replace("comment on view ", "comment on table ")
