"""One writer, many readers, and kills at any moment."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from store import Store, StoreError
from tests.store_samples import BATCHES, FULL, THIRD, run, sample


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "bole.duckdb"
    Store(path).close()
    return path


@pytest.fixture
def path(tmp_path, empty):
    # quicker than to make the tables anew
    return Path(shutil.copyfile(empty, tmp_path / "bole.duckdb"))


#: Runs as `run`, but stops for good before the n-th step of the database: the test kills it there.
_STOPPING = """
import sys
from pathlib import Path
from store.database import Database
from tests.store_samples import run

left = int(sys.argv[2])

def stopping(step):
    def stop_or(*args, **values):
        global left
        left -= 1
        if left == 0:
            print("here", flush=True)
            sys.stdin.read()
        return step(*args, **values)
    return stop_or

for name in ("insert", "delete", "execute", "publish"):
    setattr(Database, name, stopping(getattr(Database, name)))
run(Path(sys.argv[1]))
print("done", flush=True)
"""


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


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "bole.duckdb"
    run(path)
    with Store(path) as store:
        return store.dump()


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(2, id="tables half made"),
        pytest.param(6, id="first batch half written"),
        pytest.param(27, id="old rows deleted, new ones half written"),
        pytest.param(37, id="stories half written"),
        pytest.param(43, id="all written, nothing published"),
    ],
)
def test_a_killed_run_leaves_whole_batches_and_is_finished_by_the_next(
    tmp_path, step, uninterrupted
):
    path = tmp_path / "bole.duckdb"
    with process(_STOPPING, path, step) as child:
        assert child.said == "here"
        child.kill()
        child.wait()
    with Store(path) as store:
        kept = store.read_reports(until=FULL.first_seen)
    by_batches = [{}]
    for batch in BATCHES:
        by_batches.append({**by_batches[-1], **{report.article.id: report for report in batch}})
    assert {report.article.id: report for report in kept} in by_batches
    run(path)
    with Store(path) as store:
        assert store.dump() == uninterrupted


def test_running_twice_changes_nothing(path, uninterrupted):
    run(path)
    run(path)
    with Store(path) as store:
        assert store.dump() == uninterrupted


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


# kills at moments that nobody chose, full disks, folders that cannot be written


@pytest.mark.slow
@pytest.mark.skipif("SLOW_TESTS" not in os.environ, reason="takes minutes: SLOW_TESTS=1 runs it")
def test_fifty_kills_at_random_moments_leave_what_an_uninterrupted_run_leaves(
    path, uninterrupted, tmp_path_factory
):
    random = Random(20240301)
    code = "import sys; from pathlib import Path; from tests.store_samples import run\n"
    code += "print('here', flush=True); run(Path(sys.argv[1]))"
    whole = Path(shutil.copyfile(path, tmp_path_factory.mktemp("whole") / "bole.duckdb"))
    with process(code, whole) as child:
        begun = monotonic()
        child.wait()
        lasts = monotonic() - begun
    by_batches = [set()]
    for batch in BATCHES:
        by_batches.append(by_batches[-1] | {report.article.id for report in batch})
    for _ in range(50):
        with process(code, path) as child:
            with suppress(subprocess.TimeoutExpired):
                child.wait(random.uniform(0, lasts))
            child.kill()
            child.wait()
        with Store(path) as store:
            held = {report.article.id for report in store.read_reports(until=THIRD)}
            assert held in by_batches
            if random.random() < 0.3:
                store._db.delete("articles", "true")  # begin anew, so that early writes are hit too
                for table in ("figures", "policy_mentions", "places", "names", "policies"):
                    store._db.delete(table, "true")
    run(path)
    with Store(path) as store:
        assert store.dump() == uninterrupted
        store.publish()
    with Store.open_snapshot(path.parent) as reader:
        assert {hit.article_id for hit in reader.search("英才办法")} >= {"full", "article-00004"}


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from store import Store, StoreError
from tests.store_samples import sample

path = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Store(path) as store:
    store.write_articles([sample(1)], reader_version="1")
    store.publish()
    size = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300_000, size + 300_000))
    try:
        for first in range(2, 20_000, 2_000):
            reports = [sample(number) for number in range(first, first + 2_000)]
            store.write_articles(reports, reader_version="1")
            store.publish()
    except StoreError as error:
        print("here", error, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_is_said_and_harms_nothing(path):
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert "here cannot " in done.stdout, done.stderr
    assert "space" in done.stdout
    with Store(path) as store:
        numbers = [report.article.id for report in store.read_reports(until=THIRD)]
        assert "article-00001" in numbers
        assert len(numbers) % 2_000 == 1
    with Store.open_snapshot(path.parent) as reader:
        assert "article-00001" in articles(reader)


def test_a_folder_that_cannot_be_written_is_said(path, monkeypatch):
    # rights do not bind root, who runs tests in containers: the refusal is made here
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    Store(path).close()
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        with pytest.raises(StoreError, match=r"cannot write in .*Permission denied; .*rights"):
            Store(path)
    with Store(path) as store, monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", refuse)
        with pytest.raises(StoreError, match=r"cannot publish .*Permission denied.*rights"):
            store.publish()
    assert path.read_bytes() == before
