"""Answers: rows as JSON, CSV or Parquet, and a tag that says when they change."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from io import BytesIO, StringIO
from math import isfinite
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel
from starlette.responses import Response

from bole.version import reader_version
from bole.web.state import TheOffice, lang_of
from extract.models import RULES
from store.cells import csv_cell

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["json", "csv", "parquet"]
Row = Mapping[str, Any]
#: Bytes of rows that one answer holds at most, as the store has them.
LARGEST = 50_000_000
MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_CHINA_HOURS = timedelta(hours=8)


class NotChanged(Exception):  # noqa: N818 - no error: the answer is the one before
    """The reader has this answer already.

    Attributes:
        tag: Its entity tag.
    """

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def tag_of(request: Request, office: TheOffice) -> str:
    """Return the entity tag of an answer: it changes with snapshot, day, question and language.

    Raises:
        NotChanged: The reader has it.
    """
    day = (datetime.now(UTC) + _CHINA_HOURS).date()
    asked = sorted(request.query_params.multi_items())
    version = reader_version(RULES)
    said = repr((version, office.door.stamp(), day, request.url.path, asked, lang_of(request)))
    tag = f'"{blake2b(said.encode(), digest_size=12).hexdigest()}"'
    known = request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        raise NotChanged(tag)
    return tag


#: The entity tag of an answer; a reader that has it is told so before anything is looked up.
Tag = Annotated[str, Depends(tag_of)]


def not_changed(_: Request, error: Exception) -> Response:
    """Return the answer to a reader that has it."""
    return Response(status_code=304, headers={"ETag": str(error)})


def make_json(value: object, tag: str | None = None, status: int = 200) -> Response:
    """Return a value as JSON: amounts are numbers, days text, what is no number null."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # half a surrogate pair is no text in UTF-8
    return Response(
        text.encode("utf-8", "replace"),
        status,
        {"ETag": tag} if tag else None,
        media_type=MEDIA["json"],
    )


def make_table(table: "pa.Table", form: Format, name: str, tag: str) -> Response:
    """Return a table as the file `name.csv` or `name.parquet`.

    Raises:
        HTTPException: It is too large, or has a column that Parquet cannot hold.
    """
    check_size(table)
    headers = {
        "ETag": tag,
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
    }
    made = _parquet(table) if form == "parquet" else _csv(table.column_names, values_of(table))
    return Response(made, 200, headers, media_type=MEDIA[form])


def check_size(table: "pa.Table") -> None:
    """Refuse to send more than an answer holds."""
    if table.nbytes > LARGEST:
        size = f"{table.nbytes / 1e6:.0f} MB, of {LARGEST / 1e6:.0f}"
        raise HTTPException(422, f"the rows are too large ({size}); choose fewer rows or columns")


def values_of(table: "pa.Table") -> list[tuple[Any, ...]]:
    """Return the rows of a table; names of columns may repeat.

    Raises:
        HTTPException: A value that no Python has.
    """
    try:
        columns = [column.to_pylist() for column in table.columns]
    except (ValueError, OverflowError, NotImplementedError) as error:
        raise HTTPException(422, f"a value cannot be shown: {error}; cast it to varchar") from error
    return list(zip(*columns, strict=True))


def table_of(rows: Sequence[Row], model: type[BaseModel]) -> "pa.Table":
    """Return rows as a table with the columns of a model."""
    import pyarrow as pa

    fields = model.model_fields.items()
    schema = pa.schema([(name, _arrow_type(field.annotation)) for name, field in fields])
    return pa.Table.from_pylist([{**row} for row in rows], schema=schema)


def plain(value: object) -> object:
    r"""Return what JSON can say of a value.

    >>> plain({"a": [Decimal("2.50"), Decimal(3), float("inf"), b"\x01", date(2024, 1, 2)]})
    {'a': [2.5, 3, None, '01', '2024-01-02']}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return _plain_value(value)


def _plain_value(value: object) -> object:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    sink = StringIO()
    lines = csv.writer(sink)
    lines.writerow([csv_cell(name) for name in names])
    lines.writerows([csv_cell(_flat(value)) for value in row] for row in rows)
    # with a mark at its head, or spreadsheets take UTF-8 for the system's own encoding
    return sink.getvalue().encode("utf-8-sig", "replace")


def _flat(value: object) -> object:
    """Return a value as a cell takes it: what has parts, or is no text, as JSON says it."""
    return plain(value) if isinstance(value, list | tuple | Mapping | bytes) else value


def _parquet(table: "pa.Table") -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = BytesIO()
    try:
        pq.write_table(table, sink)
    except (pa.ArrowException, ValueError) as error:
        words = " ".join(str(error).split())[:200]
        raise HTTPException(
            422, f"Parquet cannot hold these columns ({words}); cast them to varchar"
        ) from error
    return sink.getvalue()


def _arrow_type(kind: Any) -> "pa.DataType":  # noqa: ANN401 - an annotation is anything
    """Return the type of a column for the type of a field."""
    import pyarrow as pa

    if get_origin(kind) in (UnionType, Union):
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        kind = str
    if get_origin(kind) is list:
        return pa.list_(_arrow_type(get_args(kind)[0]))
    return {
        str: pa.string(),
        int: pa.int64(),
        bool: pa.bool_(),
        Decimal: pa.decimal128(38, 6),
        date: pa.date32(),
        datetime: pa.timestamp("us"),
    }[kind]
