"""Where units run: the same outcomes everywhere, whatever dies."""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bole.config import ConfigError
from bole.engine import ENGINES, EngineSettings, Outcome, open_engine
from bole.engines.flight import Ended, fly
from tests.engine_work import die_once, process, square

DIED = "its worker process died (killed, or out of memory)"


def _by_unit(outcomes: Iterator[Outcome]) -> dict[int, Outcome]:
    return {outcome.unit: outcome for outcome in outcomes}


@pytest.mark.parametrize("name", ["local", "pool"])
def test_a_unit_that_fails_is_tried_again_and_costs_no_other(name: str) -> None:
    with open_engine(name, EngineSettings(workers=2, retries=1)) as engine:
        assert engine.name == name
        ended = _by_unit(engine.run(square, range(5)))
    assert ended.pop(3) == Outcome(3, None, "ValueError: three is; no number", 2)
    assert ended == {n: Outcome(n, n * n, None, 1) for n in (0, 1, 2, 4)}


def test_a_unit_that_ends_its_process_is_found_out() -> None:
    """Those that were in flight with it are not blamed, even without any retry."""
    with open_engine("pool", EngineSettings(workers=2, retries=0)) as engine:
        ended = _by_unit(engine.run(square, (0, 4, 5, 6, 7, 8)))
        again = _by_unit(engine.run(square, range(2)))  # the pool lives on
    assert ended.pop(5) == Outcome(5, None, DIED, 2)
    assert {n: (o.result, o.problem) for n, o in ended.items()} == {
        n: (n * n, None) for n in (0, 4, 6, 7, 8)
    }
    assert [again[n].result for n in range(2)] == [0, 1]


def test_a_process_that_is_killed_costs_no_unit(tmp_path: Path) -> None:
    with open_engine("pool", EngineSettings(workers=2)) as engine:
        ended = _by_unit(engine.run(partial(die_once, tmp_path), range(6)))
    assert (tmp_path / "died").exists()
    assert {n: o.result for n, o in ended.items()} == {n: n for n in range(6)}


def test_a_pool_has_its_own_processes() -> None:
    with open_engine("pool", EngineSettings(workers=1)) as engine:
        (only,) = {o.result for o in engine.run(process, range(3))}
    assert only != os.getpid()
    with open_engine("local", EngineSettings()) as engine:
        assert {o.result for o in engine.run(process, range(3))} == {os.getpid()}


class _Instant:
    """Workers that end a unit when they are asked; `doomed` never comes back."""

    def __init__(self, doomed: int | None = None) -> None:
        self.doomed = doomed
        self.most = 0

    def start(self, unit: int) -> int:
        return unit

    def wait(self, handles):
        self.most = max(self.most, len(handles))
        if self.doomed in handles:
            return [Ended(handle, problem="died", died=True) for handle in list(handles)]
        return [Ended(min(handles), result=0)]


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_few_units_are_taken_before_they_can_run(name: str) -> None:
    taken = 0

    def units() -> Iterator[int]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield number

    if name == "local":
        with open_engine(name, EngineSettings()) as engine:
            next(iter(engine.run(abs, units())))
        assert taken == 1
    else:  # both fly their units
        workers = _Instant()
        outcomes = fly(workers, units(), width=lambda: 4, retries=0)
        for _ in range(10):
            next(outcomes)
        assert (workers.most, taken) == (4, 13)


def test_a_suspect_flies_alone() -> None:
    workers = _Instant(doomed=2)
    ended = list(fly(workers, range(6), width=lambda: 3, retries=2))
    assert sorted((o.unit, o.problem, o.tries) for o in ended) == [
        (0, None, 2),
        (1, None, 2),
        (2, "died", 3),
        (3, None, 1),
        (4, None, 1),
        (5, None, 1),
    ]


def test_an_unknown_engine_is_told() -> None:
    with pytest.raises(ConfigError, match="unknown engine 'spark'; engines: local, pool, dask"):
        open_engine("spark", EngineSettings())


def test_the_extra_of_dask_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dask", "distributed"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "bole.engines.dask", raising=False)
    with pytest.raises(ConfigError, match=r'pip install "bole\[dask\]"'):
        open_engine("dask", EngineSettings())


def test_what_a_worker_cannot_load_is_told_once() -> None:
    for name in ("local", "pool"):
        with (
            pytest.raises(ZeroDivisionError),
            open_engine(name, EngineSettings(prepare=partial(divmod, 1, 0))),
        ):
            pytest.fail("it was opened")
