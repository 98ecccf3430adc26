"""Articles a second by engine: one process, all cores, Dask; beside a plain `map`.

    python benchmarks/engines.py [--articles N] [--rounds N] [--workers N] [--names NAMES] [--json]

Each engine has a driver process of its own, which opens it once and reads two small shards, so that
its workers are ready; `…_start_s` tells how long that took. Then, in turns, each reads the same
Parquet files of made-up articles to Parquet of facts. `map` is `list(map(read_facts, articles))`
over a fifth of the articles in memory, in the driver of `local`: no files, no shards.

- local, pool, dask, map: articles a second of the clock;
- pool_vs_local, dask_vs_pool, and overhead_local: what local is slower than map, as a share of it;
- …_cpu_ms: milliseconds of processor an article takes, of all processes of the engine (other work
  on the machine disturbs it less); pool_vs_local_cpu: what the pool would do on cores of its own;
- …_mb: memory of all processes of the engine, what they share counted once, at the most.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

# this file is called as a package of bole is: its own folder must not be searched first
if sys.path[0] == str(Path(__file__).resolve().parent):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import psutil

from benchmarks.engines_articles import article, write_articles
from bole.engine import Engine, EngineSettings, open_engine
from bole.extraction import PRELOAD, be_ready, extract_shards
from bole.loading import article_of
from bole.shards import Recipe, Tally
from bole.splitting import article_shards, find_tables
from bole.version import reader_version
from extract import read_facts

ENGINES = ("local", "pool", "dask")
#: Articles that are read before the clock starts, and the share of all that `map` reads.
_WARM, _MAPPED = 500, 5
#: Shards between two looks at the memory.
_LOOK = 16
Results = dict[str, float]


@dataclass(frozen=True, slots=True)
class Run:
    """What reading the articles of a file took."""

    articles: int
    seconds: float
    cpu: float
    megabytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a driver is told at its start."""

    folder: Path
    workers: int
    names: str


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, default=0, help="0: one for each core")
    parser.add_argument("--names", default="rules", help="model that finds names")
    parser.add_argument("--engines", default=",".join(ENGINES), help="with commas between them")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args()
    engines = given.engines.split(",")
    with TemporaryDirectory() as folder:
        plan = Plan(folder=Path(folder), workers=given.workers, names=given.names)
        found = measure(plan, engines, given.articles, given.rounds)
    print(json.dumps(found) if given.json else "\n".join(f"{k} {v}" for k, v in found.items()))


def measure(plan: Plan, engines: list[str], articles: int, rounds: int) -> Results:
    """Return the figures of all engines."""
    each = articles // rounds
    write_articles(plan.folder / "warm.parquet", 0, _WARM)
    for number in range(rounds):
        write_articles(plan.folder / f"round{number}.parquet", number * each, each)
    found: Results = {"articles": each * rounds, "load": round(os.getloadavg()[0], 1)}
    runs: dict[str, list[Run]] = {name: [] for name in (*engines, "map")}
    drivers: dict[str, Connection] = {}
    for name in engines:
        drivers[name] = _start(plan, name)
        found[f"{name}_start_s"] = round(drivers[name].recv(), 2)
    for number in range(rounds):
        for name in engines:
            runs[name].append(_ask(drivers[name], f"round{number}.parquet"))
        if "local" in drivers:
            runs["map"].append(_ask(drivers["local"], f"map {number * each} {each // _MAPPED}"))
    for driver in drivers.values():
        driver.send("")
    return found | _figures({name: own for name, own in runs.items() if own}, plan.workers)


