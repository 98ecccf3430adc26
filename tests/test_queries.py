"""Named questions, views and SQL of strangers."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest

from crawler.ledger import Fetch
from crawler.sources import Preset, Source
from store import Failure, PageRead, Store, StoreError, named_queries
from store.corrections import Correction, fields_of
from store.questions import load_question
from tests.store_samples import BARE, FIRST, FULL, SECOND, sample, story


def fetch(number, source, report=None, **changes):
    url = (report and report.article.url) or changes.pop("url", f"http://{source}.example/{number}")
    values = {"fetched": datetime(2024, 3, number, tzinfo=UTC), "kind": "article"}
    values["sha256"] = report.article.sha256 if report else None
    return Fetch(id=number, url=url, final_url=url, source_id=source, **{**values, **changes})


def page_of(report, url=None, **changes):
    article = report.article
    values = {"sha256": article.sha256, "version": "1", "article_id": article.id, **changes}
    return PageRead(url=url or article.url, **values)


def source(name):
    return Source(
        id=name,
        name=name.title(),
        url=f"http://{name}.example/",
        preset=Preset(name="any", kind="html_list"),
        level="city",
        publisher="official",
        district="320300",
    )


def reports():
    """FULL; an article of 淳安 with a measure of 100 m2; one that only cites; two that differ."""
    local = sample(1, figures=1)
    flat = replace(local.facts.figures[0], value=Decimal(100), unit="m2", district="330127")
    local = replace(local, facts=replace(local.facts, district="330127", figures=(flat,)))
    cites = sample(2, figures=0, day=SECOND, action="mentioned")
    cites = replace(cites, article=replace(cites.article, published=date(2024, 3, 2)))
    return [FULL, BARE, local, cites, *differing()]


def differing():
    """Two articles on one measure of a policy of 广州 with different amounts, and a headcount."""
    told = []
    for number, day in ((3, FIRST), (4, SECOND)):
        report = sample(number, figures=2, day=day, action="mentioned")
        policy = replace(report.facts.policies[0], name="羊城办法", district="440100")
        measure, people = report.facts.figures
        measure = replace(measure, policy="羊城办法", district="440100", benefit="rent", unit="USD")
        people = replace(
            people, role="talent", unit="person", counted="博士", district="440100", policy=None
        )
        facts = replace(
            report.facts, district="440100", policies=(policy,), figures=(measure, people)
        )
        told.append(replace(report, facts=facts))
    return told


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("questions")
    first, _, second, *_ = reports()
    with Store(folder / "bole.duckdb") as store:
        store.write_sources([source("city"), source("silent")])
        store.write_fetches(
            [
                fetch(1, "city", kind="list"),
                fetch(2, "city", first),
                fetch(3, "city", second),
                fetch(4, "city", problem="not_found", status=404),
                fetch(5, "city", first),
            ]
        )
        store.write_articles(reports(), reader_version="1")
        store.write_pages_read([page_of(first), page_of(second)])
        store.write_stories([story("s", first), *(story(r.article.id, r) for r in differing())])
        policy = first.facts.policies[0]
        store.write_corrections(
            [
                Correction(
                    article_id="full",
                    kind="policy",
                    evidence=policy.evidence,
                    fields=fields_of(policy),
                    reviewer="王五",
                )
            ]
        )
        store.write_failures([Failure(subject="u", stage="read", kind="no_body", message="u: x")])
        store.publish()
    return folder


@pytest.fixture(scope="module")
def store(folder):
    with Store.open_snapshot(folder) as opened:
        yield opened


def ask(store, name, *columns, **parameters):
    rows = store.ask(name, **parameters).to_pylist()
    return [tuple(row[column] for column in columns) for row in rows]


# views


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


def test_the_district_of_a_measure_is_its_own_else_its_policys_else_its_articles(folder):
    own, policys, articles = sample(1, figures=1), sample(2, figures=1), sample(3, figures=1)
    figure = replace(own.facts.figures[0], district="330127")
    own = replace(own, facts=replace(own.facts, figures=(figure,)))
    articles = replace(articles, facts=replace(articles.facts, policies=()))
    path = folder / "districts" / "bole.duckdb"
    path.parent.mkdir()
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


# named questions


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


# SQL of strangers


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) as n from articles;",
        "with a as (from articles) select count(*) as n from a -- all",
        "describe articles",
        "explain select 1",
        "show tables",
    ],
)
def test_sql_that_reads_is_run(store, sql):
    assert store.query(sql).num_rows > 0


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select * from read_csv('{file}')", "disabled by configuration"),
        ("select * from read_text('{file}')", "disabled by configuration"),
        ("select * from '{file}'", "disabled by configuration"),
        ("select * from glob('/*')", "disabled by configuration"),
        ("from sniff_csv('{file}')", "disabled by configuration"),
        ("copy articles to '{out}'", "not one select"),
        ("copy (select 1) to '{out}'", "not one select"),
        ("export database '{out}'", "not one select"),
        ("attach '{out}' as other", "not one select"),
        ("detach database other", "not one select"),
        ("install httpfs", "not one select"),
        ("load httpfs", "not one select"),
        ("set threads = 1", "not one select"),
        ("reset threads", "not one select"),
        ("set enable_external_access = true", "not one select"),
        ("pragma enable_external_access = true", "not one select"),
        ("pragma threads = 4", "not one select"),
        ("call pragma_version()", "not one select"),
        ("checkpoint", "not one select"),
        ("delete from articles", "not one select"),
        ("insert into runs values (1, 'x', null, now(), null, null)", "not one select"),
        ("update articles set title = ''", "not one select"),
        ("drop table articles", "not one select"),
        ("create temp table t as select 1", "not one select"),
        ("prepare p as select 1", "not one select"),
        ("begin", "not one select"),
        ("select 1; drop table articles", "not one select"),
        ("select 1; select 2", "not one select"),
        ("", "not one select"),
        ("-- nothing", "not one select"),
        ("select * from store", "does not exist"),
        ("select titel from articles", "titel"),
        ("selec 1", "syntax error"),
    ],
)
def test_sql_that_does_more_than_read_is_refused(store, tmp_path, sql, said):
    file, out = tmp_path / "secret.csv", tmp_path / "out"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        store.query(sql.format(file=file.as_posix(), out=out.as_posix()))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not out.exists()
    assert store.counts()["articles"] == 6


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("copy articles to '{out}'", "disabled by configuration"),
        ("export database '{out}'", "disabled by configuration"),
        ("attach '{out}' as other", "disabled by configuration"),
        ("install httpfs", "disabled by configuration"),
        ("load httpfs", "disabled through configuration"),
        ("set threads = 1", "has been locked"),
        ("set enable_external_access = true", "has been locked"),
        ("pragma enable_external_access = true", "has been locked"),
        ("delete from articles", "read-only"),
        ("drop table articles", "read-only"),
    ],
)
def test_a_snapshot_refuses_the_same_if_the_first_check_is_passed(store, tmp_path, sql, said):
    out = tmp_path / "out"
    with pytest.raises(duckdb.Error, match=said):
        store._db.execute(sql.format(out=out.as_posix()))
    assert not out.exists()


def test_sql_that_takes_too_long_is_stopped(store):
    with pytest.raises(StoreError, match=r"over 0\.05 s; narrow it"):
        store.query(
            "select count(*) from range(100000) a, range(100000) b where a.range % 7 = b.range % 5",
            seconds=0.05,
        )
    assert store.query("select 1 as one").to_pylist() == [{"one": 1}]
