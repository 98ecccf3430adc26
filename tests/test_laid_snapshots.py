"""Snapshots of large bases: laid out for reading, and the same to whoever asks."""

import shutil
from dataclasses import replace
from decimal import Decimal

import duckdb
import pytest

from store import Store, StoreError, layout, named_queries
from store.comparison import compare as matrix_of
from store.comparison import matrix_rows
from store.layout import LAID_VIEWS
from tests.store_samples import FULL, sample, story

DISTRICTS = ["320000", "320300", "320322", "110000"]


def elsewhere(number, district, **changes):
    """An article of another district whose figures are changed."""
    report = sample(number)
    figures = tuple(replace(f, district=district, **changes) for f in report.facts.figures)
    return replace(report, facts=replace(report.facts, district=district, figures=figures))


REPORTS = [
    FULL,
    elsewhere(1, "110101"),
    elsewhere(2, "110101"),
    elsewhere(3, "320322", value=Decimal(7), value_max=Decimal(9)),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One base published as it lies and laid out; the folder's name needs care in SQL."""
    plain, laid = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("o'laid")
    with Store(plain / "bole.duckdb") as store:
        store.write_articles(REPORTS, reader_version="1")
        store.write_stories([story("s", REPORTS[1], REPORTS[2]), story("t", FULL)])
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


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("measures_of_district", {"district": "110000"}),
        ("measures_for", {"target": "人才"}),
        ("measures_of_policy", {"policy": "柳溪"}),
        ("highest_support", {"district": "320300", "tier": "top"}),
    ],
)
def test_both_answer_what_is_narrowed_alike(stores, name, given):
    plain, laid = (store.ask(name, **given).to_pylist() for store in stores)
    assert len(plain) > 0
    assert laid == plain


def test_both_compare_alike(stores):
    plain, laid = (
        list(matrix_rows(matrix_of(store.compare(DISTRICTS), DISTRICTS))) for store in stores
    )
    assert any(row["state"] != "missing" for row in plain)
    assert laid == plain


def test_figures_lie_by_role_and_district(stores):
    sql = "select role, in_district from figures order by rowid"
    plain, laid = ([tuple(row.values()) for row in s.query(sql).to_pylist()] for s in stores)
    assert laid == sorted(laid)
    assert plain != sorted(plain)


def test_a_policy_is_looked_up(stores):
    known = stores[0].query("select min(policy_id) as id from measures").to_pylist()[0]["id"]
    sql = f"explain analyze select quote from measures where policy_id = '{known}'"
    plain, laid = (str(store.query(sql).to_pylist()) for store in stores)
    assert "Index Scan" not in plain
    assert "Index Scan" in laid


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
