"""What was asked for and when, and what came of it: SQLite beside the archive.

The ledger is the crawl's memory: what is known is not fetched again, and what a killed crawl left
undone is done by the next. `crawler/restoring.py` writes it again from the archive.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

from crawler.archive import Location
from crawler.article import Attachment
from crawler.fetches import Fetch, Held, Listing, Page, Spell, host_of
from crawler.opening import open_ledger
from crawler.partrows import PartRows
from crawler.resting import RESTING, RestRows

__all__ = ["Fetch", "Held", "Ledger", "Listing", "Page"]

#: Problems that may be gone the next time: the page is asked for again, this often at most.
PASSING = ("http_error", "unreachable")
MOST_TRIES = 5


class Ledger:
    """The ledger at `path`, made if it is missing; a context manager that commits and closes.

    Raises:
        CrawlError: The file is damaged, no ledger, of a newer bole, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._con = open_ledger(path)
        self.parts = PartRows(self._con)
        self.rests = RestRows(self._con)

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

    def add_attachments(self, source_id: str, page_url: str, files: Iterable[Attachment]) -> None:
        """Remember the documents that a page links to."""
        self._con.executemany(
            "insert or ignore into attachments (source_id, page_url, url, name)"
            " values (?, ?, ?, ?)",
            [(source_id, page_url, file.url, file.name) for file in files],
        )

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

    def newest_content(self, final_url: str) -> tuple[str, Location] | None:
        """Return digest and place of the content that a page had last."""
        row = self._con.execute(
            "select sha256, warc_file, warc_offset from fetches where final_url = ?"  # noqa: S608
            f" and {_HAD} and warc_file is not null order by id desc limit 1",
            (final_url,),
        ).fetchone()
        return (row["sha256"], Location(row["warc_file"], row["warc_offset"])) if row else None

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

    def pending_attachments(self, source_id: str) -> list[Listing]:
        """Return the documents still to be had that a source's articles link to."""
        rows = self._con.execute(
            "select url, name as title, null as day from attachments"  # noqa: S608 - constants
            f" where source_id = ? and {_OPEN.format(url='attachments.url')} order by id",
            (source_id,),
        )
        return [_listing(row) for row in rows]

    def last_spell(self, url: str) -> Spell | None:
        """Return how an address has answered of late; None if it was never asked for."""
        last = self.latest(url)
        if last is None:
            return None
        row = self._con.execute(
            "select count(*) as tries, min(fetched) as since from fetches"
            " where url = ? and problem is ? and sha256 is ?",
            (url, last.problem, last.sha256),
        ).fetchone()
        return Spell(last=last, tries=row["tries"], since=_instant(row["since"]))

    def attachments_of_newest(self, source_id: str, articles: int) -> list[str]:
        """Return the addresses of the documents of a source's newest articles, theirs first."""
        rows = self._con.execute(
            "select a.url from (select url, row_number() over (order by day desc nulls last,"
            " walk desc, id) as place from listings where source_id = ?) l"
            " join fetches f on f.url = l.url and f.kind = 'article'"
            " join attachments a on a.page_url = f.final_url"
            " where l.place <= ? group by a.url order by min(l.place), min(a.id)",
            (source_id, articles),
        )
        return [row["url"] for row in rows]

    def newest_listings(self, source_id: str, count: int) -> list[Listing]:
        """Return the newest articles that a source lists, newest first."""
        rows = self._con.execute(
            "select url, title, day from listings where source_id = ?"
            " order by day desc nulls last, walk desc, id limit ?",
            (source_id, count),
        )
        return [_listing(row) for row in rows]

    # --- what keeps the archive small -----------------------------------------------------------

    def held(self) -> Iterator[Held]:
        """Yield what the archive holds of each page."""
        for row in self._con.execute(
            "select warc_file, warc_offset, final_url, sha256, min(fetched) as fetched from fetches"
            " where warc_file is not null group by warc_file, warc_offset, final_url, sha256"
        ):
            yield Held(
                location=Location(row["warc_file"], row["warc_offset"]),
                url=row["final_url"],
                sha256=row["sha256"],
                fetched=_instant(row["fetched"]),
            )

    def files(self) -> set[str]:
        """Return the names of the archive files that pages lie in."""
        sql = "select distinct warc_file from fetches where warc_file is not null"
        rows = self._con.execute(sql)
        return {row["warc_file"] for row in rows}

    def move(self, file: str, moves: Mapping[int, Location | None]) -> None:
        """Note where the records of an archive file lie now, for good; None if they are gone."""
        self._con.commit()
        self._con.execute("pragma synchronous=full")  # the file that is left will be deleted
        self._con.executemany(
            "update fetches set warc_file = ?, warc_offset = ?"
            " where warc_file = ? and warc_offset = ?",
            [(*(place or (None, None)), file, offset) for offset, place in moves.items()],
        )
        self._con.commit()

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
                list_title=row["title"] if row["parent"] is None else row["name"],
                list_date=_day(row["day"]),
                parent=row["first_page"] or row["parent"],
                part=row["part"],
            )

    def page_counts(self) -> dict[str, int]:
        """Return how many pages of articles each source has given, whatever became of them."""
        own = {page.url: page.source_id for page in self.pages() if page.parent is None}
        return dict(Counter(own.values()))

    def mean_requests(self) -> dict[str, float]:
        """Return how many requests a crawl of each source has taken so far, in the mean."""
        rows = self._con.execute(
            "select source_id, count(*) * 1.0 / max(1, number) as mean"
            " from fetches join walks using (source_id) group by source_id"
        )
        return {row["source_id"]: row["mean"] for row in rows}

    def last_asked(self) -> dict[str, datetime]:
        """Return when each source was asked last, or left because its host was at rest."""
        rows = self._con.execute("select source_id, max(fetched) as at from fetches group by 1")
        return {row["source_id"]: _instant(row["at"]) for row in rows}

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


