"""The engine `pool`: processes of this machine, one a core."""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from typing import Generic

from bole.engine import Engine, EngineSettings, Outcome, R, U
from bole.engines.flight import Ended, fly, one_line
from bole.engines.worker import core_count, preloaded, start_method, start_process

#: Units in flight for each worker: one that runs, one that waits for it.
_EACH = 2
_DIED = "its worker process died (killed, or out of memory)"


class _Pool:
    """An executor that is made anew when a worker's death has broken it."""

    name = "pool"

    def __init__(self, settings: EngineSettings) -> None:
        self._workers = settings.workers or core_count()
        self._retries = settings.retries
        self._prepare = settings.prepare
        self._preload = settings.preload
        self._executor = self._new_executor()

    def run(self, work: Callable[[U], R], units: Iterable[U]) -> Iterator[Outcome[U, R]]:
        flights = _Flights(self, work)
        return fly(flights, units, width=lambda: _EACH * self._workers, retries=self._retries)

    def submit(self, work: Callable[[U], R], unit: U) -> Future[R]:
        """Begin a unit, in a new executor if the old one is broken."""
        with suppress(BrokenProcessPool):
            return self._executor.submit(work, unit)
        self.close()
        self._executor = self._new_executor()
        return self._executor.submit(work, unit)

    def close(self) -> None:
        """End the workers; what they have begun is finished."""
        self._executor.shutdown(cancel_futures=True)

    def _new_executor(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._workers,
            mp_context=_context(self._preload),
            initializer=start_process,
            initargs=(self._prepare,),
        )


class _Flights(Generic[U, R]):
    """The units of one run, as futures of the pool."""

    def __init__(self, pool: _Pool, work: Callable[[U], R]) -> None:
        self._pool = pool
        self._work = work

    def start(self, unit: U) -> Future[R]:
        return self._pool.submit(self._work, unit)

    def wait(self, handles: Collection[Future[R]]) -> Iterable[Ended[Future[R], R]]:
        ended, _ = wait(handles, return_when=FIRST_COMPLETED)
        return [_end(future) for future in ended]


def _end(future: Future[R]) -> Ended[Future[R], R]:
    error = future.exception()
    if error is None:
        return Ended(future, future.result())
    died = isinstance(error, BrokenProcessPool)
    return Ended(future, problem=_DIED if died else one_line(error), died=died)


def _context(preload: str) -> BaseContext:
    context = get_context(start_method())
    if context.get_start_method() == "forkserver":
        # heeded by the first pool of a process: the others begin as fast, or load it themselves
        context.set_forkserver_preload(preloaded(preload))
    return context


@contextmanager
def open_one(settings: EngineSettings) -> Iterator[Engine]:
    """Yield the engine; its processes begin with the first unit."""
    if settings.prepare is not None:
        settings.prepare()  # what cannot be loaded is told once, here
    pool = _Pool(settings)
    try:
        yield pool
    finally:
        pool.close()
