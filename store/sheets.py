"""Sheets of a spreadsheet file: headers that stay in sight, texts that are never formulas."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from store.cells import cell


def new_sheet(book: Any, name: str, header: Sequence[str], number: int = 0) -> Any:  # noqa: ANN401 - openpyxl is untyped
    """Add a sheet with a header that stays in sight, and return it."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(f"{name} {number + 1}" if number else name)
    sheet.freeze_panes = "A2"
    for place, words in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(place)].width = max(12, 2 * len(words))
    cells = []
    for words in header:
        head = WriteOnlyCell(sheet, value=words)
        head.font = Font(bold=True)
        cells.append(head)
    sheet.append(cells)
    return sheet


def sheet_row(sheet: Any, row: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401 - openpyxl is untyped
    """Return the cells of a row: texts are texts, whatever they begin with; addresses are links."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cells = []
    for name, value in row.items():
        made = WriteOnlyCell(sheet, value=None)
        made.value = held = cell(value)
        if isinstance(held, str):
            made.data_type = "s"
            if name == "url" and held.startswith(("http://", "https://")):
                made.hyperlink = held
                made.font = Font(color="0563C1", underline="single")
        cells.append(made)
    return cells


def save_book(book: Any, path: Path) -> None:  # noqa: ANN401 - openpyxl is untyped
    """Write a book to a file, at once: openpyxl cannot be stopped cleanly where a disk is full."""
    for sheet in book.worksheets:
        sheet.close()
    held = BytesIO()
    book.save(held)
    path.write_bytes(held.getbuffer())


@contextmanager
def aside() -> Iterator[None]:
    """Let rows be added to sheets, which are kept in the folder for temporary files until saved.

    Raises:
        OSError: That folder cannot be written.
    """
    from lxml.etree import SerialisationError

    try:
        yield
    except SerialisationError as error:
        raise OSError(f"{error} in {tempfile.gettempdir()}") from error
