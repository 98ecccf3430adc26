"""The pages at size: a walk through all of them in Chromium, then readers while runs go on.

    python -m benchmarks.web --scratch /tmp/bench [--facts 1000000] [--json]
    python -m benchmarks.web --scratch /tmp/bench --keep [--readers 50] [--seconds 60] [--json]

An office with synthetic articles, with a watchlist of fifty columns and what a year of runs noted
of them, is published and served by `bole serve`, a process of its own (the scratch folder is
emptied first, unless `--keep`). Each page is asked twice: first when nothing is kept of it, then
again. The time is that from the request to the last byte of the answer on loopback; what the
console says and what the policy of the page refuses is counted. With `--readers` so many then open
a page every five seconds each, over connections that stay open, while `bole run` collects the
sample site, reads, writes the digest and publishes the whole base, again and again.
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
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

from benchmarks.store_rows import EACH, batches
from bole.config import Settings, load_settings, write_settings
from bole.demo import SITE, write_watchlist
from bole.demo import serve as serve_site
from crawler.ledger import Fetch
from crawler.sources import load_sources
from store import Failure, PageRead, Store

PAGES = (
    *(
        "/",
        "/facts",
        "/facts?order=oldest",
        "/facts?order=highest&unit=CNY",
        "/facts?after={after}",
    ),
    *("/facts?district=320000&role=support", "/facts?district=320300&order=highest"),
    *("/facts?grade=A&since=2015-06-01", "/facts?target=1234", "/facts?words=1234"),
    *("/facts?least=100&most=20000000&order=lowest", f"/facts?source={quote('柳溪')}"),
    *("/facts?source=column-7", "/facts/{fact}", "/articles/{article}", "/compare"),
    *("/compare?district=320300&district=320500&benefit=settling_in",),
    *("/compare?district=320000&district=330000&tier=doctor",),
    *("/policies", "/policies?district=320300", f"/policies?words={quote('英才')}"),
    *("/policies/{policy}", "/districts", "/districts/320000", "/districts/320300"),
    *(f"/search?q={quote('人才团队')}", "/sources", "/query"),
    *("/query?name=funds&p.district=320300", "/query?name=new_measures"),
)
API = (
    *(
        "figures",
        "figures?sort=amount",
        f"figures?source={quote('柳溪')}",
        "measures?district=320300",
    ),
    *("policies", "articles", "sources", "districts?known=true", "questions/figures_about"),
    *("feeds/districts/320300.atom", "feeds/questions/new_measures.rss"),
)
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (one) => window.refused.push(one.blockedURI));
"""
#: Columns of the watchlist, and days that runs asked for each.
COLUMNS, DAYS = 50, 365
#: Seconds between two pages of one reader.
EVERY = 5.0


