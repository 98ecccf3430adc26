"""A run each day at the same time."""

import re
import subprocess
import sys
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bole.commands.shared import CHINA
from bole.config import ConfigError, load_settings
from bole.schedule import keep_running, next_start, read_time, run_once
from store.lock import WriteLock
from tests.test_cli import bole


class StopError(Exception):
    pass


def test_it_runs_each_day_at_its_time_and_waits_between():
    clock = [datetime(2024, 6, 3, 8, 0, tzinfo=CHINA)]
    ran: list[datetime] = []
    said: list[str] = []

    def wait(seconds: float) -> None:
        assert 0 < seconds <= 30
        clock[0] += timedelta(seconds=seconds)

    def run() -> None:
        ran.append(clock[0])
        clock[0] += timedelta(minutes=20)
        if len(ran) == 2:
            raise StopError

    with pytest.raises(StopError):
        keep_running(time(7, 30), run, now=lambda: clock[0], say=said.append, wait=wait)
    assert ran == [datetime(2024, 6, day, 7, 30, tzinfo=CHINA) for day in (4, 5)]
    assert said[0] == "next run on 2024-06-04 at 07:30 in China; Ctrl-C ends this"


def test_a_run_that_outlasts_its_day_is_followed_by_that_of_the_next():
    late = datetime(2024, 6, 4, 7, 31, tzinfo=CHINA)
    assert next_start(late, time(7, 30)) == datetime(2024, 6, 5, 7, 30, tzinfo=CHINA)


@pytest.mark.parametrize("text", ["24:00", "7.30", "0730", "07:60", "", "\uff17:30"])
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(ConfigError, match=r"no time of day, as in 07:30"):
        read_time(text)


def test_a_run_is_a_process_of_its_own(tmp_path, capfd):
    assert run_once(tmp_path) == 2
    assert "run `bole init` there first" in capfd.readouterr().err


HOLDER = """
from pathlib import Path
from store.lock import WriteLock
lock = WriteLock(Path("data/bole.duckdb"))
lock.acquire()
print("held", flush=True)
input()
lock.release()
"""


def test_a_run_beside_another_names_it_and_changes_nothing(tmp_path):
    assert bole("init", folder=tmp_path).returncode == 0
    settings = load_settings(tmp_path)
    settings.data.mkdir(parents=True)
    code = HOLDER.replace("data/bole.duckdb", settings.database.as_posix())
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parent.parent,
    ) as first:  # fmt: skip
        assert first.stdout
        assert first.stdin
        assert first.stdout.readline() == "held\n"
        before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
        run = bole("run", folder=tmp_path)
        after = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
        first.stdin.write("\n")
    assert run.returncode == 1
    told = run.stderr.splitlines()[-1]
    assert re.search(
        rf"is being written by process {first.pid} since \d{{4}}-\d\d-\d\d \d\d:", told
    )
    assert "wait until it has ended" in told
    assert "Traceback" not in run.stderr
    assert after == before
    again = WriteLock(settings.database)
    again.acquire()  # it went with its holder
    again.release()
