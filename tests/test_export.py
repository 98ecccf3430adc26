"""Tables as files: complete, readable, and harmless in a spreadsheet."""

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import date

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from store import Store, StoreError
from store.cells import cell, column_of, csv_cell, headers
from store.export import TABLES
from tests.store_samples import FULL, run, sample

EVIL = '=HYPERLINK("http://evil.example","x")'


def text_of(path):
    return io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")


def columns_of(store, table):
    return store.query(f"select * from {table}", limit=1).column_names


def evil():
    report = sample(7, figures=1)
    article = replace(report.article, title=EVIL, published=date(2024, 1, 5), source="+1+1\x00")
    policy = replace(report.facts.policies[0], issuer="@SUM(A1)")
    return replace(report, article=article, facts=replace(report.facts, policies=(policy,)))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "bole.duckdb"
    run(path)
    with Store(path) as store:
        store.write_articles([evil()], reader_version="1")
        store.publish()
    with Store.open_snapshot(path.parent) as opened:
        yield opened


@pytest.mark.parametrize("form", ["parquet", "csv", "xlsx", "jsonl"])
@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_whole_in_every_form(store, tmp_path, table, form):
    wanted = store.query(f"select count(*) as n from {table}").to_pylist()[0]["n"]
    path = store.export(table, tmp_path, form=form)
    if form == "parquet":
        rows = pq.read_table(path).num_rows
    elif form == "csv":
        rows = len(list(csv.reader(text_of(path)))) - 1
    elif form == "xlsx":
        rows = load_workbook(path)[table].max_row - 1
    else:
        rows = len(path.read_text("utf-8").splitlines())
    assert rows == wanted
    assert wanted > 0


def test_parquet_is_parted_by_month(store, tmp_path):
    path = store.export("figures", tmp_path, form="parquet")
    assert sorted(part.name for part in path.iterdir()) == [
        "month=2024-01",
        "month=2024-02",
        "month=2024-03",
    ]
    table = pq.read_table(path / "month=2024-02")
    assert set(table["article_id"].to_pylist()) == {"full"}
    assert str(table.schema.field("value").type) == "decimal128(38, 6)"


def test_writing_again_replaces_what_was_there(store, tmp_path):
    path = store.export("figures", tmp_path, form="parquet")
    (path / "month=1999-01").mkdir()
    (tmp_path / ".figures.part").write_text("half", encoding="utf-8")
    assert store.export("figures", tmp_path, form="parquet") == path
    assert not (path / "month=1999-01").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["figures"]


def test_no_cell_of_a_sheet_is_a_formula(store, tmp_path):
    path = store.export("articles", tmp_path, form="xlsx")
    cells = [one for row in load_workbook(path)["articles"].iter_rows() for one in row]
    assert {one.data_type for one in cells} <= {"s", "inlineStr", "n", "d", "b"}
    assert EVIL in [one.value for one in cells]
    assert "+1+1" in [one.value for one in cells]


def test_addresses_are_links(store, tmp_path):
    path = store.export("measures", tmp_path, form="xlsx")
    sheet = load_workbook(path)["measures"]
    links = [one.hyperlink.target for row in sheet.iter_rows() for one in row if one.hyperlink]
    assert "http://news.example/full.html" in links


def test_only_web_addresses_are_links(tmp_path):
    report = sample(8)
    article = replace(report.article, url="javascript:alert(1)")
    with Store(tmp_path / "bole.duckdb") as store:
        store.write_articles([replace(report, article=article)], reader_version="1")
        path = store.export("articles", tmp_path, form="xlsx")
    sheet = load_workbook(path)["articles"]
    assert [one for row in sheet.iter_rows() for one in row if one.hyperlink] == []


@pytest.mark.parametrize(
    ("lang", "name"), [("zh", "地区代码"), ("en", "District code"), (None, "district")]
)
def test_headers_are_in_the_language_that_was_asked_for(store, tmp_path, lang, name):
    path = store.export("measures", tmp_path, form="csv", lang=lang)
    header = next(csv.reader(text_of(path)))
    assert name in header
    assert [column_of(word) for word in header] == columns_of(store, "measures")


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_name_in_both_languages(store, table):
    columns = columns_of(store, table)
    chinese, english = headers(columns, "zh"), headers(columns, "en")
    assert [name for name in chinese if name.isascii()] == []
    assert len(set(chinese)) == len(set(english)) == len(columns)


def test_a_csv_holds_no_formula(store, tmp_path):
    path = store.export("articles", tmp_path, form="csv")
    lines = list(csv.DictReader(text_of(path)))
    (line,) = [line for line in lines if line["id"] == "article-00007"]
    assert (line["title"], line["source"]) == ("'" + EVIL, "'+1+1")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_texts_that_begin_like_formulas_are_quoted(text):
    assert csv_cell(text) == "'" + text


def test_values_become_cells():
    assert cell(["a", "b"]) == "a；b"
    assert cell([{"url": "u"}]) == '[{"url": "u"}]'
    assert len(cell("长" * 40_000)) == 32_767
    assert csv_cell(-5) == -5


def test_json_lines_keep_numbers_and_days(store, tmp_path):
    path = store.export("measures", tmp_path, form="jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    (row,) = [row for row in rows if row["quote"] == "最高资助2000万元"]
    assert (row["amount"], row["published"]) == (20_000_000, "2024-02-29")
    assert row["conditions"] == list(FULL.facts.figures[0].conditions)


def test_what_cannot_be_exported_is_named(store, tmp_path):
    with pytest.raises(StoreError, match="no table 'cats' to export; tables: measures, "):
        store.export("cats", tmp_path, form="csv")
    with pytest.raises(StoreError, match="unknown format 'ods'; formats: parquet, csv"):
        store.export("measures", tmp_path, form="ods")
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match=r"cannot write .*measures\.csv"):
        store.export("measures", tmp_path / "file", form="csv")


def test_many_rows_go_on_in_another_sheet(store, tmp_path, monkeypatch):
    monkeypatch.setattr("store.export.SHEET_ROWS", 2)
    book = load_workbook(store.export("articles", tmp_path, form="xlsx"))
    assert book.sheetnames == ["articles", "articles 2", "articles 3"]
    assert sum(book[name].max_row - 1 for name in book.sheetnames) == 6
    shutil.rmtree(tmp_path)
