"""What was asked for and when, and what came of it: SQLite beside the archive.

The ledger is the crawl's memory: what is known is not fetched again, and what a killed crawl left
undone is done by the next. It can be written again from the archive.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from crawler.archive import Archive, Location
from crawler.errors import CrawlError
from crawler.fetches import Fetch, Listing, Page, host_of, parse_listings

__all__ = ["Fetch", "Ledger", "Listing", "Page", "rebuild_ledger"]

#: Problems that may be gone the next time: the page is asked for again, this often at most.
PASSING = ("http_error", "unreachable")
MOST_TRIES = 5
_VERSION = 1
_SCHEMA = Path(__file__).with_name("data") / "ledger.sql"


class Ledger:
    """The ledger at `path`, made if it is missing; a context manager that commits and closes.

    Raises:
        CrawlError: The file is no ledger, or of a version that this bole does not know.
    """

    def __init__(self, path: Path) -> None:
        self._con = sqlite3.connect(path, timeout=30)
        try:
            version = self._con.execute("pragma user_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            self._con.close()
            cure = "move it away; the next crawl begins a new one"
            raise CrawlError(f"{path}: not a ledger ({error}); {cure}") from error
        if version not in (0, _VERSION):
            self._con.close()
            raise CrawlError(
                f"{path}: ledger of version {version}, this bole knows {_VERSION}; update bole"
            )
        self._con.row_factory = sqlite3.Row
        # pages are on the disk before their rows: what a power cut takes is fetched again
        self._con.executescript("pragma journal_mode=wal; pragma synchronous=normal")
        if version == 0:
            schema = _SCHEMA.read_text(encoding="utf-8")
            self._con.executescript(f"begin; {schema} pragma user_version={_VERSION}; commit")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Make what was recorded last and close the file."""
        self._con.commit()
        self._con.close()

    def commit(self) -> None:
        """Make what was recorded last; call it after the archive was flushed."""
        self._con.commit()

    # --- writing -------------------------------------------------------------------------------

    def record(self, fetch: Fetch) -> None:
        """Add a fetch; it lasts from the next `commit`."""
        self._con.execute(
            "insert into fetches (url, final_url, host, source_id, kind, fetched, status, etag,"
            " last_modified, sha256, warc_file, warc_offset, items, problem, detail)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                fetch.url,
                fetch.final_url,
                host_of(fetch.url),
                fetch.source_id,
                fetch.kind,
                _instant_text(fetch.fetched),
                fetch.status,
                fetch.etag,
                fetch.last_modified,
                fetch.sha256,
                fetch.warc_file,
                fetch.warc_offset,
                fetch.items,
                fetch.problem,
                fetch.detail,
            ),
        )

    def add_listings(self, source_id: str, rows: Iterable[Listing]) -> list[Listing]:
        """Remember the rows of a list and return those that were not known of this source."""
        new = []
        walk = self._walk(source_id)[0]
        for row in rows:
            day = row.day.isoformat() if row.day else None
            added = self._con.execute(
                "insert or ignore into listings (source_id, url, title, day, walk)"
                " values (?, ?, ?, ?, ?)",
                (source_id, row.url, row.title, day, walk),
            )
            if added.rowcount:
                new.append(row)
        return new

    def begin_walk(self, source_id: str, rule: str) -> bool:
        """Note that a source's lists are being read; return whether the last walk got to its end.

        A walk by another rule (a changed selector) does not count.
        """
        number, done = self._walk(source_id, rule)
        values = (source_id, number + 1, rule)
        self._con.execute("insert or replace into walks values (?, ?, ?, 0)", values)
        return done

    def end_walk(self, source_id: str) -> None:
        """Note that the lists of a source were read as far as they need to be."""
        self._con.execute("update walks set done = 1 where source_id = ?", (source_id,))

    def _walk(self, source_id: str, rule: str = "") -> tuple[int, bool]:
        sql = "select number, done and rule = ? as done from walks where source_id = ?"
        row = self._con.execute(sql, (rule, source_id)).fetchone()
        return (row["number"], bool(row["done"])) if row else (0, False)

    # --- what the crawl asks --------------------------------------------------------------------

    def latest(self, url: str) -> Fetch | None:
        """Return the last fetch of an address."""
        found = self._fetches("f.url = ? order by f.id desc limit 1", url)
        return next(iter(found), None)

    def find_content(self, final_url: str, digest: str) -> Location | None:
        """Return where the archive holds this content of a page."""
        row = self._con.execute(
            "select warc_file, warc_offset from fetches where final_url = ? and sha256 = ?"
            " and kind = 'article' and warc_file is not null order by id limit 1",
            (final_url, digest),
        ).fetchone()
        return Location(*row) if row else None

    def is_settled(self, url: str) -> bool:
        """Whether an article has been had, or failed for good: it is no news."""
        row = self._con.execute(f"select {_OPEN.format(url='?')}", (url,)).fetchone()
        return not row[0]

    def pending(self, source_id: str) -> list[Listing]:
        """Return the listed articles still to be had: never asked for, or failed in passing."""
        rows = self._con.execute(
            "select url, title, day from listings where source_id = ?"  # noqa: S608 - constants
            f" and {_OPEN.format(url='listings.url')} order by walk, id",
            (source_id,),
        )
        return [_listing(row) for row in rows]

    def newest_listings(self, source_id: str, count: int) -> list[Listing]:
        """Return the newest articles that a source lists, newest first."""
        rows = self._con.execute(
            "select url, title, day from listings where source_id = ?"
            " order by day desc nulls last, walk desc, id limit ?",
            (source_id, count),
        )
        return [_listing(row) for row in rows]

    def challenged_hosts(self, since: datetime) -> set[str]:
        """Return the hosts that have answered with a test for robots since then."""
        rows = self._con.execute(
            "select distinct host from fetches where problem = 'challenged' and fetched > ?",
            (_instant_text(since),),
        )
        return {row["host"] for row in rows}

    # --- what others ask ------------------------------------------------------------------------

    def fetches(self, after_id: int = 0) -> Iterator[Fetch]:
        """Yield the fetches with a higher number, in order."""
        return self._fetches("f.id > ? order by f.id", after_id)

    def pages(self) -> Iterator[Page]:
        """Yield every content of every article page once, by address, the newest content last."""
        for row in self._con.execute(_PAGES):
            yield Page(
                url=row["final_url"],
                source_id=row["lister"] or row["source_id"],
                sha256=row["sha256"],
                first_fetched=_instant(row["first_fetched"]),
                fetched=_instant(row["first_had"]),
                location=Location(row["warc_file"], row["warc_offset"]),
                list_title=row["title"],
                list_date=_day(row["day"]),
            )

    def page_counts(self) -> dict[str, tuple[int, int]]:
        """Return source id -> (contents archived, addresses they came from)."""
        counts: dict[str, list[set[tuple[str, str]]]] = {}
        for page in self.pages():
            contents, addresses = counts.setdefault(page.source_id, [set(), set()])
            contents.add((page.url, page.sha256))
            addresses.add((page.url, ""))
        return {
            source: (len(contents), len(addresses))
            for source, (contents, addresses) in counts.items()
        }

    def last_news(self, source_id: str) -> date | None:
        """Return the newest day on a source's lists, else the day when an article was first had."""
        row = self._con.execute(
            "select coalesce((select max(day) from listings where source_id = ?1),"
            " (select max(first) from (select substr(min(fetched), 1, 10) as first from fetches"
            " where source_id = ?1 and kind = 'article' and status = 200 group by url))) as day",
            (source_id,),
        ).fetchone()
        return _day(row["day"])

    def last_fetches(self, source_id: str, urls: Iterable[str]) -> list[Fetch]:
        """Return the last fetch of each of these addresses by a source, in their order."""
        where = "f.source_id = ? and f.url = ? order by f.id desc limit 1"
        return [fetch for url in urls for fetch in self._fetches(where, source_id, url)]

    def _fetches(self, where: str, *values: Any) -> Iterator[Fetch]:
        rows = self._con.execute(
            "select f.*, l.title, l.day from fetches f left join listings l"  # noqa: S608 - our own words
            f" on l.source_id = f.source_id and l.url = f.url where {where}",
            values,
        )
        return map(_fetch, rows)


