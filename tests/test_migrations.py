"""Files of older forms are brought forward, with a copy kept aside."""

import re
import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from store import Store, StoreError
from store.families import policy_family
from store.migrations import schema_sql, steps
from store.schema import VERSION
from tests.store_samples import FULL, SECOND, sample, story

SCHEMAS = Path(__file__).parent / "schemas"
ROOT = Path(__file__).parent.parent


SHAPE = (
    """select table_name, column_name, data_type, is_nullable, comment
    from duckdb_columns() where not internal order by table_name, column_index""",
    "select table_name, comment from duckdb_tables() order by all",
    "select view_name, sql, comment from duckdb_views() where not internal order by view_name",
    """select function_name, macro_definition
    from duckdb_functions() where not internal order by all""",
)
#: What DuckDB writes now with, now without, each time it prints SQL that it has read.
DRESS = re.compile(r'[()"\s]')


def shape(path):
    """Return all that a file says of its tables, views and macros."""
    with closing(duckdb.connect(str(path), read_only=True)) as con:
        told = [con.execute(sql).fetchall() for sql in SHAPE]
    return [[[DRESS.sub("", str(cell)) for cell in row] for row in rows] for rows in told]


@pytest.fixture
def old(tmp_path):
    """A database of form 1 with what FULL, two samples and a story come to."""
    path = tmp_path / "old" / "bole.duckdb"
    path.parent.mkdir()
    new = tmp_path / "new.duckdb"
    with Store(new) as store:
        store.write_articles([FULL, sample(1, figures=1), sample(2, figures=1)], reader_version="1")
        store.write_stories([story("s", sample(1), sample(2))])
    with closing(duckdb.connect(str(path))) as con:
        con.execute((SCHEMAS / "0001.sql").read_text("utf-8"))
        con.execute("insert into schema_version values (1)")
        con.execute(f"attach '{new.as_posix()}' as new (read_only)")
        tables = "select table_name from duckdb_tables() where database_name = 'bole'"
        for (table,) in con.execute(tables).fetchall():
            names = con.execute(f"select column_name from (describe {table})").fetchall()
            if table != "schema_version":
                columns = ", ".join(f'"{name}"' for (name,) in names)
                con.execute(f"insert into {table} select {columns} from new.{table}")
    return path


def test_an_old_file_comes_forward_to_the_form_of_a_new_one(old, tmp_path):
    before = old.read_bytes()
    with Store(old) as store:
        (told,) = [one for one in store.read_reports(until=SECOND) if one.article.id == "full"]
        assert told == FULL
        assert store._db.rows("select version from schema_version") == [(VERSION,)]
    assert shape(old) == shape(tmp_path / "new.duckdb")
    aside = old.with_name("bole.duckdb.form1")
    assert aside.read_bytes() == before
    with closing(duckdb.connect(str(aside), read_only=True)) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(3,)]


def test_an_old_file_comes_forward_with_its_rows(old, tmp_path):
    with Store(old) as store, Store(tmp_path / "new.duckdb") as new:
        for table in ("figures", "articles", "stories", "story_articles", "zones"):
            assert store.dump()[table] == new.dump()[table]
        policies = store._db.rows("select name, family from policies order by all")
    assert policies == [(name, policy_family(name)) for name, _ in policies]


def test_a_file_comes_forward_once(old):
    Store(old).close()
    aside = old.with_name("bole.duckdb.form1")
    aside.unlink()
    Store(old).close()
    assert not aside.exists()


def test_a_migration_that_fails_leaves_the_file_as_it_was(old, monkeypatch):
    monkeypatch.setattr("store.database.steps", lambda *_: ["alter table cats add column x int"])
    before = shape(old)
    with pytest.raises(StoreError, match="cats"):
        Store(old)
    assert shape(old) == before


def test_a_copy_that_cannot_be_made_leaves_the_file_as_it_was(old):
    before = shape(old)
    old.with_name("bole.duckdb.form1.part").mkdir()
    with pytest.raises((StoreError, OSError), match=r"bole\.duckdb\.form1"):
        Store(old)
    shutil.rmtree(old.with_name("bole.duckdb.form1.part"))
    assert shape(old) == before
    Store(old).close()


def test_a_reader_does_not_migrate(old):
    with pytest.raises(StoreError, match=r"older bole \(tables 1, this one reads \d+\).*bole run"):
        Store(old, read_only=True)
    assert not old.with_name("bole.duckdb.form1").exists()


def test_there_is_a_script_for_each_form():
    assert len(steps(1, VERSION)) == VERSION - 1
    forms = sorted((ROOT / "store" / "migrations").glob("*.sql"))
    assert [form.stem for form in forms] == [f"{n:04}" for n in range(2, VERSION + 1)]


def test_views_are_in_the_docs():
    docs = (ROOT / "docs" / "tables.md").read_text("utf-8")
    views = re.findall(r"^create view (\w+)", schema_sql(), re.MULTILINE)
    assert [name for name in views if f"| `{name}` |" not in docs] == []
