"""The walks through the lists: page after page, as far as there is something new."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode, urlsplit
from urllib.request import url2pathname

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import Record
from crawler.browsing import has_browser
from crawler.fetches import Fetch, FetchKind, Listing, listings_json
from crawler.keywords import judge_title
from crawler.lists import Ask, ListPage, first_ask, other_numbering, read_list
from crawler.settings import allowed_pairs
from crawler.sources import Source
from crawler.spiders.keeper import Keeper

#: Pages that only lead to lists (indexes of sitemaps, pages with parameters) at most in a walk.
_LEADS = 20


class Collector(Protocol):
    """What a walk asks of the spider."""

    def judge(self, response: Response, asked: str, source_id: str, kind: FetchKind) -> Fetch:
        """Return the fetch that an answer makes."""

    def note_failure(self, failure: Failure, asked: str, source_id: str, kind: FetchKind) -> None:
        """Record a request that got no answer."""

    def ask_article(self, source: Source, row: Listing) -> Iterator[Request]:
        """Yield the request for an article, once a crawl."""


@dataclass(slots=True)
class Walk:
    """One reading of a source's lists.

    Attributes:
        source: The source.
        was_done: Whether the walk before this one got to its end: then known rows end this one.
        waiting: Pages to ask for.
        asked: Names of the pages that were asked for.
        pages: Lists that were read.
        seen: Articles that this walk has met.
        missed: Lists that did not come, or could not be read: then the walk is not done.
        unchanged: Lists that are as they were.
        first: What the first page came to.
    """

    source: Source
    was_done: bool
    waiting: deque[Ask] = field(default_factory=deque)
    asked: set[str] = field(default_factory=set)
    pages: int = 0
    seen: set[str] = field(default_factory=set)
    missed: int = 0
    unchanged: int = 0
    first: Fetch | None = None

    def name_of(self, ask: Ask) -> str:
        """Return the name of a page in the ledger: up to the first list it is the source's own."""
        return ask.name if self.pages else self.source.url

    def has_room(self) -> bool:
        """Whether more lists and articles may be taken."""
        return (
            self.pages < self.source.max_pages
            and len(self.asked) < self.source.max_pages + _LEADS
            and len(self.seen) < self.source.max_items
        )