@dataclass(slots=True)
class Seen:
    """What a reader saw: seconds a page, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder to write to; emptied")
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument(
        "--keep", action="store_true", help="take the office that is there, if one is"
    )
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args()
    folder = given.scratch.resolve() / "office"
    with serve_site(SITE, port=0) as site:
        if not (given.keep and folder.is_dir()):
            make_office(folder, given.facts // EACH, site)
        write_watchlist(folder, site)
        about = about_office(folder)
        with served(folder) as (host, port):
            pages = [path.format(**about) for path in PAGES]
            found = walk(f"http://{host}:{port}", pages) | ask_api(host, port)
            if given.readers:
                found |= ask_together(host, port, folder, pages, given.readers, given.seconds)
    found["facts"] = about["facts"]
    print(json.dumps(found, ensure_ascii=False) if given.json else told(found))


def told(found: dict[str, object]) -> str:
    """Return the figures as lines, the slowest pages first."""
    pages = found.pop("pages")
    assert isinstance(pages, dict)
    ordered = sorted(pages.items(), key=lambda page: -page[1][0])
    lines = [f"{first:7.0f} ms {again:7.0f} ms  {page}" for page, (first, again) in ordered]
    return "\n".join([*lines, *(f"{name:20} {value}" for name, value in found.items())])


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
        write_journals(store, folder)
        store.publish()


def write_journals(store: Store, folder: Path) -> None:
    """Write what a year of runs noted: lists each day, each article once, and what failed."""
    (like, *_) = load_sources(folder / "sources.toml")
    columns = [
        replace(like, id=f"column-{n}", name=f"第{n}栏", url=f"http://news.example/{n}/")
        for n in range(COLUMNS)
    ]
    store.write_sources(columns)
    begun = datetime.combine(date(2015, 1, 1), datetime.min.time(), UTC)
    lists = [
        Fetch(
            id=day * COLUMNS + n + 1, url=one.url, final_url=one.url, source_id=one.id, kind="list",
            fetched=begun + timedelta(days=day), status=200, sha256=one.id, items=20,
        )
        for day in range(DAYS)
        for n, one in enumerate(columns)
    ]  # fmt: skip
    rows = store.select("select id, url, published from articles order by published, id")
    pages = [
        Fetch(
            id=len(lists) + n + 1, url=row["url"], final_url=row["url"], kind="article",
            source_id=columns[n % COLUMNS].id, fetched=begun + timedelta(days=n % DAYS),
            status=404 if n % 50 == 0 else 200, sha256=None if n % 50 == 0 else row["id"],
            problem="not_found" if n % 50 == 0 else None,
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip
    store.write_fetches([*lists, *pages])
    store.write_pages_read(
        PageRead(url=row["url"], sha256=row["id"], version="bench", article_id=row["id"])
        for n, row in enumerate(rows)
        if n % 50
    )
    store.write_failures(
        Failure(subject=row["url"], stage="read", kind="no_body", message="the page has no body")
        for row in rows[::100]
    )


def about_office(folder: Path) -> dict[str, str]:
    """Return what the pages of single things are asked for."""
    from bole.web.filters import Filters, find_facts

    with Store.open_snapshot(folder / "data") as store:
        (row,) = store.select(
            "select fact_id as fact, article_id as article, policy_id as policy, "
            "(select count(*) from figures) as facts from measures "
            "where policy_id is not null order by all limit 1"
        )
        after = ""
        for _ in range(3):
            after = find_facts(store, Filters(), after=after, limit=10_000).after or ""
    return {**row, "after": after}


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
        ask(connection, "/api/v1/docs")  # until the application has been loaded
        connection.close()
        yield host, int(port)
    finally:
        server.terminate()
        server.wait(timeout=20)


def walk(address: str, pages: list[str]) -> dict[str, object]:
    """Open each page twice in a browser; milliseconds by page, and what the console said."""
    said: list[str] = []
    times: dict[str, tuple[float, float]] = {}
    with sync_playwright() as play:
        path = shutil.which("chromium")
        browser = play.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        page = browser.new_page(locale="zh-CN")
        page.add_init_script(WATCH)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for one in pages:
            times[one] = timed(page, address + one, said), timed(page, address + one, said)
        browser.close()
    return {
        "pages": times,
        "slowest_first_ms": max(first for first, _ in times.values()),
        "slowest_again_ms": max(again for _, again in times.values()),
        "console": said,
    }


def timed(page: Page, address: str, said: list[str]) -> float:
    """Return the milliseconds from a request to the last byte of its answer."""
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        said.append(f"{answer and answer.status} {address}")
    said += page.evaluate("window.refused")
    timing = "performance.getEntriesByType('navigation')[0]"
    return round(float(page.evaluate(f"{timing}.responseEnd - {timing}.requestStart")), 1)


def ask_api(host: str, port: int) -> dict[str, object]:
    """Ask for lists, questions and feeds of the API; milliseconds of the first time."""
    connection = http.client.HTTPConnection(host, port, timeout=60)
    times: dict[str, float] = {}
    for path in API:
        status, seconds = ask(connection, f"/api/v1/{path}")
        if status != 200:
            raise SystemExit(f"/api/v1/{path} answers {status}")
        times[path] = round(1000 * seconds, 1)
    connection.close()
    return {"api": times, "slowest_api_ms": max(times.values())}


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, float]:
    """Return the status of a page and the seconds to its last byte."""
    begun = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.perf_counter() - begun


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


def ask_together(
    host: str, port: int, folder: Path, pages: list[str], readers: int, seconds: float
) -> dict[str, object]:
    """Let readers open pages while runs go on, and return what they saw."""
    paths = [*pages, *(f"/api/v1/{path}" for path in API)]
    over, seen = Event(), [Seen() for _ in range(readers)]

    def read(number: int) -> None:
        mine = seen[number]
        connection = http.client.HTTPConnection(host, port, timeout=60)
        over.wait(EVERY * number / readers)
        due, turn = time.perf_counter(), 7 * number
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
    every = sorted(one for reader in seen for one in reader.seconds)
    errors = [error for reader in seen for error in reader.errors]
    return {
        "readers": readers,
        "requests": len(every),
        "errors": [*errors[:3], f"{len(errors)} in all"] if errors else [],
        "readers_p50_ms": round(1000 * every[len(every) // 2], 1),
        "readers_p95_ms": round(1000 * every[ceil(0.95 * len(every)) - 1], 1),
        "readers_max_ms": round(1000 * every[-1], 1),
        "runs": len(runs),
        "run_beside_readers_s": max(runs),
    }


if __name__ == "__main__":
    main()
