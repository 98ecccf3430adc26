"""The ledger, written again from the archive, and what only the old ledger can add to that."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from crawler.archive import Archive, Damage, Record
from crawler.attachments import find_documents
from crawler.errors import CrawlError
from crawler.fetches import Fetch, FetchKind, parse_listings
from crawler.ledger import Ledger
from crawler.opening import open_ledger
from crawler.parts import parts_named


def rebuild_ledger(archive: Archive, path: Path) -> list[Damage]:
    """Write a new ledger from the archive alone: what was had, what lists and pages named.

    What did not come is not in the archive: it is asked for again. What the archive has lost,
    the torn end of a power cut for one, is passed over and returned.

    Raises:
        CrawlError: There is a ledger already.
    """
    if path.exists():
        raise CrawlError(f"{path}: there is a ledger already; move it away to have it rebuilt")
    passed_over: list[Damage] = []
    with Ledger(path) as ledger:
        for record in archive.records(passed_over.append):
            if record.kind == "listing":
                ledger.add_listings(record.source_id, parse_listings(record.body))
            else:
                ledger.record(_fetch(record, record.kind))
            if record.kind == "article":
                files = find_documents(record.body, record.url)
                ledger.add_attachments(record.source_id, record.url, files)
            if record.kind in ("article", "part"):
                _add_parts(ledger, record)
    return passed_over


def carry_over(old: Path, new: Path) -> str | None:
    """Add to a rebuilt ledger what no archive holds, from a copy of the ledger before it.

    That is what did not come, how lists and robots.txt answered, how often a page was unchanged,
    what was named by pages that have been pruned. A page that the archive has lost is not among
    it: it is asked for again. A ledger that cannot be read is left out as a whole.

    Returns:
        Why the old ledger cannot be read; None if it was.
    """
    try:
        with closing(open_ledger(old)) as con:  # brings one of an older version forward
            state = str(con.execute("pragma quick_check(1)").fetchone()[0])
    except (CrawlError, sqlite3.DatabaseError) as error:
        return str(error)
    if state != "ok":
        return f"{old}: {' '.join(state.split())}"
    with closing(open_ledger(new)) as con:
        con.execute("attach ? as old", (str(old),))
        con.executescript(f"begin; {_CARRY}; commit")
    return None


#: Numbers of fetches are in the order of arrival: all are given anew.
_CARRY = """
create temp table known as
    select warc_file, warc_offset from main.fetches where warc_file is not null;
create index temp.known_places on known (warc_file, warc_offset);
create temp table merged as
    select
        url, final_url, host, source_id, kind, fetched, status, etag, last_modified, sha256,
        warc_file, warc_offset, items, problem, detail,
        coalesce(
            (select o.id from old.fetches o where o.url = f.url and o.fetched = f.fetched),
            (select max(o.id) from old.fetches o where o.fetched <= f.fetched),
            0
        ) as place
    from main.fetches f
    union all
    select
        url, final_url, host, source_id, kind, fetched, status, etag, last_modified, sha256,
        warc_file, warc_offset, items, problem, detail,
        id
    from old.fetches o
    where not exists (select 1 from main.fetches f where f.url = o.url and f.fetched = o.fetched)
        and (o.warc_file is null or exists (
            select 1 from known k where k.warc_file = o.warc_file and k.warc_offset = o.warc_offset
        ));
delete from main.fetches;
insert into main.fetches (
    url, final_url, host, source_id, kind, fetched, status, etag, last_modified, sha256,
    warc_file, warc_offset, items, problem, detail
) select
    url, final_url, host, source_id, kind, fetched, status, etag, last_modified, sha256,
    warc_file, warc_offset, items, problem, detail
from merged order by place, fetched, url;
insert or ignore into main.listings (source_id, url, title, day, walk)
    select source_id, url, title, day, walk from old.listings order by id;
update main.listings set walk = o.walk from old.listings o
    where o.source_id = main.listings.source_id and o.url = main.listings.url;
insert or ignore into main.attachments (source_id, page_url, url, name)
    select source_id, page_url, url, name from old.attachments order by id;
insert or ignore into main.parts (source_id, page_url, number, url)
    select source_id, page_url, number, url from old.parts order by id;
insert or replace into main.walks select * from old.walks;
insert or replace into main.rests select * from old.rests
"""


def _add_parts(ledger: Ledger, record: Record) -> None:
    """Remember which part a page is, and which later ones it names."""
    page, number = record.part or (record.url, 1)
    if record.part:
        ledger.parts.add(record.source_id, page, {number: record.asked})
    named = parts_named(record.body, record.url, number)
    if number == 1 and not named:
        ledger.parts.forget(page)
    ledger.parts.add(record.source_id, page, named)


def _fetch(record: Record, kind: FetchKind) -> Fetch:
    headers = {name.lower(): value for name, value in record.headers}
    return Fetch(
        url=record.asked,
        final_url=record.url,
        source_id=record.source_id,
        kind=kind,
        fetched=record.fetched,
        status=record.status,
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        sha256=sha256(record.body).hexdigest(),
        warc_file=record.location.file if record.location else None,
        warc_offset=record.location.offset if record.location else None,
    )
