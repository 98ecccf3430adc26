"""What goes into the store comes out of it, once, whatever happens in between."""

import json
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from crawler.article import Register
from crawler.health import Problem, SourceHealth
from crawler.ledger import Fetch
from crawler.sources import Preset, Source
from extract.facts import Evidence, Facts
from store import Failure, PageRead, Store, StoreError
from store.families import policy_family, version_marks, version_words
from store.rows import report_tables
from store.schema import SCHEMAS, VERSION
from tests.store_samples import (
    BARE,
    FIRST,
    FULL,
    SECOND,
    THIRD,
    figure_ids,
    sample,
    story,
)

ROOT = Path(__file__).parent.parent
SPECS = [
    json.loads(line)
    for line in (ROOT / "tests/specs/versions.zh.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "bole.duckdb"
    Store(path).close()
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bole.duckdb"


@pytest.fixture
def store(path, empty):
    shutil.copyfile(empty, path)  # quicker than to make the tables anew
    with Store(path) as opened:
        opened._db.execute("pragma disable_checkpoint_on_shutdown")  # quicker, and nobody reopens
        yield opened


def write(store, *reports, version="1"):
    store.write_articles(reports, reader_version=version)


def rows(store, sql):
    """Read a table of an open store, which has no door for SQL."""
    return store._db.rows(sql)


def test_importing_store_loads_no_database():
    heavy = ("duckdb", "pyarrow", "scrapy", "lxml")
    code = f"import sys, store; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_store_names_what_it_offers():
    import store as package

    assert package.Store.__name__ == "Store"
    with pytest.raises(AttributeError, match="no attribute 'Shop'"):
        _ = package.Shop


# articles and facts


def test_reports_come_back_as_they_were_written(store):
    write(store, FULL, BARE)
    assert store.read_reports(until=SECOND) == [BARE, FULL]


def test_editor_and_register_come_back_as_they_were_read(store):
    register = Register(
        number="柳府规〔2024〕3号",
        issuer="柳溪市人民政府",
        in_force=date(2024, 3, 1),
        expires=date(2029, 2, 28),
        status="有效",
        validity="五年",
    )
    report = replace(FULL, article=replace(FULL.article, editor="王五", register=register))
    store.write_articles([report], reader_version="1")
    assert store.read_reports(until=SECOND) == [report]
    told = "select register.number, register.expires from articles"
    assert store._db.rows(told) == [("柳府规〔2024〕3号", date(2029, 2, 28))]


def test_amounts_come_back_without_the_zeros_of_the_table(store):
    write(store, FULL)
    (report,) = store.read_reports(until=SECOND)
    values = [str(value) for f in report.facts.figures for value in (f.value, f.value_max)]
    assert values == ["20000000", "None", "3000.5", "5000", "300000000", "None"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [("0", "0"), ("-2.50", "-2.5"), ("33.3333333333", "33.333333"), ("9" * 32, "9" * 32)],
)
def test_amounts_are_kept_to_six_decimals(store, value, kept):
    report = sample(1, figures=1)
    figure = replace(report.facts.figures[0], value=Decimal(value))
    write(store, replace(report, facts=replace(report.facts, figures=(figure,))))
    (back,) = store.read_reports(until=FIRST)
    assert str(back.facts.figures[0].value) == kept


def test_reports_are_chosen_by_day_and_ordered_by_day_and_id(store):
    days = {3: FIRST, 1: SECOND, 2: SECOND, 4: THIRD}
    write(store, *(sample(number, day=day) for number, day in days.items()))
    told = [report.article.id for report in store.read_reports(since=FIRST, until=SECOND)]
    assert told == ["article-00003", "article-00001", "article-00002"]
    assert len(store.read_reports(until=THIRD)) == 4
    assert store.read_reports(since=THIRD, until=SECOND) == []


def test_writing_again_replaces_all_facts_of_an_article(store):
    write(store, sample(1, figures=5), sample(2))
    write(store, sample(1, figures=2), version="2")
    assert store.read_reports(until=FIRST) == [sample(1, figures=2), sample(2)]
    assert store.known_pages() == {
        "article-00001": (f"{1:064x}", "2"),
        "article-00002": (f"{2:064x}", "1"),
    }


def test_writing_the_same_again_changes_nothing(store):
    write(store, FULL, BARE, sample(1))
    once = store.dump()
    write(store, sample(1), FULL)
    assert store.dump() == once
    assert once["figures"]
    assert once["policies"]


def test_of_two_reports_of_one_article_the_last_counts(store):
    write(store, sample(1, figures=1, day=FIRST), sample(1, figures=2, day=SECOND))
    assert store.read_reports(until=THIRD) == [sample(1, figures=2, day=FIRST)]


@pytest.mark.parametrize(("later", "kept"), [(THIRD, SECOND), (FIRST, FIRST)])
def test_first_seen_never_moves_to_a_later_day(store, later, kept):
    write(store, sample(1, day=SECOND))
    write(store, sample(1, day=later), version="2")
    assert [report.first_seen for report in store.read_reports(until=THIRD)] == [kept]
    assert rows(store, "select first_seen from policies") == [(kept,)]


def test_fact_ids_are_those_of_extract(store):
    write(store, FULL)
    found = rows(store, "select fact_id from figures order by position")
    assert [fact for (fact,) in found] == figure_ids(FULL)


# what is refused


def with_figures(report, *evidence, **changes):
    model = report.facts.figures[0]
    figures = tuple(replace(model, evidence=Evidence(*one), **changes) for one in evidence)
    return replace(report, facts=replace(report.facts, figures=figures))


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ((0, 2, "第9"), r"figure 0-2 '第9': the text has '第1' there"),
        ((-2, 2, "第1"), "does not lie in the 34 characters"),
        ((0, 0, ""), "does not lie in the 34 characters"),
        ((0, 99, "第1"), "does not lie in the 34 characters"),
    ],
)
def test_a_fact_that_does_not_point_at_its_words_is_refused(store, evidence, said):
    good = sample(1, figures=2)
    first, second = good.facts.figures
    bad = replace(first, evidence=Evidence(*evidence))
    write(store, replace(good, facts=replace(good.facts, figures=(bad, second))), sample(2))
    kept = replace(good, facts=replace(good.facts, figures=(second,)))
    assert store.read_reports(until=FIRST) == [kept, sample(2)]
    (failure,) = store.failures()
    assert (failure.stage, failure.subject, failure.kind) == (
        "store",
        good.article.id,
        "ungrounded",
    )
    assert said in failure.message
    assert "1 facts are refused" in failure.message


