"""Work for tests of the engines, in a module of its own: worker processes import it."""

import os
import signal
from pathlib import Path


def square(number: int) -> int:
    """Refuse 3; end the process at 5."""
    if number == 3:
        raise ValueError("three is\nno number")
    if number == 5:
        end_process()
    return number * number


def die_once(folder: Path, number: int) -> int:
    """End the process when it comes to 2 for the first time."""
    mark = folder / "died"
    if number == 2 and not mark.exists():
        mark.touch()
        end_process()
    return number


def process(number: int) -> int:
    del number
    return os.getpid()


def end_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