#: Fetches of what is archived: articles with their parts, and the documents that they link to.
_HAD = "kind in ('article', 'part', 'attachment')"
#: Whether an article's address is still to be asked for.
_OPEN = f"""(
    select count(*) = 0 or (
        sum(coalesce(problem, '') not in {PASSING}) = 0 and count(*) < {MOST_TRIES}
    ) from fetches
    where fetches.url = {{url}} and {_HAD} and coalesce(problem, '') not in {RESTING}
)"""  # noqa: S608 - constants

_PAGES = f"""
with contents as (
    select final_url, sha256, min(id) as first_id, max(id) as last_id, min(fetched) as first_had
    from fetches
    where {_HAD} and problem is null and sha256 is not null and warc_file is not null
    group by final_url, sha256
), listers as (  -- two columns may list one page: the same one must win, whichever came first
    select f.final_url, min(l.source_id || ' ' || l.url) as pick
    from fetches f join listings l on l.url = f.url
    where f.kind = 'article'
    group by f.final_url
), parents as (
    select f.final_url, min(a.page_url || ' ' || a.url) as pick, min(a.name) as name
    from fetches f join attachments a on a.url = f.url
    where f.kind = 'attachment'
    group by f.final_url
), pieces as (  -- an address that answers for its own first page is no part
    select f.final_url, min(p.page_url || ' ' || p.number) as pick
    from parts p join fetches f on f.url = p.url
    where f.kind in ('article', 'part') and f.final_url <> p.page_url
        and not exists (select 1 from parts q where q.url = p.page_url)
    group by f.final_url
)
select c.final_url, c.sha256, c.first_had, f.source_id, f.warc_file, f.warc_offset,
       min(c.first_had) over (partition by c.final_url) as first_fetched,
       l.source_id as lister, l.title, l.day, o.name,
       substr(o.pick, 1, instr(o.pick, ' ') - 1) as parent,
       substr(s.pick, 1, instr(s.pick, ' ') - 1) as first_page,
       cast(substr(s.pick, instr(s.pick, ' ') + 1) as integer) as part
from contents c
join fetches f on f.id = c.first_id
left join listers p on p.final_url = c.final_url
left join listings l on l.source_id = substr(p.pick, 1, instr(p.pick, ' ') - 1)
    and l.url = substr(p.pick, instr(p.pick, ' ') + 1)
left join parents o on o.final_url = c.final_url and f.kind = 'attachment'
left join pieces s on s.final_url = c.final_url
where f.kind <> 'part' or s.pick is not null
order by c.final_url, c.last_id
"""  # noqa: S608 - constants


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