class ListWalks:
    """Walks the lists of all sources of a crawl; the articles go to the spider."""

    def __init__(self, spider: Collector, keeper: Keeper, *, only_lists: bool = False) -> None:
        self._spider = spider
        self._keeper = keeper
        self._ledger = keeper.ledger
        self._only_lists = only_lists

    def begin(self, source: Source) -> Iterator[Request]:
        """Yield the request for the first page of a source's list; of a file, for its articles."""
        was_done = self._ledger.begin_walk(source.id, repr(source.preset))
        walk = Walk(source=source, was_done=was_done)
        if source.url.startswith("file:"):
            yield from self._read_file(walk)
            return
        if source.browser and not has_browser():
            fetch = _fetch_of(source)
            self._keeper.keep(replace(fetch, problem="no_browser"))
            return
        walk.waiting.append(first_ask(source))
        yield from self._go_on(walk)

    # --- asking ---------------------------------------------------------------------------------

    def _go_on(self, walk: Walk) -> Iterator[Request]:
        """Yield the request for the next page that was not asked for; else end the walk."""
        while walk.waiting and walk.has_room():
            ask = walk.waiting.popleft()
            if ask.name not in walk.asked:
                walk.asked.add(ask.name)
                yield self._request(walk, ask)
                return
        self._end(walk)

    def _request(self, walk: Walk, ask: Ask) -> Request:
        name = walk.name_of(ask)
        may_ask_if = walk.was_done and ask.is_plain and (walk.pages == 0 or ask.is_part)
        headers = conditions(self._ledger.latest(name)) if may_ask_if else {}
        body, content_type = _payload(ask)
        if content_type:
            headers["Content-Type"] = content_type
        if ask.referer:
            headers["Referer"] = ask.referer
        return Request(
            ask.url,
            method="GET" if ask.is_plain else "POST",
            headers=headers,
            body=body,
            meta={**request_meta(walk.source), **_browser_meta(walk.source)},
            callback=self._read,
            errback=self._fail,
            cb_kwargs={"walk": walk, "ask": ask},
            priority=10,
            dont_filter=True,
        )

    def _end(self, walk: Walk) -> None:
        """Note that the lists were read as far as they need to be; or that there was none."""
        first = walk.first
        is_few = len(walk.seen) < walk.source.min_items and not walk.unchanged
        if first is not None and first.items is None and is_few and not walk.missed:
            detail = _too_few(len(walk.seen), walk.source)
            self._keeper.keep(replace(first, problem="no_rows", detail=detail))
        if not walk.missed:
            self._ledger.end_walk(walk.source.id)

    # --- reading --------------------------------------------------------------------------------

    def _read(self, response: Response, walk: Walk, ask: Ask) -> Iterator[Request]:
        fetch = self._spider.judge(response, walk.name_of(ask), walk.source.id, "list")
        if fetch.status == 304 and fetch.problem is None:
            self._keeper.keep(fetch)
            walk.unchanged += 1
            yield from self._go_on(walk) if ask.is_part else self._finish(walk)
        elif fetch.problem is not None:
            yield from self._miss(fetch, walk, ask)
        else:
            page = read_list(walk.source, ask, response.url, response.body)
            yield from self._take(page, fetch, walk, ask)

    def _read_file(self, walk: Walk) -> Iterator[Request]:
        source = walk.source
        path = Path(url2pathname(urlsplit(source.url).path))
        fetch = _fetch_of(source)
        if not path.is_file():
            detail = f"no file {path.name} beside the watchlist"
            self._keeper.keep(replace(fetch, problem="not_found", detail=detail))
            return
        ask = first_ask(source)
        page = read_list(source, ask, source.url, path.read_bytes())
        yield from self._take(page, fetch, walk, ask)

    def _take(self, page: ListPage, fetch: Fetch, walk: Walk, ask: Ask) -> Iterator[Request]:
        if not page.is_list:
            yield from self._follow_lead(page, fetch, walk)
            return
        source = walk.source
        is_first = walk.pages == 0
        walk.pages += 1
        rows = self._within(page.rows, walk)
        fetch = replace(fetch, items=len(page.rows))
        if detail := _row_problem(page, walk, ask):
            fetch = replace(fetch, problem="no_rows", detail=detail)
        if len(walk.asked) > 1 and is_first:  # found by way of another page: that one is asked
            fetch = replace(fetch, etag=None, last_modified=None)
        new = self._ledger.add_listings(source.id, rows)
        if new:
            self._keeper.archive(listing_record(fetch, new))
        self._keeper.keep(fetch)
        walk.first = walk.first or fetch
        yield from self._ask_articles(source, rows)
        fresh = {row.url for row in rows} - walk.seen
        walk.seen |= fresh
        if fetch.problem is not None:
            walk.missed += 1
        yield from self._choose_next(page, walk, ask, has_fresh=bool(fresh), has_new=bool(new))

    def _choose_next(
        self, page: ListPage, walk: Walk, ask: Ask, *, has_fresh: bool, has_new: bool
    ) -> Iterator[Request]:
        if self._only_lists and walk.seen:
            return  # one page tells how the list stands
        if ask.is_part:
            yield from self._go_on(walk)
        elif not has_fresh:
            yield from self._try_other_numbers(walk, ask)
        elif not walk.missed and (has_new or not walk.was_done):
            walk.waiting.extend(page.more)
            yield from self._go_on(walk)
        else:
            yield from self._finish(walk)

    def _follow_lead(self, page: ListPage, fetch: Fetch, walk: Walk) -> Iterator[Request]:
        """Ask for what a page leads to; it must be had anew each time, whatever its ETag."""
        fetch = replace(fetch, etag=None, last_modified=None)
        if not page.more:
            walk.missed += 1
            detail = page.trouble or "it names no list"
            fetch = replace(fetch, problem="no_rows", detail=detail)
        self._keeper.keep(fetch)
        walk.first = walk.first or fetch
        walk.waiting.extend(page.more)
        yield from self._go_on(walk)

    def _ask_articles(self, source: Source, rows: Sequence[Listing]) -> Iterator[Request]:
        ordered = sorted(rows, key=lambda row: judge_title(source, row.title).is_demoted)
        for row in ordered:
            if not self._only_lists and not self._ledger.is_settled(row.url):
                yield from self._spider.ask_article(source, row)

    def _within(self, rows: Sequence[Listing], walk: Walk) -> Sequence[Listing]:
        """Return the rows that `max_items` leaves room for."""
        known = [row for row in rows if row.url in walk.seen]
        fresh = [row for row in rows if row.url not in walk.seen]
        return [*known, *fresh[: walk.source.max_items - len(walk.seen)]]

    # --- what does not come ---------------------------------------------------------------------

    def _miss(self, fetch: Fetch, walk: Walk, ask: Ask) -> Iterator[Request]:
        """A list page that did not come: past the first, 404 is the end of the list."""
        if walk.pages and not ask.is_part and fetch.problem == "not_found":
            self._keeper.keep(replace(fetch, problem=None))
            yield from self._try_other_numbers(walk, ask)
            return
        self._keeper.keep(fetch)
        walk.missed += 1
        if ask.is_part:
            yield from self._go_on(walk)

    def _try_other_numbers(self, walk: Walk, ask: Ask) -> Iterator[Request]:
        """Page 2 is missing or page 1 again: some sites count from 2, others from 1."""
        other = other_numbering(walk.source, ask)
        if other is not None:
            walk.waiting.append(other)
            yield from self._go_on(walk)
        else:
            yield from self._finish(walk)

    def _finish(self, walk: Walk) -> Iterator[Request]:
        walk.waiting.clear()
        return self._go_on(walk)

    def _fail(self, failure: Failure) -> Iterator[Request]:
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        walk: Walk = request.cb_kwargs["walk"]
        ask: Ask = request.cb_kwargs["ask"]
        self._spider.note_failure(failure, walk.name_of(ask), walk.source.id, "list")
        walk.missed += 1
        if ask.is_part:
            yield from self._go_on(walk)


