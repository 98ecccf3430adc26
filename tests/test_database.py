"""How the file is written: in packs, with what does not fit into memory beside it."""

from contextlib import closing

import duckdb
import pytest

from store import Store, database
from store.rows import report_tables
from tests.store_samples import sample, write

PACK = 2048
#: Rows of each pack of a table.
PACKS = """
select max(rows) from (
    select row_group_id, sum(count) as rows from pragma_storage_info('figures')
    where column_name = 'position' and segment_type = 'INTEGER' group by row_group_id
) group by row_group_id order by row_group_id
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_PACKED", PACK)
    return tmp_path / "it's" / "bole.duckdb"


@pytest.fixture
def store(path):
    path.parent.mkdir()
    with Store(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def many():
    """Articles with more figures than a pack holds."""
    return report_tables([sample(n, figures=20) for n in range(250)], reader_version="1")


def packs(store):
    return [rows for (rows,) in store._db.rows(PACKS)]


def test_a_batch_of_more_than_a_pack_goes_to_the_file_and_not_to_the_log(store, path, many):
    log = path.with_name("bole.duckdb.wal")
    before = log.stat().st_size
    store._db.insert("figures", many["figures"])
    assert sum(packs(store)) == 5000
    assert max(packs(store)) == PACK
    assert log.stat().st_size - before < 20_000
    store._db.insert("figures", many["figures"].slice(0, 1000))
    assert log.stat().st_size - before > 40_000


def test_a_file_with_larger_packs_is_written_on(store, path, many, monkeypatch):
    store.write_tables(many)
    store.close()
    monkeypatch.setattr(database, "_PACKED", 2 * PACK)
    with Store(path) as again:
        write(again, *(sample(n, figures=20) for n in range(200, 400)))
        again.publish()
    with Store.open_snapshot(path.parent) as found:
        assert found.counts()["figures"] == 8000
        (row,) = found.query("select count(distinct fact_id) as n from figures").to_pylist()
        assert row == {"n": 8000}


def test_what_does_not_fit_into_memory_goes_beside_the_file(store, path):
    (found,) = store._db.rows("select current_setting('temp_directory')")
    assert found == (f"{path}.tmp",)
    (limit,) = store._db.rows("select current_setting('memory_limit')")
    assert limit == ("2.7 GiB",)


def test_the_name_under_which_a_file_is_open_is_not_kept_in_it(store, path):
    write(store, sample(1))
    store.close()
    with closing(duckdb.connect(str(path), read_only=True)) as con:
        assert con.execute("select current_database()").fetchall() == [("bole",)]
        assert con.execute("select count(*) from cited_figures").fetchall() == [(3,)]
        assert con.execute("from duckdb_views() where sql like '%base.%'").fetchall() == []
