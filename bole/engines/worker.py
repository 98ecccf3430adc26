"""What a worker process is: ready before its first unit, gone when its driver is."""

import gc
import multiprocessing
import os
import signal
from threading import Thread

from bole.engine import Prepare

#: Exit code of a worker whose driver is gone.
_ORPHANED = 1


def start_process(prepare: Prepare | None) -> None:
    """Make a process of a pool ready."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the driver, which ends its workers
    Thread(target=_end_with_driver, daemon=True).start()
    make_ready(prepare)


def make_ready(prepare: Prepare | None) -> None:
    """Load what the units need, and let the collector of garbage pass over it from now on."""
    if prepare is not None:
        prepare()
    gc.collect()
    gc.freeze()


def start_method() -> str:
    """Return how processes begin: never as copies of one that has threads."""
    quick = "forkserver"
    return quick if quick in multiprocessing.get_all_start_methods() else "spawn"


def preloaded(*modules: str) -> list[str]:
    """Return what a server imports once before it forks processes; no module is empty."""
    return ["__main__", *(module for module in modules if module)]


def core_count() -> int:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _end_with_driver() -> None:
    """Wait for the driver's end; a pool's process would wait for units for ever."""
    driver = multiprocessing.parent_process()
    if driver is not None:
        driver.join()
        os._exit(_ORPHANED)
