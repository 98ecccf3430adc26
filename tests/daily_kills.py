"""Daily runs that kill themselves: forked from a process that has loaded all they need."""

import multiprocessing
import os
import signal
from datetime import date
from pathlib import Path

import bole.daily
import bole.issues
import store.store
from bole.config import load_settings

_HOLDERS = {"Store": store.store.Store, "bole.issues": bole.issues, "bole.daily": bole.daily}


def run_and_die(folder: Path, place: str, moment: str, day: date) -> None:
    """Run a day, but die before or after the call of a function; `place` is holder and name."""
    holder, name = place.rsplit(".", 1)
    function = getattr(_HOLDERS[holder], name)

    def die(*args, **options):
        if moment == "after":
            function(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(_HOLDERS[holder], name, die)
    bole.daily.run_day(load_settings(folder, {}), day=day, say=lambda _: None)


def killed_at(folder: Path, place: str, moment: str, day: date) -> None:
    """Have another process begin a day and be killed there, as by `kill -9`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bole.preloading", "tests.daily_kills"])
    process = context.Process(target=run_and_die, args=(folder, place, moment, day), daemon=False)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    process.close()
