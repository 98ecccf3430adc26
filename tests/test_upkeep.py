"""Keeping what is kept: rebuilt from the archive, pruned, bounded."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bole.cli import main
from bole.config import ConfigError, Settings
from bole.upkeep import keep_in_bounds, prune_archive, rebuild
from bole.version import reader_version
from crawler.archive import Archive, Record, record_spans
from crawler.errors import CrawlError
from crawler.fetches import Fetch
from crawler.ledger import Ledger
from crawler.locking import crawl_lock
from crawler.resting import busy_at
from crawler.retention import archive_size
from store import PageRead, Store, StoreError
from store.corrections import Correction
from tests.offices import DAY, copy_office, quiet, tables

pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """A copy of an office after its first run."""
    return copy_office(tmp_path_factory, tmp_path / "office")


@pytest.fixture
def crowded(office: Settings) -> Settings:
    """The office with pages in its archive that carry no fact: an old text, and no article."""
    read = {"url": "http://example.cn/no-article", "sha256": "cle", "article_id": None}
    with Store(office.database) as store:
        store.write_pages_read([PageRead(version=reader_version(), **read)])
    with Ledger(office.ledger) as ledger:
        known = next(iter(ledger.pages()))
        archive = Archive(office.data)
        for url, body in ((known.url, "旧".encode()), ("http://example.cn/no-article", b"list")):
            record = Record(
                kind="article",
                url=url,
                asked=url,
                source_id=known.source_id,
                fetched=known.fetched - timedelta(days=9),
                body=body * 500,
            )
            place = archive.append(record)
            values = {"final_url": url, "source_id": known.source_id, "kind": "article"}
            values |= {"warc_file": place.file, "warc_offset": place.offset, "status": 200}
            fetched = record.fetched
            ledger.record(Fetch(url=url, sha256=url[-3:], fetched=fetched, **values))
        place = known.location
        values |= {"warc_file": place.file, "warc_offset": place.offset, "final_url": known.url}
        again = Fetch(url=known.url, sha256=known.sha256, fetched=known.fetched, **values)
        ledger.record(again)  # and the page itself once more
        archive.close()
    return office


@pytest.mark.parametrize("lost", ["ledger", "all"])
def test_all_tables_come_back_from_the_archive(office: Settings, lost: str) -> None:
    before = tables(office)
    with Ledger(office.ledger) as ledger:
        pages = list(ledger.pages())
    if lost == "ledger":
        office.ledger.write_bytes(b"\x07" * 9_000)
    else:
        office.ledger.unlink()
        office.database.unlink()
        shutil.rmtree(office.data / "snapshots")
    rebuild(office, quiet)
    after = tables(office)
    # health that no page tells: what did not come
    told_once = {"digests"} if lost == "all" else set()
    for table in before.keys() - told_once:
        assert after[table] == before[table], table
    with Ledger(office.ledger) as ledger:
        assert list(ledger.pages()) == pages
    assert not (office.data / "rebuild").exists()
    with Store.open_snapshot(office.data) as snapshot:
        assert snapshot.counts()["articles"] == len(before["articles"])


def test_the_journal_of_runs_outlives_a_rebuild(office: Settings) -> None:
    with Store(office.database) as store:
        before = store.runs()
    rebuild(office, quiet)
    with Store(office.database) as store:
        assert store.runs() == before != []


def test_a_day_that_had_no_issue_gets_none_by_a_rebuild(office: Settings) -> None:
    with Store(office.database) as store:
        for table in ("digest_items", "digests"):
            store._db.execute(f"delete from {table}")  # as after crawls alone
    rebuild(office, quiet)
    after = tables(office)
    assert after["digests"] == after["digest_items"] == []
    assert after["articles"]


def _standing(settings: Settings) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    with Store.open_snapshot(settings.data) as snapshot:
        files = snapshot.query("select url, state from attachments order by all").to_pylist()
        return snapshot.query("select * from source_health order by id").to_pylist(), files


def test_what_only_the_ledger_tells_outlives_a_rebuild(office: Settings) -> None:
    """Problems, answers of lists, pauses after a test for robots; gone only with the ledger."""
    with Ledger(office.ledger) as ledger:
        last = max(one.fetched for one in ledger.fetches())
        challenged = {"source_id": "town", "kind": "article", "problem": "challenged"}
        url = "http://shy.example/1"
        ledger.record(Fetch(url=url, final_url=url, fetched=last, status=412, **challenged))
        ledger.rests.add("busy.example:80", busy_at(last, 500))
        page = next(iter(ledger.pages()))
        unchanged = replace(ledger.latest(page.url), id=None, fetched=last, status=304)
        ledger.record(unchanged)
    with Store(office.database) as store, Ledger(office.ledger) as ledger:
        store.write_fetches(ledger.fetches())
        store.publish()
        rows = [replace(one, id=0) for one in ledger.fetches()]
        walks = [ledger._walk(one) for one in {row.source_id for row in rows}]
        listings = {one: ledger.newest_listings(one, 9) for one in {r.source_id for r in rows}}
    before = _standing(office)
    assert any(row["problems"] for row in before[0])
    told: list[str] = []
    rebuild(office, told.append)
    assert not any("cannot be read" in line for line in told), told[1][-420:]
    assert _standing(office) == before
    with Ledger(office.ledger) as ledger:
        kept = [replace(one, id=0) for one in ledger.fetches()]
        assert kept == rows
        assert ledger.rests.hosts(last).keys() == {"shy.example:80", "busy.example:80"}
        assert [ledger._walk(one) for one in {row.source_id for row in rows}] == walks
        assert {one: ledger.newest_listings(one, 9) for one in listings} == listings
    said: list[str] = []
    office.ledger.unlink()
    rebuild(office, said.append)
    assert any("is not there: what did not come" in line for line in said)
    assert not any(row["problems"] for row in _standing(office)[0])


def test_a_page_that_the_archive_lost_is_asked_for_again_after_a_rebuild(office: Settings) -> None:
    with Ledger(office.ledger) as ledger:
        urls = {page.url for page in ledger.pages()}
    last = Archive(office.data).files()[-1]
    last.write_bytes(last.read_bytes()[:9])
    rebuild(office, quiet)
    with Ledger(office.ledger) as ledger:
        lost = urls - {page.url for page in ledger.pages()}
        assert lost
        assert not any(ledger.is_settled(url) for url in lost)


def test_a_rebuild_that_fails_leaves_all_as_it_was(
    office: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(office)
    monkeypatch.setattr("bole.upkeep.read_pages", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rebuild(office, quiet)
    assert tables(office) == before
    monkeypatch.undo()
    rebuild(office, quiet)
    assert tables(office) == before


def test_what_no_page_tells_outlives_a_rebuild(office: Settings) -> None:
    """Corrections, and articles whose pages have left the archive, also without the database."""
    with Store(office.database) as store:
        reports = store.read_reports(until=DAY)
        gone, first = reports[0], next(r for r in reports if r.facts.figures)
        word = Correction(
            article_id=first.article.id,
            kind="figure",
            evidence=first.facts.figures[0].evidence,
            fields=None,
        )
        store.write_corrections([word])
        store.publish()
    before = tables(office)
    with Ledger(office.ledger) as ledger:
        held = [one for one in ledger.held() if one.url == gone.article.url]
        archive = Archive(office.data)
        for one in held:
            path = archive.folder / one.location.file
            ends = [end for start, end in record_spans(path) if start == one.location.offset]
            data = bytearray(path.read_bytes())
            data[one.location.offset : ends[0]] = bytes(ends[0] - one.location.offset)
            path.write_bytes(data)
    assert held
    office.database.unlink()
    said: list[str] = []
    rebuild(office, said.append)
    after = tables(office)
    for table in ("articles", "figures", "policy_mentions", "corrections", "story_articles"):
        assert after[table] == before[table], table
    assert sum("no whole record in the" in line for line in said) == len(held)


def test_a_damaged_ledger_is_one_line(office: Settings) -> None:
    whole = office.ledger.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"\x07" * 9_000):
        office.ledger.write_bytes(damaged)
        with pytest.raises(
            CrawlError, match=r"ledger\.sqlite: .*anew from the archive: bole rebuild"
        ):
            Ledger(office.ledger)


def test_a_ledger_damaged_in_the_middle_is_one_line_of_a_command(
    office: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(office.ledger.read_bytes())
    data[8_192:] = b"\x07" * len(data[8_192:])
    office.ledger.write_bytes(data)
    with pytest.raises(SystemExit) as end:
        main(["archive", "prune", "--days", "9", "-C", str(office.watchlist.parent)])
    assert end.value.code == 1
    said = capsys.readouterr().err.splitlines()
    assert "ledger" in said[-1]
    assert "bole rebuild" in said[-1]


def test_a_damaged_database_is_named_with_a_cure_that_works(office: Settings) -> None:
    office.database.write_bytes(b"\x07" * 9_000)
    with pytest.raises(StoreError, match=r"or move .*bole\.duckdb away and run bole rebuild again"):
        rebuild(office, quiet)


def test_nothing_is_rebuilt_while_another_process_writes(office: Settings) -> None:
    with (
        Store(office.database),
        pytest.raises(StoreError, match=r"written by process \d+") as error,
    ):
        rebuild(office, quiet)
    assert "move" not in str(error.value)


def test_nothing_is_rebuilt_while_a_crawl_is_at_work(office: Settings) -> None:
    with (
        crawl_lock(office.data),
        pytest.raises(CrawlError, match="another crawl"),
        crawl_lock(office.data, patience=0.01),
    ):
        pass


def test_without_an_archive_there_is_nothing_to_rebuild(tmp_path: Path) -> None:
    settings = replace(Settings(), data=tmp_path)
    with pytest.raises(ConfigError, match="no archive to rebuild from"):
        rebuild(settings, quiet)


def test_pruning_keeps_every_page_that_carries_a_fact(crowded: Settings) -> None:
    with Store.open_snapshot(crowded.data) as store:
        used = store.query(
            "select distinct a.url from articles a join figures f on f.article_id = a.id"
        ).to_pylist()
    with Store(crowded.database) as store:
        before = store.dump()
    would = prune_archive(crowded, days=None, gigabytes=0.0, is_dry=True)
    assert archive_size(Archive(crowded.data)) == would.before
    pruned = prune_archive(crowded, days=None, gigabytes=0.0, is_dry=False)
    assert pruned == would
    assert pruned.pages == 2
    assert archive_size(Archive(crowded.data)) == pruned.after < pruned.before
    archive = Archive(crowded.data)
    with Ledger(crowded.ledger) as ledger:
        left = {page.url: archive.read_record(page.location) for page in ledger.pages()}
    assert {row["url"] for row in used} <= left.keys()
    assert tables(crowded) == before
    again = prune_archive(crowded, days=None, gigabytes=0.0, is_dry=False)
    assert (again.pages, again.before) == (0, pruned.after)


def test_what_was_not_read_yet_is_not_pruned(crowded: Settings) -> None:
    with Ledger(crowded.ledger) as ledger:
        newest = {(page.url, page.sha256) for page in ledger.pages()}
    with Store(crowded.database) as store:
        unread = PageRead(
            url="http://example.cn/no-article", sha256="", version="0", article_id=None
        )
        store.write_pages_read([unread])
    prune_archive(crowded, days=None, gigabytes=0.0, is_dry=False)
    with Ledger(crowded.ledger) as ledger:
        left = {(page.url, page.sha256) for page in ledger.pages()}
    assert {url for url, _ in left} == {url for url, _ in newest}
    crowded.database.unlink()
    with pytest.raises(ConfigError, match=r"bole\.duckdb is not there.*bole rebuild"):
        prune_archive(crowded, days=None, gigabytes=0.0, is_dry=False)


def test_a_damaged_file_is_left_as_it_is(crowded: Settings) -> None:
    archive = Archive(crowded.data)
    for path in archive.files():
        data = bytearray(path.read_bytes())
        data[40:60] = bytes(20)
        path.write_bytes(data)
    before = {path.name: path.read_bytes() for path in archive.files()}
    assert prune_archive(crowded, days=None, gigabytes=0.0, is_dry=False).pages == 0
    assert {path.name: path.read_bytes() for path in archive.files()} == before


def test_each_run_keeps_the_archive_in_its_bounds(crowded: Settings) -> None:
    said: list[str] = []
    keep_in_bounds(crowded, said.append)
    assert [line.partition(" ")[0] for line in said] == ["disk:"]
    keep_in_bounds(replace(crowded, archive_days=10, archive_gigabytes=1.0), said.append)
    assert len(said) == 2
    with Ledger(crowded.ledger) as ledger:
        assert "http://example.cn/no-article" in {page.url for page in ledger.pages()}
    keep_in_bounds(replace(crowded, archive_gigabytes=1e-9), said.append)
    assert said[2].startswith("pruned 2 pages, ")
    assert "carries facts in use" in said[3] or "carry facts in use" in said[3]
    with Ledger(crowded.ledger) as ledger, Store.open_snapshot(crowded.data) as snapshot:
        rows = snapshot.query("select distinct warc_file from fetches where warc_file is not null")
        assert {row["warc_file"] for row in rows.to_pylist()} == ledger.files()


def test_what_a_killed_pruning_left_is_cleaned_up(crowded: Settings) -> None:
    archive = Archive(crowded.data)
    file, *_ = archive.files()
    names = {path.name for path in archive.files()}
    shutil.copy(file, file.with_name("pages-000001-001.warc.gz"))  # the ledger was not told yet
    (archive.folder / "pages-000001-002.warc.part").write_bytes(b"half")
    prune_archive(crowded, days=10_000, gigabytes=None, is_dry=False)
    assert {path.name for path in archive.folder.iterdir()} == names


@pytest.mark.parametrize(("days", "pages"), [(10, 0), (8, 2)])
def test_pages_go_by_age(crowded: Settings, days: int, pages: int) -> None:
    assert prune_archive(crowded, days=days, gigabytes=None, is_dry=True).pages == pages


def test_a_pruned_page_is_not_asked_for_again(crowded: Settings) -> None:
    prune_archive(crowded, days=None, gigabytes=0.0, is_dry=False)
    with Ledger(crowded.ledger) as ledger:
        gone = [f for f in ledger.fetches() if f.sha256 and f.warc_file is None]
        assert gone
        assert all(ledger.is_settled(fetch.url) for fetch in gone)


def test_the_commands_say_what_they_did(
    crowded: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(crowded.watchlist.parent)

    def said(*words: str) -> dict[str, int]:
        with pytest.raises(SystemExit) as end:
            main([*words, "-C", folder, "--json"])
        assert end.value.code == 0
        return json.loads(capsys.readouterr().out)

    size = said("archive", "size")
    assert size["archive"] == archive_size(Archive(crowded.data))
    pruned = said("archive", "prune", "--gigabytes", "0")
    assert (pruned["pages"], pruned["before"]) == (2, size["archive"])
    assert said("rebuild")["articles"] == 11
    with pytest.raises(SystemExit) as end:
        main(["backup", str(tmp_path / "copy"), "-C", folder])
    assert end.value.code == 0
    assert (tmp_path / "copy" / "data" / "bole.duckdb").is_file()
    for words, cure in (
        (["archive", "prune"], "give --days, --gigabytes or both"),
        (["archive", "prune", "--gigabytes", "inf"], "write a number, as 20 or 0.5"),
        (["backup", folder], "holds other things than a copy"),
    ):
        with pytest.raises(SystemExit) as end:
            main([*words, "-C", folder])
        assert end.value.code == 2
        assert cure in capsys.readouterr().err
    assert said("archive", "prune", "--days", "999999999")["pages"] == 0