def request_meta(source: Source) -> dict[str, object]:
    """Return what the guard wants to know of a request: who asks, and what that one may ask."""
    return {"source_id": source.id, "allowed": allowed_pairs(source), "hours": source.hours}


def _browser_meta(source: Source) -> dict[str, object]:
    """Return what the browser wants to know, if the source needs one."""
    if not source.browser:
        return {}
    return {"playwright": True, "wait_for": source.preset.list_item}


def _fetch_of(source: Source) -> Fetch:
    """Return a fetch of a list for which no request is made."""
    return Fetch(
        url=source.url,
        final_url=source.url,
        source_id=source.id,
        kind="list",
        fetched=datetime.now(UTC),
    )


def conditions(known: Fetch | None) -> dict[str, str]:
    """Return the headers that ask for a page only if it has changed."""
    if known is None or known.problem not in (None, "no_rows") or known.status not in (200, 304):
        return {}
    pairs = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in pairs.items() if value}


def _payload(ask: Ask) -> tuple[bytes, str | None]:
    """Return (body, content type) of a request."""
    if ask.form is not None:
        return urlencode(ask.form).encode(), "application/x-www-form-urlencoded"
    if ask.json_body is not None:
        return ask.json_body.encode(), "application/json"
    return b"", None


def _row_problem(page: ListPage, walk: Walk, ask: Ask) -> str | None:
    """Return what is wrong with the rows of a list, in one line."""
    if page.trouble:
        return page.trouble
    if walk.pages == 1 and not ask.is_part and len(page.rows) < walk.source.min_items:
        return _too_few(len(page.rows), walk.source)
    return None


def _too_few(count: int, source: Source) -> str:
    return f"{count} rows, at least {source.min_items} expected"


def listing_record(fetch: Fetch, rows: Sequence[Listing]) -> Record:
    """Return what the archive keeps of new rows that a page has named."""
    return Record(
        kind="listing",
        url=fetch.final_url,
        asked=fetch.url,
        source_id=fetch.source_id,
        fetched=fetch.fetched,
        body=listings_json(rows),
    )
