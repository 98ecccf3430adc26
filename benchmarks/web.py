"""The pages at size: a walk through all of them in Chromium, with the server's time for each.

    python benchmarks/web.py --data FOLDER [--json]
    python benchmarks/web.py --scratch /tmp/bench [--facts 1000000] [--json]
    python benchmarks/web.py --data FOLDER --readers 50 [--seconds 60]

`--data` is a data folder with a published snapshot; `--scratch` makes one of synthetic articles
(its folder is emptied first). Each page is asked twice as the browser does: first when nothing is
kept of it, then again. The time is that from the request to the last byte of the answer on
loopback; what the console says and what the policy of the page refuses is counted. With
`--readers` so many ask for a page every five seconds each afterwards; let a `bole run` go on in
the same folder at that time.
"""

import argparse
import asyncio
import json
import re
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

# this file is called as a package of bole is: its own folder must not be searched first
sys.path.pop(0)

import httpx
import uvicorn
from playwright.sync_api import Page, sync_playwright

from bole.config import Settings
from bole.web.safety import Rules
from bole.web.serve import make_app
from store import Store

PAGES = (
    *("/", "/facts", "/facts?order=highest&unit=CNY", "/facts?district=320000&role=support"),
    *("/facts?grade=A&since=2015-06-01", "/facts?target=1234", "/facts/{fact}"),
    *("/articles/{article}", "/compare", "/compare?district=320000&district=330000&tier=doctor"),
    *("/policies", "/policies?district=320300", "/policies/{policy}", "/districts"),
    *("/districts/320000", "/districts/320300", "/search?q=人才团队", "/sources", "/query"),
    "/query?name=funds&p.district=320300",
)
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
#: Seconds between two pages of one reader.
_EVERY = 5.0
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (one) => window.refused.push(one.blockedURI));
"""


def main() -> None:
    """Walk and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    data = given.data or make_data(given.scratch, given.facts)
    settings = Settings(home="320300", data=data, digests=data.parent / "digests")
    with served(settings) as address:
        single = about(address)
        found = walk(address, single)
        if given.readers:
            found |= asyncio.run(read_together(address, single, given.readers, given.seconds))
    found["facts"] = facts_of(data)
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for page, (first, again) in found["pages"].items():
        print(f"{first:6.0f} ms {again:6.0f} ms  {page}")
    print(f"slowest {found['slowest_ms']:.0f} ms; console {found['console']}")
    if given.readers:
        print(
            f"{given.readers} readers: {found['asked']} pages, errors {found['errors']},", end=" "
        )
        print(f"p50 {found['p50_ms']:.0f} ms, p95 {found['p95_ms']:.0f} ms")


def make_data(scratch: Path, facts: int) -> Path:
    """Write synthetic articles with so many facts and publish them."""
    sys.path.insert(0, str(Path(__file__).parent))
    from store_rows import EACH, batches

    sys.path.pop(0)
    data = scratch / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    with Store(data / "bole.duckdb") as store:
        for tables in batches(facts // EACH):
            store.write_tables(tables)
        store.publish()
    return data


def facts_of(data: Path) -> int:
    """Return how many figures a snapshot holds."""
    with Store.open_snapshot(data) as store:
        return int(store.select("select count(*) as n from figures")[0]["n"])


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve as `bole serve` does."""
    app = make_app(settings.data.parent, settings, Rules())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def about(address: str) -> dict[str, str]:
    """Return what the pages of single things are asked for."""
    with httpx.Client(base_url=address, timeout=60) as client:
        facts, policies = client.get("/facts?role=fund").text, client.get("/policies").text
    return {
        "fact": re.findall(r"/facts/(\w{12})", facts)[0],
        "article": re.findall(r"/articles/(\w{16})", facts)[-1],
        "policy": re.findall(r"/policies/(\w{12})", policies)[0],
    }


def walk(address: str, single: dict[str, str]) -> dict[str, Any]:
    """Open each page twice in a browser."""
    said: list[str] = []
    times: dict[str, tuple[float, float]] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
        )
        page = browser.new_page(locale="zh-CN")
        page.add_init_script(WATCH)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in PAGES:
            asked = address + path.format(**single)
            both = [timed(page, asked, said) for _ in range(2)]
            times[path] = both[0], both[1]
        browser.close()
    slowest = max(max(both) for both in times.values())
    return {"pages": times, "slowest_ms": slowest, "console": said}


async def read_together(
    address: str, single: dict[str, str], readers: int, seconds: float
) -> dict[str, Any]:
    """Let readers ask for a page every five seconds each, all of them different ones."""
    times: list[float] = []
    errors: list[str] = []
    pages = [path.format(**single) for path in PAGES]

    async def reader(number: int, client: httpx.AsyncClient) -> None:
        await asyncio.sleep(_EVERY * number / readers)
        for turn in range(int(seconds / _EVERY)):
            begun = time.perf_counter()
            path = pages[(number * 7 + turn) % len(pages)]
            answer = await client.get(path)
            took = time.perf_counter() - begun
            times.append(took * 1000)
            if answer.status_code != 200:
                errors.append(f"{answer.status_code} {path}")
            await asyncio.sleep(max(0.0, _EVERY - took))

    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        await asyncio.gather(*(reader(number, client) for number in range(readers)))
    cuts = quantiles(times, n=20)
    return {"asked": len(times), "errors": errors, "p50_ms": cuts[9], "p95_ms": cuts[18]}


def timed(page: Page, address: str, said: list[str]) -> float:
    """Return the milliseconds from a request to the last byte of its answer."""
    answer = page.goto(address)
    if answer.status != 200:
        said.append(f"{answer.status} {address}")
    said += page.evaluate("window.refused")
    timing = "performance.getEntriesByType('navigation')[0]"
    return float(page.evaluate(f"{timing}.responseEnd - {timing}.requestStart"))


if __name__ == "__main__":
    main()
