"""Opening a ledger: a new file gets its tables, an old one is brought forward."""

import re
import sqlite3
from pathlib import Path

from crawler.errors import CrawlError

_VERSION = 4
_SCHEMA = Path(__file__).with_name("data") / "ledger.sql"
#: Statements of the schema that a ledger of an older version lacks, or has in another form.
_LACKING = {
    1: {"fetches_by_place", "attachments", "attachments_by_url"},
    2: {"fetches_by_page", "parts", "parts_by_url"},
    3: {"rests"},
}
#: What SQLite calls trouble -> what it is called here, and the cure.
_TROUBLES = {
    sqlite3.SQLITE_CORRUPT: "damaged ({}); write it anew from the archive: bole rebuild",
    sqlite3.SQLITE_NOTADB: "not a ledger ({}); write it anew from the archive: bole rebuild",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened ({}); make its folder, or mend its rights",
    sqlite3.SQLITE_READONLY: "cannot be written ({}); mend the rights of the file and its folder",
    sqlite3.SQLITE_FULL: "cannot be written ({}); free space on its disk and run it again",
    sqlite3.SQLITE_IOERR: "cannot be written ({}); check its disk, free space and run it again",
    sqlite3.SQLITE_BUSY: "in use by another process ({}); wait for its end",
}
_BYTE = 0xFF
_MADE = re.compile(r"create (?:table|index) (\w+)")


def open_ledger(path: Path) -> sqlite3.Connection:
    """Return the open ledger at `path`, made if it is missing, in today's form.

    Raises:
        CrawlError: It is damaged, no ledger, of a newer bole, or cannot be written.
    """
    try:
        con = sqlite3.connect(path, timeout=30)
    except sqlite3.OperationalError as error:
        raise CrawlError(f"{path}: {trouble_words(error)}") from error
    try:
        _prepare(con, path)
    except sqlite3.DatabaseError as error:
        con.close()
        raise CrawlError(f"{path}: {trouble_words(error)}") from error
    except CrawlError:
        con.close()
        raise
    return con


def trouble_words(error: sqlite3.DatabaseError) -> str:
    """Return what SQLite's error means for a ledger, and the cure."""
    code = getattr(error, "sqlite_errorcode", 0) & _BYTE
    return _TROUBLES.get(code, "{}; run the same command again").format(error)


def _prepare(con: sqlite3.Connection, path: Path) -> None:
    version = con.execute("pragma user_version").fetchone()[0]
    tables = {name for (name,) in con.execute("select name from sqlite_master")}
    if version > _VERSION:
        raise CrawlError(
            f"{path}: ledger of version {version}, this bole knows {_VERSION}; update bole"
        )
    if version < 0 or bool(tables) != bool(version) or (tables and "fetches" not in tables):
        raise CrawlError(
            f"{path}: not a ledger, its tables are others; move it away, then write the ledger "
            "anew from the archive: bole rebuild"
        )
    con.row_factory = sqlite3.Row
    # pages are on the disk before their rows: what a power cut takes is fetched again
    con.executescript("pragma journal_mode=wal; pragma synchronous=normal")
    if version < _VERSION:
        schema = _upgrade(version) if version else _SCHEMA.read_text(encoding="utf-8")
        con.executescript(f"begin; {schema} pragma user_version={_VERSION}; commit")


def _upgrade(version: int) -> str:
    """Return the statements that make a ledger of an older version one of today."""
    schema = re.sub(r"--.*", "", _SCHEMA.read_text(encoding="utf-8"))
    names = set().union(*(new for older, new in _LACKING.items() if older >= version))
    chosen = [one for one in schema.split(";") if _MADE.findall(one)[:1] in [[n] for n in names]]
    dropped = "drop index if exists fetches_by_page; " if "fetches_by_page" in names else ""
    return dropped + "; ".join(chosen) + ";"
