"""Lakes of several writers: a catalog in a PostgreSQL of our own, which the tests start."""

import multiprocessing
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Event

import duckdb
import pytest

from store import StoreError, lake_batches, lake_catalog
from store.lake import LakePlace, LakeReader, committing
from store.lake_catalog import CatalogCommitter
from store.lake_shards import find_shards
from tests.lake_samples import SHARDS, commit, content, stop_behind, write_folder
from tests.postgres import Postgres, is_installed
from tests.store_samples import sample
from tests.test_lake import BEHIND
from tests.test_store_strangers import CALLS, FILES, HARMLESS, STATEMENTS

NUMBERS = count()
pytestmark = pytest.mark.skipif(not is_installed(), reason="PostgreSQL is not installed")


@pytest.fixture(scope="module", autouse=True)
def small_steps():
    """Spare us half a second each time: one test checks their signatures."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(lake_catalog._OFFLINE, "allow_unsigned_extensions", True)
        patched.setattr(lake_batches, "FULL", 1)  # each shard comes in alone
        yield


@pytest.fixture(scope="module")
def server():
    """A server in a folder with a short path, which its user can reach."""
    with tempfile.TemporaryDirectory(prefix="bole-postgres-") as home:
        one = Postgres(Path(home), ("fsync=off", "max_connections=40", "shared_buffers=32MB"))
        shutil.chown(home, one.user)
        one.start()
        try:
            rules = one.home / "data" / "pg_hba.conf"
            guests = f"local all guest scram-sha-256\n{rules.read_text('utf-8')}"
            rules.write_text(guests, encoding="utf-8")
            one.say("create role guest login password 'right'; select pg_reload_conf();")
            yield one
        finally:
            one.stop()


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("shards"))


@pytest.fixture(scope="module")
def wanted_place(tmp_path_factory, shards):
    """A lake of files with the same shards."""
    place = LakePlace(folder=tmp_path_factory.mktemp("wanted"))
    commit(place, shards)
    return place


@pytest.fixture(scope="module")
def wanted(wanted_place):
    """What it holds."""
    return content(wanted_place)


@pytest.fixture
def place(server, made, tmp_path):
    return new_place(server, tmp_path, made)


def new_place(server, folder, template="template1"):
    base = f"base{next(NUMBERS)}"
    server.say(f"create database {base} template {template};")
    if template != "template1":
        path = lake_catalog.rows_of(folder / "lake")
        moved = f"update bole_lake.ducklake_metadata set value = '{path}' where key = 'data_path';"
        server.say(f"\\c {base}\n{moved}")
    return LakePlace(folder=folder / "lake", catalog=f"host={server.home} user=bole dbname={base}")


@pytest.fixture(scope="module")
def made(server, tmp_path_factory):
    """The database of a lake without rows, to be copied: that is quicker than making it."""
    place = new_place(server, tmp_path_factory.mktemp("made"))
    with committing(place):
        return place.catalog.rpartition("=")[2]


def rows_on_disk(place):
    return sorted(path.name for path in place.folder.rglob("*.parquet"))


def test_many_write_and_two_commit_at_once(place, shards, wanted, tmp_path):
    """Whoever is refused comes again; what both were given comes in once."""
    with ThreadPoolExecutor(5) as people:
        copies = people.map(lambda n: write_folder(tmp_path / f"worker{n}"), range(3))
        folders = [shards, *copies]

        ends = people.map(lambda given: commit_when_free(place, *given), [folders, folders[::-1]])
        assert sum(new for new, _ in ends) == len(SHARDS)
    assert content(place) == wanted


def test_two_that_commit_in_spite_of_the_lock_double_nothing(place, shards, wanted, monkeypatch):
    """A lock may be lost with its connection: then the second of the two conflicts."""
    shard = find_shards(shards)[0][0]
    with committing(place) as first:
        first.compact(0)
        who = r"written by another \(PostgreSQL process \d+, this machine, since 20.*; wait until"
        with pytest.raises(StoreError, match=who):
            commit(place, shards)
        monkeypatch.setattr(lake_catalog, "_LOCK", 1)
        with committing(place) as second:
            put = CatalogCommitter._put

            def put_after_another(self, *words):
                if self is first:
                    assert second.commit([shard]).new == 1
                put(self, *words)

            monkeypatch.setattr(CatalogCommitter, "_put", put_after_another)
            with pytest.raises(StoreError, match=r"conflict.*nothing was changed, run the comm"):
                first.commit([shard])
        monkeypatch.undo()
        assert first.commit([shard]).known == 1
    assert commit(place, shards) == (2, 1)
    assert content(place) == wanted


def test_a_committer_that_is_killed_leaves_whole_shards(place, shards, wanted):
    """It is killed in the middle of its second, with rows written that nobody knows yet."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.lake_samples"])
    here = context.Event()
    words = (place, shards, "_register", 2, here)
    process = context.Process(target=stop_behind, args=words, daemon=True)
    process.start()
    assert here.wait(60)
    process.kill()
    process.join()
    assert commit_when_free(place, shards) == (2, 1)
    with committing(place) as committer:
        committer.compact(0)  # what the first left behind goes
    assert content(place) == wanted


