"""Snapshots of large bases: laid out for reading, and the same to whoever asks."""

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import duckdb
import pytest

from store import Store, StoreError, layout, named_queries
from store.comparison import compare as matrix_of
from store.comparison import matrix_rows
from store.layout import LAID_VIEWS
from store.questions import load_question
from tests.store_samples import FULL, sample, story

DISTRICTS = ["320000", "320300", "320322", "110000"]


def elsewhere(number, district, **changes):
    """An article of another district whose figures are changed."""
    report = sample(number)
    figures = tuple(replace(f, district=district, **changes) for f in report.facts.figures)
    return replace(report, facts=replace(report.facts, district=district, figures=figures))


def drawn(random, number):
    """An article whose facts are like those of others in most things, and unknown in some."""
    report = sample(number, figures=random.randrange(5), grade=random.choice("ABCD"))
    name = random.choice(["英才办法", "引才办法（试行）"])
    policies = [
        replace(one, name=name, district=random.choice([None, "320300", "110000"]))
        for one in report.facts.policies
    ]
    figures = [
        replace(
            one,
            value=Decimal(random.choice([1, 1, 2, 3])),
            value_max=random.choice([None, None, Decimal(5)]),
            unit=random.choice(["CNY", "CNY", "person"]),
            role=random.choice(["support", "support", "fund", "talent"]),
            counted=random.choice([None, "人才", "基金"]),
            target=random.choice([None, "博士", "博士后"]),
            tier=random.choice([None, "doctor", "top"]),
            benefit=random.choice([None, "rent", "award"]),
            per=random.choice([None, "month"]),
            policy=random.choice([None, name]),
            district=random.choice([None, "320322", "110101", "330127"]),
        )
        for one in report.facts.figures
    ]
    facts = replace(
        report.facts,
        district=random.choice([None, None, "320300"]),
        policies=tuple(random.sample(policies, random.randrange(2))),
        figures=tuple(figures),
    )
    published = random.choice([None, date(2023, 5, number % 28 + 1)])
    return replace(report, article=replace(report.article, published=published), facts=facts)


