"""The review sheet: facts out for a person to judge, the judgements back in.

The sheet is an XLSX file with a tab for figures and one for policies. A person writes a verdict in
the first column (对 or right, 错 or wrong), mends cells where the fact is right but its fields are
not, and adds rows for facts that are missing: with the article and the words that state them.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from extract.facts import Evidence
from store.cells import column_of, headers
from store.corrections import Correction, Kind, build_fact
from store.errors import StoreError
from store.sheets import aside, new_sheet, save_book, sheet_row

KINDS: tuple[Kind, ...] = ("figure", "policy")
#: Columns of a sheet that are no fields of the fact.
_ABOUT = frozenset(
    ("verdict", "quote", "context", "title", "url", "grade", "article_id", "start", "end")
)
_FLAGS = ("cumulative", "trial")


def write_sheet(
    path: Path,
    rows: Mapping[Kind, Iterable[Mapping[str, Any]]],
    *,
    lang: str,
    columns: Mapping[Kind, list[str]],
) -> Path:
    """Write the sheet and return its path.

    Args:
        path: File to write, in place of one that is there.
        rows: Facts of each kind, as `Store.facts_to_review` gives them.
        lang: Language of the headers, zh or en.
        columns: Their columns.

    Raises:
        StoreError: It cannot be written.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside():
            for kind in KINDS:
                sheet = new_sheet(book, kind, headers(columns[kind], lang))
                for row in rows[kind]:
                    sheet.append(sheet_row(sheet, row))
            save_book(book, part)
        part.replace(path)
    except OSError as error:
        if part.exists():  # what is half written takes room
            part.unlink()
        raise StoreError(
            f"cannot write {path}: {error.strerror or error}; close it where it is open, free "
            "space, or mend the rights"
        ) from error
    return path


def read_sheet(
    path: Path, texts: Mapping[str, str], *, reviewer: str | None = None
) -> tuple[list[Correction], list[str]]:
    """Return what a person decided in a sheet, and a line for each row that cannot be understood.

    Args:
        path: The sheet.
        texts: Text of each article that it is about.
        reviewer: Who decided.

    Raises:
        StoreError: No such file, or no sheet of bole.
    """
    corrections, problems = [], []
    for kind, number, row in sheet_rows(path):
        try:
            made = _correction(kind, row, texts, reviewer)
        except StoreError as error:
            problems.append(f"{path.name}, {kind}, row {number}: {error}")
            continue
        if made:
            corrections.append(made)
    return corrections, problems


def sheet_rows(path: Path) -> Iterator[tuple[Kind, int, dict[str, Any]]]:
    """Yield kind, number and cells of each row that has a verdict.

    Raises:
        StoreError: No such file, or no sheet of bole.
    """
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    if not path.is_file():
        raise StoreError(f"no sheet {path}; write one: bole review export")
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise StoreError(f"{path} is no XLSX file ({error}); save it as .xlsx") from error
    try:
        if not set(KINDS) & set(book.sheetnames):
            raise StoreError(f"{path} has no tab {' or '.join(KINDS)}; take the exported sheet")
        for kind in (k for k in KINDS if k in book.sheetnames):
            lines = book[kind].iter_rows(values_only=True)
            columns = [column_of(str(head or "")) for head in next(lines, ())]
            for number, cells in enumerate(lines, 2):
                row = dict(zip(columns, cells, strict=False))
                if _words(row.get("verdict")):
                    yield kind, number, row
    finally:
        book.close()


def _correction(
    kind: Kind, row: Mapping[str, Any], texts: Mapping[str, str], reviewer: str | None
) -> Correction | None:
    verdict = _verdict(str(_words(row["verdict"])))
    article = _words(row.get("article_id")) or ""
    quote = row.get("quote")
    if article not in texts:
        raise StoreError(f"no article {article!r}; copy its id from another row")
    evidence = _evidence(str(quote or ""), row.get("start"), texts[article])
    fields = None
    if verdict == "right":
        fields = {
            name: _field(name, value) for name, value in row.items() if name and name not in _ABOUT
        }
        fields = {name: value for name, value in fields.items() if value is not None}
        build_fact(kind, fields, evidence)  # says what is wrong with them, if anything
    return Correction(
        article_id=article, kind=kind, evidence=evidence, fields=fields, reviewer=reviewer
    )


def _evidence(quote: str, start: object, text: str) -> Evidence:
    place = int(start) if isinstance(start, int | float) else text.find(quote)
    if not quote or place < 0 or text[place : place + len(quote)] != quote:
        place = text.find(quote) if quote else -1
    if place < 0:
        raise StoreError(f"the article does not say {quote!r}; copy the words from it")
    return Evidence(place, place + len(quote), quote)


def _field(name: str, value: object) -> object:
    """Return what a cell says of a field; None if it is empty."""
    words = _words(value)
    if name == "conditions":
        return [one.strip() for one in words.split("；") if one.strip()] if words else []
    if words is None:
        return None
    if name in _FLAGS:
        return _flag(words)
    return words


def _words(value: object) -> str | None:
    """Return the words of a cell; None if it is empty."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if value is not None else None


@cache
def _table() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads((files("store") / "data" / "review.toml").read_text("utf-8"))


def _verdict(words: str) -> str:
    for verdict, forms in _table()["verdicts"].items():
        if words.lower() in forms:
            return verdict
    known = ", ".join(form for forms in _table()["verdicts"].values() for form in forms)
    raise StoreError(f"unknown verdict {words!r}; verdicts: {known}")


def _flag(words: str) -> bool:
    for flag, forms in _table()["flags"].items():
        if words.lower() in forms:
            return flag == "true"
    raise StoreError(f"{words!r} is neither yes nor no; write 是 or 否")