def commit_when_free(place, *folders):
    """Commit as soon as the server has seen that the one before has ended."""
    for _ in range(1000):
        try:
            return commit(place, *folders)
        except StoreError as error:
            if "is being written by another" not in str(error):
                raise
            Event().wait(0.1)
    raise AssertionError("the lock is never free")


def test_small_files_are_put_together_and_old_ones_go(place):
    one_each = {f"n{number}": [sample(10 + number, figures=30)] for number in range(3)}
    commit(place, write_folder(place.folder.parent / "shards", one_each))
    before = rows_on_disk(place)
    with LakeReader(place) as reader:
        with committing(place) as committer:
            committer.compact(7)  # what a reader may still read stays
        assert set(before) < set(rows_on_disk(place))
        assert reader.query("select count(*) as n from figures").to_pylist() == [{"n": 90}]
    with committing(place) as committer:
        committer.compact(0)
        assert len(rows_on_disk(place)) < len(before)
        # and what is put together can be replaced
        fewer = write_folder(place.folder.parent / "fewer", {"n1": [sample(11, figures=1)]})
        assert committer.commit(find_shards(fewer)[0]).new == 1
    with LakeReader(place) as reader:
        found = reader.query("select count(*) as n from figures").to_pylist()
    assert found == [{"n": 61}]


@pytest.fixture(scope="module")
def reader(server, made, tmp_path_factory, shards):
    place = new_place(server, tmp_path_factory.mktemp("asked"), made)
    commit(place, shards)
    with LakeReader(place) as opened:
        yield opened, place


def test_a_lake_of_either_kind_answers_alike(reader, wanted_place):
    opened, _ = reader
    with LakeReader(wanted_place) as files:
        for name in ("measures_of_district", "policies_by_issuer", "district_summary", "evidence"):
            wanted, found = files.ask(name), opened.ask(name)
            assert found.num_rows > 0
            assert found.schema == wanted.schema
            assert sorted(map(str, found.to_pylist())) == sorted(map(str, wanted.to_pylist())), name
    with pytest.raises(StoreError, match="asks for stories, which a lake has not"):
        opened.ask("stories_by_reports")


def test_strangers_reach_nothing_beyond_the_tables(reader, tmp_path, monkeypatch):
    opened, place = reader
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    rows = place.folder / "tables" / "main"
    own = [f"from '{rows}/figures/*.parquet'", f"from 'postgres:{place.catalog}'"]
    for sql in (*FILES, *STATEMENTS, *CALLS, *BEHIND, *own):
        with pytest.raises(StoreError) as caught:
            opened.query(sql.replace("{folder}", str(rows)))
        assert "\n" not in str(caught.value), sql
    assert [one.name for one in tmp_path.iterdir()] == ["secret.csv"]
    with pytest.raises(StoreError, match=r"over 0\.05 s; narrow it"):
        opened.query("select count(*) from range(99999) a, range(99999) b", seconds=0.05)
    # and if the first check were passed
    for sql in (f"attach '{place.catalog}' as other (type postgres)", "from '/etc/passwd'"):
        with pytest.raises(duckdb.Error, match=r"disabled through config|does not exist"):
            opened._con.execute(sql)
    for sql in ("delete from bole_lake.articles", "insert into bole_lake.state values ('x', 1)"):
        with pytest.raises(duckdb.Error, match="read-only"):
            opened._con.execute(sql)
    assert opened.query("select count(*) as n from articles").to_pylist() == [{"n": 7}]


