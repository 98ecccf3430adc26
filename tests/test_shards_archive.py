"""Archives read in shards: as the daily run reads them, page by page."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import bole.rereading
import bole.shards
from bole.cli import main
from bole.config import Settings
from bole.engine import ENGINES, EngineError
from bole.receipts import TABLES, read_manifest
from bole.upkeep import rebuild
from crawler.archive import Archive, Record
from store import Store
from tests.offices import copy_office, quiet, tables

pytestmark = pytest.mark.slow


@pytest.fixture
def office(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """An office whose engine reads in shards, but in this process."""
    monkeypatch.setitem(ENGINES, "here", "bole.engines.local")
    monkeypatch.setattr(bole.rereading, "BATCH", 5)
    return replace(copy_office(tmp_path_factory, tmp_path / "office"), engine="here")


def _add_page_without_article(office: Settings) -> None:
    with closing(Archive(office.data)) as archive:
        archive.append(
            Record(
                kind="article",
                url="http://example.cn/no-article",
                asked="http://example.cn/no-article",
                source_id="xbrc_zc",
                fetched=datetime(2026, 11, 1, tzinfo=UTC),
                body=b"list" * 500,
            )
        )


def test_an_archive_of_which_nothing_can_be_read_is_an_error(
    office: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in Archive(office.data).files():
        file.write_bytes(b"\x07" * 3000)
    asked = ["extract", str(office.data), "--from", "warc", "--to", "parquet"]
    with pytest.raises(SystemExit) as end:
        main([*asked, "--out", str(tmp_path / "out")])
    assert end.value.code == 1
    assert "no page can be read in its archive; restore it" in capsys.readouterr().err


def test_the_archives_of_a_sharded_crawl_are_those_of_its_office(
    office: Settings, tmp_path: Path
) -> None:
    shard = office.data / "shards" / "hosts-0001"
    shard.mkdir(parents=True)
    (office.data / "warc").rename(shard / "warc")
    asked = ["extract", str(office.data.parent), "--from", "warc", "--to", "parquet"]
    with pytest.raises(SystemExit) as end:
        main([*asked, "--out", str(tmp_path / "out")])
    assert end.value.code == 0
    assert (read_manifest(tmp_path / "out") or {})["rows"]["articles"] == 11


def test_rebuilt_by_an_engine_all_tables_are_the_same(
    office: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _add_page_without_article(office)
    rebuild(replace(office, engine="local"), quiet)
    before = tables(office)
    assert "http://example.cn/no-article" in str(before["failures"])
    with pytest.raises(SystemExit) as end:
        main(["rebuild", "-C", str(office.data.parent), "--engine", office.engine])
    assert end.value.code == 0
    assert "pages by the engine here" in capsys.readouterr().err
    assert tables(office) == before
    assert not (office.data / bole.rereading.FOLDER).exists()


def test_a_rebuild_that_was_killed_finds_its_shards(
    office: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(office)
    with monkeypatch.context() as patched:
        patched.setattr(bole.rereading, "keep_batches", lambda *_: list(_[2])[:1] and 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rebuild(office, quiet)
    assert tables(office) == before
    shards = list((office.data / bole.rereading.FOLDER / "receipts").iterdir())
    assert len(shards) > 2
    shards[0].unlink()
    with monkeypatch.context() as patched:
        patched.delattr(bole.shards, "read_batch")
        with pytest.raises(
            EngineError, match=r"archive, pages of shard .*NameError.*; mend that and run"
        ):
            rebuild(office, quiet)
    told: list[str] = []
    rebuild(office, told.append)
    assert tables(office) == before
    assert any("pages are read and kept" in line for line in told)


def test_facts_of_an_archive_are_those_of_the_run(
    office: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["extract", str(office.data.parent), "--from", "warc", "--to", "parquet"]
    for known in (False, True):
        with pytest.raises(SystemExit) as end:
            main([*words, "--out", str(out), "--json"])
        row = json.loads(capsys.readouterr().out)
        assert row["known"] == (row["shards"] if known else 0)
    _add_page_without_article(office)  # changes nothing but the shard of its place
    assert end.value.code == 0
    with pytest.raises(SystemExit) as end:
        main([*words, "--out", str(out), "--json"])
    row = json.loads(capsys.readouterr().out)
    assert (end.value.code, row["known"], row["dead"]) == (3, row["shards"] - 1, 1)
    with Store(office.database) as store:
        for table in TABLES:
            rows = pq.read_table(out / table).to_pylist()
            columns = [name for name in rows[0] if name not in ("text", "repeats", "register")]
            listed = ", ".join(f'"{name}"' for name in columns)
            kept = store.select(f"select {listed} from {table}")
            assert sorted(str([row[c] for c in columns]) for row in rows) == sorted(
                str([row[c] for c in columns]) for row in kept
            )
    (letter,) = map(json.loads, (out / "dead_letters.jsonl").read_text("utf-8").splitlines())
    assert (letter["subject"], letter["kind"]) == ("http://example.cn/no-article", "no_body")
    assert {one["source"] for one in read_manifest(out)["shards"]} == {"office/data"}