def _figures(runs: dict[str, list[Run]], workers: int) -> Results:
    found: Results = {}
    speed, cpu = {}, {}
    for name, own in runs.items():
        count = sum(run.articles for run in own)
        speed[name] = count / sum(run.seconds for run in own)
        cpu[name] = sum(run.cpu for run in own) / count
        found[name] = round(speed[name], 1)
        found[f"{name}_cpu_ms"] = round(1000 * cpu[name], 3)
        found[f"{name}_mb"] = round(max(run.megabytes for run in own))
    if {"local", "pool"} <= speed.keys():
        cores = workers or len(os.sched_getaffinity(0))
        found["pool_vs_local"] = round(speed["pool"] / speed["local"], 3)
        found["pool_vs_local_cpu"] = round(cores * cpu["local"] / cpu["pool"], 3)
    if {"pool", "dask"} <= speed.keys():
        found["dask_vs_pool"] = round(speed["dask"] / speed["pool"], 3)
        found["dask_vs_pool_cpu"] = round(cpu["pool"] / cpu["dask"], 3)
    if {"local", "map"} <= speed.keys():
        found["overhead_local"] = round(1 - speed["local"] / speed["map"], 3)
        found["overhead_local_cpu"] = round(1 - cpu["map"] / cpu["local"], 3)
    return found


def _start(plan: Plan, engine: str) -> Connection:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    multiprocessing.get_context("spawn").Process(target=_drive, args=(plan, engine, theirs)).start()
    return ours


def _ask(driver: Connection, words: str) -> Run:
    driver.send(words)
    run: Run = driver.recv()
    return run


def _drive(plan: Plan, name: str, asked: Connection) -> None:
    """Open an engine, then read what is asked for until nothing is."""
    begun = time.perf_counter()
    settings = EngineSettings(
        workers=plan.workers, prepare=partial(be_ready, plan.names), preload=PRELOAD
    )
    with open_engine(name, settings) as engine:
        _read(plan, engine, "warm.parquet")
        asked.send(time.perf_counter() - begun)
        while words := asked.recv():
            if words.startswith("map "):
                _, first, count = words.split()
                asked.send(_map(plan, int(first), int(count)))
            else:
                asked.send(_read(plan, engine, words))


def _read(plan: Plan, engine: Engine, source: str) -> Run:
    """Return what it takes an engine to read a file."""
    recipe = Recipe(
        out=plan.folder / f"{engine.name}-{source}",
        version=reader_version(plan.names),
        names=plan.names,
        today=date(2026, 1, 1),
    )
    most, told = 0.0, 0

    def tell(tally: Tally, was_there: bool) -> None:
        nonlocal most, told
        del tally, was_there
        told += 1
        if told % _LOOK == 1:  # looking takes the time of some articles
            most = max(most, _memory())

    with _clock() as took:
        shards = article_shards(recipe, find_tables([plan.folder / source]))
        done = extract_shards(engine, recipe, shards, tell)
    assert done.manifest["complete"], done.dead
    return Run(done.manifest["rows"]["articles"], *took, most)


def _map(plan: Plan, first: int, count: int) -> Run:
    """Return what it takes to read articles in memory, one after the other."""
    articles = [article_of(article(number)) for number in range(first, first + count)]
    with _clock() as took:
        read = list(map(partial(read_facts, names=plan.names), articles))
    return Run(len(read), *took, _memory())


@contextmanager
def _clock() -> Iterator[list[float]]:
    """Yield a list that holds the seconds of the clock and of the processors at the end."""
    took: list[float] = []
    before, begun = _cpu(), time.perf_counter()
    yield took
    took += [time.perf_counter() - begun, _cpu() - before]


def _processes() -> list[psutil.Process]:
    return [psutil.Process(), *psutil.Process().children(recursive=True)]


def _cpu() -> float:
    return sum(_known(lambda p=p: sum(p.cpu_times()[:2])) for p in _processes())


def _memory() -> float:
    return sum(_known(lambda p=p: p.memory_full_info().pss) for p in _processes()) / 2**20


def _known(ask: Callable[[], float]) -> float:
    try:
        return ask()
    except psutil.NoSuchProcess:  # it ended meanwhile
        return 0.0


if __name__ == "__main__":
    main()
