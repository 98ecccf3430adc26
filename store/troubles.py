"""Errors of DuckDB in one line that names what was asked for, and the cure where there is one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from store.errors import StoreError

#: From here on a message draws the SQL, or advises to install what a snapshot may not load.
_ASIDE = re.compile(r"\n\nLINE |\s*Please try installing")

#: A log that cannot be written ends a transaction, and is called an error of that.
_FILE = re.compile(r"Could not (?:write|read|open|truncate|sync)|No space left")


@contextmanager
def named_errors(what: str) -> Iterator[None]:
    """Turn errors of DuckDB into one line that begins with what was asked for.

    Raises:
        StoreError: In place of any error of DuckDB.
    """
    try:
        yield
    except (duckdb.IOException, duckdb.FatalException) as error:
        cure = "check that it is bole's file, its rights, and free space"
        raise StoreError(f"{what}: {_line(error)}; {cure}") from error
    except duckdb.Error as error:
        cure = "; free space, or mend the rights" if _FILE.search(str(error)) else ""
        raise StoreError(f"{what}: {_line(error)}{cure}") from error


def _line(error: duckdb.Error) -> str:
    return " ".join(_ASIDE.split(str(error), maxsplit=1)[0].split())
