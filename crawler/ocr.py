"""Text out of pictures of pages: the one door to rapidocr."""

import json
import os
from collections.abc import Callable
from dataclasses import astuple
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

from crawler.layout import Line, paragraphs, rows_of

#: A page as rows of columns of blue, green and red, an array of numpy.
Picture = Any
#: What finds the lines in a picture of a page.
Engine = Callable[[Picture], list[Line]]

CURE = "pip install 'bole[ocr]'"
#: Pixels of the longer side of a page's picture: the engine takes no more.
SIDE = 2000
#: Pages of one document that are read if nobody says how many.
PAGES = 30
#: Seconds for the pages of one document; those that are done by then are kept.
SECONDS = 300.0
#: How sure of a line the engine must be, of 1: below that it takes spots for letters.
_SURE = 0.5
_PACKAGE = "rapidocr_onnxruntime"


def has_ocr() -> bool:
    """Whether the extra is installed."""
    return find_spec(_PACKAGE) is not None


class ScanReader:
    """Reads pictures of pages; with a `folder` what was read is kept there, not read again.

    Attributes:
        pages: Pages of one document that are read at most.
        seconds: Seconds for one document.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        pages: int,
        seconds: float = SECONDS,
        engine: Engine | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.pages = pages
        self.seconds = seconds
        self.clock = clock
        self._folder = folder
        self._engine = engine

    def read(self, picture: Picture) -> list[str]:
        """Return the paragraphs in the picture of a page; none if it is blank."""
        if picture.min() == picture.max():
            return []
        path = self._folder / f"{_key(picture)}.json" if self._folder else None
        if path and path.is_file():
            lines = [_line(row) for row in json.loads(path.read_text("utf-8"))]
        else:
            lines = (self._engine or _rapidocr())(picture)
            if path:
                self._keep(path, lines)
        return paragraphs(rows_of(lines))

    def _keep(self, path: Path, lines: list[Line]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps([astuple(line) for line in lines], ensure_ascii=False), "utf-8")
        part.replace(path)


def scan_reader(folder: Path | None, pages: int) -> ScanReader | None:
    """Return what reads scans and keeps them in `folder`; None without the extra or pages."""
    return ScanReader(folder, pages=pages) if pages > 0 and has_ocr() else None


def _key(picture: Picture) -> str:
    """Return what a picture is known by, and with which weights it is read."""
    engine = version(_PACKAGE) if has_ocr() else ""
    head = f"{picture.shape} {engine} ".encode()
    return sha256(head + picture.tobytes()).hexdigest()[:32]


def _line(row: list[Any]) -> Line:
    text, left, top, right, bottom = row
    return Line(text=text, left=left, top=top, right=right, bottom=bottom)


@cache
def _rapidocr() -> Engine:
    import logging

    from rapidocr_onnxruntime import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)  # a page without text is no news
    reader = RapidOCR(text_score=_SURE)

    def find_lines(picture: Picture) -> list[Line]:
        found, _ = reader(picture)
        return [_boxed(corners, text) for corners, text, _ in found or []]

    return find_lines


def _boxed(corners: list[list[float]], text: str) -> Line:
    across, down = zip(*corners, strict=True)
    return Line(
        text=text,
        left=float(min(across)),
        top=float(min(down)),
        right=float(max(across)),
        bottom=float(max(down)),
    )
