"""What people see while shards are read: a bar on a terminal, else a line each minute."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from bole.extraction import Tell
from bole.shards import Tally

#: Seconds between two lines where there is no terminal.
_MINUTE = 60.0


@dataclass(slots=True)
class _Sums:
    """How far it has come.

    Attributes:
        total: Shards in all.
        shards, articles, dead: What is done.
        fresh: Articles that were read in this run.
    """

    total: int
    shards: int = 0
    articles: int = 0
    dead: int = 0
    fresh: int = 0

    def add(self, tally: Tally, was_there: bool) -> None:
        self.shards += 1
        self.articles += tally.articles
        self.dead += tally.dead
        self.fresh += 0 if was_there else tally.articles

    def line(self, seconds: float) -> str:
        """Return one line about it."""
        dead = f", {self.dead} could not be read" if self.dead else ""
        speed = f", {self.fresh / seconds:.0f} a second" if self.fresh and seconds else ""
        return f"{self.shards} of {self.total} shards, {self.articles} articles{speed}{dead}"


@contextmanager
def shown_shards(
    total: int, *, is_terminal: bool | None = None, clock: Callable[[], float] = monotonic
) -> Iterator[Tell]:
    """Show how many of `total` shards are done while the block runs, on stderr.

    Args:
        total: Number of shards.
        is_terminal: Whether stderr is one; asked of the system if None.
        clock: Seconds that go by.
    """
    sums, began = _Sums(total), clock()
    if sys.stderr.isatty() if is_terminal is None else is_terminal:
        from rich.console import Console
        from rich.status import Status

        with Status(sums.line(0), console=Console(stderr=True)) as status:

            def show(tally: Tally, was_there: bool) -> None:
                sums.add(tally, was_there)
                status.update(sums.line(clock() - began))

            yield show
    else:
        written = clock()

        def tell(tally: Tally, was_there: bool) -> None:
            nonlocal written
            sums.add(tally, was_there)
            if clock() - written >= _MINUTE:
                written = clock()
                sys.stderr.write(f"{sums.line(written - began)}\n")
                sys.stderr.flush()

        yield tell
    sys.stderr.write(f"{sums.line(clock() - began)}\n")