@pytest.mark.parametrize("attribute", ["policies", "places", "names"])
def test_facts_of_every_kind_are_checked(store, attribute):
    fact = replace(getattr(FULL.facts, attribute)[0], evidence=Evidence(0, 2, "别处"))
    facts = replace(FULL.facts, **{attribute: (fact,)})
    write(store, replace(FULL, facts=facts))
    (back,) = store.read_reports(until=SECOND)
    assert getattr(back.facts, attribute) == ()
    assert "'柳溪'" in store.failures()[0].message


def test_two_figures_with_the_same_words_are_one(store):
    write(store, with_figures(sample(1), (0, 2, "第1"), (0, 2, "第1")))
    assert len(store.read_reports(until=FIRST)[0].facts.figures) == 1
    assert "another figure has the same words" in store.failures()[0].message


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+32"])
def test_a_value_that_is_no_amount_is_refused(store, value):
    write(store, with_figures(sample(1), (0, 2, "第1"), value=Decimal(value)))
    assert store.read_reports(until=FIRST)[0].facts.figures == ()
    assert value in store.failures()[0].message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "半个\ud83d字"}, "half of a surrogate pair"),
        ({"body": (3, 99)}, "its body 3-99 does not lie in its"),
        ({"fetched": datetime(2024, 1, 1)}, "has no zone"),  # noqa: DTZ001
    ],
)
def test_an_article_that_cannot_be_stored_does_not_stop_the_others(store, changes, said):
    bad = replace(sample(1), article=replace(sample(1).article, **changes))
    write(store, bad, sample(2))
    assert store.read_reports(until=FIRST) == [sample(2)]
    assert [(f.subject, f.kind) for f in store.failures()] == [("article-00001", "article")]
    assert said in store.failures()[0].message


