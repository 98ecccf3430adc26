"""Many small web sites, each on a loopback address of its own, and what was asked of them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from crawler.sources import Source, load_presets
from tests.sites.server import list_page

PLACES = ("徐州市", "南京市", "苏州市", "无锡市", "常州市")
_ROBOTS = "User-agent: *\nDisallow: /inner/\n"
_BODY = (
    "<p>{place}人才办近日发布消息，对新引进的顶尖人才团队给予最高{amount}万元项目资助，"
    "对在当地就业的博士每人发放安家费{amount}元，并提供人才公寓{amount}套。</p>"
    "<p>据介绍，今年以来全市新引进高层次人才{amount}人，其中博士{amount}人，"
    "人才工作部门将持续优化服务，让各类人才引得进、留得住、用得好。</p>"
)


@dataclass
class Hosts:
    """The sites by host, each page as (status, headers, body), and every request in order."""

    pages: dict[str, dict[str, tuple[int, dict[str, str], str]]] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    #: Most requests that a host had to answer at the same time.
    most: Counter[str] = field(default_factory=Counter)
    #: Seconds that an answer takes.
    pace: float = 0.0
    #: Called with the number of each request.
    heard: Callable[[int], None] = lambda _: None
    closing: Event = field(default_factory=Event)
    _now: Counter[str] = field(default_factory=Counter)

    def put(self, host: str, path: str, body: str, status: int = 200, **headers: str) -> None:
        """Put a page on a host."""
        self.pages[host][path] = status, headers, body

    def link(self, host: str, *urls: str) -> None:
        """Let the column of a host name more articles, on whatever host."""
        status, headers, body = self.pages[host]["/"]
        rows = "".join(f'<li><a href="{url}">别处的人才政策消息</a></li>' for url in urls)
        self.pages[host]["/"] = status, headers, body.replace("</ul>", f"{rows}</ul>")

    def articles(self) -> set[str]:
        """Return the addresses of all articles."""
        return {
            base + path
            for host, base in self.bases.items()
            for path, (status, _, _) in self.pages[host].items()
            if "/t2026" in path and status == 200
        }

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        while head := await _head(reader):
            path = head.split(b" ", 2)[1].decode()
            self.log.append((host, path))
            self._now[host] += 1
            self.most[host] = max(self.most[host], self._now[host])
            self.heard(len(self.log))
            await asyncio.sleep(self.pace)
            self._now[host] -= 1
            status, headers, body = self.pages[host].get(path, (404, {}, "not here"))
            data = body.encode()
            lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
            answer = f"HTTP/1.1 {status} -\r\nContent-Length: {len(data)}\r\n{''.join(lines)}\r\n"
            writer.write(answer.encode() + data)
            await writer.drain()
        writer.close()

    async def _run(self, names: list[str], ready: Event) -> None:
        servers = [await asyncio.start_server(self._answer, name, 0) for name in names]
        for name, server in zip(names, servers, strict=True):
            self.bases[name] = f"http://{name}:{server.sockets[0].getsockname()[1]}"
        ready.set()
        while not self.closing.is_set():
            await asyncio.sleep(0.02)
        for server in servers:
            server.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):  # a client that was killed too
        return b""


def sites(count: int, *, articles: int) -> Hosts:
    """Return so many sites with so many articles each, which nobody serves."""
    hosts = Hosts()
    for place in range(count):
        name = f"127.0.0.{place + 1}"
        hosts.pages[name], hosts.bases[name] = {}, f"http://{name}:{8000 + place}"
        _fill(hosts, name, place, articles)
    return hosts


@contextmanager
def serve_hosts(count: int, *, articles: int = 4, pace: float = 0.0) -> Iterator[Hosts]:
    """Serve so many sites with so many articles each."""
    hosts = sites(count, articles=articles)
    hosts.pace = pace
    ready, names = Event(), list(hosts.pages)
    thread = Thread(target=asyncio.run, args=(hosts._run(names, ready),))
    thread.start()
    try:
        assert ready.wait(10)
        yield hosts
    finally:
        hosts.closing.set()
        thread.join()


def _fill(hosts: Hosts, host: str, place: int, articles: int) -> None:
    rows = []
    for n in range(articles):
        title, day = f"{PLACES[place % 5]}第{n}条人才政策消息发布", f"2026-01-{n % 28 + 1:02}"
        hosts.put(host, path_of(n), article(title, day, place, 10 + n))
        rows.append((path_of(n), title, day))
    hosts.put(host, "/", list_page(rows))
    hosts.put(host, "/robots.txt", _ROBOTS)


def path_of(n: int) -> str:
    """Return the path of an article."""
    return f"/t202601{n % 28 + 1:02}_{n}.html"


def article(title: str, day: str, place: int, amount: int) -> str:
    """Return the page of an article."""
    body = _BODY.format(place=PLACES[place % 5], amount=amount)
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<div>发布时间：{day} 来源：{PLACES[place % 5]}人才办</div>"
        f"<div class='TRS_Editor'>{body}</div></body></html>"
    )


def sources_of(hosts: Hosts, **more: object) -> list[Source]:
    """Return a source for each site."""
    every = tuple(base.removeprefix("http://") for base in hosts.bases.values())
    return [
        Source(
            id=f"s{n:02}",
            name=f"第{n}区",
            url=f"{base}/",
            preset=load_presets()["trs"],
            level="county",
            publisher="official",
            allow_private=every,
            delay=0.0,
            min_items=1,
            max_pages=1,
            **more,
        )
        for n, base in enumerate(hosts.bases.values())
    ]


def watchlist_of(hosts: Hosts) -> str:
    """Return the watchlist of all sites."""
    every = ", ".join(f'"{base.removeprefix("http://")}"' for base in hosts.bases.values())
    tables = [
        f'[[source]]\nid = "s{n:02}"\nname = "第{n}区"\nurl = "{base}/"\npreset = "trs"\n'
        f'level = "county"\npublisher = "official"\nallow_private = [{every}]\ndelay = 0\n'
        "min_items = 1\nmax_pages = 1\n"
        for n, base in enumerate(hosts.bases.values())
    ]
    return "schema = 1\n\n" + "\n".join(tables)
