"""What the crawl may ask: public addresses, private ones that a source names, robots.txt."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from typing import Any, Protocol, Self, cast
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.challenge import find_challenge
from crawler.fetches import host_of
from crawler.night import may_ask
from crawler.resting import Rest, busy_at, challenged_at
from crawler.spiders.retrying import PATIENCE, wait_of

#: IPv6 prefix that carries an IPv4 address through a translator.
_NAT64 = ip_network("64:ff9b::/96")

#: Seconds between two requests that a robots.txt may ask for at most.
_LONGEST_DELAY = 60.0

#: All that a download can end with, apart from an answer and a refusal of ours.
_NETWORK_ERRORS = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)


class Witness(Protocol):
    """What the guard asks of the spider: hosts to leave alone, and a note of each robots.txt.

    Attributes:
        at_rest: `host:port` -> why it gets no request in this crawl.
    """

    at_rest: dict[str, Rest]

    def note_robots(self, url: str, response: Response, source_id: str) -> None:
        """Record that a robots.txt was asked for."""


class Refused(IgnoreRequest):
    """The address is on this machine or a private network."""


class Forbidden(IgnoreRequest):
    """robots.txt forbids the address."""


class NoRobots(IgnoreRequest):
    """robots.txt could not be had, so nothing may be asked."""


class Challenged(IgnoreRequest):
    """robots.txt was answered with a test for robots."""


class Skipped(IgnoreRequest):
    """Not now: the host is at rest; or, without a `rest`, it is not the hour of the source."""

    def __init__(self, pair: str, rest: Rest | None) -> None:
        super().__init__(pair)
        self.rest = rest


class Elsewhere(Skipped):
    """Another crawl may be asking the host now."""

    def __init__(self, host: str) -> None:
        super().__init__(host, None)
        self.host = host


def is_public(address: str) -> bool:
    """Whether an IP address is out on the internet, seen through IPv6 wrappings.

    >>> [is_public(a) for a in ("93.184.216.34", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False, False]
    """
    ip = ip_address(address.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in (ip, *_wrapped(ip)))


def _wrapped(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(ip, IPv4Address):
        return []
    inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        inner.append(IPv4Address(int(ip) & 0xFFFF_FFFF))
    return [one for one in inner if one is not None]


@implementer(IResolutionReceiver)
class _Filter:
    """Passes on the public addresses of a host and notes the others."""

    def __init__(self, receiver: Any, refused: list[str]) -> None:  # noqa: ANN401
        self._receiver = receiver
        self._refused = refused

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's name
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        host: str = address.host  # IPv4Address and IPv6Address have it
        if is_public(host):
            self._receiver.addressResolved(address)
        else:
            self._refused.append(host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Gives out private addresses only for the `host:port` pairs that some source allows.

    It is asked for each new connection, so that a name that changes its address is judged anew.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, allowed: frozenset[str]) -> None:
        super().__init__(reactor, cache_size)
        self._allowed = allowed
        #: host:port -> private addresses that were kept back.
        self.refused: dict[str, list[str]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Return the resolver that Scrapy puts into its reactor."""
        allowed = frozenset(crawler.settings.getlist("ALLOW_PRIVATE"))
        return cls(reactor, crawler.settings.getint("DNSCACHE_SIZE"), allowed)

    def resolveHostName(  # noqa: N802 - Twisted's names
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        *rest: Any,
        **more: Any,
    ) -> IHostResolution:
        """Resolve a host, keeping private addresses back."""
        pair = f"{hostName}:{portNumber}"
        receiver: Any = resolutionReceiver
        if pair not in self._allowed:
            self.refused[pair] = []
            receiver = _Filter(receiver, self.refused[pair])
        return super().resolveHostName(receiver, hostName, portNumber, *rest, **more)


class Guard:
    """Downloader middleware: a source asks private hosts of its own list only.

    It runs for redirected requests too. The resolver judges names, this judges who asks.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._allowed = frozenset(crawler.settings.getlist("ALLOW_PRIVATE"))
        own = crawler.settings.get("OWN_HOSTS")
        self._own = None if own is None else frozenset(own)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let a request pass or raise.

        Raises:
            Elsewhere: The host is none of this crawl's.
            Refused: Another source may ask this private host, this one may not; or the address
                holds a user's name, which would be sent to a resolver as part of the host's.
        """
        pair = host_of(request.url)
        if "@" in urlsplit(request.url).netloc:
            raise Refused(f"an address with a user's name: ask {pair} without it")
        host = pair.rpartition(":")[0]
        if self._own is not None and host not in self._own:
            raise Elsewhere(host)
        if pair in self._allowed and pair not in request.meta["allowed"]:
            raise Refused(f"private host {pair}: list it in allow_private of this source")

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Tell a refused address from a name that does not resolve.

        Raises:
            Refused: The host has private addresses only.
        """
        from twisted.internet import reactor

        pair = host_of(request.url)
        refused = reactor.nameResolver.refused.get(pair)
        if refused and isinstance(exception, CannotResolveHostError):
            raise Refused(
                f"private address {refused[0]}: list {pair!r} in allow_private of this source"
            )


class LastGate(HTTP11DownloadHandler):
    """Download handler: one request a host at a time, none to one that is at rest.

    Without a delay, Scrapy 2.19 starts all that wait for a host at once, whatever its concurrency.
    And they wait behind the middlewares: only here is it known what the one before them met.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def download_request(self, request: Request) -> Response:
        """Return the answer.

        Raises:
            Skipped: The host is at rest, or it is not the hour of the source.
        """
        pair = host_of(request.url)
        at_rest = _spider(self._crawler).at_rest
        async with self._turns[pair.rpartition(":")[0]]:
            if pair in at_rest or not may_ask(request.meta["hours"], datetime.now(UTC)):
                raise Skipped(pair, at_rest.get(pair))
            try:
                response = await super().download_request(request)
            finally:
                self._count_delay(request)
            if rest := rest_after(response, b""):  # the spider hears of it later
                at_rest[pair] = rest
        return response

    def _count_delay(self, request: Request) -> None:
        """Let the host's delay begin now: from its start, a slow connection would eat it up."""
        slot = self._crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is not None:
            slot.lastseen = max(slot.lastseen, monotonic())


def rest_after(response: Response, body: bytes) -> Rest | None:
    """Return how an answer makes its host rest: it is a test for robots, or asks for a long wait.

    Of `body` as much is given as is unpacked.
    """
    now = datetime.now(UTC)
    if find_challenge(response.status, body):
        return challenged_at(now)
    wait = wait_of(response)
    return busy_at(now, wait) if wait > PATIENCE else None


class Robots:
    """Downloader middleware: asks each host's robots.txt once a crawl and obeys it (RFC 9309).

    A 4xx answer means that there are no rules; after 5xx or silence nothing may be asked.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings["USER_AGENT"]
        self._rules: dict[str, asyncio.Future[Protego]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass or raise.

        Raises:
            Forbidden: robots.txt disallows the address.
            NoRobots, Challenged, Skipped: robots.txt could not be had.
        """
        if request.meta.get("is_robots"):
            return
        parts = urlsplit(request.url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.ensure_future(
                self._fetch(f"{site}/robots.txt", request.meta)
            )
        rules = await self._rules[site]
        if not rules.can_fetch(request.url, self._agent):
            raise Forbidden("robots.txt")

    async def _fetch(self, url: str, meta: Mapping[str, Any]) -> Protego:
        kept = {name: meta[name] for name in ("source_id", "allowed", "hours")}
        wanted = {**kept, "is_robots": True}
        request = Request(url, meta=wanted, callback=NO_CALLBACK, priority=1000, dont_filter=True)
        try:
            response = await self._crawler.engine.download_async(request)
        except _NETWORK_ERRORS as error:
            raise NoRobots(f"robots.txt: {type(error).__name__}") from error
        _spider(self._crawler).note_robots(url, response, meta["source_id"])
        if challenge := find_challenge(response.status, response.body):
            raise Challenged(f"robots.txt: {challenge}")
        pair = host_of(url)
        if rest := _spider(self._crawler).at_rest.get(pair):
            raise Skipped(pair, rest)
        if response.status >= 500:
            raise NoRobots(f"robots.txt: HTTP {response.status}")
        text = response.body.decode("utf-8", "replace") if response.status == 200 else ""
        rules = Protego.parse(text)
        self._keep_apart(urlsplit(url).hostname or "", rules.crawl_delay(self._agent) or 0.0)
        return rules

    def _keep_apart(self, host: str, wanted: float) -> None:
        """Make the seconds that a site wants between two requests its least delay."""
        downloader = self._crawler.engine.downloader
        known = downloader.per_slot_settings.get(host, {})
        own = known.get("delay", self._crawler.settings.getfloat("DOWNLOAD_DELAY"))
        delay = max(own, min(wanted, _LONGEST_DELAY))
        downloader.per_slot_settings[host] = {"concurrency": 1, **known, "delay": delay}
        if host in downloader.slots:
            slot = downloader.slots[host]
            slot.delay = max(slot.delay, delay)


def _spider(crawler: Crawler) -> Witness:
    return cast(Witness, crawler.spider)


class Throttle(AutoThrottle):
    """AutoThrottle that keeps a host's own delay as the least; a host without delay has none."""

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        slots: Mapping[str, Mapping[str, float]] = self.crawler.engine.downloader.per_slot_settings
        host = urlsplit(response.url).hostname or ""
        floor = slots.get(host, {}).get("delay", self.mindelay)
        if floor > 0:
            super()._adjust_delay(slot, latency, response)
            slot.delay = max(slot.delay, floor)
