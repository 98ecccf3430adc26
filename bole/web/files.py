"""Rows as a file that a spreadsheet opens."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from bole.web.words import Words
from store.cells import csv_cell


def csv_answer(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], words: Words, *, name: str
) -> Response:
    """Return rows as CSV with headers in the reader's language, for a spreadsheet (with BOM).

    Args:
        rows: What to write.
        columns: Which of their values, in this order.
        words: The reader's language.
        name: Name of the file, without its ending; letters, digits and hyphens of any script.
    """
    sheet = io.StringIO()
    lines = csv.writer(sheet, lineterminator="\r\n")
    lines.writerow([words.column(column) for column in columns])
    for row in rows:
        lines.writerow([csv_cell(row[column]) for column in columns])
    return Response(
        "\ufeff" + sheet.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": _disposition(f"bole-{name}.csv")},
    )


def _disposition(name: str) -> str:
    """Return the header that names a file; other scripts than Latin as RFC 6266 has them."""
    plain = f'attachment; filename="{name.encode("ascii", "ignore").decode()}"'
    return plain if name.isascii() else f"{plain}; filename*=UTF-8''{quote(name)}"
