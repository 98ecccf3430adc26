"""Leases: one worker at a folder, whatever becomes of the one before."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from crawler import lease
from crawler.collect import Job, Share, start_crawl
from crawler.lease import HeldError, Lease, LostError, hold
from crawler.sources import Source, load_presets

#: Seconds of a lease whose end is waited for, and of one that is kept.
SHORT, LONG = 0.2, 1.5


def written(folder: Path, number: int = 1, **more: object) -> Path:
    """Leave the file of a holder that is on another machine."""
    values = {
        "who": "process 7 on far",
        "machine": "far",
        "pid": 7,
        "started": "1",
        "count": 3,
        "is_free": False,
    }
    path = folder / "lease" / str(number)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values | more), encoding="utf-8")
    return path


def gone_process() -> int:
    """Return the number of a process that was, and is none any more."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_folder_is_held_and_given_back(tmp_path: Path) -> None:
    with hold(tmp_path, seconds=LONG) as held:
        held.check()
        assert held.number == 1
        assert json.loads((tmp_path / "lease/1").read_text("utf-8"))["is_free"] is False
    with hold(tmp_path, seconds=LONG) as held:
        assert held.number == 2


def test_a_holder_that_shows_life_is_not_disturbed(tmp_path: Path) -> None:
    with hold(tmp_path, seconds=LONG) as held:
        with pytest.raises(HeldError, match=r"process \d+ on .* is at work there; wait"):
            hold(tmp_path, seconds=LONG).__enter__()
        held.check()


def test_a_silent_holder_is_taken_over_and_learns_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    first = Lease(tmp_path, 1, SHORT)
    first.check()
    with hold(tmp_path, seconds=SHORT) as held:
        assert held.number == 2
        with pytest.raises(LostError, match="another worker has taken it over"):
            first.check()
    assert json.loads(path.read_text("utf-8"))["is_free"] is False


def test_without_patience_a_silent_holder_is_left_alone(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(HeldError, match="process 7 on far is at work there"):
        hold(tmp_path, seconds=60, is_patient=False).__enter__()


@pytest.mark.skipif(not lease._machine(), reason="nothing proves here that a process is gone")
def test_a_dead_holder_on_this_machine_is_taken_over_at_once(tmp_path: Path) -> None:
    written(tmp_path, machine=lease._machine(), pid=gone_process())
    with hold(tmp_path, seconds=3600, is_patient=False) as held:
        assert held.number == 2


@pytest.mark.skipif(not lease._machine(), reason="nothing proves here that a process is gone")
def test_a_process_with_the_number_of_a_dead_one_is_another(tmp_path: Path) -> None:
    here = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    written(tmp_path, machine=lease._machine(), pid=here.pid, started="1")
    with hold(tmp_path, seconds=3600, is_patient=False) as held:
        assert held.number == 2
    now = lease._started(here.pid)
    written(tmp_path, 3, machine=lease._machine(), pid=here.pid, started=now)
    with pytest.raises(HeldError):
        hold(tmp_path, seconds=3600, is_patient=False).__enter__()
    here.communicate(b"\n")
    assert lease._started(here.pid) == ""


def test_what_a_dead_holder_left_half_written_holds_nobody_up(tmp_path: Path) -> None:
    written(tmp_path).write_text('{"who": "pro', encoding="utf-8")
    with hold(tmp_path, seconds=SHORT) as held:
        assert held.number == 2


def test_of_two_who_take_over_one_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    take = lease._take

    def late(place: Path, number: int) -> bool:
        monkeypatch.setattr(lease, "_take", take)
        assert take(place, number)  # somebody was quicker
        return take(place, number)

    monkeypatch.setattr(lease, "_take", late)
    with pytest.raises(HeldError):
        hold(tmp_path, seconds=SHORT, is_patient=False).__enter__()


def test_who_comes_long_after_others_takes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, 9, is_free=True)
    assert not lease._take(path.parent, 7)
    assert not (path.parent / "7").exists()


def test_files_of_old_holders_go(tmp_path: Path) -> None:
    for number in range(1, 31):
        written(tmp_path, number, is_free=True)
    with hold(tmp_path, seconds=LONG):
        names = sorted(int(p.name) for p in (tmp_path / "lease").iterdir() if p.name.isdecimal())
    assert names == list(range(11, 32))


def test_a_process_ends_when_the_lease_is_lost(tmp_path: Path) -> None:
    code = "import sys; sys.stdin.read()"
    with (
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process,
        hold(tmp_path, seconds=LONG) as held,
    ):
        held.tie(process)
        written(tmp_path, 2)
        assert process.wait(20) != 0
        with pytest.raises(LostError):
            held.check()


def test_a_tied_process_hears_each_sign_of_life(tmp_path: Path) -> None:
    code = "import sys; sys.stdin.readline(); sys.stdin.readline(); print('heard', flush=True)"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen([sys.executable, "-c", code], **pipes) as process,
        hold(tmp_path, seconds=LONG) as held,
    ):
        held.tie(process)
        assert process.stdout.readline() == b"heard\n"


def test_a_holder_whose_storage_is_away_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Event()

    class Process:
        def kill(self) -> None:
            gone.set()

        stdin = None

    def fail(*_args: object, **_more: object) -> None:
        raise OSError(5, "Input/output error")

    with hold(tmp_path, seconds=LONG) as held:
        held.tie(Process())
        monkeypatch.setattr(Lease, "_write", fail)
        assert gone.wait(20)
        with pytest.raises(LostError):
            held.check()


@pytest.mark.slow
def test_a_crawl_ends_if_its_parent_is_there_and_says_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a site that never answers
        pair = f"127.0.0.1:{silent.getsockname()[1]}"
        site = Source(
            id="a",
            name="a",
            url=f"http://{pair}/",
            preset=load_presets()["trs"],
            level="county",
            publisher="official",
            allow_private=(pair,),
            delay=0.0,
        )
        share = Share(hosts=("127.0.0.1",), patience=0.1)
        job = Job(sources=(site,), folder=str(tmp_path), user_agent="bole/test", share=share)
        with start_crawl(job) as process:
            hears = Thread(target=process.stdout.read, daemon=True)
            hears.start()
            assert process.wait(30) == 1
            assert process.stderr.read() == b""