def test_facts_of_another_article_are_refused(store):
    write(store, replace(sample(1), facts=Facts(article_id="other", district=None, grade="A")))
    assert store.read_reports(until=FIRST) == []
    assert "'other'" in store.failures()[0].message


def test_a_failure_goes_when_the_article_is_read_well(store):
    write(store, with_figures(sample(1), (0, 2, "假的")))
    store.write_failures([Failure(subject="article-00001", stage="read", kind="bug", message="x")])
    write(store, sample(1))
    assert [failure.stage for failure in store.failures()] == ["read"]


# policies


def test_mentions_of_one_policy_make_one_row_with_the_best_of_each(store):
    late = replace(sample(2).facts.policies[0], doc_number="府发[2024]2号", trial=True)
    second = replace(
        sample(2, grade="C"), facts=replace(sample(2).facts, grade="C", policies=(late,))
    )
    write(store, sample(1, action="mentioned"), second)
    sql = "select name, district, doc_number, trial, article_id, mentions from policies"
    best = ("英才办法", "320300", "府发[2024]2号", True, "article-00001", 2)
    assert rows(store, sql) == [best]


def test_policies_of_one_name_in_two_districts_are_two(store):
    other = replace(sample(2).facts.policies[0], district="330100")
    write(store, sample(1), replace(sample(2), facts=replace(sample(2).facts, policies=(other,))))
    assert rows(store, "select district from policies order by all") == [("320300",), ("330100",)]


def test_a_policy_goes_when_no_article_names_it_any_more(store):
    write(store, sample(1), sample(2))
    nameless = replace(sample(1), facts=replace(sample(1).facts, policies=()))
    write(store, nameless)
    assert rows(store, "select mentions from policies") == [(1,)]
    write(store, replace(sample(2), facts=replace(sample(2).facts, policies=())))
    assert rows(store, "select * from policies") == []


def test_figures_know_the_policy_of_their_article(store):
    write(store, sample(1, figures=1), FULL)
    sql = "select f.policy, p.name from figures f left join policies p on p.id = f.policy_id"
    assert rows(store, f"{sql} order by all") == [
        ("柳溪英才办法", "柳溪英才办法"),
        ("英才办法", "英才办法"),
        (None, None),
        (None, None),
    ]


# the crawl, failures, runs


def fetch(number, **changes):
    values = {
        "id": number,
        "url": f"http://news.example/{number}",
        "final_url": f"http://news.example/{number}",
        "source_id": "liuxi",
        "kind": "article",
        "fetched": datetime(2024, 3, 1, 2, tzinfo=UTC),
        "status": 200,
    }
    return Fetch(**{**values, **changes})


def source(name, **changes):
    values = {"level": "city", "publisher": "official", "district": "320300"}
    url = f"http://{name}.example/"
    preset = Preset(name="any", kind="html_list")
    return Source(id=name, name=name, url=url, preset=preset, **{**values, **changes})


def test_fetches_are_written_once_by_their_number(store):
    assert store.last_fetch() == 0
    store.write_fetches([fetch(1), fetch(2, list_date=FIRST, warc_offset=2**40)])
    store.write_fetches([fetch(2, status=404, problem="not_found"), fetch(3)])
    assert store.last_fetch() == 3
    sql = "select id, status, problem, fetched from fetches order by id"
    noted = datetime(2024, 3, 1, 2)  # noqa: DTZ001
    assert rows(store, sql) == [
        (1, 200, None, noted),
        (2, 404, "not_found", noted),
        (3, 200, None, noted),
    ]


