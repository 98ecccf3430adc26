"""Shards: each article once, whatever dies, and whoever reads them."""

import json
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import bole.shards
import bole.splitting
from bole.attempts import Attempts
from bole.cli import main
from bole.engine import Engine, EngineSettings, open_engine
from bole.extraction import PRELOAD, extract_shards
from bole.receipts import DEAD_LETTERS, TABLES, read_manifest
from bole.shards import Recipe, ShardError, Tally, run_shard
from bole.shardtalk import shown_shards
from bole.splitting import article_shards, find_tables
from crawler.article import article_id
from tests.killing import kept_moments
from tests.shard_samples import (
    COUNT,
    extracted,
    extracted_by,
    files_of,
    no_facts,
    poisoned,
    recipe_of,
    write_samples,
)

_ID_OF_7 = article_id("http://news.example/7.html")
#: How many shards the samples make.
SHARDS = 5


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bole.splitting, "ROWS", 2)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_samples(tmp_path / "in" / "articles.parquet")


@pytest.fixture
def local():
    with open_engine("local", EngineSettings(retries=0)) as engine:
        yield engine


def _rows(out: Path, table: str) -> list[dict[str, object]]:
    return pq.read_table(out / table).to_pylist()


def _dead(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / DEAD_LETTERS).read_text("utf-8").splitlines()]


