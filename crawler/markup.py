"""HTML -> a tree, and a tree -> lines of text as a browser would show them."""

import re
from collections.abc import Iterator

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


def lines_of(element: HtmlElement) -> list[str]:
    """Return the shown text of `element`, one paragraph or table row a line, none empty."""
    pieces = "".join(_pieces(element, 0)).split("\x00")
    lines = (_BLANKS.sub(" ", _WRAP.sub("", piece)).strip() for piece in pieces)
    return [line.removesuffix(CELL.rstrip()).rstrip() for line in lines if line.strip(" |")]


def _pieces(element: HtmlElement, depth: int) -> Iterator[str]:
    """Yield the text below `element` in order, a NUL where a line ends."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in _HIDDEN_TAGS or (depth and _is_hidden(element)):
        return
    edge = "\x00" if tag in _BLOCK_TAGS else ""
    yield edge
    yield element.text or ""
    if depth >= _MAX_DEPTH:
        yield from list(element.itertext())[1 if element.text else 0 :]
        return
    for child in element:
        if tag == "tr":
            yield _cell(child, depth)
        else:
            yield from _pieces(child, depth + 1)
        yield child.tail or ""
    yield edge


def _cell(cell: HtmlElement, depth: int) -> str:
    """Return a table cell as part of one line; a cell of many paragraphs keeps its lines."""
    parts = [part for part in "".join(_pieces(cell, depth + 1)).split("\x00") if part.strip()]
    if len(parts) > 3 or sum(map(len, parts)) > 300:  # a table that lays out the page
        return "\x00" + "\x00".join(parts) + "\x00"
    return " ".join(part.strip() for part in parts) + CELL if parts else ""


def _is_hidden(element: HtmlElement) -> bool:
    return _NOT_SHOWN.search(element.get("style") or "") is not None
