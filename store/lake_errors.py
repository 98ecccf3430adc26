"""Errors of lakes in one line, with the cure, and without passwords."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb

from store.errors import StoreError

#: Passwords in the words that tell libpq where a database is.
_PASSWORD = re.compile(
    r"""
    (?P<key> \b (?:ssl)?password \s* = \s* ) (?: '(?:[^'\\]|\\.)*' | [^\s'"&]+ )   # password=...
    | (?P<user> :// [^:@/\s]* : ) [^@/\s]+ (?= @ )                                # //user:...@
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: From here on a message draws the SQL.
_ASIDE = re.compile(r"\s+LINE \d+: ")
_CURES: Mapping[str, str] = {
    r'database "[^"]*" does not exist': "make it: createdb NAME, or mend lake_catalog in bole.toml",
    r"existing data path": "name the folder that the lake was made with: lake in bole.toml",
    r"creating a new ducklake": "there is no lake yet; make one: bole lake commit FOLDER",
    r"password|no pg_hba.conf entry": (
        "give the password in PGPASSWORD, or in the file that PGPASSFILE names (~/.pgpass)"
    ),
    r"server closed the connection|terminating connection|failed to execute query": (
        "PostgreSQL went away; when it is back run the command again"
    ),
    r"unable to connect|connection to server|could not connect|could not translate": (
        "check lake_catalog in bole.toml, and that PostgreSQL runs there"
    ),
    r"conflict": "another wrote at the same time; nothing was changed, run the command again",
    r"permission denied": "give the role of lake_catalog the right, or name another role",
    r"cannot open file|could not (?:read|write|open)|no space|no files found": (
        "check the folder of the lake, its rights and free space"
    ),
}


@contextmanager
def lake_errors(what: str) -> Iterator[None]:
    """Turn errors of DuckDB and PostgreSQL into one line that begins with what was asked for.

    Raises:
        StoreError: In place of any error of DuckDB.
    """
    try:
        yield
    except duckdb.Error as error:
        said = " ".join(_ASIDE.split(str(error), maxsplit=1)[0].split())
        cure = next((c for words, c in _CURES.items() if re.search(words, said, re.IGNORECASE)), "")
        raise StoreError(masked(f"{what}: {said}{'; ' if cure else ''}{cure}")) from error


def masked(words: str) -> str:
    """Return words in which no password is left."""
    return _PASSWORD.sub(lambda found: f"{found['key'] or found['user']}***", words)
