"""The API: rows as they are kept, page by page, in three forms; questions; feeds; bounds."""

import csv
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from threading import Barrier
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bole.web import questions
from bole.web.api import models
from bole.web.api.app import ADDRESS, make_api
from bole.web.api.cursors import CursorError, read_cursor, write_cursor
from bole.web.api.feeds import Entry, Feed, atom, rss
from bole.web.safety import Guard, Rules
from bole.web.snapshot import Door
from bole.web.state import Office
from store import Store, named_queries
from tests.store_samples import FULL, figure_ids, sample, story
from tests.web_client import client_of, copy_office, make_office, publish

ARTICLES = 30
ATOM = "{http://www.w3.org/2005/Atom}"


def open_api(office_settings, **rules):
    """Return the API of an office behind the rules, as it is served."""
    door = Door(office_settings.data)
    app = FastAPI(openapi_url=None)
    office = Office(folder=office_settings.data.parent, settings=office_settings, door=door)
    app.mount(ADDRESS, make_api(office))
    return Guard(app, Rules(**rules))


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = make_office(tmp_path_factory.mktemp("api") / "office", ARTICLES)
    with Store(made.database) as store:
        store.write_stories([story("s", sample(1), sample(2)), story("t", FULL)])
        store.publish()
    return made


@pytest.fixture(scope="module")
def app(office):
    return open_api(office, names=frozenset({"testserver"}))


@pytest.fixture(scope="module")
def api(app):
    asked = client_of(app)
    asked.base_url = f"http://127.0.0.1{ADDRESS}"
    return asked


@pytest.fixture
def own(tmp_path, tmp_path_factory):
    """Return an office and a client of its own, for what changes it."""
    made = copy_office(tmp_path_factory, tmp_path / "office")
    asked = client_of(open_api(made))
    asked.base_url = f"http://127.0.0.1{ADDRESS}"
    return made, asked


def walk(api, path, **asked):
    """Return all rows of a list, page by page."""
    rows, cursor = [], ""
    while True:
        answer = api.get(path, params={**asked, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page["items"]
        assert ("next" in answer.links) == (page["next"] is not None)
        if page["next"] is None:
            return rows
        assert len(page["items"]) == asked["limit"]
        assert api.get(str(answer.links["next"]["url"]).removeprefix(ADDRESS)).status_code == 200
        cursor = page["next"]


# lists

LISTS = {
    "figures": models.Figure,
    "measures": models.Measure,
    "policies": models.Policy,
    "articles": models.Article,
    "stories": models.Story,
    "districts": models.District,
    "sources": models.Source,
}


@pytest.mark.parametrize(("path", "model"), LISTS.items(), ids=LISTS)
def test_rows_are_what_their_model_says(api, path, model):
    rows = api.get(f"/{path}").json()["items"]
    assert rows or path == "sources"
    for row in rows:
        assert list(row) == list(model.model_fields)
        model.model_validate(row)


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        ("figures", "newest"),
        ("figures", "amount"),
        ("figures", "id"),
        ("measures", "newest"),
        ("measures", "amount"),
        ("measures", "id"),
        ("policies", "newest"),
        ("policies", "mentions"),
        ("articles", "newest"),
        ("articles", "id"),
        ("stories", "newest"),
        ("stories", "reports"),
    ],
)
@pytest.mark.parametrize("limit", [1, 7])
def test_pages_hold_each_row_once_in_order(api, path, sort, limit):
    whole = api.get(f"/{path}", params={"limit": 10_000, "sort": sort}).json()
    assert whole["next"] is None
    if limit == 1 and len(whole["items"]) > 12:
        limit = 9
    assert walk(api, f"/{path}", limit=limit, sort=sort) == whole["items"]


