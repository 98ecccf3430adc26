"""How a page of an article names the others: links below its text, and scripts that draw them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.bodies import find_body
from crawler.boilerplate import words_in
from crawler.fetches import canonical_url
from crawler.gate import Page, open_page
from crawler.language import detect_language
from crawler.lines import bare, fold
from crawler.markup import Block
from crawler.parts import MOST_PARTS, split, whole, words

_NUMBER = re.compile(r"(?:第\s*)?(?P<number>\d{1,2})(?:\s*[页頁])?")
_EDGES = re.compile(r"^[\s<>«»\u2039\u203a←→()\[\]【】|]+|[\s<>«»\u2039\u203a←→()\[\]【】|]+$")
#: TRS: createPageHTML(pages, this one from 0, "name", "html"); where an element is named first,
#: pages are counted from 1.
_SCRIPT = re.compile(
    r"""createPageHTML\s*\(\s*
    (?P<element>["'][^"']*["']\s*,\s*)?
    (?P<total>\d{1,3})\s*,\s*(?P<at>\d{1,3})\s*,\s*
    ["'](?P<name>[^"']+)["']\s*,\s*
    ["']\.?(?P<suffix>\w{2,5})["']""",
    re.VERBOSE,
)
_REMARK = re.compile(r"(?<!:)//[^\n]*$")
#: So many headlines, or letters, between the text and the links to its parts: they are of a list.
_MOST_HEADLINES, _MOST_BETWEEN = 3, 300
_HEADLINE = 8
#: Shorter lines stand in many places of a page.
_TELLING = 6


@dataclass(frozen=True, slots=True)
class _Link:
    """A link on the site of the page: where it leads, what is printed on it."""

    element: HtmlElement
    address: str
    label: str


def find_parts(data: bytes, url: str, number: int = 1) -> dict[int, str]:
    """Return the later parts that a page names, by their numbers; none if it is the last.

    Args:
        data: The page.
        url: Its address.
        number: Which part of its article it is.

    Raises:
        PageError: `data` is no page.
    """
    page = open_page(data, url)
    parts = _parts_of_script(page, url) or _parts_of_links(page, url, number)
    return {place: parts[place] for place in sorted(parts) if place > number}


def find_first_part(data: bytes, url: str) -> tuple[str, int] | None:
    """Return (address of the first page, number of this one) if a page is a later part.

    Raises:
        PageError: `data` is no page.
    """
    page = open_page(data, url)
    return _first_of_script(page, url) or _first_of_links(page, url)


# --- scripts ------------------------------------------------------------------------------------


def _parts_of_script(page: Page, url: str) -> dict[int, str]:
    for call, own in _calls(page, url):
        base = 1 if call["element"] else 0
        if own in (call["name"], f"{call['name']}_{call['at']}"):
            return {
                place: _beside(url, f"{call['name']}_{place - 1 + base}.{call['suffix']}")
                for place in range(2, min(int(call["total"]), MOST_PARTS + 1) + 1)
            }
    return {}


def _first_of_script(page: Page, url: str) -> tuple[str, int] | None:
    for call, own in _calls(page, url):
        place = int(call["at"]) + (0 if call["element"] else 1)
        if own == f"{call['name']}_{call['at']}" and place > 1:
            return _beside(url, f"{call['name']}.{call['suffix']}"), place
    return None


def _calls(page: Page, url: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the calls that draw links to parts, each with the file name of the page itself."""
    own = urlsplit(url).path.rpartition("/")[2].rpartition(".")[0]
    for call in _SCRIPT.finditer(page.html):
        before = page.html[max(0, call.start() - 200) : call.start()]
        if not _REMARK.search(before):
            yield call, own


def _beside(url: str, name: str) -> str:
    return canonical_url(urljoin(url, name))


# --- links --------------------------------------------------------------------------------------


def _parts_of_links(page: Page, url: str, number: int) -> dict[int, str]:
    found: dict[int, str] = {}
    near = _Nearness(page)
    for link in _links(page, url):
        place = _place_of(link, url, number)
        if place is not None and place not in found and near.holds(link):
            found[place] = link.address
    return found


def _place_of(link: _Link, url: str, number: int) -> int | None:
    """Return which later part a link leads to, if both address and label say so."""
    stem, at = split(link.address)
    own_stem, own_at = split(url)
    if at is None:
        return None
    if number == 1 and stem == whole(url):
        possible = {at, at + 1}  # the second part is _2, or _1 where pages are counted from 0
    elif stem == own_stem and own_at is not None and (number > 1 or own_at == 1):
        possible = {number + at - own_at}
    else:
        return None
    place = number + 1 if link.label in words().next else _number_on(link.label)
    return place if place is not None and place > number and place in possible else None


def _first_of_links(page: Page, url: str) -> tuple[str, int] | None:
    stem, at = split(url)
    links = list(_links(page, url))
    if at is None:
        return None
    offsets = {
        labelled - its_at
        for link in links
        for its_stem, its_at in [split(link.address)]
        if its_stem == stem and its_at and (labelled := _number_on(link.label)) is not None
    }
    place = at + (1 if offsets == {1} or (not offsets and at == 1) else 0)
    for link in links:
        its_stem, its_at = split(link.address)
        is_first = whole(link.address) == stem or (its_stem == stem and its_at == 1 and at > 1)
        is_before = link.label in words().back or _number_on(link.label) == 1
        if is_first and is_before and place > 1 and not (its_at == 1 and offsets == {1}):
            return link.address, place
    return None


def _links(page: Page, url: str) -> Iterator[_Link]:
    """Yield the links to the host of `url` that may lead to parts."""
    host = urlsplit(canonical_url(url)).netloc
    for element in page.root.iter("a"):
        label = _label(element)
        try:
            address = canonical_url(urljoin(url, (element.get("href") or "").strip()))
        except ValueError:  # http://[broken
            continue
        if label and urlsplit(address).netloc == host:
            yield _Link(element, address, label)


def _label(link: HtmlElement) -> str:
    """Return what is printed on a link, else what its picture or title says, without brackets."""
    text = _text_of(link)
    if not text:
        pictures = [str(picture.get("alt") or "") for picture in link.iter("img")]
        text = next((alt for alt in pictures if alt), link.get("title") or "")
    return _EDGES.sub("", fold(" ".join(text.split()))).casefold()


def _text_of(link: HtmlElement) -> str:
    return "".join(link.itertext()).strip()


def _number_on(label: str) -> int | None:
    match = _NUMBER.fullmatch(label)
    return int(match["number"]) if match else None


class _Nearness:
    """Whether links stand in the text of a page or right below it; looked up once it is asked."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._span: tuple[int, int] | None = None
        self._is_known = False

    def holds(self, link: _Link) -> bool:
        """Whether a link stands there, and not among comments."""
        around = [link.element, *link.element.iterancestors()]
        if any(map(_is_fenced, around)):
            return False
        if not self._is_known:
            self._span, self._is_known = _span_of_body(self._page), True
        if self._span is None or not _text_of(link.element):  # pictures have no line
            return True
        first, last = self._span
        blocks = self._page.blocks
        below = range(first + 1, len(blocks))
        bar = next((i for i in below if _stands_in(link, around, blocks[i])), None)
        return bar is not None and _is_little(blocks[last + 1 : bar])


def _stands_in(link: _Link, around: Iterable[HtmlElement], block: Block) -> bool:
    is_printed = block.linked > 0 and link.label in fold(block.text).casefold()
    return is_printed and any(one is block.element for one in around)


def _span_of_body(page: Page) -> tuple[int, int] | None:
    """Return the first and the last block of the text."""
    body = find_body(page, detect_language("\n".join(page.lines)))
    keys = {bare(line) for line in body.lines if words_in(line) >= _TELLING}
    places = [i for i, line in enumerate(page.lines) if bare(line) in keys]
    return (places[0], places[-1]) if places else None


def _is_little(blocks: Iterable[Block]) -> bool:
    """Whether what stands between the text and the links to its parts is no list, no comments."""
    headlines = letters = 0
    for block in blocks:
        is_link = block.linked > len(block.text) // 2
        headlines += is_link and len(bare(block.text)) >= _HEADLINE
        letters += len(block.text)
    return headlines < _MOST_HEADLINES and letters <= _MOST_BETWEEN


def _is_fenced(element: HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return words().fence.search(names) is not None
