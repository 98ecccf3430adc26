"""From an archived page to the report of its article: the second step, apart from the crawl."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from crawler.archive import Archive
from crawler.article import Article, article_id
from crawler.attachments import read_attachment
from crawler.documents import DocumentError
from crawler.ledger import Page
from crawler.page import PageError, read_page
from extract import read_facts
from store import Failure
from summarize.stories import Report

#: Days are days in China; it has had one zone, without summer time, since 1991.
CHINA = timezone(timedelta(hours=8))
#: Failures that a person can do nothing about here and now: told, but the run is not partly failed.
EXPECTED = frozenset({"needs_ocr", "unread_format"})


class PageReader:
    """Reads pages and their attachments from the archive.

    `newest` is the newest content of each page by address: an attachment is read with its page.
    """

    def __init__(self, archive: Archive, newest: Mapping[str, Page]) -> None:
        self._archive = archive
        self._newest = newest

    def report(self, page: Page) -> Report | Failure:
        """Return the report of one page; whatever goes wrong with it stays with it."""
        data = self._archive.read_record(page.location)
        try:
            article = self._attachment(page, data) if page.parent else _article(page, data)
            facts = read_facts(article)
        except (PageError, DocumentError) as error:
            return Failure(subject=page.url, stage="read", kind=error.kind, message=str(error))
        except Exception as error:  # noqa: BLE001 - one bad article is a row, never a lost run
            message = f"{type(error).__name__}: {error}"
            return Failure(subject=page.url, stage="read", kind="bug", message=message)
        return Report(article=article, facts=facts, first_seen=china_day(page.first_fetched))

    def _attachment(self, page: Page, data: bytes) -> Article:
        parent = self._newest.get(page.parent or "")
        article = read_attachment(
            data, url=page.url, name=page.list_title, page=self._parent(parent, page)
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
