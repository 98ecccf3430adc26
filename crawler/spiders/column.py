"""The spider: walks the lists, fetches what is new, asks again for the newest that it knows."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import Location, Record, RecordKind
from crawler.article import Attachment
from crawler.attachments import find_documents
from crawler.away import Away
from crawler.challenge import find_challenge
from crawler.changes import is_same_content
from crawler.collect import Share
from crawler.errors import CrawlError
from crawler.fetches import Fetch, FetchKind, Listing, canonical_url, host_of
from crawler.keywords import judge_title
from crawler.partrows import Part
from crawler.parts import MOST_PARTS, first_named, parts_named
from crawler.reasking import due_attachments
from crawler.resting import RESTING, Rest, challenged_at
from crawler.settings import REASKED
from crawler.sources import Source
from crawler.spiders.answers import failure_words, header_of, headers_of
from crawler.spiders.guard import Elsewhere, Skipped, rest_after
from crawler.spiders.keeper import Keeper
from crawler.spiders.retrying import wait_of
from crawler.spiders.walks import ListWalks, conditions, listing_record, request_meta


class ColumnSpider(Spider):
    """Collects all sources; what it fetches goes to the keeper, and nowhere else."""

    name = "columns"

    def __init__(
        self,
        sources: Sequence[Source],
        keeper: Keeper,
        *,
        only_lists: bool = False,
        share: Share | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self._share = share
        wanted = share.articles if share else None
        self._wanted = None if wanted is None else frozenset(wanted)
        #: What was left because its host is another crawl's.
        self.away: list[Away] = []
        self._only_lists = only_lists
        self._lists = ListWalks(self, keeper, only_lists=only_lists)
        self._sources = sources
        self._keeper = keeper
        self._ledger = keeper.ledger
        self._asked: set[str] = set()
        #: host:port -> why it gets no request in this crawl.
        self.at_rest = self._ledger.rests.hosts(datetime.now(UTC))
        if share is not None:
            self.at_rest |= {pair: Rest.from_row(row) for pair, row in share.rests.items()}
        #: (source, host:port) of which it is on record that the host rests, or will be by its list.
        self._resting = {
            (source.id, pair) for source in sources if (pair := host_of(source.url)) in self.at_rest
        }
        #: Whether `start` got to its end: Scrapy only logs it if not.
        self.has_started = False

    async def start(self) -> AsyncIterator[Request]:
        """Yield each source's first list page, what is still to be had, and the newest known."""
        walked = self._share.walked if self._share else None
        for source in self._sources:
            if walked is None or source.id in walked:
                for request in self._lists.begin(source):
                    yield request
        self._keeper.commit()
        for source in [] if self._only_lists else self._sources:
            rows = [
                *self._ledger.pending(source.id),
                *self._ledger.newest_listings(source.id, REASKED),
            ]
            for row in rows:
                known = self._ledger.latest(row.url)
                if self._is_wanted(row.url) and (known is None or known.problem != "too_large"):
                    for request in self.ask_article(source, row):
                        yield request
            for request in self._ask_more(request_meta(source)):
                yield request
        self.has_started = True

    # --- articles -------------------------------------------------------------------------------

    def ask_article(self, source: Source, row: Listing) -> Iterator[Request]:
        """Yield the request for an article, once a crawl; those that the source wants less last."""
        if row.url in self._asked:
            return
        self._asked.add(row.url)
        yield Request(
            row.url,
            headers=conditions(self._ledger.latest(row.url)),
            meta=request_meta(source),
            callback=self._read_article,
            errback=self._fail_article,
            cb_kwargs={"asked": row.url, "row": row},
            priority=-1 if judge_title(source, row.title).is_demoted else 0,
            dont_filter=True,
        )

    def _read_article(self, response: Response, asked: str, row: Listing) -> Iterator[Request]:
        fetch = self.judge(response, asked, response.meta["source_id"], "article")
        part = self._ledger.parts.owner(asked)
        if part is None and fetch.problem is None and fetch.status != 304:
            part = self._find_owner(response, fetch, row)
        yield from self._take(response, fetch, part)
        if part is not None and not self._ledger.is_settled(part.page_url):
            source = next(one for one in self._sources if one.id == fetch.source_id)
            yield from self.ask_article(source, replace(row, url=part.page_url))

    def _take(self, response: Response, fetch: Fetch, part: Part | None) -> Iterator[Request]:
        """Keep a page of an article, and yield requests for the parts and documents it names."""
        files: tuple[Attachment, ...] = ()
        page = part.page_url if part else fetch.final_url
        if fetch.problem is None and fetch.status != 304:
            fetch = replace(fetch, kind="part" if part else "article")
            fetch = self._archive_page(response, fetch, part)
            files = find_documents(response.body, fetch.final_url)
            self._ledger.add_attachments(fetch.source_id, page, files)
            self._note_parts(response, fetch, part)
        self._keeper.keep(fetch)
        for later in self._ledger.parts.of_page(page) if fetch.problem is None else []:
            yield from self._ask_part(later, response.meta)
        for file in files:
            if not self._ledger.is_settled(file.url):
                yield from self._ask_attachment(file.url, response.meta)

    def _ask_more(self, meta: Mapping[str, Any]) -> Iterator[Request]:
        """Yield requests for what a source's articles name and what is due: parts, documents."""
        source_id = meta["source_id"]
        for part in self._ledger.parts.pending(source_id):
            if self._is_wanted(part.url):
                yield from self._ask_part(part, meta)
        files = [row.url for row in self._ledger.pending_attachments(source_id)]
        for url in [*files, *due_attachments(self._ledger, source_id, datetime.now(UTC))]:
            if self._is_wanted(url):
                yield from self._ask_attachment(url, meta)

    def _is_wanted(self, url: str) -> bool:
        """Whether this crawl asks for what no list has named in it."""
        return self._wanted is None or url in self._wanted

    # --- articles on several pages --------------------------------------------------------------

    def _note_parts(self, response: Response, fetch: Fetch, part: Part | None) -> None:
        named = parts_named(response.body, fetch.final_url, part.number if part else 1)
        if part is None and not named:
            self._ledger.parts.forget(fetch.final_url)
        self._ledger.parts.add(fetch.source_id, part.page_url if part else fetch.final_url, named)

    def _find_owner(self, response: Response, fetch: Fetch, row: Listing) -> Part | None:
        """Return which part of an article a page is that a list links to; its first is noted."""
        first = first_named(response.body, fetch.final_url)
        if first is None:
            return None
        address, number = first
        self._ledger.parts.add(fetch.source_id, address, {number: fetch.url})
        new = self._ledger.add_listings(fetch.source_id, [replace(row, url=address)])
        if new:
            self._keeper.archive(listing_record(fetch, new))
        return Part(address, number, fetch.url)

    def _ask_part(self, part: Part, meta: Mapping[str, Any]) -> Iterator[Request]:
        is_wanted = part.number <= MOST_PARTS and self._ledger.parts.is_due(part.url)
        if part.url in self._asked or not is_wanted:
            return
        self._asked.add(part.url)
        yield Request(
            part.url,
            headers=conditions(self._ledger.latest(part.url)),
            meta={name: meta[name] for name in ("source_id", "allowed", "hours")},
            callback=self._read_part,
            errback=self._fail_article,
            cb_kwargs={"asked": part.url, "kind": "part", "part": part},
            priority=1,  # an article that was begun is had whole
            dont_filter=True,
        )

    def _read_part(
        self, response: Response, asked: str, kind: FetchKind, part: Part
    ) -> Iterator[Request]:
        fetch = self.judge(response, asked, response.meta["source_id"], kind)
        before = {one.url for one in self._ledger.parts.of_page(part.page_url)} - {asked}
        if fetch.problem is None and fetch.final_url in {part.page_url, *before}:
            detail = f"leads to {fetch.final_url}"
            fetch = replace(fetch, sha256=None, problem="not_found", detail=detail)
        yield from self._take(response, fetch, part)

    # --- documents ------------------------------------------------------------------------------

    def _ask_attachment(self, url: str, meta: Mapping[str, Any]) -> Iterator[Request]:
        if url in self._asked:
            return
        self._asked.add(url)
        yield Request(
            url,
            headers=conditions(self._ledger.latest(url)),
            meta={name: meta[name] for name in ("source_id", "allowed", "hours")},
            callback=self._read_attachment,
            errback=self._fail_article,
            cb_kwargs={"asked": url, "kind": "attachment"},
            priority=-2,
            dont_filter=True,
        )

    def _read_attachment(self, response: Response, asked: str, kind: FetchKind) -> None:
        fetch = self.judge(response, asked, response.meta["source_id"], kind)
        if fetch.problem is None and fetch.status != 304:
            fetch = self._archive_page(response, fetch)
        self._keeper.keep(fetch)

    def _archive_page(self, response: Response, fetch: Fetch, part: Part | None = None) -> Fetch:
        """Return the fetch with the place of its content: the last one's if that says the same.

        Content that a page had before its last one is archived again: the newest record of a page
        is what it says now.
        """
        known = self._ledger.newest_content(fetch.final_url)
        if known is None or not self._is_same(response, fetch, known):
            record = Record(
                kind=_record_kind(fetch, part),
                url=fetch.final_url,
                asked=fetch.url,
                source_id=fetch.source_id,
                fetched=fetch.fetched,
                body=response.body,
                status=response.status,
                headers=headers_of(response),
                part=(part.page_url, part.number) if part else None,
            )
            known = sha256(response.body).hexdigest(), self._keeper.archive(record)
        digest, location = known
        return replace(fetch, sha256=digest, warc_file=location.file, warc_offset=location.offset)

    def _is_same(self, response: Response, fetch: Fetch, known: tuple[str, Location]) -> bool:
        """Whether a page says what its known content says, save for counters."""
        if known[0] == sha256(response.body).hexdigest():
            return True
        if fetch.kind == "attachment":
            return False
        try:
            old = self._keeper.read(known[1])
        except CrawlError:  # damaged: the page is kept anew, and the reading tells of the damage
            return False
        return is_same_content(old, response.body)

    def _fail_article(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        asked: str = request.cb_kwargs["asked"]
        kind: FetchKind = request.cb_kwargs.get("kind", "article")
        self.note_failure(failure, asked, request.meta["source_id"], kind)

    # --- both -----------------------------------------------------------------------------------

    def note_robots(self, url: str, response: Response, source_id: str) -> None:
        """Record that a robots.txt was asked for."""
        fetch = self.judge(response, url, source_id, "robots")
        problem = fetch.problem if fetch.problem in RESTING else None
        self._keeper.keep(replace(fetch, problem=problem))

    def judge(self, response: Response, asked: str, source_id: str, kind: FetchKind) -> Fetch:
        """Return the fetch that an answer makes, with its problem; a host to rest is noted."""
        fetch = Fetch(
            url=asked,
            final_url=canonical_url(response.url),
            source_id=source_id,
            kind=kind,
            fetched=datetime.now(UTC),
            status=response.status,
            etag=header_of(response, "ETag"),
            last_modified=header_of(response, "Last-Modified"),
        )
        if response.status == 304:
            return self._unchanged(fetch)
        rest = rest_after(response, response.body)
        if rest is not None:
            return self._resting_fetch(response, fetch, rest)
        if response.status in (404, 410):
            return replace(fetch, problem="not_found", detail=f"HTTP {response.status}")
        if response.status != 200:
            return replace(fetch, problem="http_error", detail=f"HTTP {response.status}")
        return fetch

    def _resting_fetch(self, response: Response, fetch: Fetch, rest: Rest) -> Fetch:
        """Return the fetch after which a host gets no request any more."""
        pair = host_of(response.url)
        self.at_rest[pair] = rest
        self._resting.add((fetch.source_id, pair))
        if rest.kind == "challenged":
            detail = find_challenge(response.status, response.body)
        else:
            self._ledger.rests.add(pair, rest)
            detail = f"HTTP {response.status}, asks to be left alone for {wait_of(response):.0f} s"
        return replace(fetch, problem=rest.kind, detail=detail)

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

    def note_failure(self, failure: Failure, asked: str, source_id: str, kind: FetchKind) -> None:
        """Record a request that got no answer to judge, or was not made and must be told."""
        error: BaseException = failure.value  # type: ignore[assignment]  # never empty here
        request: Request = failure.request  # type: ignore[attr-defined]
        pair = host_of(request.url)
        if isinstance(error, Elsewhere):
            self._leave(request, error, None if kind == "list" else asked, source_id)
        if isinstance(error, Skipped) and not self._is_told(error, pair, source_id, kind):
            return  # what was not asked for stays pending
        problem, detail = failure_words(error)
        if problem in RESTING:
            self._resting.add((source_id, pair))
            self.at_rest.setdefault(pair, challenged_at(datetime.now(UTC)))
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

    def _leave(self, request: Request, error: Elsewhere, asked: str | None, source_id: str) -> None:
        """Note what is not asked for because it takes a host of another crawl."""
        led = [request.url, *request.meta.get("redirect_urls", ())]
        hosts = {error.host, *(host_of(url).rpartition(":")[0] for url in led)}
        is_known = asked is not None and self._ledger.latest(asked) is not None
        self.away.append(
            Away(source_id=source_id, url=asked, hosts=tuple(sorted(hosts)), is_known=is_known)
        )

    def _is_told(self, error: Skipped, pair: str, source_id: str, kind: FetchKind) -> bool:
        """Whether it is recorded that a page was not asked for: each list, else one of a source."""
        is_first = kind == "article" and (source_id, pair) not in self._resting
        return error.rest is not None and (kind == "list" or is_first)


def _record_kind(fetch: Fetch, part: Part | None) -> RecordKind:
    if fetch.kind == "attachment":
        return "attachment"
    return "part" if part else "article"