def test_orders_are_kept(api):
    def sorts(path, sort, key):
        return [key(row) for row in api.get(path, params={"sort": sort}).json()["items"]]

    days = sorts("/figures", "newest", lambda row: row["day"])
    assert days == sorted(days, reverse=True)
    amounts = sorts("/figures", "amount", lambda row: row["value_max"] or row["value"])
    assert amounts == sorted(amounts, reverse=True)
    ids = sorts("/figures", "id", lambda row: row["fact_id"])
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"role": "fund"}, ["3亿元"]),
        ({"target": "顶尖"}, ["最高资助2000万元"]),
        ({"district": "320322", "role": "support"}, ["最高资助2000万元"]),
        ({"tier": "doctor", "benefit": "living"}, ["3000至5000元"]),
        ({"article": "full", "least": 4000, "most": 4000}, ["3000至5000元"]),
        ({"article": "full", "least": "3e8"}, ["3亿元"]),
        ({"article": "full", "counted": "基金"}, ["3亿元"]),
        ({"article": "full", "policy": "柳溪", "until": "2024-02-29"}, ["最高资助2000万元"]),
        ({"article": "full", "since": "2024-03-01"}, []),
        ({"article": "full", "grade": ["A", "C"]}, []),
        ({"source": "柳溪日报", "unit": "CNY", "role": "fund", "grade": ["A", "B"]}, ["3亿元"]),
        ({"policy": "' or true --"}, []),
    ],
)
def test_figures_are_filtered(api, asked, expected):
    answer = api.get("/figures", params=asked)
    assert [row["quote"] for row in answer.json()["items"]] == expected


def test_other_lists_are_filtered(api):
    def ids(path, **asked):
        answer = api.get(path, params={"limit": 10_000, **asked})
        return [row.get("id") or row.get("code") for row in answer.json()["items"]]

    assert ids("/articles", title="英才", source="柳溪日报") == ["full"]
    assert ids("/articles", story="t") == ["full"]
    assert len(ids("/policies", name="英才")) == 2
    assert len(ids("/policies", trial="true", kind="document", issuer="柳溪")) == 1
    assert ids("/stories", since="2999-01-01") == []
    assert "320322" in ids("/districts", parent="320300", level="county")
    assert ids("/districts", name="Pei County") == ["320322"]
    assert "320300" in ids("/districts", known="true")
    assert set(ids("/districts", known="true")) < set(ids("/districts"))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/figures?limit=0", "limit: "),
        ("/figures?limit=10001", "limit: "),
        ("/figures?colour=red", "colour: extra"),
        ("/figures?district=32", "district: "),
        ("/figures?since=yesterday", "since: "),
        ("/figures?least=nan", "least: "),
        ("/figures?sort=secret", "sort: "),
        ("/figures?grade=E", "grade"),
        ("/figures?format=xlsx", "format: "),
        ("/facts/xyz", "fact: "),
        ("/compare", "district: "),
        ("/compare?district=320300&measure=a b", "measure"),
        ("/changes", "policy: "),
        ("/search?q=%2C", "nothing to look for"),
        ("/search", "q: "),
        ("/questions/funds?noun=x", "has no 'noun'; it knows: district"),
        ("/questions/funds?since=soon", "since: "),
        ("/query?sql=select", "cannot run this SQL"),
        ("/query", "sql: "),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(api, path, words):
    answer = api.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told["status"] == 422
    assert words in told["detail"]
    assert "\n" not in told["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/facts/0123456789ab",
        "/articles/none",
        "/questions/none",
        "/feeds/districts/999999.atom",
        "/feeds/questions/none.rss",
        "/none",
    ],
)
def test_what_is_not_there_is_told(api, path):
    answer = api.get(path)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_a_fact_comes_with_its_words(api):
    wanted = figure_ids(FULL)[0]
    fact = api.get(f"/facts/{wanted}").json()
    models.Fact.model_validate(fact)
    assert (fact["kind"], fact["quote"]) == ("figure", "最高资助2000万元")
    assert fact["context"] == FULL.article.text
    assert fact["fields"]["value"] == 20_000_000
    assert fact["fields"]["conditions"] == ["年龄不超过45周岁", "全职"]
    assert fact["verdict"] is None


def test_an_article_comes_with_all_its_facts(api):
    whole = api.get("/articles/full").json()
    models.WholeArticle.model_validate(whole)
    assert whole["text"] == FULL.article.text
    assert whole["text"][whole["body_start"] : whole["body_end"]] == FULL.article.text
    kinds = Counter(api.get(f"/facts/{fact}").json()["kind"] for fact in whole["facts"])
    assert kinds == {"figure": 3, "policy": 1, "place": 2, "name": 2}


# forms


