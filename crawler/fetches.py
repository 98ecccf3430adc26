"""What a crawl brings: fetches, rows of lists, pages; and how addresses are written."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from urllib.parse import urldefrag, urlsplit

from crawler.archive import Location

FetchKind = Literal["list", "article", "part", "attachment", "robots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One request and its answer.

    Attributes:
        id: Number in order of arrival; 0 until it is recorded.
        url: Address that was asked for.
        final_url: Canonical address that answered, after redirects.
        source_id: The source.
        kind: list, article, part (a further page of an article), attachment or robots.
        fetched: UTC instant.
        status: HTTP status; None without an answer.
        etag, last_modified: What the server said, to ask again with.
        sha256: Hex digest of the unpacked body; after a 304, or if only counters
            differ, of the body that was known before.
        warc_file, warc_offset: Where the body lies; None if it is not archived.
        items: Of a list the rows that it gave.
        problem: Kind of the problem (see `crawler.health.Problem`); None if all went well.
        detail: One line about the problem.
        list_title, list_date: What the list said about the article.
    """

    url: str
    final_url: str
    source_id: str
    kind: FetchKind
    fetched: datetime
    id: int = 0
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    items: int | None = None
    problem: str | None = None
    detail: str | None = None
    list_title: str | None = None
    list_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A row of a list: an article's address, and the title and day printed beside it."""

    url: str
    title: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One content of one article page, of a further part of one, or of an attachment.

    Attributes:
        url: Canonical address.
        source_id: Source that lists it; of several the first by id.
        sha256: Hex digest of the unpacked body.
        first_fetched: UTC instant when anything was first had from this address.
        fetched: UTC instant when this content was first had.
        location: Where it lies in the archive.
        list_title, list_date: What the list said about it; of an attachment the name on the link.
        parent: Page that links to it, if it is an attachment; of a part the article's first page.
        part: Number of the part, from 2 on; None of a first page and of an attachment.
    """

    url: str
    source_id: str
    sha256: str
    first_fetched: datetime
    fetched: datetime
    location: Location
    list_title: str | None = None
    list_date: date | None = None
    parent: str | None = None
    part: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """The `last` fetch of an address, how often it answered so, and since when."""

    last: Fetch
    tries: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A content of a page that the archive holds since `fetched`."""

    location: Location
    url: str
    sha256: str
    fetched: datetime


def canonical_url(url: str) -> str:
    """Return an address as articles are named by: no fragment, host in lower case, no usual port.

    >>> canonical_url("HTTP://Example.CN:80/a.html#top")
    'http://example.cn/a.html'
    """
    parts = urlsplit(urldefrag(url).url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    netloc = host if parts.port in (None, usual) else f"{host}:{parts.port}"
    return parts._replace(netloc=netloc, path=parts.path or "/").geturl()


def host_of(url: str) -> str:
    """Return `host:port` of an address."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or {'https': 443}.get(parts.scheme, 80)}"


def listings_json(rows: Iterable[Listing]) -> bytes:
    """Return rows as they are kept in the archive."""
    values = [[row.url, row.title, row.day.isoformat() if row.day else None] for row in rows]
    return json.dumps(values, ensure_ascii=False).encode()


def parse_listings(data: bytes) -> list[Listing]:
    """Return the rows that `listings_json` wrote."""
    return [
        Listing(url=url, title=title, day=date.fromisoformat(day) if day else None)
        for url, title, day in json.loads(data)
    ]
