"""Named questions: each finds what it asks for, narrowed by what it is given."""

from datetime import date
from decimal import Decimal

import pytest

from store import Store, StoreError, named_queries
from store.questions import load_question
from tests.asked import ask, fill
from tests.store_samples import FIRST, FULL, SECOND


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open_snapshot(fill(tmp_path_factory.mktemp("questions"))) as opened:
        yield opened


@pytest.mark.parametrize("name", named_queries())
def test_every_question_can_be_asked_without_parameters(store, name):
    assert named_queries()[name].endswith("?")
    assert store.ask(name).num_rows > 0


def test_the_named_questions_are_these():
    assert len(named_queries()) >= 15
    assert set(named_queries()) >= {
        "calendar",
        "conflicts",
        "indicator_timeline",
        "measures_for",
        "measures_of_policy",
        "policies_by_issuer",
        "measures_of_district",
        "highest_support",
        "funds",
        "new_policies",
        "figures_about",
        "district_summary",
        "sources_by_yield",
        "failures",
    }


@pytest.mark.parametrize(
    ("district", "quotes"),
    [
        ("320322", ["最高资助2000万元"]),
        ("320300", ["3000至5000元", "最高资助2000万元"]),
        ("330000", ["1000万元"]),
        ("450000", []),
    ],
)
def test_measures_of_a_district_and_all_below(store, district, quotes):
    found = ask(store, "measures_of_district", "quote", district=district)
    assert [quote for (quote,) in found] == quotes


def test_highest_support_ranks_money_by_tier(store):
    columns = ("tier", "district", "amount", "amount_max")
    assert ask(store, "highest_support", *columns) == [
        ("doctor", "320300", Decimal("3000.5"), Decimal(5000)),
        ("top", "320322", Decimal(20_000_000), None),
    ]
    assert ask(store, "highest_support", "tier", tier="top") == [("top",)]


def test_funds_by_size(store):
    columns = ("district", "district_name", "counted", "amount", "cumulative")
    fund = ("320300", "徐州市", "人才基金", Decimal(300_000_000), True)
    assert ask(store, "funds", *columns) == [fund]
    assert ask(store, "funds", *columns, district="330000") == []


@pytest.mark.parametrize(
    ("since", "names"),
    [(None, ["英才办法", "柳溪英才办法"]), (date(2024, 3, 1), ["英才办法"]), ("2024-03-03", [])],
)
def test_new_policies_since_a_day(store, since, names):
    assert [name for (name,) in ask(store, "new_policies", "name", since=since)] == names


def test_figures_about_a_noun(store):
    assert ask(store, "figures_about", "quote", noun="基金") == [("3亿元",)]
    assert ask(store, "figures_about", "quote", noun="企业") == []


def test_district_summary_counts_what_is_known(store):
    columns = ("district", "district_name", "articles", "policies", "measures", "highest_support")
    assert ask(store, "district_summary", *columns, district="320000") == [
        ("320300", "徐州市", 1, 2, 1, Decimal(5000)),
        ("320322", "沛县", 1, 0, 1, Decimal(20_000_000)),
    ]


def test_sources_by_yield_names_those_that_give_nothing(store):
    columns = ("id", "articles", "figures", "measures")
    expected = [("city", 2, 4, 3), ("silent", 0, 0, 0)]
    assert ask(store, "sources_by_yield", *columns) == expected


def test_measures_for_a_target_or_tier(store):
    assert ask(store, "measures_for", "target", target="博士") == [("博士",)]
    assert ask(store, "measures_for", "amount", tier="top", benefit="rent") == []
    assert [q for (q,) in ask(store, "measures_for", "quote", tier="top")] == ["最高资助2000万元"]


def test_measures_of_a_policy(store):
    rows = ask(store, "measures_of_policy", "quote", "amount", policy="柳溪")
    assert rows == [("最高资助2000万元", Decimal(20_000_000))]


def test_new_measures_since_a_day(store):
    assert len(ask(store, "new_measures", "quote", since="2024-03-02")) == 1
    assert len(ask(store, "new_measures", "quote")) == 5


def test_an_indicator_over_time(store):
    rows = ask(store, "indicator_timeline", "day", "value", noun="博士", district="440000")
    assert [day for day, _ in rows] == [FIRST, SECOND]
    assert ask(store, "talents", "day") == [(SECOND,), (FIRST,)]