def test_facts_come_in_shards(local: Engine, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = extracted(local, source, out)
    assert (done.known, done.dead, done.manifest["complete"]) == (0, (), True)
    assert [one["first"] for one in done.manifest["shards"]] == [0, 2, 4, 6, 8]
    assert done.manifest["rows"] == {table: len(_rows(out, table)) for table in TABLES}
    assert done.manifest["bytes"] == {
        table: sum(path.stat().st_size for path in (out / table).iterdir()) for table in TABLES
    }
    texts = {row["id"]: row["text"] for row in _rows(out, "articles")}
    assert len(texts) == COUNT
    figures = _rows(out, "figures")
    assert len(figures) == 2 * COUNT
    assert all(texts[f["article_id"]][f["start"] : f["end"]] == f["quote"] for f in figures)
    assert {path.name for path in out.iterdir()} == {
        *TABLES,
        "manifest.json",
        "dead_letters.jsonl",
        "receipts",
        "shards.lock",
    }


def test_a_shard_is_made_of_what_it_is_read_from(
    local: Engine, source: Path, tmp_path: Path
) -> None:
    """However its writer grouped the rows, whatever its file is called."""
    out, other = tmp_path / "out", tmp_path / "other"
    extracted(local, source, out)
    again = tmp_path / "again" / "articles.parquet"
    again.parent.mkdir()
    source.rename(again)
    done = extracted(local, again, out)
    assert done.known == SHARDS
    table = pq.read_table(again)
    pq.write_table(table, again, row_group_size=5)
    extracted(local, again, other)
    for name in TABLES:
        assert _rows(other, name) == _rows(out, name)


def test_what_is_done_is_not_done_again(
    local: Engine, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    extracted(local, source, out)
    before = files_of(out)
    monkeypatch.delattr(bole.shards, "read_facts")
    done = extracted(local, source, out)
    assert done.known == SHARDS
    assert files_of(out) == before


def test_a_shard_that_is_half_written_is_written_again(
    local: Engine, source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    extracted(local, source, out)
    whole = files_of(out)
    shards = [one["name"] for one in read_manifest(out)["shards"]]
    with (out / "figures" / f"{shards[0]}.parquet").open("r+b") as file:
        file.truncate(99)
    (out / "names" / f"{shards[1]}.parquet").unlink()
    (out / "receipts" / f"{shards[2]}.json").write_text('{"name": ', "utf-8")
    (out / "receipts" / f"{shards[3]}.json").unlink()
    (out / "places" / f"{shards[3]}.parquet.0a1b.part").write_bytes(b"PAR1")
    (out / "figures" / "of-another-run.parquet").write_bytes(b"PAR1")
    assert extracted(local, source, out).known == 1
    assert files_of(out) == whole


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_it_is_the_same(
    local: Engine, source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with kept_moments(out, tmp_path / "moments", besides="shards.lock") as moments:
        extracted(local, source, out)
    whole = files_of(out)
    assert len(moments) > 10 * SHARDS
    for moment in moments[::13]:
        extracted(local, source, moment)
        assert files_of(moment) == whole


def test_a_row_that_is_no_article_is_a_dead_letter(local: Engine, tmp_path: Path) -> None:
    rows = [{"url": f"http://news.example/{n}", "text": text} for n, text in enumerate("一 二")]
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    done = extracted(local, path, tmp_path / "out")
    assert done.manifest["rows"]["articles"] == 2
    (letter,) = _dead(tmp_path / "out")
    assert (letter["subject"], letter["stage"], letter["tries"]) == ("rows.parquet:2", "load", 1)
    assert letter["reason"].startswith("rows.parquet:2: text is ' '; wanted a row with text")


def test_an_input_that_breaks_off_costs_no_other(
    local: Engine, source: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "in" / "broken.parquet"
    rows = [{"url": f"http://broken.example/{n}", "text": f"沛县给予{n}元。"} for n in range(12)]
    pq.write_table(pa.Table.from_pylist(rows), broken, row_group_size=6, compression="none")
    data = bytearray(broken.read_bytes())
    begin = pq.read_metadata(broken).row_group(1).column(0).dictionary_page_offset
    data[begin : begin + 12] = b"\xff" * 12
    broken.write_bytes(data)
    done = extracted(local, source.parent, tmp_path / "out")
    assert done.manifest["rows"]["articles"] == COUNT + 6
    assert [letter.subject for letter in done.dead] == ["broken.parquet"] * 3
    assert "from row 7 on: ShardError: " in done.dead[0].reason
    assert "cannot be read from here on" in done.dead[0].reason


def test_a_table_without_rows_is_no_shard(local: Engine, tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), path)
    done = extracted(local, path, tmp_path / "out")
    assert (done.manifest["shards"], done.manifest["complete"]) == ([], True)


@pytest.mark.slow
def test_an_article_that_kills_costs_no_other(
    local: Engine, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process ends at one article, and a bug meets another; the rest is read."""
    out, whole = tmp_path / "out", tmp_path / "whole"
    monkeypatch.setattr(bole.shards, "read_facts", no_facts)
    extracted(local, source, whole)
    with monkeypatch.context() as patched:
        patched.setattr(bole.shards, "read_facts", None)  # put back what `poisoned` replaces here
        with open_engine(
            "pool", EngineSettings(workers=1, prepare=poisoned, preload=PRELOAD)
        ) as engine:
            done = extracted(engine, source, out)
            assert extracted(engine, source, out).known == SHARDS  # it is known now
    assert done.manifest["complete"]
    assert [(one["kind"], one["tries"]) for one in _dead(out)] == [("fatal", 2), ("bug", 1)]
    assert [one["subject"] for one in _dead(out)] == ["http://news.example/4.html", _ID_OF_7]
    assert not (out / "marks").exists()
    for table in TABLES:
        key = "id" if table == "articles" else "article_id"
        lost = {article_id("http://news.example/4.html"), _ID_OF_7}
        assert _rows(out, table) == [row for row in _rows(whole, table) if row[key] not in lost]
    assert extracted(local, source, out, retry=True).known == SHARDS - 2
    assert files_of(out) == files_of(whole)


def test_marks_tell_what_a_worker_died_at(tmp_path: Path) -> None:
    path = tmp_path / "marks" / "shard"
    for deaths in range(3):
        attempts = Attempts(path)
        assert (attempts.deaths(7), attempts.deaths(6)) == (deaths, 0)
        attempts.begin(6)
        attempts.begin(7)
        attempts._file.close()  # as the system does when its process dies
    with suppress(ValueError), Attempts(path) as attempts:
        attempts.begin(9)
        raise ValueError("no death")
    with Attempts(path) as attempts:
        assert (attempts.deaths(7), attempts.deaths(9)) == (3, 0)
    assert not path.exists()


def test_another_version_reads_all_again(local: Engine, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    extracted(local, source, out)
    names = {path.name for path in (out / "articles").iterdir()}
    recipe = Recipe(out=out, version="0" * 12, names="rules", today=recipe_of(out).today)
    shards = list(article_shards(recipe, find_tables([source])))
    with pytest.raises(ShardError, match="install the same bole on all machines"):
        run_shard(recipe, shards[0])
    done = extract_shards(local, recipe, shards, lambda *_: None)
    assert (done.manifest["complete"], len(done.dead)) == (False, SHARDS)
    assert done.dead[0].reason.startswith("articles.parquet from row 1 on: ShardError: this worker")
    assert not any((out / "articles").iterdir())  # what the list does not name is gone
    assert names.isdisjoint(one["name"] for one in done.manifest["shards"])


def test_rows_of_our_own_articles_keep_what_is_known_of_them(
    local: Engine, source: Path, tmp_path: Path
) -> None:
    """What one version has read is the input of the next."""
    first, second = tmp_path / "first", tmp_path / "second"
    extracted(local, source, first)
    extracted(local, first, second)
    for table in TABLES:
        assert sorted(map(str, _rows(second, table))) == sorted(map(str, _rows(first, table)))


@pytest.mark.slow
def test_a_pool_reads_as_one_process_does(local: Engine, source: Path, tmp_path: Path) -> None:
    extracted(local, source, tmp_path / "local")
    extracted_by("pool", source, tmp_path / "pool")
    assert files_of(tmp_path / "pool") == files_of(tmp_path / "local")


def _exit_code(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return int(end.value.code or 0)


def test_the_command_writes_parquet_and_tells(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, words = tmp_path / "out", ("--to", "parquet", "-C", tmp_path)
    assert _exit_code("extract", source.parent, *words, "--out", out, "--json") == 0
    told = capsys.readouterr()
    row = json.loads(told.out)
    assert (row["shards"], row["known"], row["rows"]["articles"]) == (SHARDS, 0, COUNT)
    assert f"{SHARDS} of {SHARDS} shards, {COUNT} articles" in told.err
    bad = tmp_path / "in" / "bad.parquet"
    pq.write_table(pa.table({"text": ["", "沛县给予5万元。"]}), bad)
    assert _exit_code("extract", source.parent, *words, "--out", out) == 3
    told = capsys.readouterr()
    assert "figures              19" in told.out
    assert f"1 could not be read; {out / DEAD_LETTERS} tells why" in told.err
    assert _exit_code("extract", bad, *words, "--out", out) == 2
    assert "holds facts of 1 inputs that are not given now (articles.parquet…)" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--to", "parquet"), 2, "--to parquet needs a folder; name it: --out FOLDER"),
        (("--engine", "pool"), 2, "--engine is for large inputs; write --to parquet --out FOLDER"),
        (("--to", "parquet", "--out", "o", "--engine", "ray"), 2, "unknown engine 'ray'"),
        (("--to", "parquet", "--out", "o", "--from", "warc"), 1, "no archive (warc/pages-*.warc"),
    ],
)
def test_wrong_usage_is_told(
    source: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    monkeypatch.chdir(source.parent)
    assert _exit_code("extract", ".", *words) == code
    assert told in capsys.readouterr().err


def test_a_folder_with_other_files_is_left_alone(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = write_samples(tmp_path / "articles" / "mine.parquet")
    assert _exit_code("extract", source, "--to", "parquet", "--out", tmp_path) == 2
    assert "holds articles/mine.parquet, which is no shard; name another" in capsys.readouterr().err
    assert own.is_file()


def test_an_input_that_cannot_be_read_is_told_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, out = tmp_path / "bad.parquet", tmp_path / "out"
    bad.write_bytes(b"PAR1")
    for path, told in (
        (bad, "not a readable Parquet file"),
        (tmp_path / "none", "no such file or folder"),
        (tmp_path / "in", "no Parquet files"),
    ):
        (tmp_path / "in").mkdir(exist_ok=True)
        assert _exit_code("extract", path, "--to", "parquet", "--out", out) == 1
        assert told in capsys.readouterr().err
    assert not out.exists()


def test_a_line_tells_each_minute_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with shown_shards(4, is_terminal=False, clock=lambda: now) as tell:
        tell(Tally(250, 0), True)
        now = 50.0
        tell(Tally(200, 1), False)
        now = 61.0
        tell(Tally(160, 0), False)
        now = 100.0
        tell(Tally(40, 0), False)
    assert capsys.readouterr().err.splitlines() == [
        "3 of 4 shards, 610 articles, 6 a second, 1 could not be read",
        "4 of 4 shards, 650 articles, 4 a second, 1 could not be read",
    ]


def test_a_terminal_shows_the_same_line(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_shards(1, is_terminal=True) as tell:
        tell(Tally(9, 0), True)
    assert capsys.readouterr().err.splitlines()[-1] == "1 of 1 shards, 9 articles"
