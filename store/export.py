"""Tables as files: Parquet by month, CSV, XLSX, JSON lines.

Each file is written aside and renamed, so that a run that was killed leaves no half of one.
"""

import csv
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from store.cells import csv_cell, headers
from store.errors import StoreError
from store.sheets import aside, new_sheet, save_book, sheet_row

#: Rows of one sheet; a spreadsheet holds 1,048,576 with the header.
SHEET_ROWS = 1_000_000

_DAY = "coalesce(a.published, a.first_seen)"
_MONTH = f"strftime({_DAY}, '%Y-%m') as month"


def _facts_sql(table: str) -> str:
    joined = f"from {table} f join articles a on a.id = f.article_id"
    return f"select f.*, {_MONTH} {joined} order by month, f.article_id, f.position"


#: What is exported: the rows of each table, with the month that they are of where they are dated.
TABLES: Mapping[str, str] = {
    "measures": (
        "select *, strftime(coalesce(published, first_seen), '%Y-%m') as month "
        "from measures order by month, fact_id"
    ),
    "policies": "select * from policies order by id",
    "articles": f"select *, {_MONTH} from articles a order by month, id",  # noqa: S608
    "figures": _facts_sql("figures"),
    "policy_mentions": _facts_sql("policy_mentions"),
    "places": _facts_sql("places"),
    "names": _facts_sql("names"),
    "stories": "select * from stories order by id",
    "story_articles": "select * from story_articles order by story_id, position",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One table to be written.

    Attributes:
        name: Its name.
        rows: Its rows, with a last column `month` where they are dated.
        lang: Language of the headers, zh or en; None for the names of the columns.
    """

    name: str
    rows: pa.RecordBatchReader
    lang: str | None

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield the rows, without the month."""
        for batch in self.rows:
            for row in batch.to_pylist():
                row.pop("month", None)
                yield row

    def columns(self) -> list[str]:
        """Return the names of the columns, without the month."""
        return [name for name in self.rows.schema.names if name != "month"]

    def header(self) -> list[str]:
        """Return what the columns are called."""
        return headers(self.columns(), self.lang) if self.lang else self.columns()


def write_export(export: Export, folder: Path, form: str) -> Path:
    """Write a table to `folder` in place of what was written before, and return its path.

    Raises:
        StoreError: An unknown form, or the folder cannot be written.
    """
    if form not in _WRITERS:
        raise StoreError(f"unknown format {form!r}; formats: {', '.join(_WRITERS)}")
    write, suffix = _WRITERS[form]
    target = folder / f"{export.name}{suffix}"
    part = folder / f".{export.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove(part)
        write(export, part)
        _remove(target)
        part.replace(target)
    except OSError as error:
        if part.exists():  # what is half written takes room
            _remove(part)
        raise StoreError(
            f"cannot write {target}: {error.strerror or error}; check the folder's rights and "
            "free space"
        ) from error
    return target


def json_value(value: object) -> Any:  # noqa: ANN401 - json.dumps asks for it
    """Return what JSON can say of a value: numbers stay numbers, days become text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _write_parquet(export: Export, part: Path) -> None:
    dated = "month" in export.rows.schema.names
    month = ds.partitioning(pa.schema([("month", pa.string())]), flavor="hive")
    ds.write_dataset(
        export.rows,
        part,
        format="parquet",
        partitioning=month if dated else None,
        basename_template="part-{i}.parquet",
        use_threads=False,  # rows stay in their order
    )


def _write_csv(export: Export, part: Path) -> None:
    # with a mark at its head, or spreadsheets take UTF-8 for the system's own encoding
    with part.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(export.header())
        lines.writerows([csv_cell(value) for value in row.values()] for row in export.dicts())


def _write_jsonl(export: Export, part: Path) -> None:
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for row in export.dicts():
            file.write(json.dumps(row, ensure_ascii=False, default=json_value) + "\n")


def _write_xlsx(export: Export, part: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    with aside():
        sheet = new_sheet(book, export.name, export.header())
        for number, row in enumerate(export.dicts()):
            if number and number % SHEET_ROWS == 0:
                sheet = new_sheet(book, export.name, export.header(), number // SHEET_ROWS)
            sheet.append(sheet_row(sheet, row))
        save_book(book, part)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


_WRITERS: Mapping[str, tuple[Callable[[Export, Path], None], str]] = {
    "parquet": (_write_parquet, ""),
    "csv": (_write_csv, ".csv"),
    "xlsx": (_write_xlsx, ".xlsx"),
    "jsonl": (_write_jsonl, ".jsonl"),
}
