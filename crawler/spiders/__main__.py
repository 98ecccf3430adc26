"""One crawl in a process of its own, started by `crawler.collect`: the job is a line on stdin."""

import gc
import inspect
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType


def main() -> int:
    """Run the job and return 0; 1 with a last line on stderr if something went wrong."""
    with _quick_start():
        from crawler.spiders.running import run_job
    return run_job()


@contextmanager
def _quick_start() -> Iterator[None]:
    """Spare what makes the import of Scrapy slow: half of it, measured.

    Three classes of Scrapy ask `inspect` for the module of their caller; it reads the source of
    all the forty frames of nested imports, and follows the path of every module there is. And
    there is no garbage yet.
    """
    spared = inspect.stack, inspect.getmodule
    gc.disable()
    inspect.stack = _frames  # type: ignore[assignment]
    inspect.getmodule = _module  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.stack, inspect.getmodule = spared
        gc.freeze()
        gc.enable()


def _frames(context: int = 1) -> list[tuple[FrameType | None]]:  # noqa: ARG001 - as inspect.stack
    """Return the frames of the caller and of its caller."""
    frame = sys._getframe(1)  # noqa: SLF001
    return [(frame,), (frame.f_back,)]


def _module(frame: FrameType) -> ModuleType | None:
    """Return the module whose code runs in a frame."""
    return sys.modules.get(frame.f_globals["__name__"])


def _leave(code: int) -> None:
    """End the process as it is: to free a heap that ends with it takes a tenth of a short crawl."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
