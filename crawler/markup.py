"""HTML -> a tree, and a tree -> lines of text as a browser would show them."""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

#: Text in these is not shown.
_HIDDEN_TAGS = frozenset(
    """
    script style noscript template head title iframe object embed svg canvas map button select
    option textarea
    """.split()  # noqa: SIM905 - a table of words
)
#: These begin and end a line.
_BLOCK_TAGS = frozenset(
    """
    address article aside blockquote body br caption center dd details div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody
    tfoot thead tr ul ucapcontent
    """.split()  # noqa: SIM905 - a table of words
)
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
#: Characters that XML cannot hold; lxml refuses a text with them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_DECLARATION = re.compile(r"<\?xml[^>]*\?>", re.IGNORECASE)
#: A line break in the source between two Chinese characters is no blank.
_WRAP = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t\r]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])"
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
#: Between two cells of a table row, so that no number runs into the next.
CELL = " | "
#: A cell with two lines so long lays out a page; what it holds are paragraphs.
_PARAGRAPH = 30
#: Nested deeper than this is a broken page; what is inside is read without its structure.
_MAX_DEPTH = 200


def parse_html(text: str) -> HtmlElement | None:
    """Return the root of a page; None if there is nothing in it."""
    from lxml import etree, html

    clean = _CONTROLS.sub("", _DECLARATION.sub("", text, count=1))
    if not clean.strip():
        return None
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = html.document_fromstring(clean.encode("utf-8"), parser=parser)
    except etree.ParserError:  # nothing but comments or blanks
        return None
    return root if isinstance(root, HtmlElement) else None


@dataclass(frozen=True, slots=True)
class Block:
    """A line as a browser shows it.

    Attributes:
        element: The innermost element that begins and ends a line and holds this one.
        text: The line, blanks folded; never empty.
        linked: How many characters of it stand in links.
    """

    element: HtmlElement
    text: str
    linked: int


class _Line:
    """A line while it is put together."""

    __slots__ = ("element", "linked", "pieces")

    def __init__(self, element: HtmlElement) -> None:
        self.element = element
        self.pieces: list[str] = []
        self.linked = 0

    def add(self, text: str | None, in_link: bool) -> None:
        """Add text; what stands in a link is counted."""
        if text:
            self.pieces.append(text)
            self.linked += len(text.strip()) if in_link else 0

    def text(self) -> str:
        """Return the line, blanks folded; empty if it holds nothing."""
        raw = "".join(self.pieces).strip()
        if "\n" in raw:
            raw = _WRAP.sub("", raw)
        return _BLANKS.sub(" ", raw)


def lines_of(element: HtmlElement) -> list[str]:
    """Return the shown text of `element`, one paragraph or table row a line, none empty."""
    return [block.text for block in blocks_of(element)]


def blocks_of(element: HtmlElement) -> list[Block]:
    """Return the shown lines of `element` with what holds them, in page order."""
    lines = [_Line(element)]
    _walk(element, lines, 0, False)
    blocks = []
    for line in lines:
        text = line.text().removesuffix(CELL.rstrip()).rstrip()
        if text.strip(" |"):
            blocks.append(Block(line.element, text, line.linked))
    return blocks


def _walk(element: HtmlElement, lines: list[_Line], depth: int, in_link: bool) -> None:
    """Add the text below `element` to `lines`; a block begins and ends one."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in _HIDDEN_TAGS or (depth and _is_hidden(element)):
        return
    in_link = in_link or tag == "a"
    around = lines[-1].element
    is_block = tag in _BLOCK_TAGS
    if is_block:
        lines.append(_Line(around if tag == "br" else element))
    lines[-1].add(element.text, in_link)
    if depth >= _MAX_DEPTH:
        lines[-1].add("".join(list(element.itertext())[1 if element.text else 0 :]), in_link)
        return
    for child in element:
        if tag == "tr":
            _add_cell(child, lines, depth, in_link)
        else:
            _walk(child, lines, depth + 1, in_link)
        lines[-1].add(child.tail, in_link)
    if is_block and tag != "br":
        lines.append(_Line(around))


def _add_cell(cell: HtmlElement, lines: list[_Line], depth: int, in_link: bool) -> None:
    """Add a table cell as part of one line; a cell of many paragraphs keeps its lines."""
    inner = [_Line(cell)]
    _walk(cell, inner, depth + 1, in_link)
    parts = [(line, text) for line in inner if (text := line.text())]
    sizes = [len(text) for _, text in parts]
    is_layout = len(parts) > 3 or sum(sizes) > 300 or sum(size >= _PARAGRAPH for size in sizes) > 1
    if is_layout:
        lines += [line for line, _ in parts]
        lines.append(_Line(lines[-1].element if not parts else cell.getparent()))
    elif parts:
        lines[-1].pieces.append(" ".join(text for _, text in parts) + CELL)
        lines[-1].linked += sum(line.linked for line, _ in parts)


def _is_hidden(element: HtmlElement) -> bool:
    return _NOT_SHOWN.search(element.get("style") or "") is not None
