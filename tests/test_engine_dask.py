"""Units on a Dask cluster: workers, the scheduler and the driver may die."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import bole.shards
import bole.splitting
from bole.engine import EngineError, EngineSettings, open_engine
from bole.receipts import MANIFEST
from bole.shards import Tally
from tests.engine_work import square
from tests.shard_samples import extracted, files_of, no_facts, without_facts, write_samples

distributed = pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
COUNT = 16


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bole.splitting, "ROWS", 1)
    monkeypatch.setattr(bole.shards, "read_facts", no_facts)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_samples(tmp_path / "articles.parquet", COUNT)


@pytest.fixture
def whole(source: Path, tmp_path: Path) -> dict[str, str]:
    """What comes of the samples where nothing dies."""
    return _whole(source, tmp_path / "whole")


def _whole(source: Path, out: Path) -> dict[str, str]:
    with open_engine("local", EngineSettings()) as engine:
        extracted(engine, source, out)
    return files_of(out)


@contextmanager
def _running(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def _killed_driver(engine: str, address: str, source: Path, out: Path) -> list[int]:
    """Run a driver that is killed after two shards; return its workers on this machine."""
    words = ("-m", "tests.engine_driver", engine, address, source, out)
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (out / MANIFEST).exists()
    assert len(list((out / "receipts").iterdir())) >= 2
    return [int(word) for word in done.stdout.split()]


def _has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_killed_driver_takes_its_pool_along(
    source: Path, whole: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    workers = _killed_driver("pool", "", source, out)
    assert len(workers) == 2
    alive = [psutil.Process(pid) for pid in workers if not _has_ended(pid)]
    psutil.wait_procs(alive, timeout=20)
    assert all(_has_ended(pid) for pid in workers)
    assert _whole(source, out) == whole


def test_driver_worker_and_scheduler_die(
    source: Path, whole: dict[str, str], tmp_path: Path
) -> None:
    """One after the other; what was done is kept each time, and nothing is done twice."""
    out, file = tmp_path / "out", str(tmp_path / "scheduler.json")
    worker = ("distributed.cli.dask_worker", "--scheduler-file", file, "--no-nanny")
    worker += ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
    scheduler = ("distributed.cli.dask_scheduler", "--scheduler-file", file, "--no-dashboard")
    scheduler += ("--host", "127.0.0.1", "--port", "0")
    with ExitStack() as stack:
        head = stack.enter_context(_running(*scheduler))
        first, _ = [stack.enter_context(_running(*worker)) for _ in range(2)]
        with distributed.Client(scheduler_file=file, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            address = client.scheduler.address
        _killed_driver("dask", address, source, out)
        known = sum(1 for _ in (out / "receipts").iterdir())
        told: list[bool] = []

        def tell(tally: Tally, was_there: bool) -> None:
            assert tally == Tally(1, 0)
            told.append(was_there)
            if told.count(False) == 1:
                first.kill()
            if told.count(False) == 4:
                head.kill()

        settings = EngineSettings(scheduler=address, prepare=without_facts)
        with (
            pytest.raises(EngineError, match="the Dask scheduler is gone; run the same command"),
            open_engine("dask", settings) as engine,
        ):
            extracted(engine, source, out, tell=tell)
        assert told.count(True) >= known >= 2
    assert not (out / MANIFEST).exists()
    assert _whole(source, out) == whole


def test_a_cluster_of_this_machine_answers_nobody_else() -> None:
    """It listens on loopback, to those with its keys; it has no page, and lives on."""
    with open_engine("dask", EngineSettings(workers=1, retries=0)) as engine:
        assert [o.result for o in engine.run(square, (9,))] == [81]
        places = [
            place.laddr
            for process in (psutil.Process(), *psutil.Process().children(recursive=True))
            for place in process.net_connections("tcp")
            if place.status == psutil.CONN_LISTEN
        ]
        ended = {o.unit: o for o in engine.run(square, (0, 3, 4, 5, 6))}
    assert ended[3].problem == "ValueError: three is; no number"
    assert ended[5].problem == "its worker died (killed, or out of memory)"
    assert {n: ended[n].result for n in (0, 4, 6)} == {0: 0, 4: 16, 6: 36}
    assert {place.ip for place in places} == {"127.0.0.1"}
    assert len(places) == 3  # scheduler, worker and the nanny that restarts it


def test_a_scheduler_that_is_not_there_is_told() -> None:
    with (
        pytest.raises(EngineError, match=r"no Dask scheduler answers at 'nonsense'"),
        open_engine("dask", EngineSettings(scheduler="nonsense")),
    ):
        pytest.fail("it was opened")