def test_a_source_that_left_the_watchlist_is_not_enabled(store):
    store.write_sources([source("a"), source("b", enabled=False)])
    store.write_sources([source("c"), source("b")])
    sql = "select id, enabled from sources order by id"
    assert rows(store, sql) == [("a", False), ("b", True), ("c", True)]


def test_pages_read_hold_the_last_reading_of_each_page(store):
    store.write_pages_read(
        [PageRead(url="u", sha256="1", version="1"), PageRead(url="v", sha256="1", version="1")]
    )
    store.write_pages_read([PageRead(url="u", sha256="2", version="1", article_id="full")])
    assert store.pages_read() == {"u": ("2", "1"), "v": ("1", "1")}
    assert store.article_pages() == ["u"]


def test_failures_do_not_double_and_can_be_cleared(store):
    first = Failure(subject="u", stage="read", kind="no_body", message="u: no body")
    other = replace(first, subject="v")
    store.write_failures([first, other])
    since = rows(store, "select since from failures where subject = 'u'")
    store.write_failures([replace(first, message="x"), replace(first, kind="bug")])
    assert store.failures() == [replace(first, kind="bug"), other]
    assert rows(store, "select since from failures where subject = 'u'") == since
    store.clear_failures("fetch", ["u"])
    assert len(store.failures()) == 2
    store.clear_failures("read", ["u", "w"])
    assert store.failures() == [other]


def test_runs_are_numbered_and_show_how_they_ended(store):
    assert [store.start_run(FIRST), store.start_run(command="digest")] == [1, 2]
    store.finish_run(1, outcome="partly")
    sql = "select id, command, day, outcome, finished >= started from runs order by id"
    assert rows(store, sql) == [(1, "run", FIRST, "partly", True), (2, "digest", None, None, None)]


# stories and digests


def test_stories_know_their_articles_canonical_first(store):
    a, b, c = sample(1, day=SECOND), sample(2, day=FIRST), sample(3)
    write(store, a, b, c)
    store.write_stories([story("s", a, b), story("t", c)])
    assert store.known_stories() == {a.article.id: "s", b.article.id: "s", c.article.id: "t"}
    sql = "select * from stories order by id"
    assert rows(store, sql) == [("s", a.article.id, 2, FIRST), ("t", c.article.id, 1, FIRST)]


def test_articles_of_a_story_stay_behind_those_told_now(store):
    a, b, c = sample(1), sample(2), sample(3)
    write(store, a, b, c)
    store.write_stories([story("s", a, b)])
    store.write_stories([story("s", c)])
    once = store.dump()
    store.write_stories([story("s", c)])
    assert store.dump() == once
    sql = "select article_id from story_articles order by position"
    assert [name[-1] for (name,) in rows(store, sql)] == ["3", "1", "2"]


def test_an_article_tells_one_story_only(store):
    a, b = sample(1), sample(2)
    write(store, a, b)
    store.write_stories([story("s", a, b), story("t")])
    store.write_stories([story("t", b, a)])
    assert rows(store, "select id, reports from stories") == [("t", 2)]


def test_digest_numbers_count_within_the_year_and_in_all(store):
    for day, numbers in [
        (date(2023, 12, 30), (1, 1)),
        (date(2024, 1, 1), (1, 2)),
        (date(2024, 1, 2), (2, 3)),
    ]:
        assert store.digest_numbers(day) == numbers
        store.write_digest(day, numbers, [], [])
    assert store.digest_numbers(date(2024, 1, 1)) == (1, 2)
    assert store.digest_numbers(date(2023, 12, 31)) == (2, 4)


HEALTH = SourceHealth(
    source_id="a",
    name="栏目",
    pages=2,
    articles=1,
    problems=(Problem(kind="not_found", url="http://example.cn/x", detail="HTTP 404"),),
)


