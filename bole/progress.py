"""What people see while a crawl is going on: a live line a source, or plain lines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from crawler.progress import Progress, Tell


@contextmanager
def shown_progress(*, is_terminal: bool | None = None) -> Iterator[Tell]:
    """Show how far the sources have come while the block runs, on stderr.

    On a terminal there is a line for each source that goes on; elsewhere (a pipe, a log file) one
    line for each source at the end.

    Args:
        is_terminal: Whether stderr is one; asked of the system if None.
    """
    last: dict[str, Progress] = {}
    if sys.stderr.isatty() if is_terminal is None else is_terminal:
        with _live_lines(last) as tell:
            yield tell
        return
    yield lambda progress: last.update({progress.source_id: progress})
    for source in sorted(last):
        sys.stderr.write(f"{line_of(last[source])}\n")
    sys.stderr.flush()


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


@contextmanager
def _live_lines(last: dict[str, Progress]) -> Iterator[Tell]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    def tell(progress: Progress) -> None:
        last[progress.source_id] = progress
        live.update(Text("\n".join(line_of(last[source]) for source in sorted(last))))

    with Live(console=Console(stderr=True), refresh_per_second=4) as live:
        yield tell
