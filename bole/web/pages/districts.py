"""Districts: all as a treemap, and a page for each."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bole.web.around import with_surroundings
from bole.web.drawing import draw_bars, draw_tree, fill_months
from bole.web.files import csv_answer
from bole.web.filters import Filters, find_facts
from bole.web.pages.errors import missing
from bole.web.places import district_tree
from bole.web.state import Desk, Row, Spoken, TheDesk
from bole.web.templating import page
from extract.gazetteer import current_code, districts_by_code

router = APIRouter()

_DAY = "coalesce(a.published, a.first_seen)"
_TOP = 15
_LEVELS, _SUGGESTED = ("province", "city", "county"), 12
_NEWS = f"""
select a.id, a.title, a.source, a.grade, a.published, a.first_seen
from articles a
where lies_in(a.district, $district)
order by {_DAY} desc, a.id
limit {_TOP}
"""  # noqa: S608 - of this file's own parts
_POLICIES = f"""
select id, name, kind, action, issuer, doc_number, issued, valid_to, published, first_seen
from latest_policies
where lies_in(district, $district)
order by coalesce(published, first_seen) desc, id
limit {_TOP}
"""  # noqa: S608 - of this file's own parts
#: Months that a chart goes back from the last one with a fact.
_MONTHS = 24
_TREND = """
with f as (
    select coalesce(f.published, f.first_seen) as day, f.role, f.unit,
        coalesce(f.value_max, f.value) as value
    from cited_figures f
    where f.repeats is null and lies_in(f.in_district, $district)
)
select
    strftime(day, '%Y-%m') as month, count(*) as facts,
    count(*) filter (role = 'support') as measures,
    max(value) filter (role = 'support' and unit = 'CNY') as highest_support
from f group by month order by month desc limit 400
"""
_NUMBERS = """
select
    count(*) as facts, count(*) filter (f.role = 'support') as measures,
    count(*) filter (f.role = 'fund') as funds,
    max(coalesce(f.value_max, f.value)) filter (f.role = 'support' and f.unit = 'CNY')
        as highest_support,
    count(distinct f.article_id) as articles
from figures f
where f.repeats is null and lies_in(f.in_district, $district)
"""


@router.get("/districts")
def districts(request: Request, desk: TheDesk, words: Spoken) -> Response:
    """Show the provinces by how many facts they have."""
    tree = district_tree(desk, "")
    tiles = draw_tree([(code, words.place(code), facts) for code, facts in tree.below])
    return page(request, "districts", words=words, tree=tree, tiles=tiles)


@router.get("/districts.csv")
def districts_file(desk: TheDesk, words: Spoken, district: str = "") -> Response:
    """Hand out how many facts the districts directly below one have."""
    rows = [
        {"district": code, "district_name": words.place(code), "facts": facts}
        for code, facts in district_tree(desk, district).below
    ]
    return csv_answer(rows, ("district", "district_name", "facts"), words, name="districts")


@router.get("/districts/suggest")
def suggest(words: Spoken, q: Annotated[str, Query(max_length=40)] = "") -> list[dict[str, str]]:
    """Return the districts whose name, code or pinyin begins so, cities before counties."""
    typed = q.strip().lower()
    found = [
        one
        for one in districts_by_code().values()
        if typed
        and (
            one.code.startswith(typed) or one.name.startswith(typed) or one.pinyin.startswith(typed)
        )
    ]
    found.sort(key=lambda one: (_LEVELS.index(one.level), one.code))
    return [{"code": one.code, "name": words.place(one.code)} for one in found[:_SUGGESTED]]


@router.get("/districts/{code}")
def district(request: Request, desk: TheDesk, words: Spoken, code: str) -> Response:
    """Show what is known of a district with all below it."""
    if code not in districts_by_code():
        now = current_code(code) if code.isdecimal() else None
        hint = words.say("district.now", words.place(now), now) if now else ""
        raise missing(words.say("district.missing", code[:20]) + hint)
    tree = district_tree(desk, code)
    trend = _trend(desk, code)
    months = fill_months({row["month"]: row["facts"] for row in trend})[-_MONTHS:]
    return page(
        request,
        "district",
        words=words,
        code=code,
        tree=tree,
        tiles=draw_tree([(c, words.place(c), facts) for c, facts in tree.below]),
        numbers=desk.kept(("numbers", code), lambda: desk.store.select(_NUMBERS, district=code)[0]),
        measures=_facts(desk, code, "support"),
        funds=_facts(desk, code, "fund"),
        news=desk.kept(("news", code), lambda: desk.store.select(_NEWS, district=code)),
        policies=desk.kept(("its", code), lambda: desk.store.select(_POLICIES, district=code)),
        trend=trend[:_MONTHS],
        bars=draw_bars([(month, Decimal(facts)) for month, facts in months]),
    )


@router.get("/districts/{code}/trend.csv")
def trend_file(desk: TheDesk, words: Spoken, code: str) -> Response:
    """Hand out the rows behind the chart of a district."""
    columns = ("month", "facts", "measures", "highest_support")
    name = f"trend-{code}" if code in districts_by_code() else "trend"
    return csv_answer(_trend(desk, code), columns, words, name=name)


def _facts(desk: Desk, code: str, role: str) -> list[Row]:
    filters = Filters(district=code, role=role)
    return desk.kept(
        ("of", code, role),
        lambda: with_surroundings(desk.store, find_facts(desk.store, filters, limit=_TOP).rows),
    )


def _trend(desk: Desk, code: str) -> list[Row]:
    return desk.kept(("trend", code), lambda: desk.store.select(_TREND, district=code))