def test_a_digest_replaces_that_of_the_day_and_tells_its_facts_to_later_ones(store):
    store.write_digest(FIRST, (1, 1), [], [(0, "points", "s", ["f0"])])
    store.write_digest(
        FIRST, (1, 1), [HEALTH], [(0, "points", "s", ["f1", "f2"]), (1, "x", None, [])]
    )
    store.write_digest(SECOND, (2, 2), [], [(0, "points", "s", ["f3"])])
    assert store.digest_health(FIRST) == [HEALTH]
    assert store.digest_health(SECOND) == []
    assert store.digest_health(THIRD) is None
    assert store.told_facts(FIRST) == set()
    assert store.told_facts(SECOND) == {"f1", "f2"}
    assert store.told_facts(before=THIRD) == {"f1", "f2", "f3"}
    assert [store.issue_before(day) for day in (FIRST, SECOND, THIRD)] == [None, FIRST, SECOND]


# the tables


def test_every_column_is_commented(store):
    columns = rows(
        store,
        "select table_name || '.' || column_name, comment from duckdb_columns() where not internal",
    )
    assert len(columns) > 150
    assert [name for name, comment in columns if not comment] == []
    tables = "select table_name, comment from duckdb_tables() union all "
    views = "select view_name, comment from duckdb_views() where not internal"
    told = dict(rows(store, tables + views))
    assert {"articles", "measures"} <= set(told)
    assert [name for name, comment in told.items() if not comment] == []


@pytest.mark.parametrize("table", SCHEMAS)
def test_arrow_schemas_have_the_columns_of_the_tables(store, table):
    sql = f"select column_name from duckdb_columns() where table_name = '{table}'"
    columns = [name for (name,) in rows(store, sql)]
    left_to_sql = {"failures": ["since"], "corrections": ["decided"]}
    assert columns == [*SCHEMAS[table].names, *left_to_sql.get(table, [])]


def test_counts_name_every_table(store):
    write(store, FULL)
    counts = store.counts()
    assert (counts["articles"], counts["figures"], counts["digests"]) == (1, 3, 0)
    assert counts["districts"] > 3000


def test_codes_in_force_are_unique(store):
    sql = "select code from districts where valid_to is null group by code having count(*) > 1"
    assert rows(store, sql) == []


# files that cannot be opened


def test_a_file_of_a_newer_bole_is_left_alone(path):
    Store(path).close()
    with closing(duckdb.connect(str(path))) as con:
        con.execute("update schema_version set version = version + 1")
    with pytest.raises(StoreError, match=rf"newer bole \(tables {VERSION + 1}.*update bole"):
        Store(path)
    with pytest.raises(StoreError, match="newer bole"):
        Store(path, read_only=True)


def test_another_programs_database_is_left_alone(path):
    with closing(duckdb.connect(str(path))) as con:
        con.execute("create table cats (name varchar)")
    with pytest.raises(StoreError, match="holds no tables of bole"):
        Store(path)


def test_a_file_that_is_no_database_is_named(path):
    path.write_text("名称,金额\n" * 500, encoding="utf-8")
    with pytest.raises(
        StoreError, match=r"cannot open .*bole\.duckdb.*; check that it is bole's file"
    ):
        Store(path)


def test_a_missing_file_is_not_made_by_reading(path):
    with pytest.raises(StoreError, match=r"no database .*; make one"):
        Store(path, read_only=True)
    assert not path.exists()


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"cannot write in .*nowhere"):
        Store(tmp_path / "nowhere" / "bole.duckdb")


def test_a_store_that_is_read_is_not_written(path):
    Store(path).close()
    with Store(path, read_only=True) as store, pytest.raises(StoreError, match="open for reading"):
        write(store, FULL)


def test_an_error_while_writing_leaves_all_as_it_was(store):
    write(store, sample(1))
    before = store.dump()
    with pytest.raises(StoreError, match=r"cannot write .*NOT NULL"):
        store.write_failures([Failure(subject="u", stage="read", kind="bug", message=None)])
    assert store.dump() == before
    write(store, sample(2))


# rows that were made elsewhere


def tables_of(*reports):
    return report_tables(reports, reader_version="1")


