"""The ledger: what the crawl remembers, and the pages that it tells of."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crawler.article import Attachment
from crawler.errors import CrawlError
from crawler.fetches import canonical_url, host_of, listings_json, parse_listings
from crawler.ledger import Fetch, Ledger, Listing
from crawler.resting import busy_at

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
A, B = "http://example.cn/a.html", "http://example.cn/b.html"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def fetch(url: str, content: str | None = None, *, minute: int = 0, **more: object) -> Fetch:
    body = {"sha256": content, "warc_file": "pages-000001.warc.gz", "warc_offset": minute}
    values = {"final_url": url, "source_id": "xz", "kind": "article", "status": 200}
    values |= (body if content else {}) | more
    return Fetch(url=url, fetched=START + timedelta(minutes=minute), **values)


def test_a_fetch_comes_back_with_what_the_list_said(ledger: Ledger) -> None:
    ledger.add_listings("xz", [Listing(url=A, title="人才", day=date(2026, 1, 1))])
    given = fetch(A, "1", etag='"e"', last_modified="x", items=3, problem="p", detail="d")
    ledger.record(given)
    ledger.record(fetch(B))
    first, second = ledger.fetches()
    assert (first.id, first.list_title, first.list_date) == (1, "人才", date(2026, 1, 1))
    assert (first.etag, first.fetched, first.detail) == ('"e"', START, "d")
    assert (second.url, second.list_title, second.sha256) == (B, None, None)
    assert list(ledger.fetches(after_id=1)) == [second]


def test_each_content_of_a_page_is_told_once_the_newest_last(ledger: Ledger) -> None:
    for minute, content in enumerate(["old", "new", "new", "old"]):
        ledger.record(fetch(A, content, minute=minute))
    ledger.record(fetch(A, "old", minute=9, status=304))
    ledger.record(fetch(B, status=404, problem="not_found"))
    pages = list(ledger.pages())
    assert [(page.sha256, page.location.offset) for page in pages] == [("new", 1), ("old", 0)]
    assert [page.fetched.minute for page in pages] == [5, 4]
    assert {page.first_fetched for page in pages} == {START}
    assert ledger.page_counts() == {"xz": 1}


def test_a_page_of_two_columns_belongs_to_one_whichever_asked_first(ledger: Ledger) -> None:
    for source_id in ("zz", "xz", "aa"):
        ledger.add_listings(source_id, [Listing(url=A, title=source_id)])
    ledger.record(fetch(A, "1", source_id="zz", final_url=B))
    (page,) = ledger.pages()
    assert (page.url, page.source_id, page.list_title) == (B, "aa", "aa")


def test_what_failed_in_passing_is_still_to_be_had_but_not_for_ever(ledger: Ledger) -> None:
    ledger.add_listings("xz", [Listing(url=A), Listing(url=B)])
    assert [row.url for row in ledger.pending("xz")] == [A, B]
    ledger.record(fetch(A, status=404, problem="not_found"))
    for tries in range(5):
        assert not ledger.is_settled(B), tries
        ledger.record(fetch(B, status=503, problem="http_error"))
    assert ledger.is_settled(A)
    assert ledger.is_settled(B)
    assert ledger.pending("xz") == []


def test_a_challenged_article_stays_to_be_had(ledger: Ledger) -> None:
    ledger.add_listings("xz", [Listing(url=A)])
    for minute in range(9):
        ledger.record(fetch(A, minute=minute, status=521, problem="challenged"))
    assert [row.url for row in ledger.pending("xz")] == [A]
    assert ledger.rests.hosts(START + timedelta(days=1)).keys() == {"example.cn:80"}
    assert ledger.rests.hosts(START + timedelta(days=1, minutes=8)) == {}
    left = fetch(A, minute=50, problem="challenged")  # was not asked: that prolongs no rest
    ledger.record(replace(left, status=None))
    assert ledger.rests.hosts(START + timedelta(days=1, minutes=8)) == {}


def test_a_busy_host_is_left_alone_for_as_long_as_it_asks(ledger: Ledger) -> None:
    ledger.add_listings("xz", [Listing(url=A)])
    for minute in range(9):
        ledger.record(fetch(A, minute=minute, status=503, problem="busy"))
    assert [row.url for row in ledger.pending("xz")] == [A]
    ledger.rests.add("example.cn:80", busy_at(START, 500))
    ledger.rests.add("wild.cn:80", busy_at(START, float("inf")))
    assert ledger.rests.hosts(START + timedelta(seconds=499)).keys() == {
        "example.cn:80",
        "wild.cn:80",
    }
    assert ledger.rests.hosts(START + timedelta(seconds=500)).keys() == {"wild.cn:80"}
    assert ledger.rests.hosts(START + timedelta(days=1)) == {}


def test_rows_are_new_once_for_each_source(ledger: Ledger) -> None:
    row = Listing(url=A, title="人才")
    assert ledger.add_listings("xz", [row]) == [row]
    assert ledger.add_listings("xz", [row]) == []
    assert ledger.add_listings("zz", [row]) == [row]


def test_the_newest_listings_lead_by_day_then_by_walk(ledger: Ledger) -> None:
    ledger.begin_walk("xz", "rule")
    ledger.add_listings("xz", [Listing(url="old"), Listing(url="dated", day=date(2026, 1, 1))])
    ledger.begin_walk("xz", "rule")
    ledger.add_listings("xz", [Listing(url="new"), Listing(url="late", day=date(2026, 2, 1))])
    newest = [row.url for row in ledger.newest_listings("xz", 9)]
    assert newest == ["late", "dated", "new", "old"]


def test_a_walk_counts_only_if_it_ended_and_by_the_same_rule(ledger: Ledger) -> None:
    assert not ledger.begin_walk("xz", "rule")
    assert not ledger.begin_walk("xz", "rule")
    ledger.end_walk("xz")
    assert ledger.begin_walk("xz", "rule")
    ledger.end_walk("xz")
    assert not ledger.begin_walk("xz", "another rule")


def test_only_what_was_committed_is_there_after_a_crash(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.record(fetch(A, "1"))
    ledger.commit()
    ledger.record(fetch(B, "2"))
    with Ledger(tmp_path / "ledger.sqlite") as reader:
        assert [one.url for one in reader.fetches()] == [A]
    ledger.close()


def test_a_file_that_is_no_ledger_is_named_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_text("这不是台账" * 100, encoding="utf-8")
    with pytest.raises(CrawlError, match=r"ledger\.sqlite: not a ledger.*bole rebuild"):
        Ledger(path)


def test_addresses_have_one_form() -> None:
    assert canonical_url("https://E.cn:443?a=1#b") == "https://e.cn/?a=1"
    assert canonical_url("http://[::1]:8080/A") == "http://[::1]:8080/A"
    assert [host_of(u) for u in ("https://e.cn/", "http://e.cn:81/x")] == ["e.cn:443", "e.cn:81"]


def test_rows_come_back_from_the_archive() -> None:
    rows = [Listing(url=A, title="人才", day=date(2026, 1, 1)), Listing(url=B)]
    assert parse_listings(listings_json(rows)) == rows


#: The tables as version 1 had them.
_VERSION_1 = """
create table fetches (
    id integer primary key, url text not null, final_url text not null, host text not null,
    source_id text not null, kind text not null, fetched text not null, status integer,
    etag text, last_modified text, sha256 text, warc_file text, warc_offset integer,
    items integer, problem text, detail text
);
create index fetches_by_url on fetches (url, id);
create index fetches_by_page on fetches (final_url, sha256) where kind = 'article';
create index fetches_by_host on fetches (host, id) where problem = 'challenged';
create table listings (
    id integer primary key, source_id text not null, url text not null, title text, day text,
    walk integer not null, unique (source_id, url)
);
create index listings_by_url on listings (url, source_id);
create table walks (
    source_id text primary key, number integer not null, rule text not null, done integer not null
);
"""
_SECOND = """
create table attachments (
    id integer primary key, source_id text not null, page_url text not null, url text not null,
    name text not null, unique (page_url, url)
);
"""


def schema_of(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as con:
        rows = con.execute("select name, sql from sqlite_master where sql is not null").fetchall()
    return {(name, " ".join(re.sub(r"--.*", "", sql).split())) for name, sql in rows}


@pytest.mark.parametrize("version", [1, 2])
def test_an_old_ledger_is_brought_forward_and_loses_nothing(tmp_path: Path, version: int) -> None:
    old, new = tmp_path / "old.sqlite", tmp_path / "new.sqlite"
    with closing(sqlite3.connect(old)) as con:
        more = "" if version == 1 else _SECOND + _UPGRADED_2
        con.executescript(_VERSION_1 + more + f"pragma user_version={version};")
        con.execute(
            "insert into fetches values (7, ?, ?, 'example.cn:80', 'xz', 'article', ?, 200, 'e',"
            " 'm', '1', 'pages-000001.warc.gz', 9, null, null, null)",
            (A, B, "2026-01-02T03:04:05.000000+00:00"),
        )
        con.execute("insert into listings values (3, 'xz', ?, '人才', '2026-01-01', 2)", (A,))
        con.execute("insert into walks values ('xz', 2, 'rule', 1)")
        con.commit()
    with Ledger(old) as ledger:
        (page,) = ledger.pages()
        assert (page.url, page.sha256, page.location) == (B, "1", ("pages-000001.warc.gz", 9))
        assert (page.list_title, page.list_date) == ("人才", date(2026, 1, 1))
        (kept,) = ledger.fetches()
        assert (kept.id, kept.etag, kept.last_modified, kept.fetched) == (7, "e", "m", START)
        assert ledger.begin_walk("xz", "rule")
        ledger.add_attachments("xz", B, [Attachment(name="附件", url=A)])
    with Ledger(new):
        pass
    shapes = {path: {name for name, _ in schema_of(path)} for path in (old, new)}
    assert shapes[old] == shapes[new]
    assert schema_of(old) == schema_of(new) or version == 1
    with Ledger(old) as ledger:  # and a second time there is nothing to do
        assert ledger.pending_attachments("xz") == []


#: What version 2 had changed besides.
_UPGRADED_2 = """
drop index fetches_by_page;
create index fetches_by_page on fetches (final_url, sha256) where kind in ('article', 'attachment');
create index fetches_by_place on fetches (warc_file, warc_offset) where warc_file is not null;
create index attachments_by_url on attachments (url, page_url);
"""


def test_a_ledger_of_a_newer_bole_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path):
        pass
    with closing(sqlite3.connect(path)) as con:
        con.execute("pragma user_version=99")
    before = path.read_bytes()
    with pytest.raises(CrawlError, match=r"ledger of version 99, this bole knows \d; update bole"):
        Ledger(path)
    assert path.read_bytes() == before


def test_a_database_of_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as con:
        con.execute("create table theirs (a)")
    before = path.read_bytes()
    with pytest.raises(CrawlError, match="its tables are others"):
        Ledger(path)
    assert path.read_bytes() == before
    with pytest.raises(CrawlError, match="cannot be opened"):
        Ledger(tmp_path / "no folder" / "ledger.sqlite")
