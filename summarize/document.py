"""The door to python-docx: a checked HTML page as a Word document.

The page is that of GB/T 9704 (A4, margins of 37, 35, 28 and 26 mm, 仿宋 of 16 points, headings in
黑体), without a red head. The words are those of the HTML page, block by block; a link to a fact
leads to a bookmark at its evidence.
"""

import io
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from summarize.wording import inert

#: Elements of lxml and objects of python-docx, which have no types of their own.
Element = Any

_BODY, _HEAD = "仿宋", "黑体"
_LATIN = "Times New Roman"
_BLOCKS = frozenset({"h1", "h2", "h3", "p", "li", "table"})
#: Points of the letters of each kind of block.
_SIZES = {"h1": 22, "h2": 16, "h3": 12, "p": 16, "li": 16, "table": 9}
_SMALL, _NOTE = 9, 12
_NOTES = frozenset({"issue", "seal", "note", "nothing"})
#: Levels in Word's list of headings.
_LEVELS = {"h1": 0, "h2": 1, "h3": 2}
#: Millimetres between the margins, and the least and most characters that a column asks for.
_WIDTH, _NARROW, _WIDE = 156, 7, 20
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: A zip file needs a time of each entry; the same page gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_docx(html: str) -> bytes:
    """Return a page of a digest, as `render_html` gives it, as a DOCX file."""
    import docx
    from lxml import html as reader

    document = docx.Document()
    _set_page(document)
    styles = {name: document.styles[name].style_id for name in ("List Number", "List Bullet")}
    root = reader.fromstring(html)
    for block in _blocks(root.find("body")):
        small = any(
            set(up.get("class", "").split()) & {"evidence", "annex"} for up in block.iterancestors()
        )
        if block.tag == "table":
            _add_table(document, block)
        else:
            size = _SMALL if small and block.tag != "h2" else _SIZES[block.tag]
            if block.get("class") in _NOTES and not small:
                size = _NOTE
            paragraph = document.add_paragraph()
            if name := _style(block):
                paragraph._p.style = styles[name]  # noqa: SLF001 - a look-up for each is slow
            _lay_out(paragraph, block)
            _add_words(paragraph, block, size=size, heading=block.tag.startswith("h"))
    _number_bookmarks(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return _same_bytes(buffer.getvalue())


def read_links(docx: bytes) -> list[tuple[str, str]]:
    """Return what each link of a document leads to, and its words: a bookmark, or an address."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(docx)) as packed:
        relations = etree.fromstring(packed.read("word/_rels/document.xml.rels"))
    addresses = {relation.get("Id"): relation.get("Target") for relation in relations}
    return [
        (link.get(f"{_W}anchor") or addresses[link.get(f"{_R}id")], _words_of(link).strip())
        for link in _root(docx).iter(f"{_W}hyperlink")
    ]


def links_of(html: str) -> list[tuple[str, str]]:
    """Return what each link in the blocks of an HTML page leads to, and its words."""
    from lxml import html as reader

    return [
        (link.get("href").removeprefix("#"), inert(link.text_content()))
        for block in _blocks(reader.fromstring(html).find("body"))
        for link in block.iter("a")
    ]


def read_bookmarks(docx: bytes) -> set[str]:
    """Return the names of the bookmarks of a document."""
    return {str(mark.get(f"{_W}name")) for mark in _root(docx).iter(f"{_W}bookmarkStart")}


def read_blocks(docx: bytes) -> list[str]:
    """Return the words of each paragraph of a document, those of cells among them."""
    words = (inert(_words_of(paragraph)) for paragraph in _root(docx).iter(f"{_W}p"))
    return [text for text in words if text]


def blocks_of(html: str) -> list[str]:
    """Return the words of each block of an HTML page, as the document shows them."""
    from lxml import html as reader

    words = []
    for block in _blocks(reader.fromstring(html).find("body")):
        parts = block.iter("th", "td") if block.tag == "table" else [block]
        words += [inert("".join(part.itertext())) for part in parts]
    return [text for text in words if text]


def _blocks(node: Element) -> Iterator[Element]:
    for child in node:
        if child.tag in _BLOCKS:
            yield child
        else:
            yield from _blocks(child)


def _set_page(document: Element) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, Pt(16)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _BODY)
    normal.paragraph_format.space_after = Pt(4)
    for style in ("List Number", "List Bullet"):
        document.styles[style].paragraph_format.space_after = Pt(4)
    # without its language a program breaks Chinese lines anywhere, before a bracket too
    for lang in document.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:eastAsia"), "zh-CN")
    _number_pages(section.footer.paragraphs[0])


def _number_pages(paragraph: Element) -> None:
    """Write — 1 — at the foot of each page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("— ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)  # noqa: SLF001 - python-docx has no fields
    paragraph.add_run(" —")


def _style(block: Element) -> str | None:
    if block.tag != "li":
        return None
    return "List Number" if block.getparent().tag == "ol" else "List Bullet"


def _lay_out(paragraph: Element, block: Element) -> None:
    """Set how a block stands: the title in the middle, headings by what follows them."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    if block.tag == "h1":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if block.tag in _LEVELS:
        paragraph.paragraph_format.keep_with_next = True
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(_LEVELS[block.tag]))
        paragraph._p.get_or_add_pPr().append(level)  # noqa: SLF001 - python-docx has no levels


def _add_table(document: Element, block: Element) -> None:
    rows = [list(row.iter("th", "td")) for row in block.iter("tr")]
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
    table.style = "Table Grid"
    _set_widths(table, rows)
    _mark_row(table.rows[0], "w:tblHeader")
    for row, cells in zip(table.rows, rows, strict=True):
        _mark_row(row, "w:cantSplit")
        # the cells of a row of python-docx are looked up anew each time: once is enough
        for cell, source in zip(row.cells, cells, strict=False):
            _add_words(cell.paragraphs[0], source, size=_SIZES["table"], heading=source.tag == "th")


def _set_widths(table: Element, rows: list[list[Element]]) -> None:
    """Give each column of a table the room that its longest words ask for."""
    from docx.shared import Mm

    asked = [_NARROW] * len(table.columns)
    for cells in rows:
        for i, cell in enumerate(cells):
            text = inert("".join(cell.itertext()))
            room = sum(2 if char >= "\u2e80" else 1 for char in text) // 2 + 3
            asked[i] = max(asked[i], min(room, _WIDE))
    table.autofit = False
    widths = [Mm(_WIDTH * room / sum(asked)) for room in asked]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _mark_row(row: Element, name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001 - not in python-docx


def _add_words(paragraph: Element, block: Element, *, size: float, heading: bool) -> None:
    """Add the words of a block: runs, links to facts and bookmarks, blanks folded."""
    runs = [run for run in _runs(block, None, None) if run[0]]
    place = next((b.text_content().strip() for b in block.iterchildren("b")), "")
    name = block.getparent().get("id") if block.tag == "h3" else None
    if name:
        _add_bookmark(paragraph, name)
    before = " "
    for raw, link, mark in runs:
        text = " ".join(raw.split()) if raw.strip() else " "
        text = (
            f"{' ' if raw[:1].isspace() else ''}{text.strip()}{' ' if raw[-1:].isspace() else ''}"
        )
        text = text.lstrip() if before.endswith(" ") else text
        if not text:
            continue
        before = text
        holder = paragraph
        if mark:
            _add_bookmark(paragraph, mark)
        run = paragraph.add_run(text)
        bold = heading or (bool(place) and text.strip() == place)
        run._element.insert(0, deepcopy(_look(size, bold, link is not None)))  # noqa: SLF001
        if link:
            _wrap_link(holder, run, link)


def _runs(
    node: Element, link: str | None, mark: str | None
) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the texts of a node in order, each with where it leads and the fact that it proves."""
    if node.tag == "a":
        link = node.get("href")
    mark = node.get("id") if node.tag == "mark" else None
    if node.text:
        yield node.text, link, mark
    for child in node:
        yield from _runs(child, link, None)
        if child.tail:
            yield child.tail, link, None


@cache
def _look(size: float, heading: bool, link: bool) -> Element:
    """Return the properties of runs that look alike, to be copied: making them anew is slow."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor
    from docx.text.run import Run

    element: Element = OxmlElement("w:r")
    font = Run(element, element).font
    font.name, font.size = _LATIN, Pt(size)
    # python-docx has no other way to an East Asian font
    element.rPr.rFonts.set(qn("w:eastAsia"), _HEAD if heading else _BODY)
    if link:
        font.color.rgb = RGBColor(0x12, 0x3F, 0x7A)
    return element.rPr


def _wrap_link(paragraph: Element, run: Element, href: str) -> None:
    """Make a run lead to a bookmark (#name) or to an address."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    if href.startswith("#"):
        link.set(qn("w:anchor"), href[1:])
    else:
        place = paragraph.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link.set(qn("r:id"), place)
    link.append(run._element)  # noqa: SLF001 - python-docx cannot make links
    paragraph._p.append(link)  # noqa: SLF001


def _add_bookmark(paragraph: Element, name: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(qn("w:name"), name)
    paragraph._p.extend((start, end))  # noqa: SLF001 - python-docx has no bookmarks


def _number_bookmarks(document: Element) -> None:
    """Give each bookmark the number that its start and its end share."""
    for name in ("bookmarkStart", "bookmarkEnd"):
        for number, mark in enumerate(document.element.iter(f"{_W}{name}"), start=1):
            mark.set(f"{_W}id", str(number))


def _words_of(element: Element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{_W}t"))


def _root(docx: bytes) -> Element:
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(docx)) as packed:
        return etree.fromstring(packed.read("word/document.xml"))


def _same_bytes(docx: bytes) -> bytes:
    """Return a zip file with the same entries and one time for all of them."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx)) as packed,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for name in sorted(packed.namelist()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(entry, packed.read(name))
    return buffer.getvalue()
