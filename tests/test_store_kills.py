"""A writer that is killed at any moment leaves whole batches; the next one finishes the work."""

import multiprocessing
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event
from time import perf_counter

import pyarrow as pa
import pytest

from store import Store
from store.database import Database
from store.rows import report_tables
from tests.store_samples import BATCHES, FULL, THIRD, run, sample

#: Kills of each kind: a few always, and many where somebody has minutes.
MANY = "SLOW_TESTS" in os.environ
DAILY_KILLS, BULK_KILLS = (40, 10) if MANY else (3, 1)


def stop_before(path: Path, step: int, here) -> None:
    """Do what `run` does, but stop for good before the n-th step of the database."""
    left = step

    def stopping(method):
        def stop_or(*args, **values):
            nonlocal left
            left -= 1
            if left == 0:
                here.set()
                Event().wait()
            return method(*args, **values)

        return stop_or

    for name in ("insert", "delete", "execute", "publish"):
        setattr(Database, name, stopping(getattr(Database, name)))
    run(path)


def write_again_and_again(path: Path, work, here) -> None:
    """Do the same work until somebody kills this process."""
    here.set()
    while True:
        work(path)


@contextmanager
def writer(action, path: Path, what) -> Iterator[None]:
    """Let another process write until it says that it is there; then kill it as `kill -9` does."""
    way = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(way)
    if way == "forkserver":  # it loads DuckDB once for all that are killed
        context.set_forkserver_preload(["tests.test_store_kills"])
    here = context.Event()
    process = context.Process(target=action, args=(path, what, here), daemon=True)
    process.start()
    assert here.wait(60)
    try:
        yield
    finally:
        assert process.is_alive()
        process.kill()
        process.join()
        process.close()


def wait(seconds: float) -> None:
    """Let a moment pass: what is tested is that no moment matters."""
    until = perf_counter() + seconds
    while perf_counter() < until:
        pass


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """What is in the tables after a run that nobody killed, and how long it took."""
    path = tmp_path_factory.mktemp("whole") / "bole.duckdb"
    begun = perf_counter()
    run(path)
    lasts = perf_counter() - begun
    with Store(path) as store:
        return store.dump(), lasts


def states():
    """Return what the tables may hold of articles: whole batches of a first run or of a later."""
    found = [{}]
    for _ in range(2):
        for batch in BATCHES:
            found.append({**found[-1], **{report.article.id: report for report in batch}})
    return found


def kept_reports(path):
    with Store(path) as store:
        return {report.article.id: report for report in store.read_reports(until=THIRD)}


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
    with writer(stop_before, path, step):
        pass
    assert kept_reports(path) in states()
    run(path)
    with Store(path) as store:
        assert store.dump() == uninterrupted[0]


def test_running_twice_changes_nothing(tmp_path, uninterrupted):
    path = tmp_path / "bole.duckdb"
    run(path)
    run(path)
    with Store(path) as store:
        assert store.dump() == uninterrupted[0]


@pytest.mark.slow
def test_kills_at_random_moments_leave_what_an_uninterrupted_run_leaves(tmp_path, uninterrupted):
    random = Random(20240301)
    path, (wanted, lasts) = tmp_path / "bole.duckdb", uninterrupted
    for _ in range(DAILY_KILLS):
        if random.random() < 0.5:  # early writes are to be hit too
            shutil.rmtree(tmp_path)
            tmp_path.mkdir()
        with writer(write_again_and_again, path, run):
            wait(random.uniform(0, 1.5 * lasts))
        assert kept_reports(path) in states()
        run(path)
        with Store(path) as store:
            assert store.dump() == wanted
        with Store.open_snapshot(tmp_path) as reader:
            assert {hit.article_id for hit in reader.search("英才办法")} >= {FULL.article.id}


def bulk() -> dict[str, pa.Table]:
    """Return so many articles that their figures go to the file before the end of their batch."""
    tables = report_tables([sample(1)], reader_version="1")
    articles = [f"{number:016x}" for number in range(41_000)]
    rows = {}
    for name, table in tables.items():
        each = table.num_rows
        many = table.take(pa.array([row for _ in articles for row in range(each)], pa.int64()))
        key = pa.array([one for one in articles for _ in range(each)], pa.string())
        column = "id" if name == "articles" else "article_id"
        rows[name] = many.set_column(many.schema.get_field_index(column), column, key)
    return rows


def write_bulk(path: Path) -> None:
    with Store(path) as store:
        store.write_tables(bulk())


@pytest.mark.slow
def test_a_bulk_load_that_is_killed_is_all_there_or_not_at_all(tmp_path):
    random, path = Random(20240302), tmp_path / "bole.duckdb"
    begun = perf_counter()
    write_bulk(path)
    lasts = perf_counter() - begun
    with Store(path) as store:
        whole = store.counts()
    for _ in range(BULK_KILLS):
        path.unlink()
        with writer(write_again_and_again, path, write_bulk):
            wait(random.uniform(0, 1.5 * lasts))
        with Store(path) as store:
            assert store.counts() in (whole, {**whole, **dict.fromkeys(bulk(), 0), "policies": 0})
        write_bulk(path)
        with Store(path) as store:
            assert store.counts() == whole
            assert store.failures() == []
