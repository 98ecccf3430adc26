"""The text of PDF files: as it is printed, or read off the pictures of scanned pages."""

from collections.abc import Iterator
from typing import Any

from crawler.errors import CrawlError
from crawler.layout import Line, paragraphs
from crawler.ocr import CURE, SIDE, Picture, ScanReader

#: What pypdfium2 hands out.
Document = Any
Page = Any
TextPage = Any
#: FPDFBitmap_BGR: three bytes a pixel.
_BGR = 2
#: Ends of printed lines, and what pdfium writes for a hyphen there or a letter it cannot name.
_BREAKS, _NOTHING = ("\r", "\n"), ("\x00", "\ufffe", "\uffff")


class PdfError(CrawlError):
    """Bytes that are no PDF file."""


class ScanError(CrawlError):
    """Scanned pages that cannot be read here and now."""


def read_pdf(data: bytes, scans: ScanReader | None = None) -> tuple[str, bool]:
    """Return (text, whether any of it was read off pictures), one paragraph a line.

    Raises:
        PdfError: It is no PDF file.
        ScanError: No page holds text, and there is no `scans`; or they are too many for it.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise PdfError(str(error)) from error
    with document:
        printed = [paragraphs(list(_rows(page))) for page in document]
        if scans is None and not any(printed):
            raise ScanError(f"the PDF holds pictures of text only; {CURE} reads them")
        scanned = [
            number
            for number, texts in enumerate(printed)
            if not texts and _is_drawn(document[number])
        ]
        read = _read_scans(document, scanned, scans) if scans else {}
    pages = [read.get(number, texts) for number, texts in enumerate(printed)]
    return "\n".join(text for texts in pages for text in texts), any(read.values())


def _read_scans(document: Document, numbers: list[int], scans: ScanReader) -> dict[int, list[str]]:
    """Return the paragraphs of pages that hold no printed text."""
    if len(numbers) > scans.pages:
        cure = f"set ocr_pages = {len(numbers)} to read them"
        raise ScanError(f"{len(numbers)} scanned pages, ocr_pages = {scans.pages}; {cure}")
    began = scans.clock()
    found: dict[int, list[str]] = {}
    for number in numbers:
        if scans.clock() - began > scans.seconds:
            raise ScanError(
                f"{len(found)} of {len(numbers)} scanned pages in {scans.seconds:.0f} seconds; "
                "they are kept, the next run goes on"
            )
        found[number] = scans.read(_picture(document[number]))
    return found


def _is_drawn(page: Page) -> bool:
    return next(page.get_objects(), None) is not None


def _picture(page: Page) -> Picture:
    width, height = page.get_size()
    bitmap = page.render(scale=SIDE / max(width, height, 1.0), force_bitmap_format=_BGR)
    return bitmap.to_numpy()


def _rows(page: Page) -> Iterator[Line]:
    """Yield the printed lines of a page, in the order of the file."""
    from pypdfium2 import raw

    text = page.get_textpage()
    height = page.get_height()
    chars: list[tuple[int, str]] = []
    for index in range(text.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(text, index))
        if char not in _BREAKS:
            chars += [] if char in _NOTHING else [(index, char)]
        elif chars:
            yield _row(text, chars, height)
            chars = []
    if chars:
        yield _row(text, chars, height)


def _row(text: TextPage, chars: list[tuple[int, str]], height: float) -> Line:
    seen = [index for index, char in chars if not char.isspace()] or [chars[0][0]]
    boxes = [text.get_charbox(index, loose=True) for index in (seen[0], seen[-1])]
    return Line(
        text=_joined(char for _, char in chars),
        left=boxes[0][0],
        top=height - max(box[3] for box in boxes),
        right=boxes[1][2],
        bottom=height - min(box[1] for box in boxes),
    )


def _joined(chars: Iterator[str]) -> str:
    """Return letters as text; those that pdfium gives as two halves are one again."""
    return "".join(chars).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
