"""What a thing takes, by the clock and by the processors of this process."""

import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


def spent(action: Callable[_P, _T], *words: _P.args, **named: _P.kwargs) -> tuple[_T, float, float]:
    """Return what an action returns, and the seconds of the clock and of processors it takes."""
    clock, cpu = time.perf_counter(), time.process_time()
    result = action(*words, **named)
    return result, time.perf_counter() - clock, time.process_time() - cpu


class Times:
    """Seconds of an action that is done several times.

    Args:
        clock: Seconds that were taken elsewhere; none of processors is known of them.
    """

    def __init__(self, clock: Iterable[float] = ()) -> None:
        self._clock = list(clock)
        self._cpu: list[float] = []

    def clock(self, action: Callable[_P, _T], *words: _P.args, **named: _P.kwargs) -> _T:
        """Do an action, keep what it takes and return what it returns."""
        result, clock, cpu = spent(action, *words, **named)
        self._clock.append(clock)
        self._cpu.append(cpu)
        return result

    @property
    def total(self) -> float:
        """Return all seconds of the clock."""
        return sum(self._clock)

    @property
    def total_cpu(self) -> float:
        """Return all seconds of processors."""
        return sum(self._cpu)

    def p95(self, name: str) -> dict[str, float]:
        """Return the 95th percentile in milliseconds, of the clock and of processors."""
        return {
            f"{name}_p95_ms": _milliseconds(_percentile(self._clock)),
            f"{name}_p95_cpu_ms": _milliseconds(_percentile(self._cpu)),
        }

    def median(self, name: str) -> dict[str, float]:
        """Return the median in milliseconds, of the clock and of processors."""
        return {
            f"{name}_ms": _milliseconds(median(self._clock)),
            f"{name}_cpu_ms": _milliseconds(median(self._cpu)),
        }


def _percentile(seconds: list[float]) -> float:
    ordered = sorted(seconds) or [0.0]
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 2)
