"""Questions to the API: compare, changes, calendar, search, named questions, SQL and its bounds."""

import csv
from io import StringIO

import pytest

from bole.web import questions
from bole.web.api import models
from store import named_queries
from tests.store_samples import sample
from tests.web_api import ask_api, own_api, shared_app
from tests.web_client import publish


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    return ask_api(shared_app(tmp_path_factory))


@pytest.fixture
def own(tmp_path, tmp_path_factory):
    return own_api(tmp_path_factory, tmp_path / "office")


def test_no_cell_of_a_csv_is_a_formula(api):
    sql = "select '=1+1' as \"=2+2\", '@x' as b, '-1' as c, -1 as d, '+86' as e, chr(9) || 'x' as f"
    given = api.get("/query", params={"sql": sql, "format": "csv"})
    head, row = csv.reader(StringIO(given.content.decode("utf-8-sig")))
    assert head[0] == "'=2+2"
    assert row == ["'=1+1", "'@x", "'-1", "-1", "'+86", "'\tx"]


def test_pages_of_a_question_are_of_one_snapshot(own):
    office_settings, api = own
    path = "/questions/measures_of_district"
    whole = api.get(path, params={"limit": 1_000}).json()
    first = api.get(path, params={"limit": 2}).json()
    second = api.get(path, params={"limit": 1_000, "cursor": first["next"]}).json()
    assert first["rows"] + second["rows"] == whole["rows"]
    assert (first["cut"], second["cut"], second["next"]) == (True, False, None)
    publish(office_settings, [sample(88)])
    late = api.get(path, params={"limit": 2, "cursor": first["next"]})
    assert (late.status_code, "newer snapshot" in late.json()["detail"]) == (410, True)


def test_districts_are_compared(api):
    asked = {"district": ["320300", "320500"], "measure": ["living/doctor", "/top"]}
    rows = api.get("/compare", params=asked).json()["items"]
    for row in rows:
        models.Offer.model_validate(row)
    assert {(row["district"], row["state"]) for row in rows} >= {("320500", "missing")}
    assert {row["quote"] for row in rows} >= {"3000至5000元", "最高资助2000万元"}


def test_changes_between_versions_are_told(own):
    office_settings, api = own
    publish(office_settings, [sample(20, action="issued"), sample(21, action="revised")])
    answer = api.get("/changes?policy=英才办法")
    for row in answer.json()["items"]:
        models.Change.model_validate(row)
    assert answer.status_code == 200


def test_the_calendar_tells_what_ends(api):
    rows = api.get("/calendar?since=2027-01-01&district=320300").json()["items"]
    assert [(row["name"], row["ends"], row["what"]) for row in rows] == [
        ("柳溪英才办法", "2027-12-31", "trial")
    ]
    models.CalendarEntry.model_validate(rows[0])
    assert api.get("/calendar?since=2028-01-01").json()["items"] == []


@pytest.mark.parametrize("words", ["人才基金", "3亿元人才基金", "人才基金，"])
def test_articles_are_searched(api, words):
    (hit,) = api.get("/search", params={"q": words}).json()["items"]
    models.Hit.model_validate(hit)
    assert hit["article_id"] == "full"
    marked = "".join(hit["snippet"][start:end] for start, end in hit["marks"])
    assert "人才基金" in marked


def test_every_named_question_is_answered(api):
    listed = {row["name"]: row for row in api.get("/questions").json()}
    assert set(listed) == set(named_queries())
    for name in listed:
        answer = api.get(f"/questions/{name}?limit=5")
        assert answer.status_code == 200
        told = answer.json()
        assert all(len(row) == len(told["columns"]) for row in told["rows"])


def test_sql_is_answered_with_names_and_types(api):
    asked = {"sql": "select 1 as a, 'x' as a, 1.50::decimal(5, 2) as b, [1] as c, null as d"}
    for answer in (api.get("/query", params=asked), api.post("/query", json=asked)):
        told = answer.json()
        assert [column["name"] for column in told["columns"]] == ["a", "a", "b", "c", "d"]
        assert told["rows"] == [[1, "x", 1.5, [1], None]]
        assert (told["cut"], told["next"]) == (False, None)
    cut = api.get("/query", params={"sql": "from range(9)", "limit": 3}).json()
    assert (len(cut["rows"]), cut["cut"]) == (3, True)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "select * from read_parquet('x.parquet')",
        "select * from glob('/*')",
        "from 'bole.toml'",
        "copy figures to '/tmp/x.csv'",
        "attach 'other.duckdb'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '1GB'",
        "set enable_external_access = true",
        "pragma database_list",
        "delete from figures",
        "insert into runs values (1, 'x', null, null, null, null)",
        "create table x as select 1",
        "create temp table x as select 1",
        "drop table figures",
        "update figures set value = 0",
        "begin; select 1",
        "select 1; select 2",
        "call pragma_version()",
        "export database '/tmp/x'",
        "select * from duckdb_secrets(); attach 'x'",
        "",
        " ",
        "\x00",
        "(" * 5_000,
    ],
)
def test_sql_that_does_more_than_read_is_refused(api, sql):
    for answer in (api.get("/query", params={"sql": sql}), api.post("/query", json={"sql": sql})):
        assert answer.status_code == 422
        assert "root:" not in answer.text


def test_sql_that_takes_too_long_is_ended(api, monkeypatch):
    monkeypatch.setattr(questions, "SECONDS", 0.05)
    endless = "select count(*) from range(100000000) a, range(100000000) b"
    answer = api.get("/query", params={"sql": endless})
    assert (answer.status_code, "took over 0.05 s" in answer.json()["detail"]) == (422, True)
    assert api.get("/query?sql=select+1").json()["rows"] == [[1]]


def test_only_so_many_ask_in_sql_at_once(api, monkeypatch):
    monkeypatch.setattr(questions, "PATIENCE", 0.0)
    for _ in range(questions.AT_ONCE):
        assert questions._turns.acquire(blocking=False)
    try:
        answer = api.get("/query?sql=select+1")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert api.get("/figures?limit=1").status_code == 200
    finally:
        questions._turns.release(questions.AT_ONCE)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 'inf'::double as a, 'nan'::float as b", [None, None]),
        (
            "select 170141183460469231731687303715884105727::hugeint as a",
            [170141183460469231731687303715884105727],
        ),
        ("select blob '\\x01ab' as a, date '2024-01-02' as b", ["016162", "2024-01-02"]),
        ("select {'x': 1} as a, map {'k': date '2024-01-02'} as b", [{"x": 1}, None]),
        ("select interval 1 month as a, time '12:00' as b", [None, "12:00:00"]),
    ],
)
def test_any_value_is_shown_or_refused(api, sql, expected):
    for form in ("json", "csv", "parquet"):
        answer = api.get("/query", params={"sql": sql, "format": form})
        assert answer.status_code in (200, 422), answer.text
        if form == "json" and answer.status_code == 200:
            (row,) = answer.json()["rows"]
            assert all(a == b for a, b in zip(row, expected, strict=True) if b is not None)


def test_an_answer_in_sql_is_bounded(api, monkeypatch):
    monkeypatch.setattr("bole.web.api.answers.LARGEST", 10_000)
    sql = "select repeat('x', 1000) from range(100)"
    for form in ("json", "csv", "parquet"):
        answer = api.get("/query", params={"sql": sql, "format": form})
        assert (answer.status_code, "too large" in answer.json()["detail"]) == (422, True)
