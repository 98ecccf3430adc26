"""Readers of a body: containers of known systems, and libraries that weigh text against links."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.article import Lang
from crawler.boilerplate import prose_words
from crawler.markup import lines_of, parse_html
from crawler.metadata import tables

# What these say of a bad page (``discarding data: None``) is said better by the PageError.
for _name in ("trafilatura", "readability", "htmldate"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

#: A container with fewer letters than this is a teaser or a caption.
ENOUGH = 80
#: A body whose letters are mostly links is a list.
_MAX_LINKS = 0.5
#: The loose mode holds if it keeps so many times the words in sentences; what keeps far more
#: holds other articles too, unless the strict mode found a stub.
_MORE, _FAR_MORE, _STUB = 1.1, 2.0, 200
_LETTERS = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Body:
    """The lines kept of a page, the share of their letters that are links, and who found them."""

    lines: tuple[str, ...]
    links: float
    found_by: str


def letters(lines: Iterable[str]) -> int:
    """Return how many letters and digits `lines` hold."""
    return sum(len(_LETTERS.findall(line)) for line in lines)


def link_share(element: HtmlElement) -> float:
    """Return which part of the letters below `element` stand in links."""
    total = sum(map(len, element.itertext()))
    linked = sum(len("".join(link.itertext())) for link in element.iter("a"))
    return linked / total if total else 0.0


def known_container(root: HtmlElement, lang: Lang, least: int = ENOUGH) -> Body | None:
    """Return the body in the first known container that holds `least` letters of text."""
    by_name = _named(root)
    last = "markup" if lang in _READERS else None
    for group in ("government", "outlets", last):
        for name in tables()["body"].get(group or "", ()):
            for element in by_name.get(name.lower(), ()):
                lines = tuple(lines_of(element))
                links = link_share(element)
                if letters(lines) >= least and links < _MAX_LINKS:
                    return Body(lines, links, name)
    return None


def _named(root: HtmlElement) -> dict[str, list[HtmlElement]]:
    """Return the elements of a page by `#id`, `.class` and tag, the longest of each first."""
    wanted = {name.lower() for names in tables()["body"].values() for name in names}
    endings = tuple(name[:-1] for name in wanted if name.endswith("*"))
    found: dict[str, list[HtmlElement]] = {}
    for element in root.iter("*"):
        for key in wanted.intersection(_keys(element, endings)):
            found.setdefault(key, []).append(element)
    for elements in found.values():
        elements.sort(key=lambda e: -sum(map(len, e.itertext())))
    return found


def _keys(element: HtmlElement, endings: tuple[str, ...]) -> list[str]:
    """Return the ways to name an element: tag, `.class`, `#id`, `[itemprop=…]`, `#start*`."""
    keys = [element.tag]
    named = element.attrib
    if "class" in named:
        keys += [f".{word}" for word in named["class"].lower().split()]
    if "id" in named:
        keys.append(f"#{named['id'].strip().lower()}")
    if "itemprop" in named:
        keys.append(f"[itemprop={named['itemprop'].lower()}]")
    if len(keys) > 1:
        keys += [f"{start}*" for start in endings for key in keys[1:] if key.startswith(start)]
    return keys


def read_by_density(html: str, lang: Lang) -> Body:
    """Return what a library takes for the body; no lines if it finds none."""
    return _READERS.get(lang, _read_latin)(html)


def _read_chinese(html: str) -> Body:
    """Read by readability, which counts commas and links."""
    import readability

    try:
        summary = readability.Document(html).summary(html_partial=True)
    except (readability.readability.Unparseable, ValueError, RecursionError):
        return Body((), 0.0, "readability")
    root = parse_html(summary)
    if root is None:
        return Body((), 0.0, "readability")
    return Body(tuple(lines_of(root)), link_share(root), "readability")


def _read_latin(html: str) -> Body:
    """Read by trafilatura, in its strict mode unless that drops too much of the text."""
    import trafilatura

    bodies = []
    for strict in (True, False):
        text = trafilatura.extract(html, favor_precision=strict, include_comments=False)
        lines = tuple(line.strip() for line in (text or "").split("\n") if line.strip())
        bodies.append(Body(lines, 0.0, "trafilatura"))
    strict_words, loose_words = (prose_words(body.lines) for body in bodies)
    missed = _MORE * strict_words < loose_words < _FAR_MORE * strict_words
    is_stub = strict_words < _STUB and loose_words > strict_words
    return bodies[1] if missed or is_stub else bodies[0]


_READERS: Mapping[Lang, Callable[[str], Body]] = {
    "zh-Hans": _read_chinese,
    "zh-Hant": _read_chinese,
}
