"""What was received becomes a `Page`, if it is a web page at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lxml.html import HtmlElement

from crawler.decode import decode
from crawler.errors import CrawlError
from crawler.markup import Block, blocks_of, parse_html
from crawler.metadata import pick, read_jsonld, read_meta

#: What a page can be instead of an article.
Kind = Literal[
    "empty", "binary", "list", "navigation", "challenge", "error_page", "login", "no_body"
]

#: PDF, ZIP (and DOCX), PNG, GIF, JPEG, DOC, RAR, gzip.
_MAGIC = (
    b"%PDF",
    b"PK\3\4",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"\x1f\x8b",
)
#: No headline is longer; each way to cut a title costs time.
_MAX_TITLE = 400
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CURES: Mapping[Kind, str] = {
    "empty": "the page is empty; fetch it again",
    "binary": "not a web page but a binary file; give it the suffix of its format",
    "list": "a list of links, no article; name it as a column in sources.toml",
    "navigation": "a page of menus, no article; leave it out",
    "challenge": "the site asks for a browser; wait a day or name another column of it",
    "error_page": "the site says that the page is not there; drop the link",
    "login": "the site asks to sign in; name another column of it",
    "no_body": "no article text found; add its container to crawler/data/containers.toml",
}


class PageError(CrawlError):
    """A page that is no article; `kind` says what it is instead."""

    def __init__(self, message: str, *, kind: Kind) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Page:
    """What the readers of single fields look at.

    Attributes:
        root: The page as a tree.
        html: The page as text.
        url: Where it was read; None for a file.
        meta: `<meta>` tags by lower-case name.
        jsonld: The JSON-LD node that describes the article; empty if there is none.
        blocks: All shown text, a paragraph a line.
        lines: The texts of `blocks`.
        tag: What `<title>` says.
        titles: What metadata and `<title>` call the page.
        elements: All of the tree: held, since lxml would make each anew for every walk.
    """

    root: HtmlElement
    html: str
    url: str | None
    meta: Mapping[str, str]
    jsonld: Mapping[str, Any]
    blocks: list[Block]
    lines: list[str]
    tag: str
    titles: list[str]
    elements: list[HtmlElement]


def open_page(data: bytes, url: str | None) -> Page:
    """Return the page in `data`.

    Raises:
        PageError: There is nothing in it, or it is no web page.
    """
    if not data.strip():
        raise page_error("empty", url)
    if data.startswith(_MAGIC) or _is_binary(data):
        raise page_error("binary", url)
    html = decode(data)
    root = parse_html(html)
    if root is None:
        raise page_error("empty", url)
    elements = list(root.iter())
    meta, blocks = read_meta(root), blocks_of(root)
    tag = " ".join((root.findtext(".//title") or "")[:_MAX_TITLE].split())
    return Page(
        root=root,
        html=html,
        url=url,
        meta=meta,
        jsonld=read_jsonld(root),
        blocks=blocks,
        lines=[block.text for block in blocks],
        tag=tag,
        titles=[text for text in ((pick(meta, "title") or "")[:_MAX_TITLE], tag) if text],
        elements=elements,
    )


def _is_binary(data: bytes) -> bool:
    return data.count(b"\x00") > len(data) // 1000 and not data.startswith(_UTF16)


def page_error(kind: Kind, url: str | None) -> PageError:
    """Return the error that says what a page is instead of an article, and the cure."""
    return PageError(f"{url or 'page'}: {_CURES[kind]}", kind=kind)
