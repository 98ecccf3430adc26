"""The command line, as people type it."""

import io
import json
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from bole.cli import main
from bole.config import Settings, write_settings
from store import Store
from tests.store_samples import FULL

SEEDS = Path(__file__).parent / "quality" / "gold"


@dataclass(frozen=True)
class Run:
    returncode: int
    stdout: str
    stderr: str


def bole(*words: object, folder: Path = Path()) -> Run:
    """Run the command in this process: imports are paid for once."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as end:
            code = int(end.code or 0)
    return Run(code, out.getvalue(), err.getvalue())


def test_the_command_is_installed():
    run = subprocess.run(
        [sys.executable, "-m", "bole", "--help"], capture_output=True, text=True, check=True
    )
    assert "digest" in run.stdout


def test_extract_prints_the_contract():
    run = bole("extract", SEEDS / "seed-002.txt", "--json")
    assert run.returncode == 0, run.stderr
    row = json.loads(run.stdout)
    raw = (SEEDS / "seed-002.txt").read_text("utf-8")
    assert (row["id"], row["lang"], row["district"]) == ("seed-002", "zh-Hans", "320300")
    assert row["published"] == "2020-06-15"
    assert set(row) >= {"url", "title", "published_from", "source", "author", "body", "summary"}
    facts = row["figures"] + row["policies"] + row["places"] + row["entities"]
    assert len(facts) > 30
    assert all(raw[f["start"] : f["end"]] == f["quote"] for f in facts)
    largest = next(f for f in row["figures"] if f["quote"] == "5000万元")
    assert largest["value"] == 50_000_000
    assert largest["district"] == "320322"


def test_a_row_of_jsonl_is_the_article_proper(tmp_path):
    text = "沛县设置1亿元人才发展专项资金。"
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"id": "x", "lang": "zh-Hans", "text": text}), encoding="utf-8")
    row = json.loads(bole("extract", rows, "--json").stdout)
    assert row["body"] == {"start": 0, "end": len(text)}
    assert [f["quote"] for f in row["figures"]] == ["1亿元"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.txt", b"", "empty.txt"),
        ("binary.txt", bytes(range(256)) * 8, "binary.txt"),
        ("empty.html", b"", "empty.html"),
        ("frame.html", b"<html><body><a href='/'>x</a></body></html>", "frame.html"),
        ("table.xyz", b"1,2", "table.xyz"),
        ("rows.jsonl", b'{"id": "a", "text": ', "rows.jsonl"),
    ],
)
def test_a_bad_file_costs_a_line_and_the_rest_goes_on(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    run = bole("extract", tmp_path / name, SEEDS / "seed-001.txt", "--json")
    assert run.returncode == 3
    assert json.loads(run.stdout)["id"] == "seed-001"
    lines = run.stderr.splitlines()
    assert message in lines[0]
    assert lines[1:] == ["1 of 2 files failed"]
    assert bole("read", tmp_path / name).returncode == 1


def test_a_missing_file_is_named(tmp_path):
    run = bole("extract", tmp_path / "no.txt")
    assert run.returncode == 1
    assert "no.txt" in run.stderr
    assert "Traceback" not in run.stderr


def test_unknown_source_and_malformed_watchlist(tmp_path):
    write_settings(tmp_path, Settings())
    watchlist = tmp_path / "sources.toml"
    watchlist.write_text("schema = 1\n[[source]]\nid = \n", encoding="utf-8")
    run = bole("crawl", folder=tmp_path)
    assert run.returncode == 2
    assert "sources.toml" in run.stderr
    assert "line 3" in run.stderr
    assert bole("init", folder=tmp_path).returncode == 0  # what exists is kept
    watchlist.unlink()
    assert bole("init", folder=tmp_path).returncode == 0
    run = bole("crawl", "no_such", folder=tmp_path)
    assert run.returncode == 2
    assert "no_such" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_init_takes_a_name_and_keeps_what_exists(tmp_path):
    run = bole("init", "--home", "沛县", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert 'home = "320322"' in (tmp_path / "bole.toml").read_text("utf-8")
    assert bole("init", "--home", "徐州市", folder=tmp_path).stdout == ""
    assert 'home = "320322"' in (tmp_path / "bole.toml").read_text("utf-8")


def test_init_names_the_districts_of_an_ambiguous_name(tmp_path):
    run = bole("init", "--home", "鼓楼区", folder=tmp_path)
    assert run.returncode == 2
    assert "320106" in run.stderr
    assert not (tmp_path / "bole.toml").exists()


def test_init_without_a_terminal_says_that_home_is_not_set(tmp_path):
    run = bole("init", folder=tmp_path)
    assert run.returncode == 0
    assert "bole init --home" in run.stderr


def test_sites_are_told_whom_to_write_to_or_a_line_says_that_they_are_not(tmp_path):
    mine = tmp_path / "mine"
    assert "bole init --contact" in bole("init", "-C", tmp_path).stderr
    run = bole("init", "-C", mine, "--home", "", "--contact", "me@example.cn")
    assert run.stderr == ""
    assert 'contact = "me@example.cn"' in (mine / "bole.toml").read_text("utf-8")
    for folder, told in ((tmp_path, True), (mine, False)):
        (folder / "sources.toml").write_text(CLOSED, encoding="utf-8")
        for verb in ("crawl", "run"):
            (folder / "data").write_text("no folder", encoding="utf-8")  # nothing is asked for
            assert ("set contact = " in bole(verb, "-C", folder).stderr) is told


CLOSED = """[[source]]
id = "one"
name = "one"
level = "national"
publisher = "media"
preset = "trs"
url = "http://127.0.0.1:9/"
"""


@pytest.mark.parametrize(
    "words",
    [
        ("-C", "home", "sources", "list", "--json"),
        ("--folder", "home", "sources", "--json"),
        ("sources", "-C", "home", "list", "--json"),
        ("sources", "list", "-C", "home", "--json"),
        ("-C", "elsewhere", "sources", "list", "-C", "home", "--json"),
    ],
)
def test_the_folder_may_stand_before_the_command_and_after_it(tmp_path, words):
    (tmp_path / "home").mkdir()
    write_settings(tmp_path / "home", Settings())
    (tmp_path / "home" / "sources.toml").write_text(CLOSED, encoding="utf-8")
    run = bole(*words, folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["id"] == "one"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("source_healt", "did you mean source_health"),
        ("highest_suport", "did you mean highest_support"),
        ("xyzzy", "`bole query` alone lists the questions"),
    ],
)
def test_a_word_is_a_question_a_table_or_a_near_one(tmp_path, question, said):
    write_settings(tmp_path, Settings())
    (tmp_path / "data").mkdir()
    with Store(tmp_path / "data" / "bole.duckdb") as store:
        store.publish()
    run = bole("query", question, "-C", tmp_path)
    assert (run.returncode, said in run.stderr) == (1, True)
    assert "Parser Error" not in run.stderr
    for name in ("districts", "source_health"):
        run = bole("query", name, "--limit", "2", "--json", "-C", tmp_path)
        assert (run.returncode, len(run.stdout.splitlines())) == (0, 2 * (name == "districts"))


def test_questions_about_a_district_take_its_name(tmp_path):
    write_settings(tmp_path, Settings())
    (tmp_path / "data").mkdir()
    with Store(tmp_path / "data" / "bole.duckdb") as store:
        store.write_articles([FULL], reader_version="1")
        store.publish()
    runs = [
        bole("query", "measures_of_district", *words, "--json", "-C", tmp_path).stdout
        for words in (("--district", "320322"), ("--district", "沛县"), ("--with", "district=沛县"))
    ]
    assert runs[0]
    assert len(set(runs)) == 1
    run = bole("query", "measures_of_district", "--district", "沛", "-C", tmp_path)
    assert (run.returncode, "no district '沛'" in run.stderr) == (2, True)


def test_digest_of_no_day_is_refused(tmp_path):
    write_settings(tmp_path, Settings())
    bole("init", folder=tmp_path)
    run = bole("digest", folder=tmp_path)
    assert run.returncode == 2
    assert "bole run" in run.stderr
    run = bole("digest", "--date", "2999-01-01", folder=tmp_path)
    assert run.returncode == 2
    assert "lies ahead" in run.stderr


def test_a_path_that_cannot_be_used_is_one_line(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    run = bole("init", "-C", tmp_path / "file")
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert "check this path" in run.stderr


def test_evaluate_wants_a_gold_folder(tmp_path):
    (tmp_path / "floors.json").write_text("{}", encoding="utf-8")
    run = bole("evaluate", tmp_path)
    assert run.returncode == 2
    assert "no gold files" in run.stderr


def test_questions_before_the_first_run_say_what_to_do(tmp_path):
    write_settings(tmp_path, Settings())
    run = bole("query", "select 1", folder=tmp_path)
    assert run.returncode == 1
    assert "bole run" in run.stderr


def test_evaluate_scores_a_gold_folder():
    run = bole("evaluate", SEEDS, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["grounding"] == 1.0
