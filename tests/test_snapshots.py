"""One writer, many readers."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from store import Store, StoreError
from tests.store_samples import FULL, sample


@pytest.fixture
def path(tmp_path, empty):
    # quicker than to make the tables anew
    return Path(shutil.copyfile(empty, tmp_path / "bole.duckdb"))


@contextmanager
def process(code, *arguments):
    """Run code in another process; yield it when it has said its first line; kill it."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8") as child:
        try:
            child.said = child.stdout.readline().strip()
            yield child
        finally:
            child.kill()


# one writer


_HOLDING = """
import sys
from pathlib import Path
from store import Store

with Store(Path(sys.argv[1])):
    print("here", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_told_who_writes_since_when(path):
    with process(_HOLDING, path) as child:
        since = r"since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
        with pytest.raises(StoreError, match=rf"written by process {child.pid} {since}; wait"):
            Store(path)


def test_a_writer_that_was_killed_holds_nothing(path):
    with process(_HOLDING, path) as child:
        child.kill()
        child.wait()
        assert f"process {child.pid} " in path.with_name("bole.duckdb.lock").read_text("utf-8")
        with Store(path) as store:
            assert store.counts()["articles"] == 0


def test_one_process_writes_once_at_a_time(path):
    with Store(path) as first:
        with pytest.raises(StoreError, match=f"written by process {os.getpid()} since"):
            Store(path)
        first.write_articles([FULL], reader_version="1")
        first.publish()
        with pytest.raises(StoreError, match="is being written"):
            Store(path.parent / "." / path.name)
    with Store(path) as second:
        assert second.counts()["articles"] == 1


def test_the_lock_holds_while_and_after_a_snapshot_is_copied(path):
    with Store(path) as store:
        store.publish()
        code = (
            "import sys; from pathlib import Path; from store import Store, StoreError\n"
            "try: Store(Path(sys.argv[1]))\n"
            "except StoreError as error: print(error)"
        )
        with process(code, path) as child:
            assert f"process {os.getpid()} since" in child.said


def test_a_store_that_could_not_be_opened_holds_no_lock(path):
    path.write_bytes(b"no database " * 1000)
    with pytest.raises(StoreError, match="cannot open"):
        Store(path)
    path.unlink()
    Store(path).close()


# snapshots


def articles(store):
    return [row["id"] for row in store.query("select id from articles order by id").to_pylist()]


def test_without_a_snapshot_the_cure_is_named(path):
    Store(path).close()
    with pytest.raises(StoreError, match=r"no snapshot in .*bole run"):
        Store.open_snapshot(path.parent)


def test_readers_see_what_was_published_while_the_writer_goes_on(path):
    with Store(path) as store:
        store.write_articles([sample(1)], reader_version="1")
        store.publish()
        store.write_articles([sample(2)], reader_version="1")
        with Store.open_snapshot(path.parent) as reader:
            assert articles(reader) == ["article-00001"]
            store.publish()
            assert articles(reader) == ["article-00001"]
        with Store.open_snapshot(path.parent) as reader:
            assert articles(reader) == ["article-00001", "article-00002"]


_READING = """
import sys
from pathlib import Path
from store import Store

with Store.open_snapshot(Path(sys.argv[1])) as store:
    print("here", flush=True)
    sys.stdin.readline()
    print(store.query("select count(*) as n from articles").to_pylist()[0]["n"], flush=True)
"""


def test_a_reader_of_another_process_keeps_its_snapshot(path):
    with Store(path) as store:
        store.write_articles([sample(1)], reader_version="1")
        store.publish()
        with process(_READING, path.parent) as child:
            for number in (2, 3, 4):
                store.write_articles([sample(number)], reader_version="1")
                store.publish()
            assert child.communicate("\n")[0].strip() == "1"


def test_places_may_be_given_as_plain_words(path):
    with Store(str(path)) as store:
        store.write_articles([sample(1)], reader_version="1")
        store.publish()
    with Store.open_snapshot(str(path.parent)) as reader:
        assert articles(reader) == ["article-00001"]


def test_snapshots_are_numbered_and_old_ones_go(path):
    with Store(path) as store:
        published = [store.publish().name for _ in range(4)]
    assert published == [f"{number:06}.duckdb" for number in (1, 2, 3, 4)]
    left = sorted(file.name for file in (path.parent / "snapshots").iterdir())
    assert left == ["000003.duckdb", "000004.duckdb", "current"]


def test_a_copy_that_was_killed_is_cleared_away(path):
    with Store(path) as store:
        store.publish()
        (path.parent / "snapshots" / "000002.part").write_bytes(b"half a copy")
        assert store.publish().name == "000002.duckdb"
    assert list((path.parent / "snapshots").glob("*.part")) == []


def test_a_snapshot_that_was_not_pointed_at_is_not_read(path):
    with Store(path) as store:
        store.write_articles([sample(1)], reader_version="1")
        store.publish()
    (path.parent / "snapshots" / "000002.duckdb").write_bytes(b"copied, but killed before pointing")
    with Store.open_snapshot(path.parent) as reader:
        assert articles(reader) == ["article-00001"]
    with Store(path) as store:
        assert store.publish().name == "000003.duckdb"


def test_a_snapshot_that_cannot_be_written_leaves_the_store_usable(path):
    (path.parent / "snapshots").write_text("in the way", encoding="utf-8")
    with Store(path) as store:
        with pytest.raises(StoreError, match=r"cannot publish a snapshot in .*snapshots"):
            store.publish()
        store.write_articles([sample(1)], reader_version="1")
        assert store.counts()["articles"] == 1


def test_a_snapshot_that_is_gone_is_named(path):
    with Store(path) as store:
        store.publish().unlink()
    with pytest.raises(StoreError, match=r"no database .*000001\.duckdb"):
        Store.open_snapshot(path.parent)


def test_a_snapshot_is_not_written(path):
    with Store(path) as store:
        store.publish()
    with Store.open_snapshot(path.parent) as reader:
        with pytest.raises(StoreError, match="open for reading"):
            reader.start_run()
        with pytest.raises(StoreError, match="open for reading"):
            reader.publish()
