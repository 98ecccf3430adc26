"""From an archived page to the report of its article: the second step, apart from the crawl."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from crawler.archive import Archive
from crawler.article import Article, article_id
from crawler.attachments import read_attachment
from crawler.documents import DocumentError
from crawler.joining import join_parts
from crawler.ledger import Page
from crawler.ocr import ScanReader
from crawler.page import PageError, read_page
from crawler.parts import MOST_PARTS, parts_named
from extract import read_facts
from extract.models import RULES
from store import Failure, PageRead
from summarize.stories import Report

#: Days are days in China; it has had one zone, without summer time, since 1991.
CHINA = timezone(timedelta(hours=8))
#: Failures that a person can do nothing about here and now: told, but the run is not partly failed.
EXPECTED = frozenset({"needs_ocr", "unread_format", "incomplete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """Parts that an article on several pages lacks, by number; `why` says it of each."""

    source_id: str
    url: str
    parts: Mapping[int, str]
    why: Sequence[str]

    @property
    def failure(self) -> Failure:
        """Return what is told of it: the article is there, but not all of it."""
        message = f"{self.url}: {'; '.join(self.why)}; its text is short of that"
        return Failure(subject=self.url, stage="read", kind="incomplete", message=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRead:
    """What came of some pages.

    Attributes:
        pages: Their addresses.
        reports, failures: What could be read of them, and what not.
        outcomes: Which content of which page was read.
        lacking: Articles whose further parts are not there.
    """

    pages: Sequence[str]
    reports: Sequence[Report]
    failures: Sequence[Failure]
    outcomes: Sequence[PageRead]
    lacking: Sequence[Lacking]


class PageReader:
    """Reads pages and their attachments from the archive.

    `newest` is the newest content of each page by address: an attachment is read with its page,
    the parts of an article with its first. What articles lack is in `lacking`, by address.
    Scanned pages are read by `scans`, if given; people and organizations are found by the model
    `names`.
    """

    def __init__(
        self,
        archive: Archive,
        newest: Mapping[str, Page],
        *,
        scans: ScanReader | None = None,
        names: str = RULES,
    ) -> None:
        self._archive = archive
        self._newest = newest
        self._parts: defaultdict[str, dict[int, Page]] = defaultdict(dict)
        for page in newest.values():
            if page.parent is not None and page.part is not None:
                self._parts[page.parent][page.part] = page
        self.lacking: dict[str, Lacking] = {}
        self._scans = scans
        self._names = names

    def pages_of(self, page: Page) -> list[Page]:
        """Return all pages of the article that begins on `page`."""
        parts = self._parts.get(page.url, {}) if page.part is None else {}
        return [page, *(parts[number] for number in sorted(parts))]

    def report(self, page: Page) -> Report | Failure:
        """Return the report of one page; whatever goes wrong with it stays with it."""
        data = self._archive.read_record(page.location)
        try:
            article = self._attachment(page, data) if page.parent else self._whole(page, data)
            facts = read_facts(article, names=self._names)
        except (PageError, DocumentError) as error:
            return Failure(subject=page.url, stage="read", kind=error.kind, message=str(error))
        except Exception as error:  # noqa: BLE001 - one bad article is a row, never a lost run
            message = f"{type(error).__name__}: {error}"
            return Failure(subject=page.url, stage="read", kind="bug", message=message)
        return Report(article=article, facts=facts, first_seen=china_day(page.first_fetched))

    def _whole(self, page: Page, data: bytes) -> Article:
        """Return the article that begins on a page, with its other parts."""
        articles, had = [_article(page, data)], self._parts.get(page.url, {})
        named = parts_named(data, page.url)
        lost: dict[int, str] = {}
        for number in range(2, MOST_PARTS + 1):
            if number > max(named, default=1):
                break
            part = had.get(number)
            if part is None:
                lost[number] = f"part {number} is not there ({named.get(number, 'not named')})"
                continue
            data = self._archive.read_record(part.location)
            named |= parts_named(data, part.url, number)
            try:
                articles.append(_article(part, data))
            except PageError as error:
                lost[number] = f"part {number} cannot be read ({error})"
        if max(named, default=1) > MOST_PARTS:
            lost[MOST_PARTS + 1] = f"it goes on after part {MOST_PARTS}, the last that is read"
        if lost:
            parts = {number: named[number] for number in lost if number in named}
            self.lacking[page.url] = Lacking(
                source_id=page.source_id, url=page.url, parts=parts, why=list(lost.values())
            )
        return join_parts(articles)

    def _attachment(self, page: Page, data: bytes) -> Article:
        parent = self._newest.get(page.parent or "")
        article = read_attachment(
            data,
            url=page.url,
            name=page.list_title,
            page=self._parent(parent, page),
            scans=self._scans,
        )
        return replace(article, fetched=page.fetched)

    def _parent(self, parent: Page | None, page: Page) -> Article:
        """Return the page that links to an attachment; as the list tells it if it has no text."""
        if parent is not None:
            try:
                return _article(parent, self._archive.read_record(parent.location))
            except PageError:  # its own failure: a page may be nothing but its attachments
                pass
        return Article(
            id=article_id(page.parent or page.url),
            text="",
            body=(0, 0),
            lang="other",
            sha256="",
            title=parent.list_title if parent else None,
            published=parent.list_date if parent else None,
            published_from="list" if parent and parent.list_date else None,
        )


def read_batch(
    reader: PageReader,
    pages: Sequence[Page],
    version: str,
    *,
    report: Callable[[Page], Report | Failure] | None = None,
) -> BatchRead:
    """Return what comes of pages; `report` stands between the reader and each of them."""
    reports: list[Report] = []
    failures: list[Failure] = []
    outcomes: list[PageRead] = []
    for page in pages:
        made = (report or reader.report)(page)
        if isinstance(made, Failure):
            failures.append(made)
        else:
            reports.append(made)
        if page.url in reader.lacking:
            failures.append(reader.lacking[page.url].failure)
        article = None if isinstance(made, Failure) else made.article.id
        outcomes += [
            PageRead(url=one.url, sha256=one.sha256, version=version, article_id=article)
            for one in reader.pages_of(page)
        ]
    urls = [page.url for page in pages]
    lacking = [reader.lacking[url] for url in urls if url in reader.lacking]
    return BatchRead(
        pages=urls, reports=reports, failures=failures, outcomes=outcomes, lacking=lacking
    )


def _article(page: Page, data: bytes) -> Article:
    return read_page(
        data,
        url=page.url,
        fetched=page.fetched,
        list_title=page.list_title,
        list_date=page.list_date,
    )


def china_day(instant: datetime) -> date:
    """Return the day in China of an aware instant."""
    return instant.astimezone(CHINA).date()
