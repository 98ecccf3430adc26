"""How the crawl behaves towards the sites: Scrapy's settings in one place."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.browsing import browser_settings
from crawler.fetches import host_of
from crawler.sources import Source

#: Seconds for one request and its answer.
TIMEOUT = 60.0
#: Bytes of a page at most, packed and unpacked.
LARGEST_PAGE = 20 * 2**20
#: Known articles of a source that are asked for again, to notice changes.
REASKED = 50

#: Scrapy's own lists are replaced: what is not here (cookies, proxies that would resolve names
#: behind the guard's back, consoles, caches) is not even imported, which halves the start.
_EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.logstats.LogStats": 0,
    "crawler.spiders.guard.Throttle": 0,
}
_MIDDLEWARES = {
    "crawler.spiders.guard.Guard": 50,
    "crawler.spiders.guard.Robots": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "crawler.spiders.retrying.PatientRetry": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
_HANDLERS = dict.fromkeys(("http", "https"), "crawler.spiders.guard.LastGate")


def scrapy_settings(
    sources: Sequence[Source],
    *,
    user_agent: str,
    delay: float | None,
    timeout: float = TIMEOUT,
    log: Path | None = None,
    more_delays: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Return Scrapy's settings for these sources; `delay` in seconds stands above their own.

    `more_delays` are those of hosts that belong to other sources; "" stands for all the rest.
    """
    delays = {**(more_delays or {}), **host_delays(sources, delay)}
    slowest = max(delays.values(), default=0.0)
    delays.pop("", None)
    return {
        "USER_AGENT": user_agent,
        "ALLOW_PRIVATE": sorted(allowed_pairs(*sources)),
        # politeness
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_ITEMS": 1,  # the spider gives no items; Scrapy starts so many tasks an answer
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY_JITTER": 0,  # a delay is the least, not the mean
        "DOWNLOAD_DELAY": slowest,  # for hosts that a list links to
        "DOWNLOAD_SLOTS": {host: {"concurrency": 1, "delay": d} for host, d in delays.items()},
        "AUTOTHROTTLE_ENABLED": slowest > 0,
        "AUTOTHROTTLE_START_DELAY": slowest,
        "EXTENSIONS_BASE": _EXTENSIONS,
        "RETRY_TIMES": 2,
        "RETRY_HTTP_CODES": [408, 429, 500, 502, 503, 504, 522, 524],
        # a name that does not resolve, or only to a private address, will not do so a second later
        "RETRY_EXCEPTIONS": [
            "scrapy.exceptions.DownloadConnectionRefusedError",
            "scrapy.exceptions.DownloadFailedError",
            "scrapy.exceptions.DownloadTimeoutError",
            "scrapy.exceptions.ResponseDataLossError",
        ],
        # safety
        "TWISTED_DNS_RESOLVER": "crawler.spiders.guard.GuardedResolver",
        "DOWNLOADER_MIDDLEWARES_BASE": _MIDDLEWARES,
        "DOWNLOAD_HANDLERS_BASE": _HANDLERS,
        "REDIRECT_MAX_TIMES": 5,
        "DOWNLOAD_TIMEOUT": timeout,
        "DOWNLOAD_MAXSIZE": LARGEST_PAGE,
        "DOWNLOAD_WARNSIZE": 0,
        # the spider judges every status itself
        "HTTPERROR_ALLOW_ALL": True,
        "URLLENGTH_LIMIT": 0,  # would drop a request without a word
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # parses the callback's source at each answer
        "LOG_FILE": str(log) if log else None,
        "LOG_FILE_APPEND": False,
        "LOG_LEVEL": "INFO",
        **browser_settings(sources),
    }


def allowed_pairs(*sources: Source) -> frozenset[str]:
    """Return the `host:port` pairs that these sources may ask though they are private."""
    return frozenset(host_of(f"http://{pair}") for one in sources for pair in one.allow_private)


def host_delays(sources: Sequence[Source], delay: float | None) -> dict[str, float]:
    """Return the delay of each host; of several columns the most patient one decides."""
    delays: dict[str, float] = {}
    for source in sources:
        host = urlsplit(source.url).hostname or ""
        own = source.delay if delay is None else delay
        delays[host] = max(own, delays.get(host, 0.0))
    return delays
