"""What people see while a crawl is going on: a live line a source, or plain lines."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from crawler.progress import Progress, Tell

#: Seconds between two lines of a source in a log file.
_MINUTE = 60.0


@contextmanager
def shown_progress(
    *, is_terminal: bool | None = None, clock: Callable[[], float] = monotonic
) -> Iterator[Tell]:
    """Show how far the sources have come while the block runs, on stderr.

    On a terminal there is a line for each source that goes on; elsewhere (a pipe, a log file) each
    minute a line for each source that has come further, and its last one at the end.

    Args:
        is_terminal: Whether stderr is one; asked of the system if None.
        clock: Seconds that go by.
    """
    if sys.stderr.isatty() if is_terminal is None else is_terminal:
        with _live_lines() as tell:
            yield tell
        return
    lines = _PlainLines(clock)
    yield lines.tell
    lines.write()


def line_of(progress: Progress) -> str:
    """Return one line about a source.

    >>> line_of(Progress(source_id="xz", lists=2, fetched=30, problems=1))
    'xz: 2 lists, 30 new or changed, 0 unchanged, 1 problem'
    """
    problems = f"{progress.problems} problem{'' if progress.problems == 1 else 's'}"
    return (
        f"{progress.source_id}: {progress.lists} lists, {progress.fetched} new or changed, "
        f"{progress.unchanged} unchanged, {problems}"
    )


class _PlainLines:
    """Lines of the sources that have come further since the lines before them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._written = clock()
        self._untold: dict[str, Progress] = {}

    def tell(self, progress: Progress) -> None:
        self._untold[progress.source_id] = progress
        if self._clock() - self._written >= _MINUTE:
            self.write()

    def write(self) -> None:
        for source in sorted(self._untold):
            sys.stderr.write(f"{line_of(self._untold[source])}\n")
        sys.stderr.flush()
        self._untold.clear()
        self._written = self._clock()


@contextmanager
def _live_lines() -> Iterator[Tell]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    last: dict[str, Progress] = {}

    def tell(progress: Progress) -> None:
        last[progress.source_id] = progress
        live.update(Text("\n".join(line_of(last[source]) for source in sorted(last))))

    with Live(console=Console(stderr=True), refresh_per_second=4) as live:
        yield tell
