"""Query: SQL that only reads, with the schema beside it, and questions that have a name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bole.config import ConfigError
from bole.start import district_code
from bole.web.files import csv_answer
from bole.web.questions import LONGEST, ROWS, run_sql
from bole.web.state import Desk, Row, Spoken, TheDesk
from bole.web.templating import page
from store import StoreError, named_queries
from store.questions import Question, load_question

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
#: Rows that the page shows; the file has them all.
_SHOWN = 200


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
    given = _parameters(request)
    try:
        question = load_question(name) if name else None
        if sql.strip() or question:
            answer = _answer(desk, sql, question, given)
    except (StoreError, ConfigError) as error:
        problem, question = str(error), None
    return page(
        request,
        "query",
        status=400 if problem else 200,
        words=words,
        sql=sql or (_written_out(question, given) if question else ""),
        shown=_SHOWN,
        question=question,
        parameters=given,
        answer=answer,
        problem=problem,
        questions=named_queries(),
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
    answer = _answer(desk, sql, load_question(name) if name else None, _parameters(request))
    return csv_answer(answer.rows, answer.columns, words, name=name or "query")


def _written_out(question: Question, given: Mapping[str, str]) -> str:
    """Return the SQL of a named question with its parameters in their places, to go on from."""

    def value(match: re.Match[str]) -> str:
        words = given.get(match[1])
        return "null" if words is None else "'" + words.replace("'", "''") + "'"

    return re.sub(r"\$([a-z_]+)", value, question.sql)


def _parameters(request: Request) -> dict[str, str]:
    """Return the parameters of a named question that are given: `p.district=320300`."""
    pairs = request.query_params.multi_items()
    return {name[len(_PREFIX) :]: v for name, v in pairs if name.startswith(_PREFIX) and v}


def _answer(desk: Desk, sql: str, question: Question | None, given: dict[str, Any]) -> Answer:
    if question is None:
        table = run_sql(desk.store, sql)
    else:
        bound = dict(given)
        if bound.get("district"):
            bound["district"] = district_code(bound["district"])
        table = desk.store.ask(question.name, **bound).slice(0, ROWS + 1)
    # of two columns with one name the second would be lost in a row
    names = [
        f"{name}_{i}" if name in table.column_names[:i] else name
        for i, name in enumerate(table.column_names)
    ]
    rows = table.rename_columns(names).slice(0, ROWS).to_pylist()
    return Answer(columns=names, rows=rows, more=table.num_rows > ROWS)
