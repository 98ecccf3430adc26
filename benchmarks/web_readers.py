"""The web page at size: each page alone, then fifty readers while a run goes on beside them.

    python -m benchmarks.web_readers --scratch /tmp/bench [--figures 1000000] [--readers 50]
        [--seconds 120] [--keep] [--json]

An office with synthetic articles and figures is published and served by `bole serve`, a process of
its own. Each page is asked for in turn over loopback, twenty times; `<page>_first_ms` is the first
time after a publication, counted from the request to the last byte. Then each reader opens a page
every five seconds over a connection that stays open, while `bole run` collects the sample site,
reads, writes the digest and publishes the whole base, again and again until the time is over. The
scratch folder is emptied.
"""

import argparse
import http.client
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

from benchmarks.store_rows import EACH, batches
from bole.config import Settings, load_settings, write_settings
from bole.demo import SITE, write_watchlist
from bole.demo import serve as serve_site
from store import Store

EVERY = 5.0
ROUNDS = 20
PAGES = {
    "today": "/",
    "facts": "/facts",
    "facts_district": "/facts?district=320300&role=support",
    "facts_highest": "/facts?order=highest&unit=CNY",
    "facts_target": "/facts?target=1234",
    "fact": "/facts/{fact}",
    "article": "/articles/{article}",
    "compare": "/compare?district=320300&district=320500&benefit=settling_in",
    "policies": "/policies",
    "policy": "/policies/{policy}",
    "districts": "/districts",
    "district": "/districts/320300",
    "search": f"/search?q={quote('人才政策')}",
    "sources": "/sources",
    "query": "/query",
    "api_figures": "/api/v1/figures",
    "api_measures": "/api/v1/measures?district=320300",
    "api_policies": "/api/v1/policies",
    "api_feed": "/api/v1/feeds/districts/320300.atom",
}


@dataclass(slots=True)
class Seen:
    """What a reader saw: seconds a page, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder to write to; emptied")
    parser.add_argument("--figures", type=int, default=1_000_000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--keep", action="store_true", help="take the office that is there")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args()
    folder = given.scratch.resolve() / "office"
    with serve_site(SITE, port=0) as site:
        if not given.keep:
            make_office(folder, given.figures // EACH, site)
        write_watchlist(folder, site)
        found: dict[str, object] = {"figures": given.figures, "run_alone_s": run_once(folder)}
        with served(folder) as (host, port):
            found |= ask_alone(host, port, folder)
            found |= ask_together(host, port, folder, given.readers, given.seconds)
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:32} {value}")


def make_office(folder: Path, articles: int, site: str) -> None:
    """Write an office with so many articles, and publish it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_settings(folder, Settings(home="320300", issuer="示例", delay=0.0))
    write_watchlist(folder, site)
    settings = load_settings(folder, {})
    settings.data.mkdir()
    with Store(settings.database) as store:
        for tables in batches(articles):
            store.write_tables(tables)
        store.publish()


def run_once(folder: Path) -> float:
    """Run `bole run` and return its seconds."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bole", "run", "-C", str(folder), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 3):  # 3: done, some sample pages are broken on purpose
        raise SystemExit(f"bole run ended with {done.returncode}: {done.stderr[-500:]}")
    return round(time.perf_counter() - begun, 1)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """Serve an office; give host and port."""
    words = [sys.executable, "-m", "bole", "serve", "-C", str(folder), "--port", "0"]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        line = server.stderr.readline() if server.stderr else ""
        if "http://" not in line:
            raise SystemExit(f"bole serve did not begin: {line}")
        host, _, port = line.split("http://")[1].split("/")[0].rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=120)
        ask(connection, "/api/v1/openapi.json")  # until the application has been loaded
        connection.close()
        yield host, int(port)
    finally:
        server.terminate()
        server.wait(timeout=20)


def pages_of(folder: Path) -> dict[str, str]:
    """Return the addresses of the pages, with ids of this office in their places."""
    with Store.open_snapshot(folder / "data") as store:
        (row,) = store.select(
            "select fact_id as fact, article_id as article, policy_id as policy from measures "
            "where policy_id is not null order by all limit 1"
        )
    return {name: path.format(**row) for name, path in PAGES.items()}


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, float]:
    """Return the status of a page and the seconds to its last byte."""
    begun = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.perf_counter() - begun


def ask_alone(host: str, port: int, folder: Path) -> dict[str, float]:
    """Ask for each page in turn."""
    connection = http.client.HTTPConnection(host, port, timeout=60)
    found: dict[str, float] = {}
    for name, path in pages_of(folder).items():
        seen = [ask(connection, path) for _ in range(ROUNDS)]
        wrong = {status for status, _ in seen} - {200}
        if wrong:
            raise SystemExit(f"{path} answers {wrong}")
        found[f"{name}_first_ms"] = round(1000 * seen[0][1], 1)
        found[f"{name}_p95_ms"] = p95([seconds for _, seconds in seen])
    for told in ("first", "p95"):
        ms = [value for name, value in found.items() if name.endswith(f"_{told}_ms")]
        found[f"slowest_page_{told}_ms"] = max(ms)
    return found


def ask_together(
    host: str, port: int, folder: Path, readers: int, seconds: float
) -> dict[str, object]:
    """Let readers open pages while runs go on, and return what they saw."""
    paths, over, seen = list(pages_of(folder).values()), Event(), [Seen() for _ in range(readers)]

    def read(number: int) -> None:
        mine = seen[number]
        connection = http.client.HTTPConnection(host, port, timeout=60)
        over.wait(EVERY * number / readers)
        due, turn = time.perf_counter(), number
        while not over.is_set():
            path = paths[turn % len(paths)]
            try:
                status, took = ask(connection, path)
                mine.seconds.append(took)
                if status != 200:
                    mine.errors.append(f"{path}: {status}")
            except (OSError, http.client.HTTPException) as error:
                mine.errors.append(f"{path}: {error!r}")
                connection.close()
            turn, due = turn + 1, due + EVERY
            over.wait(max(0.0, due - time.perf_counter()))
        connection.close()

    threads = [Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    begun, runs = time.perf_counter(), []
    while not runs or time.perf_counter() - begun < seconds:
        runs.append(run_once(folder))
    over.set()
    for thread in threads:
        thread.join()
    every = [one for reader in seen for one in reader.seconds]
    errors = [error for reader in seen for error in reader.errors]
    return {
        "readers": readers,
        "requests": len(every),
        "errors": len(errors),
        "errors_told": errors[:3],
        "readers_p50_ms": round(1000 * sorted(every)[len(every) // 2], 1),
        "readers_p95_ms": p95(every),
        "readers_max_ms": round(1000 * max(every), 1),
        "runs": len(runs),
        "run_beside_readers_s": max(runs),
    }


def p95(seconds: list[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return round(1000 * ordered[ceil(0.95 * len(ordered)) - 1], 1)


if __name__ == "__main__":
    sys.exit(main())
