"""The article, as it was published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Literal

#: Where the day of publication was found; `list` is the row of the column page that led here.
PublishedFrom = Literal["meta", "jsonld", "label", "list", "url", "htmldate", "footer"]
#: How far a day is to be trusted for where it was found: what the page says of itself, what its
#: list, its address or its text say beside, what is left.
DATE_CONFIDENCE: Mapping[PublishedFrom, Literal["high", "medium", "low"]] = {
    "meta": "high",
    "jsonld": "high",
    "label": "high",
    "list": "high",
    "url": "medium",
    "htmldate": "medium",
    "footer": "low",
}
#: Script and language of a text; `other` is stored and marked, but no facts are read from it.
Lang = Literal["zh-Hans", "zh-Hant", "en", "other"]
#: What has read a text that was no text: `ocr` the pictures of scanned pages.
ReadBy = Literal["ocr"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that an article links to: its absolute `url` and the `name` printed on the link."""

    url: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register that a site prints above a policy document; None for what it does not say.

    Attributes:
        number: Document number (文号), as printed.
        issuer: Office that issued it, as printed.
        index: Number in the register of the site (索引号), as printed.
        signed: Day on the document (成文日期).
        in_force: First day in force (实施日期).
        expires: Day on which it expires or was repealed (失效日期).
        status: Whether it is in force, as printed: 有效, 失效, 已废止.
        validity: How long it holds, as printed (有效期): 5年, 2024-04-01至2029-03-31.
    """

    number: str | None = None
    issuer: str | None = None
    index: str | None = None
    signed: date | None = None
    in_force: date | None = None
    expires: date | None = None
    status: str | None = None
    validity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    r"""One published article, verbatim.

    Attributes:
        id: `article_id(url)`; for dropped files the hash of their content, or a name given by hand.
        url: Address it was read from; None for files.
        title: Headline as printed, site suffix removed; None if none is printed.
        text: What was given: of a page what the reader kept, one paragraph a line; of a text file
            the whole file with newlines as `\n`. Script and noise are untouched. Every offset of a
            fact counts code points of this string.
        body: Half-open offsets of the article proper in `text`; facts lie inside.
        published: Day of publication in China time; None if the page does not tell. Never the day
            of the crawl.
        published_from: Where `published` was found; None with it.
        source: Medium or office named as 来源 or Source, as printed.
        publisher: Site that published the page (its own name), as printed.
        author: Author or reporter, as printed; never the editor.
        editor: Editor who answers for the page (责任编辑), as printed.
        publisher_code: GB/T 2260 code of the publisher's district, from a registry number on the
            page (SiteIDCode, 公安备案); None if there is none.
        lang: Script and language of `text`.
        attachments: Files that the page links to, in page order.
        register: What the page prints of a policy document's register; None without one.
        fetched: UTC instant of the fetch; None for files.
        sha256: Hex digest of the bytes that the article was read from.
        read_by: What has read `text`, wholly or in part, off pictures; letters and digits may be
            wrong. None if it was given as text.
    """

    id: str
    text: str
    body: tuple[int, int]
    lang: Lang
    sha256: str
    url: str | None = None
    title: str | None = None
    published: date | None = None
    published_from: PublishedFrom | None = None
    source: str | None = None
    publisher: str | None = None
    author: str | None = None
    editor: str | None = None
    publisher_code: str | None = None
    attachments: tuple[Attachment, ...] = ()
    register: Register | None = None
    fetched: datetime | None = None
    read_by: ReadBy | None = None


def article_id(url: str) -> str:
    """Return sixteen hex digits that depend on the canonical address only.

    >>> article_id("http://example.cn/a.html")
    '3504856f9b4d176e'
    """
    return blake2b(url.encode(), digest_size=8).hexdigest()
