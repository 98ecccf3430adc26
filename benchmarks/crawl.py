"""How fast the crawl is beside a bare Scrapy spider that only downloads the same pages.

    python benchmarks/crawl.py [--articles 2000] [--rounds 3] [--json]

Both ask the same server on loopback, in a process of its own, without delay and with the same
number of requests at a time: one a host. What bole does more is walk the lists, obey robots.txt,
guard addresses, and keep each page in the archive and a row in the ledger before it goes on.
Times are of whole processes, start and end counted; the rounds alternate, the ratio is of the
medians. `second_run_share` is a run over one unchanged source against its first run. The CPU ratios
compare the processor time of the two processes: they hardly mind what else the machine does.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from crawler.collect import collect
from crawler.ledger import Ledger
from crawler.sources import Source, load_presets

#: Rows of a list page.
ROWS = 50
#: Hosts that are asked at a time: as many as bole's crawl asks.
HOSTS = 16
#: Han characters of an article: a page of some 12 kB, as government sites send.
LENGTH = 3_000

BARE = """
import json, sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        for url in URLS:
            yield scrapy.Request(url, dont_filter=True)
    def parse(self, response):
        pass

URLS, at_a_time = json.load(sys.stdin)
process = CrawlerProcess({
    "CONCURRENT_REQUESTS": at_a_time,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0,
    "ROBOTSTXT_OBEY": False,
    "LOG_LEVEL": "ERROR",
})
crawler = process.create_crawler(Bare)
process.crawl(crawler)
process.start()
print(crawler.stats.get_value("response_received_count"))
"""


class _Server(asyncio.Protocol):
    """Answers GET with the page of a path; keeps the connection."""

    pages: dict[str, tuple[bytes, bytes]]

    def __init__(self, pages: dict[str, tuple[bytes, bytes]]) -> None:
        self.pages = pages
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out: Any = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while b"\r\n\r\n" in self._rest:
            head, _, self._rest = self._rest.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            found = self.pages.get(path)
            if found is None:
                self._out.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            elif b"If-None-Match: " + found[0] in head:
                self._out.write(b"HTTP/1.1 304 Not Modified\r\nETag: " + found[0] + b"\r\n\r\n")
            else:
                tag, body = found
                self._out.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: %s\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (tag, len(body), body)
                )


def _serve(hosts: Sequence[str], articles: int, told: Connection) -> None:
    pages = _pages(articles, len(hosts))

    async def run() -> None:
        loop = asyncio.get_running_loop()
        servers = []
        for host, own in zip(hosts, pages, strict=True):
            servers.append(await loop.create_server(lambda own=own: _Server(own), host, 0))
        told.send([s.sockets[0].getsockname()[1] for s in servers])
        await asyncio.Event().wait()

    asyncio.run(run())


def _pages(articles: int, hosts: int) -> list[dict[str, tuple[bytes, bytes]]]:
    """Return the pages of each host by path, with their ETags."""
    chance = random.Random(1)
    words = [chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(1200)]
    sites: list[dict[str, tuple[bytes, bytes]]] = []
    for host in range(hosts):
        numbers = list(range(host, articles, hosts))
        site = {path: _list_page(numbers, page) for page, path in enumerate(_lists(len(numbers)))}
        for n in numbers:
            text = "".join(chance.choices(words, k=LENGTH))
            lines = "".join(f"<p>{text[i : i + 90]}</p>\n" for i in range(0, LENGTH, 90))
            site[_article(n)] = _page(
                f"第{n}条：人才新闻", f'<div class="TRS_Editor">{lines}</div>'
            )
        sites.append(
            {path: (b'"%s"' % sha256(p).hexdigest()[:16].encode(), p) for path, p in site.items()}
        )
    return sites


def _lists(articles: int) -> list[str]:
    pages = max(1, -(-articles // ROWS))
    return ["/col/", *(f"/col/index_{n}.html" for n in range(1, pages))]


def _article(n: int) -> str:
    return f"/col/202401/t202401{n % 28 + 1:02}_{n}.html"


def _list_page(numbers: Sequence[int], page: int) -> bytes:
    rows = "".join(
        f'<li><a href="{_article(n)}">第{n}条：人才新闻</a>'
        f"<span>2024-01-{n % 28 + 1:02}</span></li>"
        for n in numbers[page * ROWS : (page + 1) * ROWS]
    )
    return _page("人才新闻", f"<ul>{rows}</ul>")


def _page(title: str, body: str) -> bytes:
    page = (
        f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>"
    )
    return page.encode()


@contextmanager
def serving(hosts: int, articles: int) -> Iterator[list[str]]:
    """Serve the articles from so many hosts; yields the address of each host."""
    names = [f"127.0.0.{n + 1}" for n in range(hosts)]
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(names, articles, theirs), daemon=True
    )
    server.start()
    try:
        ports = ours.recv()
        yield [f"http://{name}:{port}" for name, port in zip(names, ports, strict=True)]
    finally:
        server.terminate()
        server.join()


class _Watch:
    """Seconds on the clock and of processor time in child processes, since it was made."""

    def __init__(self) -> None:
        self._began, self._cpu = time.perf_counter(), self._children()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._began, self._children() - self._cpu

    @staticmethod
    def _children() -> float:
        times = os.times()
        return times.children_user + times.children_system


def _bare(bases: Sequence[str], articles: int) -> tuple[float, float]:
    """Return the seconds that the bare spider takes for all lists and articles, and its CPU."""
    urls = []
    for host, base in enumerate(bases):
        numbers = range(host, articles, len(bases))
        urls += [base + path for path in (*_lists(len(numbers)), *map(_article, numbers))]
    watch = _Watch()
    done = subprocess.run(
        [sys.executable, "-c", BARE],
        input=json.dumps([urls, len(bases)]),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = watch.read()
    if int(done.stdout) != len(urls):
        raise SystemExit(f"the bare spider got {done.stdout.strip()} of {len(urls)} pages")
    return seconds


def _bole(sources: Sequence[Source], folder: Path) -> tuple[float, float]:
    """Return the seconds that a crawl of bole takes, and its CPU."""
    watch = _Watch()
    collect(sources, folder, user_agent="bole/0.1 (benchmark)")
    return watch.read()


def _sources(bases: Sequence[str]) -> list[Source]:
    preset = load_presets()["trs"]
    return [
        Source(
            id=f"s{n}",
            name=f"s{n}",
            url=f"{base}/col/",
            preset=replace(preset, pages="index_{n}.html"),
            level="city",
            publisher="official",
            delay=0.0,
            max_pages=10_000,
            allow_private=(base.removeprefix("http://"),),
        )
        for n, base in enumerate(bases)
    ]


def _count(folder: Path) -> int:
    with Ledger(folder / "ledger.sqlite") as ledger:
        return sum(1 for _ in ledger.pages())


def measure(hosts: int, articles: int, rounds: int) -> dict[str, float]:
    """Return medians of seconds: bare, first, second; and the ratio of each round's pair."""
    bare, first, second = [], [], []
    with serving(hosts, articles) as bases, tempfile.TemporaryDirectory() as top:
        for n in range(rounds):
            folder = Path(top) / str(n)
            pair = [lambda: bare.append(_bare(bases, articles))]
            pair.append(lambda folder=folder: first.append(_bole(_sources(bases), folder)))
            for run in pair if n % 2 == 0 else reversed(pair):
                run()
            if _count(folder) != articles:
                raise SystemExit(f"bole has {_count(folder)} of {articles} articles")
            second.append(_bole(_sources(bases), folder))
            if _count(folder) != articles:
                raise SystemExit(f"after a second run bole has {_count(folder)} articles")
    return {
        "bare": statistics.median(clock for clock, _ in bare),
        "first": statistics.median(clock for clock, _ in first),
        "second": statistics.median(clock for clock, _ in second),
        "ratio": _ratio(bare, first, 0),
        "share": _ratio(second, first, 0),
        "cpu": _ratio(bare, first, 1),
        "cpu_share": _ratio(second, first, 1),
    }


