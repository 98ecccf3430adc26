"""Routes of questions: compare, changes, calendar, search, named questions and SQL."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from bole.config import ConfigError
from bole.questions import list_questions, matrix_of
from bole.web.api import models
from bole.web.api.answers import (
    Format,
    Tag,
    check_size,
    make_json,
    make_table,
    table_of,
    values_of,
)
from bole.web.api.cursors import LONGEST, CursorError, read_cursor, write_cursor
from bole.web.api.listing import FORMS, KEPT, MOST, PROBLEMS, USUAL, Code, Described, Page, Words
from bole.web.questions import LONGEST as LONGEST_SQL
from bole.web.questions import MOST as MOST_ROWS
from bole.web.questions import ROWS, BusyError, run_question, run_sql
from bole.web.state import Desk, Reader, TheDesk
from store import StoreError, named_queries
from store.changes import change_row
from store.questions import load_question
from store.search import runs

if TYPE_CHECKING:
    import pyarrow as pa

router = APIRouter(tags=["questions"])
_NO_QUESTION: Described = {404: {"model": models.Problem, "description": "There is none."}}
QuestionName = Annotated[str, Path(max_length=60, json_schema_extra={"enum": [*named_queries()]})]
_UNREAD: Described = {400: {"model": models.Problem, "description": "A body that is no JSON."}}
Measured = Annotated[str, Field(pattern=r"^(\w+)?(/\w+)?$", min_length=2, max_length=60)]


class Compared(BaseModel, extra="forbid"):
    """What is compared."""

    district: list[Code] = Field(min_length=1, max_length=100)
    measure: list[Measured] = Field(
        default=[], max_length=50, description="benefit/tier, benefit or /tier; all without any."
    )
    format: Format = "json"


class Changed(BaseModel, extra="forbid"):
    """Whose changes."""

    policy: Words = Field(description="Words of the policy's name.")
    district: Code | None = None
    format: Format = "json"


class Ending(BaseModel, extra="forbid"):
    """Which part of the calendar."""

    since: date | None = None
    until: date | None = None
    district: Code | None = None
    format: Format = "json"


class Sought(BaseModel, extra="forbid"):
    """What is searched."""

    q: str = Field(min_length=1, max_length=200, description="Words; articles hold all of them.")
    limit: int = Field(default=20, ge=1, le=200)


class Parameters(BaseModel, extra="forbid"):
    """What named questions can be given; each knows some of these."""

    article: Words | None = None
    benefit: Words | None = None
    day: date | None = None
    district: Code | None = None
    fact: Words | None = None
    id: Words | None = None
    label: Words | None = None
    noun: Words | None = None
    policy: Words | None = None
    since: date | None = None
    stage: Words | None = None
    target: Words | None = None
    tier: Words | None = None
    unit: Words | None = None
    until: date | None = None


class Asked(Parameters):
    """A named question, and how much of its answer."""

    limit: int = Field(default=USUAL, ge=1, le=MOST, description="Rows of the page at most.")
    cursor: str = Field(default="", max_length=LONGEST, description="`next` of the page before.")
    format: Format = "json"


class Sql(BaseModel, extra="forbid"):
    """A question in SQL."""

    sql: str = Field(min_length=1, max_length=LONGEST_SQL, description="One select.")
    limit: int = Field(default=ROWS, ge=1, le=MOST_ROWS)
    format: Format = "json"


@router.get("/compare", response_model=Page[models.Offer], responses=FORMS)
def compare(store: Reader, tag: Tag, asked: Annotated[Compared, Query()]) -> Response:
    """Lay districts against measures: a row an offer, one a cell without any."""
    try:
        rows = matrix_of(store, list(dict.fromkeys(asked.district)), asked.measure)
    except ConfigError as error:
        raise HTTPException(422, str(error)) from error
    return _all_rows(rows, models.Offer, asked.format, "comparison", tag)


@router.get("/changes", response_model=Page[models.Change], responses=FORMS)
def changes(store: Reader, tag: Tag, asked: Annotated[Changed, Query()]) -> Response:
    """Say what each version of a policy changed, measure by measure."""
    rows = [change_row(one) for one in store.changes(asked.policy, district=asked.district)]
    return _all_rows(rows, models.Change, asked.format, "changes", tag)


@router.get("/calendar", response_model=Page[models.CalendarEntry], responses=FORMS)
def calendar(store: Reader, tag: Tag, asked: Annotated[Ending, Query()]) -> Response:
    """List policies that end, and those on trial, soonest first."""
    given = {name: _said(value) for name, value in asked if name != "format"}
    rows = store.ask("calendar", **given).to_pylist()
    return _all_rows(rows, models.CalendarEntry, asked.format, "calendar", tag)


@router.get("/search", response_model=Page[models.Hit], responses=PROBLEMS)
def search(store: Reader, tag: Tag, asked: Annotated[Sought, Query()]) -> Response:
    """Search articles in simplified or traditional script, best first."""
    if not runs(asked.q):
        raise HTTPException(422, f"nothing to look for in {asked.q!r}; give words or numbers")
    hits = store.search(asked.q, limit=asked.limit)
    names = models.Hit.model_fields
    items = [{name: getattr(hit, name) for name in names} for hit in hits]
    return make_json({"items": items, "next": None}, tag)


@router.get("/questions", response_model=list[models.Question], responses=PROBLEMS)
def questions(tag: Tag) -> Response:
    """List the named questions."""
    rows = [
        {**row, "parameters": list(load_question(row["name"]).parameters)}
        for row in list_questions()
    ]
    return make_json(rows, tag)


@router.get(
    "/questions/{name}",
    response_model=models.Answer,
    responses={**FORMS, **_NO_QUESTION, 410: {"model": models.Problem}},
)
def question(
    desk: TheDesk,
    request: Request,
    tag: Tag,
    name: QuestionName,
    asked: Annotated[Asked, Query()],
) -> Response:
    """Ask a named question; its pages are of one snapshot."""
    given = parameters_of(name, asked)
    about = (name, sorted(given.items()))
    snapshot = "-".join(map(str, desk.stamp))
    first = _first_row(about, snapshot, asked.cursor)
    table = answer_of(desk, name, given, limit=asked.limit, skip=first)
    page = table.slice(0, asked.limit)
    following = None
    if table.num_rows > asked.limit:
        following = write_cursor(about, [snapshot, first + asked.limit])
    if asked.format == "json":
        answer = make_json(_rows(page, cut=bool(following), following=following), tag)
    else:
        answer = make_table(page, asked.format, name, tag)
    if following:
        address = request.url.include_query_params(cursor=following)
        answer.headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    return answer


@router.get("/query", response_model=models.Answer, responses=FORMS)
def query(store: Reader, tag: Tag, asked: Annotated[Sql, Query()]) -> Response:
    """Ask in SQL, read-only: one select over the tables of the snapshot."""
    return _ask_sql(store, asked, tag)


@router.post("/query", response_model=models.Answer, responses={**FORMS, **_UNREAD})
def long_query(store: Reader, tag: Tag, asked: Sql) -> Response:
    """Ask in SQL that is too long for an address."""
    return _ask_sql(store, asked, tag)


def parameters_of(name: str, asked: Parameters) -> dict[str, Any]:
    """Return what a question is given.

    Raises:
        HTTPException: No such question, or none with such a parameter.
    """
    if name not in named_queries():
        raise HTTPException(404, f"no question {name!r}; /questions lists them")
    given = {
        key: _said(getattr(asked, key))
        for key in Parameters.model_fields
        if getattr(asked, key) is not None
    }
    known = load_question(name).parameters
    unknown = [key for key in given if key not in known]
    if unknown:
        cure = f"it knows: {', '.join(known) or 'none'}"
        raise HTTPException(422, f"question {name!r} has no {unknown[0]!r}; {cure}")
    return given


def answer_of(
    desk: Desk, name: str, given: dict[str, Any], *, limit: int, skip: int = 0
) -> "pa.Table":
    """Return so many rows of the answer to a named question, and one more that tells of others.

    Raises:
        HTTPException: A parameter that it cannot use.
    """

    def find() -> "pa.Table":
        return run_question(desk.store, load_question(name), given, limit=limit, skip=skip)

    key = ("question", name, tuple(sorted(given.items())), limit, skip)
    try:
        return desk.kept(key, find) if limit <= KEPT else find()
    except StoreError as error:
        raise HTTPException(422, str(error)) from error


def _first_row(about: object, snapshot: str, cursor: str) -> int:
    """Return the row that a page begins with.

    Raises:
        HTTPException: A cursor of another question, or of a snapshot that is no longer the newest.
    """
    if not cursor:
        return 0
    try:
        held, row = read_cursor(about, cursor, ["text", "text"])
    except CursorError as error:
        raise HTTPException(422, str(error)) from error
    if held != snapshot:
        raise HTTPException(410, "a newer snapshot was published; ask again from the first page")
    if not (isinstance(row, str) and row.isascii() and row.isdecimal() and len(row) < 12):
        raise HTTPException(422, f"cursor {cursor[:40]!r} is none; leave it out to begin anew")
    return int(row)


def _ask_sql(store: Reader, asked: Sql, tag: str) -> Response:
    try:
        table = run_sql(store, asked.sql, limit=asked.limit)
    except BusyError:
        raise
    except StoreError as error:
        raise HTTPException(422, str(error)) from error
    page = table.slice(0, asked.limit)
    if asked.format == "json":
        return make_json(_rows(page, cut=table.num_rows > asked.limit, following=None), tag)
    return make_table(page, asked.format, "query", tag)


def _rows(table: "pa.Table", *, cut: bool, following: str | None) -> dict[str, Any]:
    check_size(table)
    columns = [{"name": field.name, "type": str(field.type)} for field in table.schema]
    return {"columns": columns, "rows": values_of(table), "cut": cut, "next": following}


def _all_rows(
    rows: list[dict[str, Any]], model: type[BaseModel], form: Format, name: str, tag: str
) -> Response:
    if form == "json":
        items = [{key: row[key] for key in model.model_fields} for row in rows]
        return make_json({"items": items, "next": None}, tag)
    return make_table(table_of(rows, model), form, name, tag)


def _said(value: Any) -> Any:  # noqa: ANN401 - parameters are of any type
    """Return a parameter as the questions take it: days as text."""
    return value.isoformat() if isinstance(value, date) else value
