"""The engine `dask`: the workers of a Dask cluster, on this machine or on others.

This is the one door to Dask.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from itertools import count
from time import monotonic
from typing import Any, Generic, TypeAlias
from uuid import uuid4

from bole.config import ConfigError
from bole.engine import Engine, EngineError, EngineSettings, Outcome, Prepare, R, U
from bole.engines.flight import Ended, fly, one_line
from bole.engines.worker import core_count, make_ready, preloaded, start_method

try:
    import dask
    import distributed
    from distributed import Worker, WorkerPlugin
    from distributed.scheduler import KilledWorker
except ImportError as error:
    raise ConfigError(
        f'the engine dask needs an extra ({error}); install it: pip install "bole[dask]"'
    ) from error

#: Dask tells the types of few of its functions.
_untyped: Any = distributed
_Client: TypeAlias = Any
_Future: TypeAlias = Any

#: Units in flight for each thread of the cluster; the scheduler holds no more of them.
_EACH = 3
#: Seconds after which the size of the cluster is asked for again.
_SIZE_HOLDS = 5.0
#: Seconds that a scheduler may take to answer, and its first worker to come.
_PATIENCE = 30.0
_LOCAL = {
    # a worker's death is told at once: which unit is guilty is found out by `fly`
    "distributed.scheduler.allowed-failures": 0,
    # nobody looks at its page: what is sampled for it took 13 % of a core
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.gil.enabled": False,
}
_METHOD = "distributed.worker.multiprocessing-method"
_DIED = "its worker died (killed, or out of memory)"
_GONE = "the Dask scheduler is gone; run the same command again: what is done is kept"


class _Ready(WorkerPlugin):
    """Makes each worker of the cluster ready, also those that come later."""

    def __init__(self, prepare: Prepare | None, *, is_local: bool) -> None:
        self.name = f"bole-ready-{uuid4().hex}"
        self._prepare = prepare
        self._is_local = is_local

    def setup(self, worker: Worker) -> None:
        if self._is_local:
            worker.http_server.stop()
        make_ready(self._prepare)


class _Cluster:
    name = "dask"

    def __init__(self, client: _Client, retries: int) -> None:
        self._client = client
        self._retries = retries
        self._width, self._asked = 0, -_SIZE_HOLDS

    def run(self, work: Callable[[U], R], units: Iterable[U]) -> Iterator[Outcome[U, R]]:
        flights = _Flights(self._client, work)
        return fly(flights, units, width=self.width, retries=self._retries)

    def width(self) -> int:
        """Return how many units may be in flight; clusters grow and shrink."""
        if monotonic() - self._asked >= _SIZE_HOLDS:
            threads = sum(self._client.nthreads().values())
            self._width, self._asked = max(_EACH * threads, 1), monotonic()
        return self._width


class _Flights(Generic[U, R]):
    """The units of one run, as futures of the cluster."""

    def __init__(self, client: _Client, work: Callable[[U], R]) -> None:
        self._client = client
        self._work = work
        self._ended = _untyped.as_completed(loop=client.loop)
        self._keys = (f"bole-{uuid4().hex}-{number}" for number in count())

    def start(self, unit: U) -> _Future:
        future = self._client.submit(self._work, unit, key=next(self._keys), pure=False)
        self._ended.add(future)
        return future

    def wait(self, handles: Collection[_Future]) -> Iterable[Ended[_Future, R]]:
        del handles  # they have been added one by one
        first = next(self._ended)
        return [_end(future) for future in (first, *self._ended.next_batch(block=False))]


def _end(future: _Future) -> Ended[_Future, R]:
    try:
        return Ended(future, future.result())
    except CancelledError as error:
        raise EngineError(_GONE) from error
    except KilledWorker:
        return Ended(future, problem=_DIED, died=True)
    except Exception as error:  # noqa: BLE001 - what the work raised: one bad unit never costs the others
        return Ended(future, problem=one_line(error))


@contextmanager
def open_one(settings: EngineSettings) -> Iterator[Engine]:
    """Yield the engine, its workers ready.

    Raises:
        EngineError: No scheduler answers at the address, or no worker comes to it.
    """
    if settings.prepare is not None:
        settings.prepare()  # what cannot be loaded is told once, here
    with ExitStack() as stack:
        is_local = not settings.scheduler
        if is_local:
            client = _local_client(stack, settings.workers or core_count(), settings.preload)
        else:
            client = _remote_client(stack, settings.scheduler)
        plugin = _Ready(settings.prepare, is_local=is_local)
        client.register_plugin(plugin)
        yield _Cluster(client, settings.retries)


def _local_client(stack: ExitStack, workers: int, preload: str) -> _Client:
    """Return a client of a new cluster that listens on loopback alone, to those with its keys."""
    stack.enter_context(dask.config.set(_LOCAL | {_METHOD: start_method()}))
    context = _untyped.utils.get_mp_context()  # which has a list of its own
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(preloaded("distributed", preload))
    cluster = stack.enter_context(
        _untyped.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="tls://127.0.0.1",
            security=True,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0", "dashboard": False},
            silence_logs=logging.CRITICAL,
        )
    )
    cluster.scheduler.http_server.stop()
    return stack.enter_context(_untyped.Client(cluster, set_as_default=False))


def _remote_client(stack: ExitStack, address: str) -> _Client:
    try:
        client = _untyped.Client(address, set_as_default=False, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise EngineError(
            f"no Dask scheduler answers at {address!r} ({one_line(error)}); start it: "
            "dask scheduler, or leave its address out for a cluster on this machine"
        ) from error
    stack.enter_context(client)
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise EngineError(
            f"the Dask scheduler at {address} has no workers; start some: dask worker {address}"
        ) from error
    return client
