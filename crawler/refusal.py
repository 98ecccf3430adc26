"""The gate: only articles pass, everything else is told by its kind."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from crawler.boilerplate import is_head, is_prose
from crawler.challenge import find_challenge
from crawler.containers import Body, letters
from crawler.gate import Kind, Page, page_error
from crawler.labels import has_label, is_stamp
from crawler.lines import bare, fold
from crawler.markup import Block
from crawler.metadata import pick, tables
from crawler.titles import pieces

#: Fewer letters than this are no article; a short notice has more.
_MIN_LETTERS = 30
#: So few letters are an article only if a day, a source or a headline of their own stand above.
_FEW = 160
#: A page that says of itself that it is something else says little more.
_LITTLE = 600
#: A text of which links make up this share is a list.
_MOST_LINKS = 0.5
#: A page with so many links that read like headlines, or so many links at all.
_HEADLINES, _MENU = 8, 20
#: A link with so many letters reads like a headline.
_HEADLINE = 8
_MAX_HEAD = 200
#: A list opens with fewer sentences than an article that links to others.
_OPENING = 2


@dataclass(frozen=True, slots=True)
class _Marks:
    heads: Mapping[Kind, re.Pattern[str]]
    lines: Mapping[Kind, re.Pattern[str]]
    teaser: re.Pattern[str]


def check_article(
    page: Page, body: Body, lines: Sequence[str], *, above: Sequence[str], title: str | None
) -> None:
    """Let only articles pass.

    Args:
        page: The page.
        body: What was found as its text.
        lines: What is left of that without head and tail.
        above: The lines above it.
        title: Its headline.

    Raises:
        PageError: The page is no article.
    """
    kept = [line for line in lines if not is_head(line) and bare(line) != bare(title or "")]
    kind = _said_kind(page, kept, above) or _shown_kind(page, body, kept, above)
    if kind is not None:
        raise page_error(kind, page.url)


def _said_kind(page: Page, kept: Sequence[str], above: Sequence[str]) -> Kind | None:
    """Return what a page says that it is, in its headings or in place of a text."""
    heads = [fold(head).strip() for head in (*pieces(page.tag), *_headings(page))]
    count = letters(kept)
    for kind, pattern in _marks().heads.items():
        said = any(pattern.search(head) for head in heads)
        if said and (count < _LITTLE or kind == "list") and (kind != "login" or _asks(page)):
            return kind
    if count >= _FEW or _is_labelled(page, above):
        return None
    if find_challenge(200, page.html.encode("utf-8", "replace")) is not None:
        return "challenge"
    shown = page.lines if letters(page.lines) < _LITTLE else kept
    scripts = page.html if not any(map(is_prose, kept)) and shown is page.lines else ""
    text = fold("\n".join([page.tag, *shown, *kept, scripts]))
    return next((kind for kind, marks in _marks().lines.items() if marks.search(text)), None)


def _shown_kind(page: Page, body: Body, kept: Sequence[str], above: Sequence[str]) -> Kind | None:
    """Return what a page looks like, by its links and sentences; None if like an article."""
    if _is_overview(page, kept):
        return "list"
    count = letters(kept)
    if count >= _MIN_LETTERS and body.links < _MOST_LINKS:
        is_bare = count < _FEW and not _is_labelled(page, above) and not _has_headline(page)
        return "list" if is_bare and _has_headlines(page) else None
    if not _is_labelled(page, above) and _has_headlines(page):
        return "list"
    if body.links >= _MOST_LINKS or len(page.root.findall(".//a")) > _MENU:
        return "navigation"
    return "no_body"


def _has_headlines(page: Page) -> bool:
    """Return whether many links of a page read like headlines."""
    links = ("".join(link.itertext()) for link in page.root.iter("a"))
    return sum(len(bare(link)) >= _HEADLINE for link in links) >= _HEADLINES


def _is_overview(page: Page, kept: Sequence[str]) -> bool:
    """Return whether a text is made of the openings of other articles, each with its link."""
    prose = [line for line in kept if is_prose(line) or _marks().teaser.search(line)]
    cut = sum(_marks().teaser.search(fold(line)) is not None for line in prose)
    if cut > _OPENING and 2 * cut >= len(prose):
        return True
    keys = [block.text for block in page.blocks]
    if not prose or prose[0] not in keys or prose[-1] not in keys:
        return False
    first, last = keys.index(prose[0]), len(keys) - keys[::-1].index(prose[-1])
    links = [i for i in range(max(0, first - 2), last) if _is_headline_link(page.blocks[i])]
    opening = sum(is_prose(key) for key in keys[first : links[0]]) if links else 0
    return len(links) >= max(_HEADLINES, len(prose)) and opening < _OPENING


def _is_headline_link(block: Block) -> bool:
    """Return whether a line is a link to another article."""
    if 5 * block.linked < 4 * len(block.text) or len(bare(block.text)) < _HEADLINE:
        return False
    hrefs = (link.get("href") or "" for link in block.element.iter("a"))
    return not any(href.lower().endswith(tables()["attachments"]["suffixes"]) for href in hrefs)


def _is_labelled(page: Page, above: Sequence[str]) -> bool:
    """Return whether a day or a label stands above a text, or in the tags of the page."""
    if pick(page.meta, "date") or page.jsonld:
        return True
    return any(has_label(line) or is_stamp(fold(line)) for line in above)


def _has_headline(page: Page) -> bool:
    """Return whether a page prints what it calls itself, not as a link."""
    names = {bare(piece) for text in page.titles for piece in pieces(text)[:1]}
    return any(bare(b.text) in names and 2 * b.linked < len(b.text) for b in page.blocks)


def _headings(page: Page) -> list[str]:
    heads = (" ".join("".join(h.itertext()).split()) for h in page.root.iter("h1", "h2", "h3"))
    return [head[:_MAX_HEAD] for head in islice(filter(None, heads), _HEADLINES)]


def _asks(page: Page) -> bool:
    """Return whether a page asks for a password."""
    return any((field.get("type") or "").lower() == "password" for field in page.root.iter("input"))


@cache
def _marks() -> _Marks:
    return _build(tomllib.loads((files("crawler") / "data" / "gate.toml").read_text("utf-8")))


def _build(data: Mapping[str, Any]) -> _Marks:
    return _Marks(
        heads={kind: _joined(words) for kind, words in data["heads"].items()},
        lines={kind: _joined(words) for kind, words in data["lines"].items()},
        teaser=_joined(data["teasers"]["ends"]),
    )


def _joined(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)
