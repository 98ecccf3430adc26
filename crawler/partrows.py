"""The ledger's table of parts: the further pages of articles that are printed on several."""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from crawler.resting import RESTING

#: Problems after which a part is asked for again, this often at most: its article lacks it.
MENDING = ("http_error", "unreachable", "not_found")
MOST_TRIES = 5


class Part(NamedTuple):
    """A further page of an article: the address of the first, its number (2, 3, …), its own."""

    page_url: str
    number: int
    url: str


class PartRows:
    """The parts that a ledger knows of."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    def add(self, source_id: str, page_url: str, parts: Mapping[int, str]) -> None:
        """Remember the later parts that a page of an article names, by number."""
        self._con.executemany(
            "insert into parts (source_id, page_url, number, url) values (?, ?, ?, ?)"
            " on conflict (page_url, number) do update set url = excluded.url",
            [(source_id, page_url, number, url) for number, url in parts.items()],
        )

    def forget(self, page_url: str) -> None:
        """Note that an article is printed on one page now."""
        self._con.execute("delete from parts where page_url = ?", (page_url,))

    def owner(self, url: str) -> Part | None:
        """Return what an address is a part of; None if it is none."""
        row = self._con.execute(
            "select page_url, number, url from parts where url = ? order by page_url limit 1",
            (url,),
        ).fetchone()
        return Part(*row) if row else None

    def of_page(self, page_url: str) -> list[Part]:
        """Return the known parts of an article, in order."""
        rows = self._con.execute(
            "select page_url, number, url from parts where page_url = ? order by number",
            (page_url,),
        )
        return [Part(*row) for row in rows]

    def pending(self, source_id: str) -> list[Part]:
        """Return the parts still to be had: never asked for, or worth another try."""
        rows = self._con.execute(
            "select page_url, number, url from parts where source_id = ? order by id", (source_id,)
        )
        return [part for part in map(_part, rows.fetchall()) if self._is_lacking(part.url)]

    def is_due(self, url: str) -> bool:
        """Whether a part is asked for with its article: it may have changed, or was not had."""
        return self._is_lacking(url) or self._last_problem(url) is None

    def newest(self, source_id: str, count: int) -> list[str]:
        """Return the addresses of the parts that were found last at a source."""
        rows = self._con.execute(
            "select url from parts where source_id = ? order by id desc limit ?",
            (source_id, count),
        )
        return [row["url"] for row in rows]

    def _is_lacking(self, url: str) -> bool:
        rows = self._con.execute(
            "select coalesce(problem, '') as problem from fetches"  # noqa: S608 - constants
            f" where url = ? and coalesce(problem, '') not in {RESTING}",
            (url,),
        )
        problems = [row["problem"] for row in rows]
        return len(problems) < MOST_TRIES and all(one in MENDING for one in problems)

    def _last_problem(self, url: str) -> str | None:
        row = self._con.execute(
            "select problem from fetches where url = ?"  # noqa: S608 - constants
            f" and coalesce(problem, '') not in {RESTING} order by id desc limit 1",
            (url,),
        ).fetchone()
        return row["problem"] if row else None


def _part(row: sqlite3.Row) -> Part:
    return Part(row["page_url"], row["number"], row["url"])
