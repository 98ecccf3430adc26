"""Files that a person drops -> Articles."""

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from crawler.article import Article
from crawler.decode import decode
from crawler.errors import CrawlError
from crawler.language import detect_language
from crawler.textfile import read_text


class DocumentError(CrawlError):
    """A file that no article can be read from."""


def read_document(path: Path) -> list[Article]:
    """Return the articles in a file: one, or one a row of a `.jsonl`.

    Raises:
        DocumentError: No such file, nothing in it, or not what its suffix says.
        PageError: An HTML file that is no article.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DocumentError(
            f"{path}: unknown suffix {path.suffix!r}; readable are {', '.join(_READERS)}"
        )
    if not path.is_file():
        raise DocumentError(f"{path}: no such file; check the name")
    data = path.read_bytes()
    if not data.strip():
        raise DocumentError(f"{path}: the file is empty; save it again")
    return reader(path, data)


def _read_txt(path: Path, data: bytes) -> list[Article]:
    return [read_text(_text_of(path, data), id=path.stem, sha256=sha256(data).hexdigest())]


def _read_html(path: Path, data: bytes) -> list[Article]:
    from dataclasses import replace

    from crawler.page import PageError, read_page

    try:
        return [replace(read_page(data, url=None), id=path.stem)]
    except PageError as error:
        raise PageError(f"{path}: {str(error).partition(': ')[2]}", kind=error.kind) from error


def _read_pdf(path: Path, data: bytes) -> list[Article]:
    import pypdfium2

    try:
        pages = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise DocumentError(f"{path}: not a readable PDF ({error}); export it again") from error
    with pages:
        text = "\n".join(page.get_textpage().get_text_range() for page in pages)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "")
    if not text.strip():
        raise DocumentError(
            f"{path}: the PDF holds pictures of text only; run it through OCR first"
        )
    return [read_text(text, id=path.stem, sha256=sha256(data).hexdigest())]


def _read_docx(path: Path, data: bytes) -> list[Article]:
    import zipfile
    from io import BytesIO

    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = docx.Document(BytesIO(data))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DocumentError(
            f"{path}: not a readable DOCX file ({error}); save it again as .docx"
        ) from error
    text = "\n".join(_docx_lines(document.iter_inner_content()))
    if not text.strip():
        raise DocumentError(f"{path}: the document holds no text; save it again as .docx")
    return [read_text(text, id=path.stem, sha256=sha256(data).hexdigest())]


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


def _read_jsonl(path: Path, data: bytes) -> list[Article]:
    rows = _text_of(path, data).split("\n")
    return [_row(f"{path}:{number}", row) for number, row in enumerate(rows, 1) if row.strip()]


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


def _text_of(path: Path, data: bytes) -> str:
    """Return the text of a file, every line break a line feed."""
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(
            f"{path}: a binary file, not {path.suffix}; give it the suffix of its format"
        )
    return decode(data).replace("\r\n", "\n").replace("\r", "\n")


_READERS: Mapping[str, Callable[[Path, bytes], list[Article]]] = {
    ".txt": _read_txt,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
    ".docx": _read_docx,
    ".jsonl": _read_jsonl,
}
