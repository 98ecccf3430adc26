"""The lists of columns: what a list page or a feed says about its articles. Pure."""

import re
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from w3lib.html import get_base_url
from w3lib.url import safe_url_string

from crawler.decode import decode
from crawler.fetches import Listing, canonical_url
from crawler.sources import Kind, Preset

_CHINA = timezone(timedelta(hours=8))
#: Blocks that hold one row of a list, for links that no selector has put in a row.
_BLOCK = "ancestor::*[self::li or self::tr or self::dd or self::dl or self::p][1]"


def read_list(preset: Preset, url: str, body: bytes) -> list[Listing]:
    """Return the articles that a list page names, in its order, each once."""
    rows: dict[str, Listing] = {}
    for row in _READERS[preset.kind](preset, url, body):
        rows.setdefault(row.url, row)
    return list(rows.values())


def _read_html(preset: Preset, url: str, body: bytes) -> Iterator[Listing]:
    text = decode(body).replace("\x00", "")
    page = Selector(text=text, type="html")
    base = get_base_url(text, url)
    wanted = re.compile(preset.item_url or "")
    for link, row in _links(preset, page):
        address = _absolute(base, link.attrib.get("href", ""))
        match = wanted.search(address) if address else None
        if address and match and address != canonical_url(url):
            title = link.attrib.get("title") or "".join(link.css("::text").getall())
            day = _row_day(preset, row) or _day(match.groupdict())
            yield Listing(url=address, title=_clean(title), day=day)


def _links(preset: Preset, page: Selector) -> Iterator[tuple[Selector, Selector]]:
    """Yield (link, row that it stands in)."""
    if preset.list_item is None:
        for link in page.css(preset.link):
            yield link, next(iter(link.xpath(_BLOCK)), link)
        return
    for row in page.css(preset.list_item):
        for link in row.css(preset.link):
            yield link, row


def _row_day(preset: Preset, row: Selector) -> date | None:
    places = row.css(preset.row_date) if preset.row_date else [row]
    text = " ".join("".join(place.css("::text").getall()) for place in places)
    match = re.search(preset.item_date, text)
    return _day(match.groupdict()) if match else None


def _read_feed(_preset: Preset, url: str, body: bytes) -> Iterator[Listing]:
    import feedparser

    # as a stream: feedparser takes plain bytes for a file name first
    feed = feedparser.parse(BytesIO(body), response_headers={"content-location": url})
    for entry in feed.entries:
        address = _absolute(url, entry.get("link", ""))
        if address:
            yield Listing(url=address, title=_clean(entry.get("title", "")), day=_feed_day(entry))


def _feed_day(entry: Mapping[str, Any]) -> date | None:
    moment = entry.get("published_parsed")  # `updated` is another day
    if moment is None:
        return None
    return datetime.fromtimestamp(timegm(moment), UTC).astimezone(_CHINA).date()


_READERS: dict[Kind, Callable[[Preset, str, bytes], Iterator[Listing]]] = {
    "html_list": _read_html,
    "rss": _read_feed,
}


def _absolute(base: str, href: str) -> str | None:
    """Return the canonical web address of a link; None for mail, scripts and what is no address."""
    href = href.strip()
    if not href or href.startswith("#"):
        return None
    try:
        address = safe_url_string(urljoin(base, href))
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        return canonical_url(address)
    except ValueError:  # [ ] or a port that is none
        return None


def _day(groups: Mapping[str, str | None]) -> date | None:
    parts = [groups.get(name) for name in ("y", "m", "d")]
    if None in parts:
        return None
    try:
        return date(*(int(part or 0) for part in parts))
    except ValueError:  # 2023-13-45 is no day
        return None


def _clean(title: str) -> str | None:
    return " ".join(title.split()) or None