def test_each_function_of_the_extensions_is_known_to_be_harmless_or_refused(reader):
    opened, _ = reader
    names = opened._con.execute(
        "select distinct function_name from duckdb_functions() "
        "where function_type in ('table', 'table_macro')"
    ).fetchall()
    refused = []
    for (name,) in names:
        try:
            opened.query(f"from {name}()")
        except StoreError as error:
            refused += [name] if "reaches beyond the tables" in str(error) else []
    assert len([name for name in refused if "lake" in name or "postgres" in name]) > 20
    assert [name for (name,) in names if name not in HARMLESS and name not in refused] == []


def test_the_extensions_are_signed(monkeypatch):
    monkeypatch.delitem(lake_catalog._OFFLINE, "allow_unsigned_extensions")
    with closing(lake_catalog._connect()) as con:
        loaded = con.execute("select extension_name from duckdb_extensions() where loaded")
        assert {("ducklake",), ("postgres_scanner",)} < set(loaded.fetchall())


def test_what_is_wrong_with_the_catalog_is_one_line(server, place, shards, monkeypatch):
    monkeypatch.setenv("PGPASSFILE", str(place.folder.parent / "none"))
    socket, base = f"host={server.home}", place.catalog.rpartition(" ")[2]
    wrong = {
        f"{socket} user=guest {base}": "no password supplied.*; give the password in PGPASSWORD",
        f"{socket} user=bole dbname=none": '"none" does not exist; make it: createdb',
        f"{socket} user=none {base}": 'role "none" does not exist',
        f"host=/nowhere user=bole {base}": "No such file.*; check lake_catalog in bole.toml",
        f"host=127.0.0.1 port=1 user=bole {base}": "refused.*; check lake_catalog in bole.toml",
        f"host=db nonsense=1 {base}": 'option "nonsense"',
        "postgresql://bole@127.0.0.1:1/x": "refused.*; check lake_catalog in bole.toml",
    }
    for catalog, said in wrong.items():
        for use in (lambda place: commit(place, shards), content):
            refuses(use, LakePlace(folder=place.folder, catalog=catalog), said)
    monkeypatch.setenv("PGPASSWORD", "hushhush")
    guest = LakePlace(folder=place.folder, catalog=f"{socket} user=guest {base}")
    refuses(content, guest, "password authentication failed for user .*; give the password")
    monkeypatch.setenv("PGPASSWORD", "right")
    refuses(lambda guest: commit(guest, shards), guest, "permission denied.*; give the role")
    refuses(content, new_place(server, place.folder), "make one: bole lake commit")
    moved = LakePlace(folder=place.folder / "moved", catalog=place.catalog)
    refuses(lambda moved: commit(moved, shards), moved, "name the folder that the lake was made")
    monkeypatch.setattr(lake_catalog, "find_spec", lambda _: None)
    refuses(content, place, r"needs the package duckdb-extension-ducklake; .* 'bole\[lake\]'")


def refuses(use, place, said):
    with pytest.raises(StoreError, match=said) as caught:
        use(place)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_server_that_goes_away_in_the_middle_costs_a_line(
    server, place, shards, wanted, monkeypatch
):
    ending = "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}';"
    base = place.catalog.rpartition("=")[2]
    with monkeypatch.context() as patched:
        patched.setattr(CatalogCommitter, "_register", lambda *_: server.say(ending.format(base)))
        refuses(lambda place: commit(place, shards), place, "went away; .*run the command again")
    assert commit_when_free(place, shards) == (3, 0)
    assert content(place) == wanted
