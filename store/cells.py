"""Values of tables as cells of sheets that people open: readable, and never a formula."""

import json
import re
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

#: What a cell may begin with for a spreadsheet to take it for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: What no sheet can hold: control characters, halves of surrogate pairs.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Characters that one cell of a spreadsheet holds.
_LONGEST = 32_767
Value = str | int | float | bool | date | datetime | None


@cache
def _names() -> dict[str, list[str]]:
    return dict(tomllib.loads((files("store") / "data" / "headers.toml").read_text("utf-8")))


def headers(columns: Sequence[str], lang: str) -> list[str]:
    """Return what columns are called in `zh` or `en`; one without a name keeps its own."""
    place = ("zh", "en").index(lang)
    return [_names()[column][place] if column in _names() else column for column in columns]


def column_of(header: str) -> str:
    """Return the column that a header of either language names; itself if it names none."""
    for column, names in _names().items():
        if header in (column, *names):
            return column
    return header


def cell(value: object) -> Value:
    """Return a value as a cell holds it: numbers and days as such, lists as one text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        plain = all(isinstance(one, str | int | float | Decimal) for one in value)
        value = "；".join(map(str, value)) if plain else json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool | int | float | date):
        return value
    return _UNPRINTABLE.sub("", str(value))[:_LONGEST]


def csv_cell(value: object) -> Value:
    """Return a value as a CSV holds it: a text that looks like a formula gets a quote before it.

    >>> csv_cell("=1+1"), csv_cell(Decimal("-5"))
    ("'=1+1", -5)
    """
    held = cell(value)
    return f"'{held}" if isinstance(held, str) and held.startswith(_FORMULA) else held
