"""Files that an article page links to: found in the page, and read as articles of their own."""

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.article import Article, Attachment, article_id
from crawler.fetches import canonical_url

if TYPE_CHECKING:  # a crawl finds documents and reads none
    from crawler.ocr import ScanReader

#: Documents that are fetched; pictures of text in a .zip and slides are only named.
FETCHED = (".pdf", ".doc", ".docx", ".xls", ".xlsx", ".wps", ".et", ".ofd")
#: Those of them that can be read; the others wait in the archive for a reader.
READABLE = (".pdf", ".docx", ".xlsx", ".ofd")
#: Bytes of a document's parts when unpacked, at most.
_LARGEST = 200 * 2**20

_suffixes = "|".join(suffix.removeprefix(".") for suffix in FETCHED)
#: Whether a page may link to a document: looked for before anything is parsed.
_HINT = re.compile(rf"\.(?:{_suffixes})\b".encode(), re.IGNORECASE)


def find_documents(body: bytes, url: str) -> tuple[Attachment, ...]:
    """Return the documents that a page links to, to be fetched, by canonical address."""
    if not _HINT.search(body):
        return ()
    from crawler.fields import read_attachments
    from crawler.gate import open_page

    try:
        files = read_attachments(open_page(body, url))
    except Exception:  # noqa: BLE001 - the reading asks the same of the page, and tells of it
        return ()
    found: dict[str, Attachment] = {}
    for file in files:
        if file.url.startswith(("http://", "https://")) and _suffix(file.url) in FETCHED:
            address = canonical_url(file.url)
            found.setdefault(address, Attachment(url=address, name=file.name))
    return tuple(found.values())


def read_attachment(
    data: bytes,
    *,
    url: str,
    name: str | None,
    page: Article,
    scans: "ScanReader | None" = None,
) -> Article:
    """Return the article in a document that `page` links to; it has the page's day and publisher.

    Scanned pages are read by `scans`, if given.

    Raises:
        DocumentError: It cannot be read; `kind` tells why.
    """
    from crawler.documents import DocumentError, read_bytes

    suffix = _true_suffix(data, url)
    if suffix not in READABLE:
        raise DocumentError(
            f"{url}: {suffix or 'an unknown format'} is not read, only "
            f"{', '.join(READABLE)}; it is in the archive",
            kind="unread_format",
        )
    if suffix != ".pdf":
        _check_size(data, url)
    article = read_bytes(data, suffix=suffix, name=url, scans=scans)
    title = article.title or _title(name) or page.title
    return replace(
        article,
        id=article_id(url),
        url=url,
        title=title,
        published=page.published,
        published_from=page.published_from,
        source=page.source,
        publisher=page.publisher,
        publisher_code=page.publisher_code,
    )


def _suffix(url: str) -> str:
    """Return the suffix of an address, or of a file that its parameters name."""
    parts = urlsplit(url)
    names = [unquote(parts.path), *(value for _, value in parse_qsl(parts.query))]
    suffixes = [PurePosixPath(name).suffix.lower() for name in names]
    return next((suffix for suffix in suffixes if suffix in FETCHED), suffixes[0])


def _true_suffix(data: bytes, url: str) -> str:
    """Return what a file is by its first bytes: many a .doc is a .docx, and some are web pages."""
    from crawler.documents import DocumentError

    if data.startswith(b"%PDF"):
        return ".pdf"
    if data.startswith(b"PK\x03\x04"):
        try:
            names = zipfile.ZipFile(BytesIO(data)).namelist()
        except zipfile.BadZipFile as error:
            raise DocumentError(
                f"{url}: broken off ({error}); fetch it again", kind="broken_document"
            ) from error
        kinds = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx", "OFD.xml": ".ofd"}
        return next((kind for part, kind in kinds.items() if part in names), ".zip")
    suffix = _suffix(url)
    if suffix in READABLE:
        raise DocumentError(
            f"{url}: not {suffix} but {data[:8]!r}…; see what the site sends there",
            kind="broken_document",
        )
    return suffix


def _check_size(data: bytes, url: str) -> None:
    from crawler.documents import DocumentError

    size = sum(part.file_size for part in zipfile.ZipFile(BytesIO(data)).infolist())
    if size > _LARGEST:
        raise DocumentError(
            f"{url}: {size} bytes when unpacked, {_LARGEST} at most; look at it by hand",
            kind="too_large",
        )


def _title(name: str | None) -> str | None:
    """Return the name on a link as a headline: without number, suffix and size.

    >>> _title("附件1：人才申报表.docx")
    '人才申报表'
    """
    text = re.sub(rf"\.(?:{_suffixes})\b.*$", "", name or "", flags=re.IGNORECASE).strip()
    return re.sub(r"^附件\s*[\d一二三四五六七八九十]*\s*[:：.、]?\s*", "", text) or text or None
