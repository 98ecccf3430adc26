"""Query: SQL that only reads, with the schema beside it, and questions that have a name."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bole.config import ConfigError
from bole.start import district_code
from bole.web.files import csv_answer
from bole.web.questions import (
    LONGEST,
    ROWS,
    find_question,
    own_questions,
    run_question,
    run_sql,
    write_out,
)
from bole.web.state import Desk, Row, Spoken, TheDesk
from bole.web.templating import page
from store import StoreError, named_queries
from store.questions import Question

router = APIRouter()

_SCHEMA = """
select t.name, t.comment, t.is_view, list({'name': c.column_name, 'type': c.data_type,
    'comment': c.comment} order by c.column_index) as columns
from (
    select table_name as name, comment, false as is_view from duckdb_tables() where not internal
    union all
    select view_name, comment, true from duckdb_views() where not internal
) t
join duckdb_columns() c on c.table_name = t.name and not c.internal
where t.name <> 'schema_version'
group by t.name, t.comment, t.is_view
order by t.name
"""
#: What a parameter of a named question may be called in an address.
_PREFIX = "p."
#: Rows that the page shows; the file has more.
_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows of a question; `more` tells whether there are others."""

    columns: list[str]
    rows: list[Row]
    more: bool


@router.get("/query")
def query(
    request: Request,
    desk: TheDesk,
    words: Spoken,
    sql: Annotated[str, Query(max_length=LONGEST)] = "",
    name: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Show the form, the schema and the answer, if anything is asked."""
    answer, problem = None, ""
    given, folder = _parameters(request), desk.office.folder
    try:
        question = find_question(folder, name) if name else None
        if question:
            key = ("asked", question, tuple(sorted(given.items())))
            answer = desk.kept(key, lambda: _answer(desk, "", question, given, rows=_SHOWN))
        elif sql.strip():
            answer = _answer(desk, sql, None, given, rows=_SHOWN)
    except (StoreError, ConfigError) as error:
        problem, question = str(error), None
    return page(
        request,
        "query",
        status=400 if problem else 200,
        words=words,
        sql=sql or (write_out(question, given) if question else ""),
        question=question,
        parameters=given,
        answer=answer,
        problem=problem,
        questions={name: words.question(name, text) for name, text in named_queries().items()},
        own=own_questions(folder),
        tables=desk.kept(("schema",), lambda: desk.store.select(_SCHEMA)),
    )


@router.get("/query.csv")
def query_file(
    request: Request,
    desk: TheDesk,
    words: Spoken,
    sql: Annotated[str, Query(max_length=LONGEST)] = "",
    name: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Hand out the answer."""
    question = find_question(desk.office.folder, name) if name else None
    answer = _answer(desk, sql, question, _parameters(request), rows=ROWS)
    return csv_answer(answer.rows, answer.columns, words, name=name or "query")


def _parameters(request: Request) -> dict[str, str]:
    """Return the parameters of a named question that are given: `p.district=320300`."""
    pairs = request.query_params.multi_items()
    return {name[len(_PREFIX) :]: v for name, v in pairs if name.startswith(_PREFIX) and v}


def _answer(
    desk: Desk, sql: str, question: Question | None, given: dict[str, Any], *, rows: int
) -> Answer:
    if question is None:
        table = run_sql(desk.store, sql, limit=rows)
    else:
        bound = dict(given)
        if bound.get("district"):
            bound["district"] = district_code(bound["district"])
        table = run_question(desk.store, question, bound, limit=rows)
    # of two columns with one name the second would be lost in a row
    names = [
        f"{name}_{i}" if name in table.column_names[:i] else name
        for i, name in enumerate(table.column_names)
    ]
    found = table.rename_columns(names).slice(0, rows).to_pylist()
    return Answer(columns=names, rows=found, more=table.num_rows > rows)
