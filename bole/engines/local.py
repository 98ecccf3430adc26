"""The engine `local`: one unit after the other, in this process."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count

from bole.engine import Engine, EngineSettings, Outcome, R, U
from bole.engines.flight import one_line


class _Local:
    name = "local"

    def __init__(self, retries: int) -> None:
        self._retries = retries

    def run(self, work: Callable[[U], R], units: Iterable[U]) -> Iterator[Outcome[U, R]]:
        for unit in units:
            yield self._end(work, unit)

    def _end(self, work: Callable[[U], R], unit: U) -> Outcome[U, R]:
        for tries in count(1):
            try:
                return Outcome(unit, work(unit), None, tries)
            except Exception as error:  # noqa: BLE001 - one bad unit never costs the others
                if tries > self._retries:
                    return Outcome(unit, None, one_line(error), tries)
        raise AssertionError("unreachable: count() does not end")


@contextmanager
def open_one(settings: EngineSettings) -> Iterator[Engine]:
    """Yield the engine, ready to work."""
    if settings.prepare is not None:
        settings.prepare()
    yield _Local(settings.retries)
