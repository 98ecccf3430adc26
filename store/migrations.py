"""The form of the tables: schema.sql makes new files, `store/migrations` brings old ones forward.

A migration `<number>.sql` leads from the form before it to its own. Comments, views and macros are
not its business: they hold no rows and are made anew from schema.sql each time.
"""

import re
import shutil
from importlib.resources import files
from pathlib import Path

from store.errors import StoreError

#: Where in schema.sql the part begins that holds no rows.
_VIEWS = "-- VIEWS:"


def schema_sql() -> str:
    """Return the statements that make all tables and views."""
    return (files("store") / "schema.sql").read_text("utf-8")


def table_sql(table: str) -> str:
    """Return the statement of schema.sql that makes a table."""
    found = re.search(rf"^create table {table} \(.*?^\);", schema_sql(), re.MULTILINE | re.DOTALL)
    assert found  # noqa: S101 - a table of ours
    return found[0]


def steps(since: int, until: int) -> list[str]:
    """Return the SQL that brings tables of form `since` to form `until`, a script a form."""
    folder = files("store") / "migrations"
    return [
        (folder / f"{number:04}.sql").read_text("utf-8") for number in range(since + 1, until + 1)
    ]


def drop_views_sql(names: list[str]) -> str:
    """Return the statements that drop views."""
    return "".join(f"drop view if exists {name} cascade;\n" for name in names)


def views_sql() -> str:
    """Return the statements that make comments, views and macros."""
    tables, mark, views = schema_sql().partition(_VIEWS)
    comments = [line for line in tables.splitlines() if line.startswith("comment on ")]
    return "\n".join([*comments, mark + views])


def copy_aside(database: Path, version: int) -> Path:
    """Copy a closed database of form `version` beside itself and return the copy.

    Raises:
        StoreError: It cannot be copied; the database is as it was.
    """
    aside = database.with_name(f"{database.name}.form{version}")
    part = aside.with_name(f"{aside.name}.part")
    try:
        shutil.copyfile(database, part)
        part.replace(aside)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(
            f"cannot copy {database} to {aside} before its tables are brought forward: "
            f"{error.strerror}; free space or rights"
        ) from error
    return aside
