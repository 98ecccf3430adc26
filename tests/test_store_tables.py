"""Rows that were made elsewhere come in as those of reports do."""

import shutil

import pyarrow as pa
import pytest

from store import Store, StoreError
from store.rows import report_tables
from tests.store_samples import (
    FIRST,
    FULL,
    SECOND,
    THIRD,
    rows,
    sample,
    write,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bole.duckdb"


@pytest.fixture
def store(path, empty):
    shutil.copyfile(empty, path)  # quicker than to make the tables anew
    with Store(path) as opened:
        opened._db.execute("pragma disable_checkpoint_on_shutdown")  # quicker, and nobody reopens
        yield opened


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


def test_rows_that_are_refused_may_be_such_as_no_table_takes(store):
    tables = tables_of(sample(1, figures=2))
    figures = tables["figures"]
    for name, value in (("quote", "9999万元"), ("unit", None)):
        kept = figures[name].to_pylist()[1]
        at = figures.schema.get_field_index(name)
        figures = figures.set_column(at, name, pa.array([value, kept], pa.string()))
    store.write_tables({**tables, "figures": figures})
    assert rows(store, "select quote from figures") == [(figures["quote"][1].as_py(),)]
    assert [failure.kind for failure in store.failures()] == ["ungrounded"]


def test_what_points_at_its_words_and_no_table_takes_is_an_error(store):
    tables = tables_of(sample(1, figures=1))
    at = tables["figures"].schema.get_field_index("unit")
    unitless = tables["figures"].set_column(at, "unit", pa.nulls(1, pa.string()))
    with pytest.raises(StoreError, match="unit"):
        store.write_tables({**tables, "figures": unitless})
    assert store.counts()["articles"] == 0


def test_rows_of_facts_without_their_article_are_refused(store):
    tables = {**tables_of(sample(1)), "articles": tables_of(sample(2))["articles"]}
    store.write_tables(tables)
    assert rows(store, "select count(*) from figures") == [(0,)]
    assert [failure.subject for failure in store.failures()] == ["article-00001"]


def test_facts_of_every_kind_are_looked_up(store):
    tables = tables_of(FULL)
    for name in ("policy_mentions", "places", "names"):
        at = tables[name].schema.get_field_index("start")
        moved = pa.array([start + 1 for start in tables[name]["start"].to_pylist()], pa.int32())
        tables[name] = tables[name].set_column(at, "start", moved)
    store.write_tables(tables)
    counts = store.counts()
    assert [counts[name] for name in ("figures", "policy_mentions", "places", "names")] == [
        *(3, 0, 0, 0)
    ]
    assert "policy_mentions '柳溪英才办法'" in store.failures()[0].message


def test_rows_of_an_article_that_stands_twice_are_refused(store):
    tables = tables_of(sample(1), sample(2))
    tables["articles"] = pa.concat_tables([tables["articles"], tables["articles"].slice(1)])
    with pytest.raises(StoreError, match="'article-00002' stands twice among the rows"):
        store.write_tables(tables)
    assert store.counts()["articles"] == 0


@pytest.mark.parametrize(("later", "kept"), [(THIRD, SECOND), (FIRST, FIRST)])
def test_rows_of_a_known_article_do_not_move_its_first_day_to_a_later_one(store, later, kept):
    store.write_tables(tables_of(sample(1, day=SECOND)))
    store.write_tables(tables_of(sample(2, day=THIRD), sample(1, day=later)))
    assert rows(store, "select first_seen from articles order by id") == [(kept,), (THIRD,)]
