"""Lists of rows, page by page: filters, orders and cursors, for any kind of row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from fastapi import HTTPException, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from bole.web.api.answers import MEDIA, Format, make_json, make_table, table_of
from bole.web.api.cursors import LONGEST, CursorError, Kind, Value, read_cursor, write_cursor
from bole.web.api.models import Problem
from bole.web.state import Desk
from store import Store

#: Rows of a page, and at most; pages of so few are kept until a newer snapshot comes.
USUAL, MOST, KEPT = 40, 10_000, 100

Item = TypeVar("Item")

Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", description="GB/T 2260 code, as 320300.")]
Words = Annotated[str, Field(min_length=1, max_length=100)]


Described = dict[int | str, dict[str, Any]]
#: Why there may be no answer, for the document.
PROBLEMS: Described = {
    304: {"description": "Nothing has changed since the answer with this ETag."},
    422: {"model": Problem, "description": "A parameter that cannot be."},
    429: {"model": Problem, "description": "Too many requests; Retry-After says when."},
    503: {"model": Problem, "description": "Nothing is published yet, or too busy."},
}
#: What answers of rows can be beside JSON.
FORMS: Described = {
    **PROBLEMS,
    200: {
        "content": {
            MEDIA[form].partition(";")[0]: {"schema": {"type": "string"}}
            for form in ("csv", "parquet")
        }
    },
}


class Key(NamedTuple):
    """A sort key: its column in the answer, its SQL, what it is, and whether downwards."""

    column: str
    sql: str
    kind: Kind
    down: bool = False


class Page(BaseModel, Generic[Item]):
    """A page of rows; `next` is the cursor of the next, null on the last."""

    items: list[Item]
    next: str | None


class Paging(BaseModel, extra="forbid"):
    """How much of a list, and as what."""

    limit: int = Field(default=USUAL, ge=1, le=MOST, description="Rows of the page at most.")
    cursor: str = Field(
        default="", max_length=LONGEST, description="`next` of the page before; none for the first."
    )
    format: Format = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A kind of row that can be listed.

    Attributes:
        name: As in the address and the name of a file.
        model: What a row is.
        columns: SQL of the columns, `select` to before `where`.
        conditions: SQL of each filter; its value is `$name`.
        sorts: The keys of each order, the last of them unique; the first is the usual one.
    """

    name: str
    model: type[BaseModel]
    columns: str
    conditions: Mapping[str, str]
    sorts: Mapping[str, Sequence[Key]]


def list_rows(desk: Desk, listing: Listing, asked: Paging, request: Request, tag: str) -> Response:
    """Return a page of a list.

    Raises:
        HTTPException: A cursor of another question.
    """

    def find() -> tuple[list[dict[str, Any]], str | None]:
        return find_rows(desk.store, listing, asked)

    key = ("list", listing.name, asked.model_dump_json())
    rows, following = desk.kept(key, find) if asked.limit <= KEPT else find()
    name = listing.name
    if asked.format == "json":
        names = listing.model.model_fields
        items = [{name: row[name] for name in names} for row in rows]
        answer = make_json({"items": items, "next": following}, tag)
    else:
        answer = make_table(table_of(rows, listing.model), asked.format, name, tag)
    if following:
        address = request.url.include_query_params(cursor=following)
        answer.headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    return answer


def find_rows(
    store: Store, listing: Listing, asked: Paging
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the rows of a page, and the cursor of the next; None if it is the last.

    Raises:
        HTTPException: A cursor of another question.
    """
    given = asked.model_dump(exclude={"limit", "cursor", "format", "sort"}, exclude_none=True)
    sort = getattr(asked, "sort", next(iter(listing.sorts)))
    keys = listing.sorts[sort]
    question = listing.name, sort, sorted(given.items())
    wheres = [sql for name, sql in listing.conditions.items() if name in given]
    values = {name: given[name] for name in listing.conditions if name in given}
    if asked.cursor:
        try:
            after = read_cursor(question, asked.cursor, [key.kind for key in keys])
        except CursorError as error:
            raise HTTPException(422, str(error)) from error
        wheres.append(_behind(keys))
        values |= _named(after)
    where = f"where {' and '.join(wheres)}" if wheres else ""
    order = ", ".join(f"{key.sql} desc" if key.down else key.sql for key in keys)
    sql = f"{listing.columns} {where} order by {order} limit {asked.limit + 1}"
    rows = store.select(sql, **values)
    if len(rows) <= asked.limit:
        return rows, None
    last = rows[asked.limit - 1]
    return rows[:-1], write_cursor(question, [last[key.column] for key in keys])


def _behind(keys: Sequence[Key]) -> str:
    """Return the SQL of rows that stand behind the values `$after_0`, `$after_1` ... of the keys.

    >>> _behind([Key("day", "day", "day", True), Key("id", "id", "text")])
    '((day < $after_0) or (day = $after_0 and id > $after_1))'
    """
    ways = []
    for place, key in enumerate(keys):
        same = [f"{before.sql} = $after_{i}" for i, before in enumerate(keys[:place])]
        sign = "<" if key.down else ">"
        ways.append(f"({' and '.join([*same, f'{key.sql} {sign} $after_{place}'])})")
    return f"({' or '.join(ways)})"


def _named(after: Sequence[Value]) -> dict[str, Value]:
    return {f"after_{place}": value for place, value in enumerate(after)}
