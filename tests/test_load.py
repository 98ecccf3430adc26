"""Articles from Parquet and JSON lines."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bole.config import Settings
from bole.loading import LoadError, load_files
from store import Store

TODAY = date(2024, 3, 2)
ROWS = [
    {"url": "http://news.example/1", "title": "柳溪", "text": "沛县设置1亿元人才发展专项资金。"},
    {
        "id": "two",
        "text": "沛县對博士每人補貼5萬元。",
        "published": "2024-03-01",
        "first_seen": "2024-03-01",
    },
]


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data")


def write(path, rows):
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_articles_are_read_for_facts_and_loaded_once(settings, tmp_path):
    lines = write(tmp_path / "a.jsonl", ROWS)
    table, columns = tmp_path / "a.parquet", [*ROWS[0], *ROWS[1]]
    pq.write_table(pa.Table.from_pylist([{**dict.fromkeys(columns), **row} for row in ROWS]), table)
    loaded = load_files(settings, [lines], today=TODAY)
    assert (loaded.new, loaded.known, loaded.failures) == (2, 0, [])
    again = load_files(settings, [table], today=TODAY)
    assert (again.new, again.known) == (0, 2)
    with Store.open_snapshot(settings.data) as store:
        found = store.query("select quote, value from figures order by quote").to_pylist()
        days = store.query("select first_seen, lang from articles order by all").to_pylist()
        assert [hit.article_id for hit in store.search("补贴")] == ["two"]
    assert [row["quote"] for row in found] == ["1亿元", "5萬元"]
    assert [(row["first_seen"], row["lang"]) for row in days] == [
        (date(2024, 3, 1), "zh-Hant"),
        (TODAY, "zh-Hans"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "a list"),
        ({"text": " "}, "text is ' '"),
        ({"text": "x", "lang": "fr"}, "lang is 'fr', wanted zh-Hans"),
        ({"text": "x", "published": "gestern"}, "gestern"),
        ({"text": "x", "first_seen": "2999-01-01"}, "still to come"),
    ],
)
def test_a_row_that_is_no_article_is_a_failure(settings, tmp_path, row, said):
    loaded = load_files(settings, [write(tmp_path / "a.jsonl", [row, ROWS[0]])], today=TODAY)
    assert loaded.new == 1
    (failure,) = loaded.failures
    assert said in failure.message
    assert failure.message.startswith("a.jsonl:1: ")
    load_files(settings, [write(tmp_path / "a.jsonl", [ROWS[0]])], today=TODAY)
    with Store.open_snapshot(settings.data) as store:
        assert store.failures() == []


def test_lines_that_are_no_utf8_are_failures_and_a_mark_before_them_is_none(settings, tmp_path):
    path = write(tmp_path / "a.jsonl", ROWS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + '{"text": "金额"}\n'.encode("gb18030"))
    loaded = load_files(settings, [path], today=TODAY)
    assert loaded.new == 2
    assert [failure.subject for failure in loaded.failures] == ["a.jsonl:3"]
    assert (
        "not UTF-8 (invalid start byte at byte 10); save it as UTF-8" in loaded.failures[0].message
    )


def test_files_that_cannot_be_loaded_are_named(settings, tmp_path):
    with pytest.raises(LoadError, match="no such file"):
        load_files(settings, [Path("none.jsonl")], today=TODAY)
    (tmp_path / "a.csv").write_text("x", encoding="utf-8")
    with pytest.raises(LoadError, match=r"unknown suffix '\.csv'"):
        load_files(settings, [tmp_path / "a.csv"], today=TODAY)
    (tmp_path / "a.parquet").write_text("x", encoding="utf-8")
    with pytest.raises(LoadError, match="not a readable Parquet file"):
        load_files(settings, [tmp_path / "a.parquet"], today=TODAY)
