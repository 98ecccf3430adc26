"""What the views show: completed measures, the latest of policies, how sources stand."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from store import Failure, Store
from tests.asked import ask, fetch, fill, page_of, reports, source
from tests.store_samples import BARE, FULL, SECOND, sample


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open_snapshot(fill(tmp_path_factory.mktemp("views"))) as opened:
        yield opened


def test_measures_are_completed_to_district_and_policy(store):
    sql = "select * from measures where quote = '最高资助2000万元'"
    (row,) = store.query(sql).to_pylist()
    assert row.pop("fact_id")
    assert row.pop("policy_id")
    assert row == {
        "district": "320322",
        "district_name": "沛县",
        "policy": "柳溪英才办法",
        "target": "顶尖人才团队",
        "tier": "top",
        "benefit": "project_funding",
        "amount": Decimal(20_000_000),
        "amount_max": None,
        "unit": "CNY",
        "qualifier": "up_to",
        "per": None,
        "cumulative": False,
        "conditions": ["年龄不超过45周岁", "全职"],
        "grade": "B",
        "published": date(2024, 2, 29),
        "first_seen": SECOND,
        "article_id": "full",
        "url": "http://news.example/full.html",
        "title": "柳溪市出台英才办法",
        "quote": "最高资助2000万元",
    }


def test_the_district_of_a_measure_is_its_own_else_its_policys_else_its_articles(tmp_path):
    own, policys, articles = sample(1, figures=1), sample(2, figures=1), sample(3, figures=1)
    figure = replace(own.facts.figures[0], district="330127")
    own = replace(own, facts=replace(own.facts, figures=(figure,)))
    articles = replace(articles, facts=replace(articles.facts, policies=()))
    path = tmp_path / "bole.duckdb"
    with Store(path) as store:
        store.write_articles([own, policys, articles], reader_version="1")
        store.publish()
    with Store.open_snapshot(path.parent) as store:
        found = store.query("select district from measures order by article_id").to_pylist()
    assert [row["district"] for row in found] == ["330127", "320300", "320322"]


def test_measures_hold_each_figure_once(store):
    rows = store.query(
        "select (select count(*) from measures) as measures, count(*) as figures, "
        "count(distinct fact_id) as facts from figures where role = 'support'"
    )
    assert rows.to_pylist() == [{"measures": 5, "figures": 5, "facts": 5}]


def test_latest_policies_leave_out_what_is_only_mentioned(store):
    rows = store.query("select name, action, first_seen, url from latest_policies order by name")
    assert [(row["name"], row["action"]) for row in rows.to_pylist()] == [
        ("柳溪英才办法", "issued"),
        ("英才办法", "issued"),
    ]
    assert rows.to_pylist()[1]["url"].endswith("article-00001.html")


def test_source_health_counts_pages_articles_and_problems(store):
    names = "id, name, district, enabled, pages, articles, last_new, problems, last_problem"
    rows = store.query(f"select {names} from source_health order by id").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("city", "City", "320300", True, 2, 2, SECOND, 1, "not_found"),
        ("silent", "Silent", "320300", True, 0, 0, None, 0, None),
    ]


def test_each_source_has_the_articles_of_its_own_addresses(tmp_path):
    """Equal bytes at two addresses count once each, an article in two parts counts."""
    one, two = reports()[2], reports()[3]
    two = replace(two, article=replace(two.article, sha256=one.article.sha256))
    parted = sample(9, figures=1, day=SECOND)
    parted = replace(parted, article=replace(parted.article, sha256="of both parts"))
    first = parted.article.url
    with Store(tmp_path / "bole.duckdb") as store:
        store.write_sources([source("city"), source("town")])
        store.write_fetches(
            [
                fetch(1, "city", one),
                fetch(2, "town", two),
                fetch(3, "town", url=first, sha256="first"),
                fetch(4, "town", url=f"{first}?2", sha256="second", kind="part"),
            ]
        )
        store.write_articles([one, two, parted], reader_version="1")
        parts = [page_of(parted, first, sha256="first"), page_of(parted, f"{first}?2", sha256="2")]
        store.write_pages_read([page_of(one), page_of(two), *parts])
        store.publish()
    with Store.open_snapshot(tmp_path) as store:
        rows = store.query("select id, articles, last_new from source_health order by id")
        assert [tuple(row.values()) for row in rows.to_pylist()] == [
            ("city", 1, one.first_seen),
            ("town", 2, SECOND),
        ]
        yields = ask(store, "sources_by_yield", "id", "figures")
        assert sorted(yields) == [("city", 1), ("town", 1)]


def test_source_health_tells_the_mix_of_answers_and_what_pages_lack(tmp_path):
    shop = source("shop")
    answers = [
        {"kind": "robots", "status": 404},
        {"kind": "list", "url": shop.url, "status": 200},
        {"kind": "list", "status": 200, "items": 12},
        {"kind": "list", "status": 200, "items": 4},
        {"kind": "list", "status": 404},  # the end of the list
        {"status": 200, "report": BARE},
        {"status": 304, "report": BARE},
        {"status": 200, "report": FULL},
        {"status": 410, "problem": "not_found"},
        {"status": 403, "problem": "http_error"},
        {"status": 503, "problem": "challenged"},
        {"problem": "unreachable"},
        {"status": 206, "problem": "http_error"},
    ]
    fetches = [fetch(number, "shop", **answer) for number, answer in enumerate(answers, 1)]
    with Store(tmp_path / "bole.duckdb") as store:
        store.write_sources([shop])
        store.write_fetches(fetches)
        store.write_articles([FULL, BARE], reader_version="1")
        store.write_pages_read([page_of(FULL), page_of(BARE, fetches[5].final_url)])
        unread = Failure(subject=fetches[7].final_url, stage="read", kind="no_body", message="?")
        store.write_failures([unread])
        store.publish()
    with Store.open_snapshot(tmp_path) as store:
        (row,) = store.query("select * from source_health").to_pylist()
    names = ("200", "304", "404", "4xx", "5xx", "other")
    assert [row[f"status_{name}"] for name in names] == [5, 1, 1, 1, 1, 1]
    assert (row["no_answer"], row["problems"]) == (1, 5)
    assert (row["list_rows"], row["undated"], row["unread"]) == (12, 1, 1)
    assert row["quiet_days"] == (date(2024, 3, 13) - row["last_new"]).days
    assert row["last_challenge"] == datetime(2024, 3, 11)  # noqa: DTZ001 - the table's own


@pytest.mark.parametrize(
    ("code", "parent", "inside"),
    [
        ("320322", "320300", True),
        ("320322", "320000", True),
        ("320300", "320300", True),
        ("321003", "321000", True),
        ("500101", "500000", True),
        ("320300", "320322", False),
        ("320402", "320300", False),
        ("330127", "320000", False),
    ],
)
def test_districts_lie_in_those_above_them(store, code, parent, inside):
    sql = f"select lies_in('{code}', '{parent}') as inside"
    assert store.query(sql).to_pylist() == [{"inside": inside}]
