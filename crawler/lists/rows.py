"""Rows of lists: links, titles and days, however a page writes them."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import parse_qs, urljoin, urlsplit

from parsel import Selector
from w3lib.html import get_base_url
from w3lib.url import safe_url_string

from crawler.dates import find_day
from crawler.fetches import Listing, canonical_url
from crawler.sources import Preset

CHINA = timezone(timedelta(hours=8))
#: Blocks that hold one row of a list, for links that no selector has put in a row.
_BLOCK = "ancestor::*[self::li or self::tr or self::dd or self::dl or self::p][1]"
#: Characters that no name in a page may have: lxml reads them and then cannot give them out.
_CONTROL = dict.fromkeys(set(range(32)) - {9, 10, 12, 13})
_NUMBER = re.compile(r"\d{9,14}(?:\.\d+)?")


def html_rows(
    preset: Preset, url: str, text: str, *, is_one_row: bool = False
) -> Iterator[Listing]:
    """Yield the articles that a page links to; `text` may be the piece of it that is one row."""
    text = text.translate(_CONTROL)
    page = Selector(text=text or "<html/>", type="html")
    base = get_base_url(text, url)
    days: dict[object, date | None] = {}  # a row may hold any number of links
    for link, row in _links(preset, page):
        address = article_address(preset, base, link.attrib.get("href", ""))
        if address and address != canonical_url(url):
            title = link.attrib.get("title") or "".join(link.css("::text").getall())
            place = page if is_one_row else row
            if place.root not in days:
                days[place.root] = _row_day(preset, place)
            day = days[place.root] or day_in_address(preset, address)
            yield Listing(url=address, title=clean(title), day=day)


def article_address(preset: Preset, base: str, href: str) -> str | None:
    """Return the address behind a link if it is one of an article."""
    address = absolute(base, href)
    if address and preset.link_param:  # a search's counter of clicks stands before the address
        inner = parse_qs(urlsplit(address).query).get(preset.link_param)
        address = absolute(base, inner[0]) if inner else address
    return address if address and re.search(preset.item_url or "", address) else None


def absolute(base: str, href: str) -> str | None:
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


def day_in_address(preset: Preset, address: str) -> date | None:
    """Return the day that the preset finds in the address of an article."""
    match = re.search(preset.item_url or "", address)
    return day_of(match.groupdict()) if match else None


def day_in_text(preset: Preset, text: str) -> date | None:
    """Return the day printed in the text of a row."""
    match = re.search(preset.item_date, text)
    return day_of(match.groupdict()) if match else None


def day_of(groups: Mapping[str, str | None]) -> date | None:
    """Return the day of the groups y, m and d; None if one is missing or there is no such day."""
    parts = [groups.get(name) for name in ("y", "m", "d")]
    if None in parts:
        return None
    try:
        return date(*(int(part or 0) for part in parts))
    except ValueError:  # 2023-13-45 is no day
        return None


def day_of_value(preset: Preset, value: object) -> date | None:
    """Return the day that a value of JSON means: text, or seconds or milliseconds since 1970."""
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        return day_in_text(preset, text) or find_day(text)
    moment = float(text)
    try:
        seconds = moment / 1000 if moment >= 1e11 else moment
        return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).date()
    except (ValueError, OverflowError, OSError):  # beyond the calendar
        return None


def clean(title: str) -> str | None:
    """Return a title on one line; None if nothing is left."""
    return " ".join(title.split()) or None


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
    return day_in_text(preset, " ".join("".join(p.css("::text").getall()) for p in places))
