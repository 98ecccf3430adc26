"""Keeping what is kept: rebuilt from the archive, pruned, copied while a run is going on."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bole.cli import main
from bole.config import ConfigError, Settings, load_settings, write_settings
from bole.daily import run_day
from bole.demo import SITE, write_watchlist
from bole.demo.server import serve
from bole.reading import china_day
from bole.upkeep import back_up, prune_archive, rebuild
from crawler.archive import Archive, Record
from crawler.errors import CrawlError
from crawler.fetches import Fetch
from crawler.ledger import Ledger
from crawler.locking import crawl_lock
from crawler.retention import archive_size
from store import Store

pytestmark = pytest.mark.slow

DAY = china_day(datetime.now(UTC))


def quiet(_: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("office")
    with serve(SITE, port=0) as site:
        write_settings(folder, Settings(home="320300", issuer="示例", delay=0.0))
        write_watchlist(folder, site)
        settings = load_settings(folder, {})
        run_day(settings, day=DAY, say=quiet)
    return settings


@pytest.fixture
def office(done: Settings, tmp_path: Path) -> Settings:
    """A copy of an office after its first run."""
    folder = tmp_path / "office"
    shutil.copytree(done.watchlist.parent, folder)
    return load_settings(folder, {})


@pytest.fixture
def crowded(office: Settings) -> Settings:
    """The office with pages in its archive that carry no fact: an old text, and no article."""
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


def tables(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with Store(settings.database) as store:
        return store.dump()


@pytest.mark.parametrize("has_database", [True, False])
def test_all_tables_come_back_from_the_archive(office: Settings, has_database: bool) -> None:
    before = tables(office)
    with Ledger(office.ledger) as ledger:
        pages = list(ledger.pages())
    for path in (office.ledger, *([] if has_database else [office.database])):
        path.unlink()
    rebuild(office, quiet)
    after = tables(office)
    told_once = {"digests"}  # health that no page tells: what did not come
    for table in before.keys() - told_once:
        assert after[table] == before[table], table
    with Ledger(office.ledger) as ledger:
        assert list(ledger.pages()) == pages
    assert not (office.data / "rebuild").exists()
    with Store.open_snapshot(office.data) as snapshot:
        assert snapshot.counts()["articles"] == len(before["articles"])


def test_a_rebuild_that_fails_leaves_all_as_it_was(
    office: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(office)
    monkeypatch.setattr("bole.upkeep.read_pages", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rebuild(office, quiet)
    assert tables(office) == before
    monkeypatch.undo()
    rebuild(office, quiet)
    assert tables(office) == before


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


def test_a_copy_is_whole_and_can_be_worked_with(office: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    back_up(office, copy)
    moved = replace(office, data=copy)
    assert tables(moved) == tables(office)
    archive = Archive(copy)
    with Ledger(moved.ledger) as ledger, Ledger(office.ledger) as old:
        assert list(ledger.pages()) == list(old.pages())
        assert all(archive.read_record(page.location) for page in ledger.pages())


def test_a_copy_is_made_while_a_run_is_going_on(office: Settings, tmp_path: Path) -> None:
    with Store(office.database), crawl_lock(office.data), Ledger(office.ledger) as writing:
        writing.begin_walk("x", "y")  # a transaction that is not done
        back_up(office, tmp_path / "copy")
    with Ledger(tmp_path / "copy" / "ledger.sqlite") as copied:
        assert list(copied.pages())


def test_a_second_copy_copies_only_what_is_new(office: Settings, tmp_path: Path) -> None:
    first = back_up(office, tmp_path / "copy")
    warc = first[-1].stat().st_ino
    assert back_up(office, tmp_path / "copy")[-1].stat().st_ino == warc


def test_a_copy_that_lacks_pages_is_refused(office: Settings, tmp_path: Path) -> None:
    for file in Archive(office.data).files():
        file.write_bytes(b"")
    with pytest.raises(ConfigError, match="run bole backup again"):
        back_up(office, tmp_path / "copy")


def test_a_copy_into_the_data_itself_is_refused(office: Settings) -> None:
    with pytest.raises(ConfigError, match="name a folder elsewhere"):
        back_up(office, office.data / "copy")


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
    assert said("rebuild")["articles"] == 6
    with pytest.raises(SystemExit) as end:
        main(["backup", str(tmp_path / "copy"), "-C", folder])
    assert end.value.code == 0
    assert (tmp_path / "copy" / "bole.duckdb").is_file()
    with pytest.raises(SystemExit) as end:
        main(["archive", "prune", "-C", folder])
    assert end.value.code == 2
    assert "give --days, --gigabytes or both" in capsys.readouterr().err