#: Whether an article's address is still to be asked for.
_OPEN = f"""(
    select count(*) = 0 or (
        sum(coalesce(problem, '') not in {PASSING}) = 0 and count(*) < {MOST_TRIES}
    ) from fetches
    where fetches.url = {{url}} and kind = 'article' and coalesce(problem, '') <> 'challenged'
)"""  # noqa: S608 - constants

_PAGES = """
with contents as (
    select final_url, sha256, min(id) as first_id, max(id) as last_id, min(fetched) as first_had
    from fetches
    where kind = 'article' and problem is null and sha256 is not null
    group by final_url, sha256
), listers as (  -- two columns may list one page: the same one must win, whichever came first
    select f.final_url, min(l.source_id || ' ' || l.url) as pick
    from fetches f join listings l on l.url = f.url
    where f.kind = 'article'
    group by f.final_url
)
select c.final_url, c.sha256, c.first_had, f.source_id, f.warc_file, f.warc_offset,
       min(c.first_had) over (partition by c.final_url) as first_fetched,
       l.source_id as lister, l.title, l.day
from contents c
join fetches f on f.id = c.first_id
left join listers p on p.final_url = c.final_url
left join listings l on l.source_id = substr(p.pick, 1, instr(p.pick, ' ') - 1)
    and l.url = substr(p.pick, instr(p.pick, ' ') + 1)
order by c.final_url, c.last_id
"""


def rebuild_ledger(archive: Archive, path: Path) -> None:
    """Write a new ledger from the archive alone.

    Raises:
        CrawlError: There is a ledger already.
    """
    if path.exists():
        raise CrawlError(f"{path}: there is a ledger already; move it away to have it rebuilt")
    with Ledger(path) as ledger:
        for record in archive.records():
            if record.kind == "listing":
                ledger.add_listings(record.source_id, parse_listings(record.body))
            elif record.location is not None:
                headers = {name.lower(): value for name, value in record.headers}
                ledger.record(
                    Fetch(
                        url=record.asked,
                        final_url=record.url,
                        source_id=record.source_id,
                        kind="article",
                        fetched=record.fetched,
                        status=record.status,
                        etag=headers.get("etag"),
                        last_modified=headers.get("last-modified"),
                        sha256=sha256(record.body).hexdigest(),
                        warc_file=record.location.file,
                        warc_offset=record.location.offset,
                    )
                )


def _fetch(row: sqlite3.Row) -> Fetch:
    values = {key: row[key] for key in row.keys() if key not in ("host", "title", "day", "fetched")}  # noqa: SIM118
    return Fetch(
        **values,
        fetched=_instant(row["fetched"]),
        list_title=row["title"],
        list_date=_day(row["day"]),
    )


def _listing(row: sqlite3.Row) -> Listing:
    return Listing(url=row["url"], title=row["title"], day=_day(row["day"]))


def _instant_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
