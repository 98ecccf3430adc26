"""The spider: walks the lists, fetches what is new, asks again for the newest that it knows."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import Record
from crawler.challenge import find_challenge
from crawler.fetches import Fetch, FetchKind, Listing, canonical_url, host_of, listings_json
from crawler.settings import REASKED, allowed_pairs
from crawler.sources import Source
from crawler.spiders.guard import Challenged, Forbidden, NoRobots, Refused, Skipped
from crawler.spiders.keeper import Keeper
from crawler.spiders.lists import read_list

#: How long a host that has shown a test for robots is left alone.
_BACK_OFF = timedelta(days=1)


@dataclass(slots=True)
class Walk:
    """One reading of a source's lists, page after page.

    Attributes:
        source: The source.
        was_done: Whether the walk before this one got to its end: then known rows end this one.
        page: Page that is being read, from 1.
        base: Number of page 2 in the addresses.
        is_shifted: Whether the other numbering has been tried.
        seen: Articles that this walk has met.
    """

    source: Source
    was_done: bool
    base: int
    page: int = 1
    is_shifted: bool = False
    seen: set[str] = field(default_factory=set)

    def page_url(self) -> str:
        """Return the address of the page."""
        if self.page == 1 or self.source.preset.pages is None:
            return self.source.url
        number = str(self.base + self.page - 2)
        return urljoin(self.source.url, self.source.preset.pages.replace("{n}", number))


class ColumnSpider(Spider):
    """Collects all sources; what it fetches goes to the keeper, and nowhere else."""

    name = "columns"

    def __init__(self, sources: Sequence[Source], keeper: Keeper, **more: Any) -> None:
        super().__init__(**more)
        self._sources = sources
        self._keeper = keeper
        self._ledger = keeper.ledger
        self._asked: set[str] = set()
        #: host:port of hosts that are left alone, for a test for robots.
        self.challenged = self._ledger.challenged_hosts(datetime.now(UTC) - _BACK_OFF)
        #: Whether `start` got to its end: Scrapy only logs it if not.
        self.has_started = False

    async def start(self) -> AsyncIterator[Request]:
        """Yield each source's first list page, what is still to be had, and the newest known."""
        for source in self._sources:
            was_done = self._ledger.begin_walk(source.id, repr(source.preset))
            walk = Walk(source=source, was_done=was_done, base=source.preset.page_base)
            yield self._ask_list(walk)
        self._keeper.commit()
        for source in self._sources:
            rows = [
                *self._ledger.pending(source.id),
                *self._ledger.newest_listings(source.id, REASKED),
            ]
            for row in rows:
                known = self._ledger.latest(row.url)
                if known is None or known.problem != "too_large":
                    for request in self._ask_article(source, row):
                        yield request
        self.has_started = True

    # --- lists ----------------------------------------------------------------------------------

    def _ask_list(self, walk: Walk) -> Request:
        known = self._ledger.latest(walk.page_url()) if walk.page == 1 and walk.was_done else None
        return Request(
            walk.page_url(),
            headers=_conditions(known),
            meta=_meta(walk.source),
            callback=self._read_list,
            errback=self._fail_list,
            cb_kwargs={"walk": walk},
            priority=10,
            dont_filter=True,
        )

    def _read_list(self, response: Response, walk: Walk) -> Iterator[Request]:
        fetch = self._judge(response, walk.page_url(), walk.source.id, "list")
        if fetch.status == 304:
            self._ledger.end_walk(walk.source.id)
            self._keeper.keep(fetch)
        elif fetch.problem is not None:
            yield from self._miss_page(fetch, walk)
        else:
            yield from self._read_rows(response, fetch, walk)

    def _read_rows(self, response: Response, fetch: Fetch, walk: Walk) -> Iterator[Request]:
        source = walk.source
        rows = read_list(source.preset, response.url, response.body)
        fetch = replace(fetch, items=len(rows))
        if walk.page == 1 and len(rows) < source.min_items:
            detail = f"{len(rows)} rows, at least {source.min_items} expected"
            fetch = replace(fetch, problem="no_rows", detail=detail)
        new = self._ledger.add_listings(source.id, rows)
        if new:
            self._keeper.archive(_listing_record(fetch, new))
        self._keeper.keep(fetch)
        for row in rows:
            if not self._ledger.is_settled(row.url):
                yield from self._ask_article(source, row)
        fresh = {row.url for row in rows} - walk.seen
        walk.seen |= fresh
        if not fresh:
            yield from self._try_other_numbers(walk)
        elif fetch.problem is None and (new or not walk.was_done):
            yield from self._turn_page(walk)
        elif fetch.problem is None:
            self._ledger.end_walk(source.id)

    def _miss_page(self, fetch: Fetch, walk: Walk) -> Iterator[Request]:
        """A list page that did not come: past the first, 404 is the end of the list."""
        if walk.page > 1 and fetch.problem == "not_found":
            self._keeper.keep(replace(fetch, problem=None))
            yield from self._try_other_numbers(walk)
        else:
            self._keeper.keep(fetch)

    def _turn_page(self, walk: Walk) -> Iterator[Request]:
        if walk.source.preset.pages is None or walk.page >= walk.source.max_pages:
            self._ledger.end_walk(walk.source.id)
            return
        walk.page += 1
        yield self._ask_list(walk)

    def _try_other_numbers(self, walk: Walk) -> Iterator[Request]:
        """Page 2 is missing or page 1 again: some sites count from 2, others from 1."""
        if walk.page != 2 or walk.is_shifted or walk.base not in (1, 2):
            self._ledger.end_walk(walk.source.id)
            return
        walk.is_shifted, walk.base = True, 3 - walk.base
        yield self._ask_list(walk)

    def _fail_list(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        walk: Walk = request.cb_kwargs["walk"]
        self._note_failure(failure, walk.page_url(), walk.source.id, "list")

    # --- articles -------------------------------------------------------------------------------

    def _ask_article(self, source: Source, row: Listing) -> Iterator[Request]:
        if row.url in self._asked:
            return
        self._asked.add(row.url)
        yield Request(
            row.url,
            headers=_conditions(self._ledger.latest(row.url)),
            meta=_meta(source),
            callback=self._read_article,
            errback=self._fail_article,
            cb_kwargs={"asked": row.url},
            dont_filter=True,
        )

    def _read_article(self, response: Response, asked: str) -> None:
        fetch = self._judge(response, asked, response.meta["source_id"], "article")
        if fetch.problem is None and fetch.status != 304:
            fetch = self._archive_page(response, fetch)
        self._keeper.keep(fetch)

    def _archive_page(self, response: Response, fetch: Fetch) -> Fetch:
        digest = sha256(response.body).hexdigest()
        location = self._ledger.find_content(fetch.final_url, digest)
        if location is None:
            record = Record(
                kind="article",
                url=fetch.final_url,
                asked=fetch.url,
                source_id=fetch.source_id,
                fetched=fetch.fetched,
                body=response.body,
                status=response.status,
                headers=_headers(response),
            )
            location = self._keeper.archive(record)
        return replace(fetch, sha256=digest, warc_file=location.file, warc_offset=location.offset)

    def _fail_article(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        asked: str = request.cb_kwargs["asked"]
        self._note_failure(failure, asked, request.meta["source_id"], "article")

    # --- both -----------------------------------------------------------------------------------

    def note_robots(self, url: str, response: Response, source_id: str) -> None:
        """Record that a robots.txt was asked for."""
        fetch = self._judge(response, url, source_id, "robots")
        problem = fetch.problem if fetch.problem == "challenged" else None
        self._keeper.keep(replace(fetch, problem=problem))

    def _judge(self, response: Response, asked: str, source_id: str, kind: FetchKind) -> Fetch:
        """Return the fetch that an answer makes, with its problem; a challenged host is noted."""
        fetch = Fetch(
            url=asked,
            final_url=canonical_url(response.url),
            source_id=source_id,
            kind=kind,
            fetched=datetime.now(UTC),
            status=response.status,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
        )
        if response.status == 304:
            return self._unchanged(fetch)
        challenge = find_challenge(response.status, response.body)
        if challenge:
            self.challenged.add(host_of(response.url))
            return replace(fetch, problem="challenged", detail=challenge)
        if response.status in (404, 410):
            return replace(fetch, problem="not_found", detail=f"HTTP {response.status}")
        if response.status != 200:
            return replace(fetch, problem="http_error", detail=f"HTTP {response.status}")
        return fetch

    def _unchanged(self, fetch: Fetch) -> Fetch:
        """Return the fetch with what the last one knew: a 304 says that it still holds."""
        known = self._ledger.latest(fetch.url)
        if known is None:
            return replace(fetch, problem="http_error", detail="HTTP 304 without a condition")
        return replace(
            known,
            fetched=fetch.fetched,
            status=304,
            source_id=fetch.source_id,
        )

    def _note_failure(self, failure: Failure, asked: str, source_id: str, kind: FetchKind) -> None:
        error: BaseException = failure.value  # type: ignore[assignment]  # never empty here
        if isinstance(error, Skipped):
            return  # its host's challenge is on record; the article stays pending
        request: Request = failure.request  # type: ignore[attr-defined]
        problem, detail = _failure_words(error)
        if problem == "challenged":
            self.challenged.add(host_of(request.url))
        fetch = Fetch(
            url=asked,
            final_url=canonical_url(request.url),
            source_id=source_id,
            kind=kind,
            fetched=datetime.now(UTC),
            problem=problem,
            detail=detail,
        )
        self._keeper.keep(fetch)


def _failure_words(error: BaseException) -> tuple[str, str]:
    """Return (kind of problem, detail) of a request that got no answer to judge."""
    kinds: list[tuple[type[BaseException], str]] = [
        (Forbidden, "forbidden"),
        (Refused, "refused"),
        (Challenged, "challenged"),
        (NoRobots, "unreachable"),
        (DownloadCancelledError, "too_large"),
    ]
    for kind, problem in kinds:
        if isinstance(error, kind):
            return problem, _one_line(error)
    if isinstance(error, IgnoreRequest):  # Scrapy's own: redirects, unpacked size
        return ("too_large" if "MAXSIZE" in str(error) else "http_error"), _one_line(error)
    return "unreachable", f"{type(error).__name__}: {_one_line(error)}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def _listing_record(fetch: Fetch, rows: Sequence[Listing]) -> Record:
    return Record(
        kind="listing",
        url=fetch.final_url,
        asked=fetch.url,
        source_id=fetch.source_id,
        fetched=fetch.fetched,
        body=listings_json(rows),
    )


def _meta(source: Source) -> dict[str, Any]:
    return {"source_id": source.id, "allowed": allowed_pairs(source)}


def _conditions(known: Fetch | None) -> dict[str, str]:
    """Return the headers that ask for a page only if it has changed."""
    if known is None or known.problem not in (None, "no_rows") or known.status not in (200, 304):
        return {}
    pairs = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in pairs.items() if value}


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _headers(response: Response) -> tuple[tuple[str, str], ...]:
    pairs = response.headers.items()
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in pairs
        for value in values
    )