def test_rows_made_elsewhere_are_the_same_as_reports(store, tmp_path, empty):
    write(store, FULL, sample(1), sample(2))
    other = shutil.copyfile(empty, tmp_path / "other.duckdb")
    with Store(other) as second:
        second.write_tables(tables_of(FULL, sample(1)))
        second.write_tables(tables_of(sample(2), sample(1)))
        assert second.dump() == store.dump()


def test_rows_that_do_not_point_at_their_words_are_refused(store):
    tables = tables_of(sample(1, figures=2))
    quotes = tables["figures"]["quote"].to_pylist()
    at = tables["figures"].schema.get_field_index("quote")
    wrong = tables["figures"].set_column(at, "quote", pa.array(["9999万元", quotes[1]]))
    store.write_tables({**tables, "figures": wrong})
    assert rows(store, "select quote from figures") == [(quotes[1],)]
    (failure,) = store.failures()
    assert (failure.stage, failure.subject, failure.kind) == (
        "store",
        "article-00001",
        "ungrounded",
    )
    assert "9999万元" in failure.message


def test_rows_of_facts_without_their_article_are_refused(store):
    tables = {**tables_of(sample(1)), "articles": tables_of(sample(2))["articles"]}
    store.write_tables(tables)
    assert rows(store, "select count(*) from figures") == [(0,)]
    assert [failure.subject for failure in store.failures()] == ["article-00001"]


# reposts


def test_what_a_repost_repeats_is_listed_once(store):
    first, repost = sample(1, figures=2), sample(2, figures=2, grade="D")
    same = tuple(
        replace(mine, value=theirs.value)
        for mine, theirs in zip(repost.facts.figures, first.facts.figures, strict=True)
    )
    own = replace(same[1], value=Decimal(7))
    repost = replace(repost, facts=replace(repost.facts, figures=(same[0], own)))
    write(store, first, repost)
    store.write_stories([story("s", first, repost)])
    listed = "select article_id, amount from measures order by all"
    a, b = first.article.id, repost.article.id
    amounts = [figure.value for figure in first.facts.figures]
    assert rows(store, listed) == [(a, amounts[0]), (a, amounts[1]), (b, Decimal(7))]
    repeats = "select fact_id, repeats from all_measures where repeats is not null"
    assert rows(store, repeats) == [(figure_ids(repost)[0], figure_ids(first)[0])]
    once = store.dump()
    write(store, first)
    assert store.dump() == once
    store.write_stories([story("s", first), story("t", repost)])
    assert len(rows(store, listed)) == 4


def test_figures_count_under_their_own_district_their_policys_or_their_articles(store):
    own = sample(1, figures=1)
    figure = replace(own.facts.figures[0], district="330127")
    policyless = replace(
        sample(3, figures=1), facts=replace(sample(3, figures=1).facts, policies=())
    )
    write(store, replace(own, facts=replace(own.facts, figures=(figure,))), sample(2, figures=1))
    write(store, policyless)
    sql = "select in_district from figures order by article_id"
    assert rows(store, sql) == [("330127",), ("320300",), ("320322",)]


def test_zones_are_kept_with_the_code_that_they_count_under(store):
    sql = "select code, district, hosts from zones where name = '苏州工业园区'"
    assert rows(store, sql) == [("320571", "320500", ["320505", "320506"])]


@pytest.mark.parametrize("line", SPECS, ids=lambda line: line["text"])
def test_versions_of_a_policy_are_one_family(line):
    assert policy_family(line["text"]) == line["family"]


WORDS = [(key, word) for key, words in version_words().items() for word in words]


@pytest.mark.parametrize(("key", "word"), WORDS, ids=lambda word: word)
def test_every_word_of_versions_has_a_spec_line_that_fails_without_it(key, word):
    table = {**version_words()}
    table[key] = [one for one in table[key] if one != word]
    marks = version_marks(table)
    assert any(policy_family(line["text"], marks) != line["family"] for line in SPECS)
