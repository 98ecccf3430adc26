"""The text of OFD files (GB/T 33190): XML in a zip, every run of letters with its place."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from posixpath import dirname, join, normpath
from typing import Any

from crawler.errors import CrawlError
from crawler.layout import Line, paragraphs, rows_of

#: Bytes of one unpacked part, pages of a document, and runs of letters on a page, at most.
_LARGEST_PART, _MOST_PAGES, _MOST_RUNS = 20 * 2**20, 2000, 20_000
#: An element of lxml.
Element = Any
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class OfdError(CrawlError):
    """Bytes that are no OFD file, or one that is too large to be read."""


def read_ofd(data: bytes) -> str:
    """Return the text of an OFD file, one paragraph a line; empty if it holds pictures only.

    Raises:
        OfdError: It is none, or too large.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as file:
            pages = list(_pages(file))
            if len(pages) > _MOST_PAGES:
                raise OfdError(f"{len(pages)} pages, {_MOST_PAGES} at most")
            return "\n".join(
                text for page in pages for text in paragraphs(rows_of(_lines(_part(file, page))))
            )
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
        raise OfdError(f"{type(error).__name__}: {error}") from error


def _pages(file: zipfile.ZipFile) -> Iterator[str]:
    """Yield the names of the parts that hold a page, in order."""
    for root in _named(_part(file, "OFD.xml"), "DocRoot"):
        document = normpath((root.text or "").strip().lstrip("/"))
        for page in _named(_part(file, document), "Page"):
            place = page.get("BaseLoc", "")
            yield normpath(
                place.lstrip("/") if place[:1] == "/" else join(dirname(document), place)
            )


def _part(file: zipfile.ZipFile, name: str) -> Element:
    from lxml import etree

    info = file.getinfo(name)
    if info.file_size > _LARGEST_PART:
        raise OfdError(f"{name}: {info.file_size} bytes when unpacked, {_LARGEST_PART} at most")
    # a document names no other file, and an entity in an entity grows without end
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(file.read(info), parser)
    except etree.XMLSyntaxError as error:
        raise OfdError(f"{name}: {error}") from error


def _named(root: Element, name: str) -> Iterator[Element]:
    """Yield the elements of this name, whatever the edition of their namespace."""
    yield from root.iter(f"{{*}}{name}")


def _lines(page: Element) -> Iterator[Line]:
    """Yield each run of letters of a page with its box."""
    runs = 0
    for thing in _named(page, "TextObject"):
        for code in _named(thing, "TextCode"):
            runs += 1
            if runs > _MOST_RUNS:
                raise OfdError(f"more than {_MOST_RUNS} runs of letters on a page")
            if text := "".join((code.text or "").split("\n")):
                yield _line(text, thing, code)


def _line(text: str, thing: Element, code: Element) -> Line:
    box = [*_numbers(thing.get("Boundary")), 0.0, 0.0][:2]
    a, b, c, d, e, f = _numbers(thing.get("CTM"))[:6] or (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    size = float(thing.get("Size", "4"))
    x, y = float(code.get("X") or 0), float(code.get("Y") or 0)
    left, base = box[0] + a * x + c * y + e, box[1] + b * x + d * y + f
    width = a * (sum(_steps(code.get("DeltaX"), len(text) - 1)) or size * (len(text) - 1))
    height = size * abs(d)
    return Line(text=text, left=left, top=base - height, right=left + width + height, bottom=base)


def _steps(text: str | None, count: int) -> list[float]:
    """Return the steps from letter to letter; `g 3 4.5` stands for 4.5 4.5 4.5.

    >>> _steps("1 g 2 4.5", 3)
    [1.0, 4.5, 4.5]
    """
    words, steps = iter((text or "").split()), []
    for word in words:
        if word == "g":
            times, step = int(next(words, "0")), float(next(words, "0"))
            steps += [step] * min(times, count)
        else:
            steps.append(float(word))
    return steps[:count]


def _numbers(text: str | None) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text or "")]
