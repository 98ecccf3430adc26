"""Units in flight: few at a time, tried again if they fail, found out if they end their worker."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from bole.engine import Outcome, R, U

H = TypeVar("H")
_Given_contra = TypeVar("_Given_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Ended(Generic[H, R]):
    """How the flight `handle` ended: with a result, with a problem, or with its worker (`died`)."""

    handle: H
    result: R | None = None
    problem: str | None = None
    died: bool = False


class Workers(Protocol[_Given_contra, R, H]):
    """What flies units: an executor, a cluster."""

    def start(self, unit: _Given_contra) -> H:
        """Begin a unit and return its handle."""
        ...

    def wait(self, handles: Collection[H]) -> Iterable[Ended[H, R]]:
        """Return at least one of the flights that have ended, once there is one."""
        ...


@dataclass(slots=True)
class _Task(Generic[U]):
    unit: U
    tries: int = 0
    is_suspect: bool = False


def fly(
    workers: Workers[U, R, H], units: Iterable[U], *, width: Callable[[], int], retries: int
) -> Iterator[Outcome[U, R]]:
    """Yield how each unit ended; no more than `width()` are in flight.

    Units that were in flight when a worker died fly again, each alone: so the guilty one is found,
    and no other unit pays for it.
    """
    queues = _Queues(units)
    flying: dict[H, _Task[U]] = {}
    while True:
        for task in queues.next_ones(flying.values(), width()):
            task.tries += 1
            flying[workers.start(task.unit)] = task
        if not flying:
            return
        for end in workers.wait(flying):
            task = flying.pop(end.handle)
            if end.problem is None:
                yield Outcome(task.unit, end.result, None, task.tries)
            elif end.died and not task.is_suspect:
                task.is_suspect = True
                queues.suspects.append(task)
            elif task.tries > retries:
                yield Outcome(task.unit, None, end.problem, task.tries)
            else:
                (queues.suspects if task.is_suspect else queues.again).append(task)


class _Queues(Generic[U]):
    """What waits: units not begun, those that failed, those that flew when a worker died."""

    def __init__(self, units: Iterable[U]) -> None:
        self._fresh = (_Task(unit) for unit in units)
        self.again: deque[_Task[U]] = deque()
        self.suspects: deque[_Task[U]] = deque()

    def next_ones(self, flying: Collection[_Task[U]], width: int) -> list[_Task[U]]:
        """Return what begins now: a suspect alone; else fresh units, then those that failed."""
        if self.suspects:
            return [] if flying else [self.suspects.popleft()]
        if any(task.is_suspect for task in flying):
            return []
        begun = list(islice(self._fresh, width - len(flying)))
        while self.again and len(begun) + len(flying) < width:
            begun.append(self.again.popleft())
        return begun


def one_line(error: BaseException) -> str:
    r"""Return what went wrong, on one line.

    >>> one_line(ValueError("no such unit\n  at line 3"))
    'ValueError: no such unit; at line 3'
    """
    words = "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
