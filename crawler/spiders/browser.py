"""The browser for lists that scripts draw, and the gate through which alone it reaches the web.

The browser resolves names and follows redirects by itself, behind the back of the resolver that
guards the crawl. So it is given a proxy on this machine that judges each address as the guard does.
"""

import asyncio
import socket
from contextlib import suppress
from typing import Any, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Response
from scrapy.utils.misc import load_object

from crawler.fetches import host_of
from crawler.settings import LARGEST_PAGE, TIMEOUT
from crawler.spiders.guard import LastGate, Refused, Skipped, Witness, is_public

_HANDLER = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
#: Milliseconds to wait for the rows of a list.
_ROWS = 15_000
_CHUNK = 65_536
_NEEDLESS = frozenset({"image", "media", "font"})


def is_needless(request: Any) -> bool:  # noqa: ANN401 - Playwright's request
    """Whether the browser can draw a list without what it asks for."""
    return request.resource_type in _NEEDLESS


class BrowserGate:
    """Download handler: requests marked `playwright` go to the browser, others the usual way."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._plain = LastGate(crawler)
        self._browser: Any = load_object(_HANDLER)(crawler)
        self._doors: dict[str, Door] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "BrowserGate":
        """Return the handler."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """Return the answer; of a browser what its page holds in the end.

        Raises:
            Skipped: The host is at rest.
            Refused: The page is on a private host that its source does not allow.
            DownloadCancelledError: What scripts made of the page is too large.
        """
        if not request.meta.get("playwright"):
            return await self._plain.download_request(request)
        pair = host_of(request.url)
        if rest := cast(Witness, self._crawler.spider).at_rest.get(pair):
            raise Skipped(pair, rest)
        door = await self._open_door(request)
        if not await door.addresses_of(*_split(pair)):
            raise Refused(f"private host {pair}: list it in allow_private of this source")
        response: Response = await self._browser.download_request(request)
        if len(response.body) > LARGEST_PAGE:
            raise DownloadCancelledError(f"a drawn page of {len(response.body)} bytes")
        return response

    async def close(self) -> None:
        """Close browser and proxies."""
        for door in self._doors.values():
            door.close()
        await self._browser.close()
        await self._plain.close()

    async def _open_door(self, request: Request) -> "Door":
        """Give the browser a window of its own for this source, with its own proxy."""
        source = request.meta["source_id"]
        if source not in self._doors:
            self._doors[source] = Door(request.meta["allowed"])
            await self._doors[source].open()
        door = self._doors[source]
        request.meta["playwright_context"] = source
        request.meta["playwright_context_kwargs"] = {
            "proxy": {"server": f"http://127.0.0.1:{door.port}", "bypass": "<-loopback>"},
            "service_workers": "block",
            "accept_downloads": False,
        }
        if rows := request.meta.get("wait_for"):
            method: Any = load_object("scrapy_playwright.page.PageMethod")
            wait = method("wait_for_selector", rows, state="attached", timeout=_ROWS)
            request.meta["playwright_page_methods"] = [wait]
        else:
            request.meta["playwright_page_goto_kwargs"] = {"wait_until": "networkidle"}
        return door


class Door:
    """A proxy on loopback that connects to public addresses, and to the pairs that are allowed."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def addresses_of(self, host: str, port: int) -> list[str]:
        """Return the IP addresses of a host that may be asked, in the system's order."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except OSError:  # no such name
            return []
        addresses = [str(one[4][0]) for one in found]
        is_allowed = f"{host}:{port}" in self._allowed
        return [one for one in addresses if is_allowed or is_public(one)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._pass_on(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            pass  # one end hung up, or spoke no HTTP: the browser tells the page so
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
        is_tunnel = method == "CONNECT"
        host, port = _split(target if is_tunnel else host_of(target))
        addresses = await self.addresses_of(host, port)
        if not addresses:
            writer.write(
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
            return
        there, back = await asyncio.open_connection(addresses[0], port)
        try:
            if is_tunnel:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                back.write(_direct(head))
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            back.close()


def _split(pair: str) -> tuple[str, int]:
    host, _, port = pair.rpartition(":")
    return host.strip("[]").lower(), int(port)


def _direct(head: bytes) -> bytes:
    """Return the head of a request to a proxy as the site itself wants it, one to a connection."""
    first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
    method, target, version = first.split(b" ")
    path = b"/" + target.partition(b"://")[2].partition(b"/")[2]
    dropped = (b"proxy-", b"connection:")
    kept = [line for line in lines if not line.lower().startswith(dropped)]
    start = b" ".join((method, path, version))
    return b"\r\n".join([start, *kept, b"Connection: close", b"", b""])


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Pass bytes on to the end of the stream, or until they are too many."""
    passed = 0
    while passed < LARGEST_PAGE and (data := await source.read(_CHUNK)):
        passed += len(data)
        sink.write(data)
        await sink.drain()
    with suppress(OSError):
        sink.close()
