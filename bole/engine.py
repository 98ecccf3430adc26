"""Where units of work run: in this process, on all cores, or on a Dask cluster.

A unit is small and says where its input and its output lie (paths, never rows). An engine knows
nothing of what is done with it: it calls `work(unit)` and tells how each unit ended.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Generic, Protocol, TypeVar

from bole.config import ConfigError

U = TypeVar("U")
R = TypeVar("R")
#: What makes a worker ready: a function of a module, or `functools.partial` of one.
Prepare = Callable[[], object]


class EngineError(Exception):
    """What runs the units is gone; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[U, R]):
    """One unit's end; outcomes come in the order of ending.

    Attributes:
        unit: The unit.
        result: What the work returned; None if there is a problem.
        problem: One line: why it failed, after all tries; None if it went well.
        tries: How often it was begun.
    """

    unit: U
    result: R | None
    problem: str | None
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """How an engine works.

    Attributes:
        workers: Processes; 0: one for each core.
        scheduler: Address of a Dask scheduler (tcp://host:8786); empty: a cluster on this machine.
        retries: How often a unit that failed is tried again.
        prepare: Called once in each worker before its first unit: loads models and tables.
        preload: Module that a pool imports once, before its processes are forked: they share what
            it loads, and one that takes the place of a dead one begins at once.
    """

    workers: int = 0
    scheduler: str = ""
    retries: int = 2
    prepare: Prepare | None = None
    preload: str = ""


class Engine(Protocol):
    """Runs a function over units; what it is called in settings is `name`."""

    name: str

    def run(self, work: Callable[[U], R], units: Iterable[U]) -> Iterator[Outcome[U, R]]:
        """Yield how each unit ended; few are taken from `units` before they can run.

        For the engines with workers, `work` must be a function of a module (or a partial of one),
        and units and results must be small and picklable. What `work` raises is a problem of its
        unit, tried again; a unit that ends its worker several times is one too.

        Raises:
            EngineError: The workers or their scheduler are gone for good.
        """
        ...


#: The module of each engine; it has `open_one(settings)`.
ENGINES: Mapping[str, str] = {
    "local": "bole.engines.local",
    "pool": "bole.engines.pool",
    "dask": "bole.engines.dask",
}


def open_engine(name: str, settings: EngineSettings) -> AbstractContextManager[Engine]:
    """Return the engine of that name, to be used in a `with` block, which ends its workers.

    Raises:
        ConfigError: No engine has that name, or what it needs is not installed.
    """
    if name not in ENGINES:
        raise ConfigError(f"unknown engine {name!r}; engines: {', '.join(ENGINES)}")
    opened: AbstractContextManager[Engine] = import_module(ENGINES[name]).open_one(settings)
    return opened