def _ratio(
    ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]], place: int
) -> float:
    """Return the median of the ratios, round by round."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(one[place] / other[place] for one, other in pairs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--hosts", type=int, default=HOSTS, help="hosts asked at a time, 16 at most"
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    # as where it is installed: a process reads compiled modules, and does not compile them anew
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    many = measure(args.hosts, args.articles, args.rounds)
    one = measure(1, args.articles, args.rounds)
    row = {
        "ratio_vs_bare_scrapy": round(many["ratio"], 3),
        "second_run_share": round(one["share"], 3),
        "ratio_one_host": round(one["ratio"], 3),
        "cpu_ratio_vs_bare_scrapy": round(many["cpu"], 3),
        "cpu_ratio_one_host": round(one["cpu"], 3),
        "cpu_second_run_share": round(one["cpu_share"], 3),
        "articles": args.articles,
        "hosts": args.hosts,
        "articles_per_second": round(args.articles / many["first"], 1),
        "bare_seconds": round(many["bare"], 2),
        "first_seconds": round(many["first"], 2),
        "one_host_bare_seconds": round(one["bare"], 2),
        "one_host_first_seconds": round(one["first"], 2),
        "one_host_second_seconds": round(one["second"], 2),
    }
    if args.json:
        print(json.dumps(row))
    else:
        for name, value in row.items():
            print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
