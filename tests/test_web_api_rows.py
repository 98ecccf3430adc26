"""The API: rows as they are kept, page by page, as JSON, CSV and Parquet; and their tags."""

import csv
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pyarrow.parquet as pq
import pytest

from bole.web.api import models
from bole.web.api.cursors import CursorError, read_cursor, write_cursor
from tests.store_samples import FULL, figure_ids, sample
from tests.web_api import ADDRESS, ask_api, open_api, own_api, shared_app
from tests.web_client import client_of, copy_office, publish


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    return ask_api(shared_app(tmp_path_factory))


@pytest.fixture
def own(tmp_path, tmp_path_factory):
    return own_api(tmp_path_factory, tmp_path / "office")


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


def test_before_the_first_run_it_says_so(tmp_path, tmp_path_factory):
    made = copy_office(tmp_path_factory, tmp_path / "office")
    (made.data / "snapshots" / "current").unlink()
    answer = client_of(open_api(made)).get(f"{ADDRESS}/figures")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "publish one: bole run" in answer.json()["detail"]
    assert str(tmp_path) not in answer.text
