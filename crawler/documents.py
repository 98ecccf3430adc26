"""Files that a person drops or a page links to -> Articles."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePath

from crawler.article import Article
from crawler.decode import decode
from crawler.errors import CrawlError
from crawler.language import detect_language
from crawler.markup import CELL
from crawler.ocr import ScanReader
from crawler.textfile import read_text

#: Rows and columns of a sheet that are read; beyond them stand empty cells with a format.
_MAX_ROWS, _MAX_COLUMNS = 20_000, 200


class DocumentError(CrawlError):
    """A file that no article can be read from; `kind` says why in one word."""

    def __init__(self, message: str, *, kind: str = "broken_document") -> None:
        super().__init__(message)
        self.kind = kind


def read_document(path: Path, scans: ScanReader | None = None) -> list[Article]:
    """Return the articles in a file: one, or one a row of a `.jsonl`.

    Scanned pages of a PDF are read by `scans`, if given.

    Raises:
        DocumentError: No such file, nothing in it, or not what its suffix says.
        PageError: An HTML file that is no article.
    """
    if path.suffix.lower() not in _READERS:
        raise DocumentError(
            f"{path}: unknown suffix {path.suffix!r}; readable are {', '.join(_READERS)}",
            kind="unread_format",
        )
    if not path.is_file():
        raise DocumentError(f"{path}: no such file; check the name", kind="missing")
    data = path.read_bytes()
    if not data.strip():
        raise DocumentError(f"{path}: the file is empty; save it again", kind="empty")
    if path.suffix.lower() == ".pdf":
        return _read_pdf(str(path), data, scans)
    return _READERS[path.suffix.lower()](str(path), data)


def read_bytes(data: bytes, *, suffix: str, name: str, scans: ScanReader | None = None) -> Article:
    """Return the article in a document of one of the `FORMATS`; `name` is said in errors.

    Scanned pages of a PDF are read by `scans`, if given; the article says so by `read_by`.

    Raises:
        DocumentError: It is not what `suffix` says, or holds no text.
    """
    if suffix == ".pdf":
        return _read_pdf(name, data, scans)[0]
    return FORMATS[suffix](name, data)[0]


def _read_txt(name: str, data: bytes) -> list[Article]:
    return [_article(name, data, _text_of(name, data))]


def _read_html(name: str, data: bytes) -> list[Article]:
    from crawler.page import PageError, read_page

    try:
        return [replace(read_page(data, url=None), id=PurePath(name).stem)]
    except PageError as error:
        raise PageError(f"{name}: {str(error).partition(': ')[2]}", kind=error.kind) from error


def _read_pdf(name: str, data: bytes, scans: ScanReader | None = None) -> list[Article]:
    from crawler.pdf import PdfError, ScanError, read_pdf

    try:
        text, is_scan = read_pdf(data, scans)
    except PdfError as error:
        raise DocumentError(f"{name}: not a readable PDF ({error}); export it again") from error
    except ScanError as error:
        raise DocumentError(f"{name}: {error}", kind="needs_ocr") from error
    if not text.strip():
        raise DocumentError(f"{name}: the pages are empty; export it again", kind="no_text")
    return [replace(_article(name, data, text), read_by="ocr" if is_scan else None)]


def _read_ofd(name: str, data: bytes) -> list[Article]:
    from crawler.ofd import OfdError, read_ofd

    try:
        text = read_ofd(data)
    except OfdError as error:
        raise DocumentError(f"{name}: not a readable OFD file ({error}); save it again") from error
    if not text.strip():
        raise DocumentError(
            f"{name}: the OFD file holds pictures of text only; export it as a PDF for OCR",
            kind="needs_ocr",
        )
    return [_article(name, data, text)]


def _read_docx(name: str, data: bytes) -> list[Article]:
    import zipfile

    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = docx.Document(BytesIO(data))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DocumentError(
            f"{name}: not a readable DOCX file ({error}); save it again as .docx"
        ) from error
    text = "\n".join(_docx_lines(document.iter_inner_content()))
    if not text.strip():
        raise DocumentError(
            f"{name}: the document holds no text; save it again as .docx", kind="no_text"
        )
    return [_article(name, data, text)]


def _read_xlsx(name: str, data: bytes) -> list[Article]:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise DocumentError(
            f"{name}: not a readable XLSX file ({error}); save it again as .xlsx"
        ) from error
    text = "\n".join(line for sheet in book.worksheets for line in _sheet_lines(sheet))
    book.close()
    if not text.strip():
        raise DocumentError(f"{name}: the sheets are empty; save it again as .xlsx", kind="no_text")
    return [replace(_article(name, data, text), body=(0, len(text)))]


def _sheet_lines(sheet: object) -> Iterator[str]:
    """Yield a row of a sheet a line, its filled cells side by side."""
    rows = sheet.iter_rows(  # type: ignore[attr-defined]
        max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True
    )
    for row in rows:
        cells = [" ".join(str(value).split()) for value in row if value is not None]
        if any(cells):
            yield CELL.join(filter(None, cells))


def _article(name: str, data: bytes, text: str) -> Article:
    return read_text(text, id=PurePath(name).stem, sha256=sha256(data).hexdigest())


def _docx_lines(blocks: object) -> Iterator[str]:
    """Yield a paragraph or a table row a line."""
    from docx.table import Table

    for block in blocks:  # type: ignore[attr-defined]
        if isinstance(block, Table):
            yield from (
                " | ".join(cell.text.replace("\n", " ") for cell in row.cells) for row in block.rows
            )
        else:
            yield block.text


def _read_jsonl(name: str, data: bytes) -> list[Article]:
    rows = _text_of(name, data).split("\n")
    return [_row(f"{name}:{number}", row) for number, row in enumerate(rows, 1) if row.strip()]


def _row(where: str, row: str) -> Article:
    try:
        value = json.loads(row)
    except ValueError as error:
        raise DocumentError(
            f"{where}: not JSON ({error}); wanted an object with id, text and lang"
        ) from error
    if not isinstance(value, Mapping):
        raise DocumentError(
            f"{where}: {type(value).__name__}, wanted an object with id, text and lang"
        )
    fields = {name: value.get(name) for name in ("id", "text", "lang", "title", "url")}
    for name, given in fields.items():
        if (name in ("id", "text") and not given) or not isinstance(given, str | None):
            raise DocumentError(f"{where}: {name} is {given!r}, wanted a string")
    text = str(fields["text"])
    lang = fields["lang"] or detect_language(text)
    if lang not in ("zh-Hans", "zh-Hant", "en", "other"):
        raise DocumentError(f"{where}: lang is {lang!r}, wanted zh-Hans, zh-Hant, en or other")
    return Article(
        id=str(fields["id"]),
        url=fields["url"],
        title=fields["title"],
        text=text,
        body=(0, len(text)),
        lang=lang,
        sha256=sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _text_of(name: str, data: bytes) -> str:
    """Return the text of a file, every line break a line feed."""
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(
            f"{name}: a binary file, not {PurePath(name).suffix}; give it the suffix of its format"
        )
    return decode(data).replace("\r\n", "\n").replace("\r", "\n")


#: Documents that hold one article.
FORMATS: Mapping[str, Callable[[str, bytes], list[Article]]] = {
    ".pdf": _read_pdf,
    ".docx": _read_docx,
    ".xlsx": _read_xlsx,
    ".ofd": _read_ofd,
}
_READERS: Mapping[str, Callable[[str, bytes], list[Article]]] = {
    ".txt": _read_txt,
    ".html": _read_html,
    ".htm": _read_html,
    **FORMATS,
    ".jsonl": _read_jsonl,
}
