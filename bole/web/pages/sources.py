"""Sources: how each watched column stands, and what could not be had or read."""

import json
from collections import defaultdict

from fastapi import APIRouter, Request
from starlette.responses import Response

from bole.web.files import csv_answer
from bole.web.state import Desk, Row, Spoken, TheDesk
from bole.web.templating import page
from bole.web.words import Words

router = APIRouter()

_HEALTH = """
select h.id, h.name, h.district, h.enabled, h.pages, h.articles, h.unread, h.undated, h.list_rows,
    h.last_new, h.quiet_days, h.last_fetched, s.url
from source_health h join sources s on s.id = h.id
order by not h.enabled, h.quiet_days desc nulls last, h.id
"""
#: Addresses that did not come when they were last asked for, by source and kind of problem.
_TROUBLES = """
with wrong as (
    select * from fetches where problem is not null and kind <> 'robots'
),
last as (
    select source_id, url, max(id) as id
    from fetches
    where kind <> 'robots' and url in (select url from wrong)
    group by source_id, url
)
select
    w.source_id, w.problem as kind, count(*) as n,
    arg_max(w.url, (w.fetched, w.url)) as url, arg_max(w.detail, (w.fetched, w.url)) as detail
from wrong w
join last on last.id = w.id
join sources s on s.id = w.source_id and s.enabled
group by w.source_id, w.problem
order by n desc, w.source_id, w.problem
"""
#: How the sources stood as wholes when the newest issue was written.
_STANDING = "select health from digests order by day desc limit 1"
_FAILURES = """
select stage, kind, count(*) as n, arg_max(subject, (since, subject)) as subject,
    arg_max(message, (since, subject)) as message, max(since) as since
from failures group by stage, kind order by n desc, stage, kind
"""
#: Each part of a crawl in shards has a row of its own: those are the committer's.
_RUNS = """
select id, command, day, started, finished, outcome from runs
where not starts_with(command, 'crawl ') order by id desc limit 10
"""
_COLUMNS = (
    *("id", "name", "district", "enabled", "pages", "articles", "unread", "undated", "list_rows"),
    *("last_new", "quiet_days", "last_fetched", "standing", "url"),
)


@router.get("/sources")
def sources(request: Request, desk: TheDesk, words: Spoken) -> Response:
    """Show how the sources stand."""
    rows = _health(desk)
    return page(
        request,
        "sources",
        words=words,
        sources=rows,
        troubles=[{**one, "name": row["name"]} for row in rows for one in row["troubles"]],
        failures=desk.kept(("failures",), lambda: desk.store.select(_FAILURES)),
        runs=desk.kept(("runs",), lambda: desk.store.select(_RUNS)),
    )


@router.get("/sources.csv")
def sources_file(desk: TheDesk, words: Spoken) -> Response:
    """Hand out how the sources stand."""
    rows = [{**row, "standing": _standing(row["troubles"], words)} for row in _health(desk)]
    return csv_answer(rows, _COLUMNS, words, name="sources")


def _standing(troubles: list[Row], words: Words) -> str:
    """Return what is wrong with a source in one line."""
    told = (f"{words.of('problems', one['kind'])}×{one['n']}" for one in troubles)
    return "；".join(told) or words.of("problems", "none")


def _health(desk: Desk) -> list[Row]:
    """Return the sources with their `troubles`, those that have any first."""
    return desk.kept(("health",), lambda: _read_health(desk))


def _read_health(desk: Desk) -> list[Row]:
    troubles: dict[str, list[Row]] = defaultdict(list)
    for row in desk.store.select(_STANDING):
        for source in json.loads(row["health"]):
            told = [one for one in source["problems"] if one["url"] is None]
            troubles[source["source_id"]] += [{**one, "n": 1} for one in told]
    for row in desk.store.select(_TROUBLES):
        troubles[row["source_id"]].append(row)
    rows = [{**row, "troubles": troubles[row["id"]]} for row in desk.store.select(_HEALTH)]
    return sorted(rows, key=lambda row: (not row["enabled"], not row["troubles"]))