@pytest.mark.parametrize("path", [*LISTS, "compare?district=320300", "calendar"])
def test_csv_and_parquet_hold_the_rows_of_json(api, path):
    sign = "&" if "?" in path else "?"
    rows = api.get(f"/{path}").json()["items"]
    given = api.get(f"/{path}{sign}format=parquet")
    table = pq.read_table(BytesIO(given.content))
    assert given.headers["content-type"] == "application/vnd.apache.parquet"
    assert given.headers["content-disposition"].endswith('.parquet"')
    assert [plainly(row) for row in table.to_pylist()] == rows
    given = api.get(f"/{path}{sign}format=csv")
    assert given.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(StringIO(given.content.decode("utf-8-sig"))))
    assert [{k: as_cell(v) for k, v in row.items()} for row in rows] == lines
    assert given.links == api.get(f"/{path}").links or "next" in given.links


def plainly(row):
    """Return a row of Parquet as JSON has it."""
    return json.loads(json.dumps(row, default=json_value))


def json_value(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat()


def as_cell(value):
    if isinstance(value, list):
        return "；".join(value)
    return "" if value is None else str(value)


def test_no_cell_of_a_csv_is_a_formula(api):
    sql = "select '=1+1' as \"=2+2\", '@x' as b, '-1' as c, -1 as d, '+86' as e, chr(9) || 'x' as f"
    given = api.get("/query", params={"sql": sql, "format": "csv"})
    head, row = csv.reader(StringIO(given.content.decode("utf-8-sig")))
    assert head[0] == "'=2+2"
    assert row == ["'=1+1", "'@x", "'-1", "-1", "'+86", "'\tx"]


# tags


def test_an_answer_is_sent_once_until_something_changes(own):
    office_settings, api = own
    first = api.get("/figures?limit=3")
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = api.get("/figures?limit=3", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "private, no-cache"
    for other in ("/figures?limit=4", "/figures?limit=3&format=csv", "/measures?limit=3"):
        assert api.get(other, headers={"If-None-Match": tag}).status_code == 200
    assert api.get("/figures?limit=3", headers={"If-None-Match": '"x"'}).status_code == 200
    publish(office_settings, [sample(77)])
    changed = api.get("/figures?limit=3", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_what_went_wrong_has_no_tag(api):
    for path in ("/figures?limit=0", "/facts/0123456789ab"):
        assert "etag" not in api.get(path).headers


# cursors


def test_a_new_snapshot_neither_repeats_nor_hides_rows(own):
    office_settings, api = own
    before = {row["fact_id"] for row in api.get("/figures?limit=1000").json()["items"]}
    page = api.get("/figures?limit=4").json()
    seen = [row["fact_id"] for row in page["items"]]
    publish(office_settings, [sample(number) for number in range(100, 110)])
    while page["next"]:
        page = api.get("/figures", params={"limit": 4, "cursor": page["next"]}).json()
        seen += [row["fact_id"] for row in page["items"]]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


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


def test_cursors_of_other_questions_are_refused(api):
    cursor = api.get("/figures?limit=1").json()["next"]
    refused = [
        ("/figures", {"cursor": cursor, "sort": "id"}),
        ("/figures", {"cursor": cursor, "role": "fund"}),
        ("/measures", {"cursor": cursor}),
        ("/questions/funds", {"cursor": cursor}),
        ("/figures", {"cursor": cursor[:-3]}),
        ("/figures", {"cursor": "é" + cursor}),
        ("/figures", {"cursor": "[" * 900}),
        ("/figures", {"cursor": "W1tbW1s"}),
    ]
    for path, asked in refused:
        answer = api.get(path, params=asked)
        assert answer.status_code == 422
        assert "leave it out to begin anew" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("day", "soon"),
        ("amount", "NaN"),
        ("amount", "1e400"),
        ("amount", "x"),
        ("day", "2024-13-01"),
    ],
)
def test_a_cursor_holds_values_of_its_keys(kind, value):
    with pytest.raises(CursorError):
        read_cursor("q", write_cursor("q", [value]), [kind])
    assert read_cursor("q", write_cursor("q", [date(2024, 1, 2)]), ["day"]) == [date(2024, 1, 2)]


# questions


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


def test_before_the_first_run_it_says_so(tmp_path, tmp_path_factory):
    made = copy_office(tmp_path_factory, tmp_path / "office")
    (made.data / "snapshots" / "current").unlink()
    answer = client_of(open_api(made)).get(f"{ADDRESS}/figures")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "publish one: bole run" in answer.json()["detail"]
    assert str(tmp_path) not in answer.text


# feeds


@pytest.mark.parametrize(
    "path", ["districts/320300", "questions/new_policies", "questions/talents"]
)
def test_feeds_are_well_formed(api, path):
    given = api.get(f"/feeds/{path}.atom")
    assert given.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(given.content)
    ids = [one.text for one in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    for needed in ("id", "title", "updated", "link", "author"):
        assert feed.find(f"{ATOM}{needed}") is not None
    given = api.get(f"/feeds/{path}.rss")
    assert given.headers["content-type"] == "application/rss+xml; charset=utf-8"
    channel = ET.fromstring(given.content).find("channel")
    assert len(channel.findall("item")) == len(feed.findall(f"{ATOM}entry"))


def test_a_districts_feed_tells_what_is_new(api):
    feed = ET.fromstring(api.get("/feeds/districts/320322.atom").content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text == "【沛县】柳溪英才办法"
    assert entry.find(f"{ATOM}link").get("href") == "http://news.example/full.html"
    assert "最高资助2000万元 [B]" in entry.find(f"{ATOM}summary").text
    again = api.get("/feeds/districts/320322.atom")
    assert (
        api.get(
            "/feeds/districts/320322.atom", headers={"If-None-Match": again.headers["etag"]}
        ).status_code
        == 304
    )


@pytest.mark.parametrize("write", [atom, rss])
def test_a_feed_shows_texts_as_texts(write):
    hostile = "<script>alert(1)</script> & ]]> \x01"
    entry = Entry(id='"', title=hostile, text=hostile, url="javascript:alert(1)", day=None)
    feed = Feed(id="x", title=hostile, address='http://a/?"<', entries=[entry])
    text = write(feed)
    ET.fromstring(text.encode())
    assert "<script" not in text
    assert "javascript" not in text


# the document


def test_the_document_describes_each_operation(api):
    document = api.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    operations = [(p, m, o) for p, ways in document["paths"].items() for m, o in ways.items()]
    assert len(operations) > 18
    for _, _, operation in operations:
        assert operation["description"]
        assert "422" not in operation["responses"] or "HTTPValidation" not in str(operation)
    page = api.get("/docs").text
    for path, method, _ in operations:
        assert f"<code>{method.upper()} {ADDRESS}{path}</code>" in page
    assert "<script" not in page
    assert "style=" not in page
    assert "http" not in page.replace("http-equiv", "")


CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
_CALM = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "examples"), [(GenerationMode.POSITIVE, 5), (GenerationMode.NEGATIVE, 3)]
)
def test_no_request_of_the_document_finds_a_bug(app, mode, examples):
    schema = schemathesis.openapi.from_asgi(f"{ADDRESS}/openapi.json", app)
    asked = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and operation.path in ("/questions", "/marks"):
            continue  # the list of marks has nothing to get wrong

        @settings(max_examples=examples, **_CALM)
        @given(operation.as_strategy(generation_mode=mode))
        def call(case):
            answer = case.call()
            asked[answer.status_code] += 1
            case.validate_response(answer, checks=list(CHECKS))

        call()
    assert sum(asked.values()) > 40
    assert asked[200 if mode is GenerationMode.POSITIVE else 422] > 15


# readers and runs


@pytest.mark.slow
def test_fifty_readers_see_no_error_while_runs_publish(tmp_path, tmp_path_factory):
    made = copy_office(tmp_path_factory, tmp_path / "office")
    app = open_api(made)
    paths = ("figures?limit=5", "measures", "articles?limit=3", "questions/funds", "search?q=人才")
    started = Barrier(51)

    def read(number):
        api = client_of(app)
        started.wait()
        return Counter(
            api.get(f"{ADDRESS}/{paths[(number + page) % len(paths)]}").status_code
            for page in range(3)
        )

    with ThreadPoolExecutor(50) as readers:
        seen = [readers.submit(read, number) for number in range(50)]
        started.wait()
        for number in range(3):
            publish(made, [sample(200 + number)])
        total = sum((one.result(timeout=60) for one in seen), Counter())
    assert total == {200: 150}
    articles = client_of(app).get(f"{ADDRESS}/articles?limit=100").json()["items"]
    assert len(articles) == 9
