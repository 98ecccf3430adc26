"""A web page -> Article."""

from datetime import date, datetime
from hashlib import sha256

from crawler.article import Article, article_id
from crawler.bodies import find_body
from crawler.boilerplate import body_of, without_noise
from crawler.errors import CrawlError
from crawler.fields import (
    all_above,
    canonical_address,
    lines_above,
    read_attachments,
    read_page_labels,
    read_published,
    read_publisher,
    read_publisher_code,
    read_title,
)
from crawler.gate import PageError, open_page
from crawler.language import detect_language
from crawler.refusal import check_article
from crawler.register import read_register

__all__ = ["CrawlError", "PageError", "read_page"]


def read_page(
    data: bytes,
    *,
    url: str | None,
    fetched: datetime | None = None,
    list_title: str | None = None,
    list_date: date | None = None,
) -> Article:
    """Return the article in a page.

    Args:
        data: The page as it was received.
        url: Its address; None for a file.
        fetched: UTC instant of the fetch.
        list_title: Headline of the row of the column page that led here.
        list_date: Day of that row.

    Raises:
        PageError: The page is no article.
    """
    page = open_page(data, url)
    lang = detect_language("\n".join(page.lines))
    body = find_body(page, lang)
    lines = without_noise(body.lines)
    above = lines_above(page, lines)
    title = read_title(page, above, list_title)
    first, last = body_of(lines, title=title)
    check_article(page, body, lines[first:last], above=above, title=title)
    text = "\n".join(lines[first:last])
    labels = read_page_labels(page, title, above, lines[first:last])
    published, where = read_published(page, labels, list_date)
    address = canonical_address(page)
    return Article(
        id=article_id(address or sha256(data).hexdigest()),
        url=address,
        title=title,
        text=text,
        body=(0, len(text)),
        published=published,
        published_from=where,
        source=labels.source,
        author=labels.author,
        editor=labels.editor,
        publisher=read_publisher(page),
        publisher_code=read_publisher_code(page),
        lang=detect_language(text),
        attachments=read_attachments(page),
        register=read_register(all_above(page, lines)),
        fetched=fetched,
        sha256=sha256(data).hexdigest(),
    )
