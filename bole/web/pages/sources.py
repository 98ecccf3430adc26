"""Sources: how each watched column stands, and what could not be read."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from bole.web.files import csv_answer
from bole.web.state import Desk, Row, Spoken, TheDesk
from bole.web.templating import page

router = APIRouter()

_HEALTH = """
select h.*, s.url, s.level, s.publisher, s.lang
from source_health h join sources s on s.id = h.id
order by not h.enabled, h.problems = 0, h.quiet_days desc nulls last, h.id
"""
_FAILURES = """
select stage, kind, count(*) as n, arg_max(subject, (since, subject)) as subject,
    arg_max(message, (since, subject)) as message, max(since) as since
from failures group by stage, kind order by n desc, stage, kind
"""
_RUNS = "select id, command, day, started, finished, outcome from runs order by id desc limit 10"
_COLUMNS = (
    *("id", "name", "district", "enabled", "pages", "articles", "unread", "undated", "list_rows"),
    *("last_new", "quiet_days", "last_fetched", "problems", "last_problem", "url"),
)


@router.get("/sources")
def sources(request: Request, desk: TheDesk, words: Spoken) -> Response:
    """Show how the sources stand."""
    return page(
        request,
        "sources",
        words=words,
        sources=_health(desk),
        failures=desk.kept(("failures",), lambda: desk.store.select(_FAILURES)),
        runs=desk.kept(("runs",), lambda: desk.store.select(_RUNS)),
    )


@router.get("/sources.csv")
def sources_file(desk: TheDesk, words: Spoken) -> Response:
    """Hand out how the sources stand."""
    return csv_answer(_health(desk), _COLUMNS, words, name="sources")


def _health(desk: Desk) -> list[Row]:
    return desk.kept(("health",), lambda: desk.store.select(_HEALTH))
