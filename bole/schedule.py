"""A run each day at the same time in China, for machines without a timer of their own."""

import datetime as dt
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bole.config import ConfigError

#: Seconds between two looks at the clock: a machine that slept runs as soon as it wakes.
_LOOK = 30.0


def read_time(text: str) -> dt.time:
    """Return a time of day.

    >>> read_time("07:30")
    datetime.time(7, 30)

    Raises:
        ConfigError: It is none.
    """
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if not found:
        raise ConfigError(f"--at {text!r} is no time of day, as in 07:30")
    return dt.time(int(found[1]), int(found[2]))


def next_start(now: dt.datetime, at: dt.time) -> dt.datetime:
    """Return when it is `at` o'clock next, in the zone of `now`.

    >>> next_start(dt.datetime(2024, 6, 3, 7, 30), dt.time(7, 30))
    datetime.datetime(2024, 6, 4, 7, 30)
    """
    today = dt.datetime.combine(now.date(), at, now.tzinfo)
    return today if today > now else today + dt.timedelta(days=1)


def keep_running(
    at: dt.time,
    run: Callable[[], None],
    *,
    now: Callable[[], dt.datetime],
    say: Callable[[str], None],
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Do `run` each day at `at`, until somebody stops it."""
    while True:
        start = next_start(now(), at)
        say(f"next run on {start:%Y-%m-%d} at {start:%H:%M} in China; Ctrl-C ends this")
        while now() < start:
            wait(min(_LOOK, max(0.1, (start - now()).total_seconds())))
        run()


def run_once(folder: Path) -> int:
    """Do the daily run of `folder` in a process of its own, and return its exit code."""
    command = [sys.executable, "-m", "bole", "run", "--folder", str(folder)]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own program