def test_policies_by_issuer_and_in_force(store):
    assert ask(store, "policies_by_issuer", "issuer", "latest") == [("柳溪市", "柳溪英才办法")]
    in_force = ask(store, "policies_in_force", "name", day="2027-12-31", district="320000")
    assert ("柳溪英才办法",) in in_force
    assert ("柳溪英才办法",) not in ask(store, "policies_in_force", "name", day="2028-01-01")
    assert ("柳溪英才办法",) not in ask(store, "policies_in_force", "name", day="2024-02-01")


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ({}, 1),
        ({"since": "2027-12-31"}, 1),
        ({"since": "2028-01-01"}, 0),
        ({"until": "2027-12-30"}, 0),
    ],
)
def test_the_calendar_ends_a_year_on_its_last_day(store, given, ends):
    rows = ask(store, "calendar", "ends", "what", "name", **given)
    assert rows == [(date(2027, 12, 31), "trial", "柳溪英才办法")] * ends


def test_conflicts_show_the_amounts_of_different_stories(store):
    rows = ask(store, "conflicts", "district", "policy", "amounts", "stories")
    assert rows == [("440100", "羊城办法", [Decimal(30_000_000), Decimal(40_000_000)], 2)]


def test_support_by_benefit_sums_up(store):
    rows = ask(store, "support_by_benefit", "benefit", "tier", "offers", "highest_amount")
    assert rows == [
        ("living", "doctor", 1, Decimal(5000)),
        ("project_funding", "top", 1, Decimal(20_000_000)),
    ]


def test_names_stories_articles_zones(store):
    assert ask(store, "names_by_mentions", "name", "latest_title", label="person") == [
        ("张三", "局长")
    ]
    assert ask(store, "stories_by_reports", "story", district="320000") == [("s",)]
    assert ask(store, "articles_of_district", "id", district="330000") == [("article-00001",)]
    assert ("苏州工业园区",) in ask(store, "zones_of_district", "name", district="320506")
    assert ask(store, "zones_of_district", "name", district="650000") == [("喀什经济开发区",)]


def test_evidence_of_a_fact_shows_its_words_in_their_sentence(store):
    (found,) = store.query("select fact_id from figures where quote = '3亿元'").to_pylist()
    rows = ask(store, "evidence", "quote", "context", "article_id", fact=found["fact_id"])
    ((quote, context, article),) = rows
    assert (quote, article) == ("3亿元", "full")
    assert "设立3亿元人才基金" in context


def test_corrected_facts_name_their_reviewer(store):
    rows = ask(store, "corrected", "quote", "verdict", "reviewer", article="full")
    assert rows == [("柳溪英才办法", "right", "王五")]


def test_sql_of_strangers_has_a_row_limit(store):
    assert store.query("select * from districts", limit=7).num_rows == 7
    assert store.query("select 1 as one", limit=7).num_rows == 1
    assert store.query("select * from districts where false", limit=7).num_rows == 0


def test_failures_of_a_stage(store):
    assert ask(store, "failures", "subject", "kind", stage="read") == [("u", "no_body")]
    assert ask(store, "failures", "subject", stage="store") == []


def test_a_question_that_does_not_exist_lists_those_that_do(store):
    with pytest.raises(
        StoreError, match=r"no question 'largest'; questions: articles_of_district, calendar, "
    ):
        store.ask("largest")
    with pytest.raises(StoreError, match="no question"):
        store.ask("../schema")


def test_a_parameter_that_a_question_does_not_know_is_named(store):
    with pytest.raises(StoreError, match="'funds' has no 'tier'; it knows: district"):
        store.ask("funds", tier="top")


def test_a_value_that_a_question_cannot_use_is_named(store):
    with pytest.raises(StoreError, match=r"cannot answer .*: Conversion Error: .*\"last week\""):
        store.ask("new_policies", since="last week")


def test_questions_know_their_parameters():
    assert load_question("highest_support").parameters == ("district", "tier")


def test_a_store_that_is_written_answers_named_questions(tmp_path):
    with Store(tmp_path / "bole.duckdb") as store:
        store.write_articles([FULL], reader_version="1")
        assert store.ask("funds").num_rows == 1
        with pytest.raises(StoreError, match="asked of a snapshot"):
            store.query("select 1")
