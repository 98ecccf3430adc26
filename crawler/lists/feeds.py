"""Lists made for programs: RSS and Atom, sitemaps, plain lists of addresses."""

import re
import zlib
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from crawler.dates import find_day
from crawler.decode import decode
from crawler.fetches import Listing
from crawler.lists.asking import Ask, ListPage
from crawler.lists.rows import CHINA, absolute, article_address, clean, day_in_address
from crawler.sources import Preset

#: Bytes of an unpacked sitemap at most; the protocol allows 50 MiB.
_LARGEST = 50 * 2**20
#: A character by its number; feedparser fails on numbers that no character has.
_NUMBERED = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def read_feed(preset: Preset, _ask: Ask, url: str, body: bytes, _column: str) -> ListPage:
    """Read a feed; one with entities of its own is refused: they may unfold without an end."""
    if b"<!ENTITY" in body.replace(b"\x00", b""):  # UTF-16 too
        return ListPage(trouble="a feed that defines entities of its own is not read")
    return ListPage(rows=tuple(_feed_rows(preset, url, body)))


def read_sitemap(preset: Preset, ask: Ask, url: str, body: bytes, _column: str) -> ListPage:
    """Read a sitemap, what changed last first; or an index, which names further sitemaps."""
    xml = unpacked(body)
    if xml is None:
        return ListPage(trouble="a packed sitemap that is broken or too large")
    entries = _entries(xml)
    if entries is None:
        return ListPage(trouble="no XML")
    kind, places = entries
    places.sort(key=lambda place: place.get("lastmod", ""), reverse=True)
    if kind == "sitemapindex":
        parts = [absolute(url, place.get("loc", "")) for place in places]
        asks = (replace(ask, url=part, page=ask.page + 1, is_part=True) for part in parts if part)
        return ListPage(is_list=False, more=tuple(asks))
    return ListPage(rows=tuple(_sitemap_rows(preset, url, places)))


def read_addresses(preset: Preset, _ask: Ask, url: str, body: bytes, _column: str) -> ListPage:
    """Read a text with one address a line; what follows it is the title. # begins a comment."""
    return ListPage(rows=tuple(_address_rows(preset, url, decode(body))))


def _feed_rows(preset: Preset, url: str, body: bytes) -> Iterator[Listing]:
    import feedparser

    # as a stream: feedparser takes plain bytes for a file name first
    feed = feedparser.parse(
        BytesIO(_NUMBERED.sub(_known_character, body)), response_headers={"content-location": url}
    )
    for entry in feed.entries:
        address = article_address(preset, url, entry.get("link", ""))
        if address:
            yield Listing(url=address, title=clean(entry.get("title", "")), day=_feed_day(entry))


def _known_character(match: re.Match[bytes]) -> bytes:
    """Return a numbered character as it was written; nothing if there is no such one."""
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    number = int(digits[:9], base)
    is_one = len(digits) < 9 and number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return match[0] if is_one else b""


def _feed_day(entry: Mapping[str, Any]) -> date | None:
    moment = entry.get("published_parsed")  # `updated` is another day
    if moment is None:
        return None
    return datetime.fromtimestamp(timegm(moment), UTC).astimezone(CHINA).date()


def _sitemap_rows(preset: Preset, url: str, places: list[dict[str, str]]) -> Iterator[Listing]:
    for place in places:
        address = article_address(preset, url, place.get("loc", ""))
        if address:
            # `lastmod` is the day of a change, never that of publication
            day = find_day(place.get("publication_date", "")) or day_in_address(preset, address)
            yield Listing(url=address, title=clean(place.get("title", "")), day=day)


def _entries(xml: bytes) -> tuple[str, list[dict[str, str]]] | None:
    """Return (name of the root, texts of each entry by tag); None if it is no XML."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, remove_comments=True
    )
    try:
        root = etree.fromstring(xml.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    entries = []
    for entry in root:
        texts: dict[str, str] = {}
        for element in entry.iter("{*}*"):
            name = _local_name(element.tag)
            if (element.text or "").strip():
                texts.setdefault(name, element.text.strip())
        entries.append(texts)
    return _local_name(root.tag), entries


def _local_name(tag: str) -> str:
    """Return a tag without its namespace; etree's own way fails on what recovery makes of tags."""
    return tag.rpartition("}")[2]


def unpacked(body: bytes) -> bytes | None:
    """Return the XML of a sitemap that may be a .gz file; None if it is broken or too large."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, _LARGEST)
    except zlib.error:
        return None
    return data if unpacker.eof else None


def _address_rows(preset: Preset, url: str, text: str) -> Iterator[Listing]:
    for line in text.splitlines():
        words = line.split(None, 1)
        if words and words[0].startswith(("http://", "https://")):
            address = article_address(preset, url, words[0])
            rest = words[1] if len(words) > 1 else ""
            if address:
                day = day_in_address(preset, address)
                yield Listing(url=address, title=clean(rest), day=day)
