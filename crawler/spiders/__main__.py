"""One crawl in a process of its own, started by `crawler.collect`: the job is a line on stdin."""

import gc
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


def main() -> int:
    """Run the job and return 0; 1 with a last line on stderr if something went wrong."""
    with _quick_start():
        from crawler.spiders.running import run_job
    return run_job()


@contextmanager
def _quick_start() -> Iterator[None]:
    """Spare what makes the import of Scrapy slow: half of it, measured.

    Three classes of Scrapy ask `inspect.stack` for the frame of their caller; it reads the source
    of all the forty frames of nested imports. And there is no garbage yet.
    """
    stack = inspect.stack
    gc.disable()
    inspect.stack = _frames  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.stack = stack
        gc.freeze()
        gc.enable()


def _frames(context: int = 1) -> list[tuple[FrameType | None]]:  # noqa: ARG001 - as inspect.stack
    """Return the frames of the caller and of its caller."""
    frame = sys._getframe(1)  # noqa: SLF001
    return [(frame,), (frame.f_back,)]


if __name__ == "__main__":
    sys.exit(main())
