"""The gate: what was received becomes a `Page`, and only articles pass."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from lxml.html import HtmlElement

from crawler.boilerplate import is_prose
from crawler.challenge import find_challenge
from crawler.containers import Body, letters
from crawler.decode import decode
from crawler.errors import CrawlError
from crawler.lines import bare
from crawler.markup import Block, blocks_of, parse_html
from crawler.metadata import pick, read_jsonld, read_meta

#: What a page can be instead of an article.
Kind = Literal["empty", "binary", "list", "navigation", "challenge", "error_page", "no_body"]

#: Fewer letters than this are no article; a short notice has more.
_MIN_LETTERS = 30
#: A page with fewer letters than this may be a challenge or an error page.
_LITTLE = 600
#: A text of which links make up this share is a list.
_MOST_LINKS = 0.5
#: A page with so many links that read like headlines, or so many links at all.
_HEADLINES, _MENU = 8, 20
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
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CURES: Mapping[Kind, str] = {
    "empty": "the page is empty; fetch it again",
    "binary": "not a web page but a binary file; give it the suffix of its format",
    "list": "a list of links, no article; name it as a column in sources.toml",
    "navigation": "a page of menus, no article; leave it out",
    "challenge": "the site asks for a browser; wait a day or name another column of it",
    "error_page": "the site says that the page is not there; drop the link",
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
        titles: What metadata and `<title>` call the page.
    """

    root: HtmlElement
    html: str
    url: str | None
    meta: Mapping[str, str]
    jsonld: Mapping[str, Any]
    blocks: list[Block]
    lines: list[str]
    titles: list[str]


def open_page(data: bytes, url: str | None) -> Page:
    """Return the page in `data`.

    Raises:
        PageError: There is nothing in it, or it is no web page.
    """
    if not data.strip():
        raise _error("empty", url)
    if data.startswith(_MAGIC) or _is_binary(data):
        raise _error("binary", url)
    html = decode(data)
    root = parse_html(html)
    if root is None:
        raise _error("empty", url)
    meta, blocks = read_meta(root), blocks_of(root)
    tag = " ".join((root.findtext(".//title") or "").split())
    return Page(
        root=root,
        html=html,
        url=url,
        meta=meta,
        jsonld=read_jsonld(root),
        blocks=blocks,
        lines=[block.text for block in blocks],
        titles=[text for text in (pick(meta, "title"), tag) if text],
    )


def check_article(page: Page, body: Body, lines: Sequence[str]) -> None:
    """Let only articles pass.

    Args:
        page: The page.
        body: What was found as its text.
        lines: What is left of that without head and tail.

    Raises:
        PageError: The page is no article.
    """
    kind = _kind_of_little(page, lines) if letters(page.lines) < _LITTLE else None
    if kind is not None:
        raise _error(kind, page.url)
    if letters(lines) >= _MIN_LETTERS and body.links < _MOST_LINKS:
        return
    links = ["".join(link.itertext()) for link in page.root.iter("a")]
    if sum(len(bare(link)) >= 8 for link in links) >= _HEADLINES:
        raise _error("list", page.url)
    is_menu = body.links >= _MOST_LINKS or len(links) > _MENU
    raise _error("navigation" if is_menu else "no_body", page.url)


def _kind_of_little(page: Page, lines: Sequence[str]) -> Kind | None:
    """Return what a page with little text is instead of an article; None if it may be one."""
    if any(map(is_prose, lines)):
        return None
    is_script = find_challenge(200, page.html.encode("utf-8", "replace")) is not None
    if is_script or _marks()["challenge"].search(page.html):
        return "challenge"
    shown = "\n".join([page.root.findtext(".//title") or "", *page.lines])
    return "error_page" if _marks()["error_page"].search(shown) else None


def _is_binary(data: bytes) -> bool:
    return data.count(b"\x00") > len(data) // 1000 and not data.startswith(_UTF16)


def _error(kind: Kind, url: str | None) -> PageError:
    return PageError(f"{url or 'page'}: {_CURES[kind]}", kind=kind)


@cache
def _marks() -> Mapping[str, re.Pattern[str]]:
    data = tomllib.loads((files("crawler") / "data" / "gate.toml").read_text("utf-8"))
    return {
        kind: re.compile("|".join(section["marks"]), re.IGNORECASE)
        for kind, section in data.items()
    }