RANDOM = Random(5)
DRAWN = [drawn(RANDOM, number) for number in range(10, 90)]
REPORTS = [
    FULL,
    elsewhere(1, "110101"),
    elsewhere(2, "110101"),
    elsewhere(3, "320322", value=Decimal(7), value_max=Decimal(9)),
    *DRAWN,
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One base published as it lies and laid out; the folder's name needs care in SQL."""
    plain, laid = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("o'laid")
    with Store(plain / "bole.duckdb") as store:
        store.write_articles(REPORTS, reader_version="1")
        told = [story(f"d{n}", *DRAWN[n : n + 3]) for n in range(0, 60, 3)]
        store.write_stories([story("s", REPORTS[1], REPORTS[2]), story("t", FULL), *told])
        store.publish()
    shutil.copyfile(plain / "bole.duckdb", laid / "bole.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "LAID_FROM", 1)
        with Store(laid / "bole.duckdb") as store:
            store.publish()
    return plain, laid


@pytest.fixture(scope="module")
def stores(folders):
    with Store.open_snapshot(folders[0]) as plain, Store.open_snapshot(folders[1]) as laid:
        yield plain, laid


def types(store):
    sql = (
        "select table_name, count(*) over () from duckdb_tables() "
        f"where table_name in {tuple(LAID_VIEWS)}"
    )
    return store.query(sql).num_rows


def test_only_a_large_base_is_laid_out(stores):
    assert [types(store) for store in stores] == [0, len(LAID_VIEWS)]


def test_both_hold_the_same_rows(stores):
    plain, laid = stores
    assert laid.dump() == plain.dump()
    assert laid.counts() == plain.counts()


def test_both_have_the_same_columns_with_the_same_comments(stores):
    sql = (
        "select table_name, column_name, column_index, data_type, comment from duckdb_columns() "
        "where not internal order by all"
    )
    plain, laid = (store.query(sql).to_pylist() for store in stores)
    assert laid == plain


def test_the_comments_of_views_are_those_of_their_tables(stores):
    plain, laid = stores
    views = plain.query("select view_name as name, comment from duckdb_views() where not internal")
    told = {row["name"]: row["comment"] for row in views.to_pylist()}
    tables = laid.query("select table_name as name, comment from duckdb_tables()").to_pylist()
    found = {row["name"]: row["comment"] for row in tables if row["name"] in LAID_VIEWS}
    assert found == {name: told[name] for name in LAID_VIEWS}


@pytest.mark.parametrize("view", LAID_VIEWS)
def test_a_view_that_became_a_table_has_its_rows(stores, view):
    plain, laid = (store.query(f"select * from {view} order by all") for store in stores)
    assert plain.num_rows > 0
    assert laid.to_pylist() == plain.to_pylist()


@pytest.mark.parametrize("name", named_queries())
def test_both_answer_each_question_alike(stores, name):
    plain, laid = (store.ask(name).to_pylist() for store in stores)
    assert laid == plain


def known(store, column, table="measures"):
    """Return what a column holds, and nothing."""
    rows = store.query(f"select distinct {column} as one from {table} order by one").to_pylist()
    return [None, *(row["one"] for row in rows if row["one"] is not None)]


def test_both_answer_what_is_narrowed_alike(stores):
    plain, laid = stores
    wanted = {
        "district": [None, *DISTRICTS],
        "target": known(plain, "target"),
        "tier": known(plain, "tier"),
        "benefit": known(plain, "benefit"),
        "policy": [*known(plain, "policy"), "才办"],
        "id": known(plain, "policy_id"),
        "noun": [None, "人才", "基"],
        "unit": ["CNY", "person"],
        "since": [None, "2023-05-20", "2024-03-01"],
    }
    random, found = Random(1), set()
    for name in named_queries():
        names = [one for one in load_question(name).parameters if one in wanted]
        for _ in range(8 if names else 0):
            given = {one: random.choice(wanted[one]) for one in names}
            rows = plain.ask(name, **given)
            assert laid.ask(name, **given).equals(rows), (name, given)
            found |= {name} if rows.num_rows and any(given.values()) else set()
    assert plain.ask("conflicts").num_rows > 0
    assert found >= {"funds", "measures_of_policy", "support_by_benefit", "talents"}
    assert found >= {"figures_about", "measures_for", "indicator_timeline", "highest_support"}


def test_what_a_policy_grants_without_a_known_district_is_found(stores):
    sql = "select policy_id from measures where district is null and policy_id is not null"
    (known, *_) = stores[0].query(sql).to_pylist()
    for store in stores:
        rows = store.ask("measures_of_policy", id=known["policy_id"]).to_pylist()
        assert None in {row["district"] for row in rows}


def test_both_compare_alike(stores):
    plain, laid = (
        list(matrix_rows(matrix_of(store.compare(DISTRICTS), DISTRICTS))) for store in stores
    )
    assert {row["state"] for row in plain} == {"missing", "one", "steps", "conflict"}
    assert laid == plain
    for asked in ({"benefits": ["rent"]}, {"tiers": ["top", "doctor"], "benefits": ["award"]}):
        plain, laid = (store.compare(DISTRICTS[:2], **asked) for store in stores)
        assert plain != []
        assert laid == plain


def test_figures_lie_by_role_and_district(stores):
    sql = "select role, in_district from {} order by rowid"
    plain = [tuple(row.values()) for row in stores[0].query(sql.format("figures")).to_pylist()]
    laid = [tuple(r.values()) for r in stores[1].query(sql.format("cited_figures")).to_pylist()]
    ordered = sorted(plain, key=lambda row: (row[0], row[1] is None, row[1]))
    assert laid == ordered
    assert plain != ordered


def test_ids_of_facts_are_not_packed(stores):
    for store, table in zip(stores, ("figures", "cited_figures"), strict=True):
        kept = f"""select distinct compression from pragma_storage_info('{table}')
            where column_name = 'fact_id' and segment_type = 'VARCHAR'"""
        assert store._db.rows(kept) == [("Uncompressed",)]


def test_a_laid_out_snapshot_that_was_brought_back_is_written_on(folders, tmp_path):
    plain, laid = folders
    (snapshot,) = (laid / "snapshots").glob("*.duckdb")
    path = tmp_path / "bole.duckdb"
    shutil.copyfile(snapshot, path)
    with Store(path) as store, Store(plain / "bole.duckdb") as before:
        assert store.dump() == before.dump()
        store.write_articles([elsewhere(4, "110101", value=Decimal(1))], reader_version="1")
        store.publish()
    with Store.open_snapshot(tmp_path) as store:
        assert types(store) == 0
        assert store.query("select 1 from all_measures where amount = 1").num_rows > 0


def test_a_snapshot_that_cannot_be_laid_out_leaves_the_one_before(tmp_path, monkeypatch):
    def refuse(*_args):
        raise duckdb.IOException("No space left on device")

    with Store(tmp_path / "bole.duckdb") as store:
        store.write_articles([FULL], reader_version="1")
        first = store.publish()
        monkeypatch.setattr(layout, "LAID_FROM", 1)
        with monkeypatch.context() as patch:
            patch.setattr(layout, "lay_out", refuse)
            with pytest.raises(StoreError, match=r"cannot publish .*No space left.*free space"):
                store.publish()
        names = {path.name for path in (tmp_path / "snapshots").iterdir()}
        assert names == {first.name, "current"}
        assert store.publish() != first


def test_lies_in_is_what_begins_with_the_area(stores):
    differing = """
    with area as (
        select code from districts where code like '%00' or code < '110200'
        union select '000000' union select '999999'
    )
    select d.code, area.code as area
    from (select distinct code from districts) d, area
    where lies_in(d.code, area.code)
        <> starts_with(d.code, regexp_replace(area.code, '(00){1,2}$', ''))
    """
    assert stores[0].query(differing).num_rows == 0
