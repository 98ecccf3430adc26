"""The file of the store and its tables."""

import shutil
import subprocess
import sys
from contextlib import closing

import duckdb
import pytest

from store import Failure, Store, StoreError
from store.schema import SCHEMAS, VERSION
from tests.store_samples import FULL, rows, sample, write


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bole.duckdb"


@pytest.fixture
def store(path, empty):
    shutil.copyfile(empty, path)  # quicker than to make the tables anew
    with Store(path) as opened:
        opened._db.execute("pragma disable_checkpoint_on_shutdown")  # quicker, and nobody reopens
        yield opened


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
