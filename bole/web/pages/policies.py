"""Policies: the newest, and a page for each with its timeline, versions and changes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from bole.config import ConfigError
from bole.start import district_code
from bole.web.files import csv_answer
from bole.web.filters import Day
from bole.web.pages.errors import missing
from bole.web.places import district_tree
from bole.web.state import Desk, Row, Spoken, TheDesk
from bole.web.templating import page
from store.changes import Change

router = APIRouter()

#: Policies of a page, and of a file.
_PAGE, _FILE_ROWS = 50, 10_000
_WORD = Query(max_length=200)
_DAY = "coalesce(published, first_seen)"
_WHERE = {
    "district": "lies_in(district, $district)",
    "kind": "kind = $kind",
    "action": "action = $action",
    "words": "contains(name, $words)",
    "issuer": "contains(issuer, $issuer)",
    "since": f"{_DAY} >= $since",
    "until": f"{_DAY} <= $until",
}
_LIST = """
select id, name, district, kind, action, doc_number, issuer, issued, valid_from, valid_to, trial,
    grade, published, first_seen, url, title, quote
from latest_policies
{where}
order by {day} desc, id
limit $limit offset $skip
"""
_COLUMNS = (
    *(
        "published",
        "first_seen",
        "district",
        "name",
        "kind",
        "action",
        "doc_number",
        "issuer",
        "issued",
    ),
    *("valid_from", "valid_to", "trial", "grade", "title", "url", "quote", "id"),
)
_ONE = """
select id, name, district, kind, doc_number, issuer, issued, valid_from, valid_to, trial,
    mentions, first_seen, family
from policies where id = $id
"""
_TIMELINE = """
select m.fact_id, m.action, m.issued, m.quote, a.id as article_id, a.title, a.source, a.grade,
    a.published, a.first_seen
from policy_mentions m join articles a on a.id = m.article_id
where m.policy_id = $id
order by coalesce(a.published, a.first_seen) desc, a.id, m.position
limit 100
"""
_VERSIONS = """
select id, name, doc_number, issued, valid_from, valid_to, trial, mentions, first_seen
from policies
where family = $family and district is not distinct from $district
order by coalesce(issued, strftime(first_seen, '%Y-%m-%d')), id
limit 50
"""
_GRANTS = """
select fact_id, district, target, tier, benefit, amount, amount_max, unit, qualifier, per,
    cumulative, conditions, grade, article_id, title, quote
from measures
where policy_id = $id
order by tier nulls last, coalesce(amount_max, amount) desc, fact_id
limit 200
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFilters:
    """Which policies; an empty text or None asks for nothing.

    Attributes:
        district: Code or name; with all below it.
        kind, action: One of the words of docs/words.md.
        words: Words in the name.
        issuer: Words in who issued it.
        since, until: Days of the latest news.
    """

    district: Annotated[str, _WORD] = ""
    kind: Annotated[str, _WORD] = ""
    action: Annotated[str, _WORD] = ""
    words: Annotated[str, _WORD] = ""
    issuer: Annotated[str, _WORD] = ""
    since: Day = None
    until: Day = None

    def given(self) -> dict[str, Any]:
        """Return the filters that ask for something, a district as its code.

        Raises:
            ConfigError: No such district.
        """
        asked = {f.name: getattr(self, f.name) for f in fields(self)}
        asked = {name: value for name, value in asked.items() if value not in (None, "")}
        if "district" in asked:
            asked["district"] = district_code(asked["district"])
        return asked


Asked = Annotated[PolicyFilters, Depends()]


@router.get("/policies")
def policies(
    request: Request,
    desk: TheDesk,
    words: Spoken,
    filters: Asked,
    number: Annotated[int, Query(alias="page", ge=1, le=200)] = 1,
) -> Response:
    """List the policies on which something was done, the latest news first."""
    rows: Sequence[Row] = ()
    problem, code = "", ""
    try:
        code = filters.given().get("district", "")
        rows = desk.kept(
            ("policies", filters, number),
            lambda: _rows(desk, filters, _PAGE + 1, (number - 1) * _PAGE),
        )
    except ConfigError as error:
        problem = str(error)
    return page(
        request,
        "policies",
        status=400 if problem else 200,
        words=words,
        filters=filters,
        rows=rows[:_PAGE],
        number=number,
        more=len(rows) > _PAGE,
        problem=problem,
        tree=district_tree(desk, code, "policies"),
    )


@router.get("/policies.csv")
def policies_file(desk: TheDesk, words: Spoken, filters: Asked) -> Response:
    """Hand out the policies that the filters let through."""
    return csv_answer(_rows(desk, filters, _FILE_ROWS, 0), _COLUMNS, words, name="policies")


@router.get("/policies/{policy}")
def policy_page(request: Request, desk: TheDesk, words: Spoken, policy: str) -> Response:
    """Show a policy: what was told of it when, its versions, what it grants."""
    row = desk.kept(("policy", policy), lambda: _read(desk, policy))
    if row is None:
        raise missing(words.say("policy.missing", policy[:40]))
    return page(request, "policy", words=words, policy=row)


def _rows(desk: Desk, filters: PolicyFilters, limit: int, skip: int) -> list[Row]:
    asked = filters.given()
    conditions = " and ".join(_WHERE[name] for name in asked)
    sql = _LIST.format(where=f"where {conditions}" if conditions else "", day=_DAY)
    return desk.store.select(sql, limit=limit, skip=skip, **asked)


def _read(desk: Desk, policy: str) -> Row | None:
    rows = desk.store.select(_ONE, id=policy)
    if not rows:
        return None
    row = rows[0]
    family = row["family"] or row["name"]
    versions = desk.store.select(_VERSIONS, family=family, district=row["district"])
    return {
        **row,
        "timeline": desk.store.select(_TIMELINE, id=policy),
        "versions": versions,
        "changes": _changes(desk, family, row["district"]),
        "grants": desk.store.select(_GRANTS, id=policy),
    }


def _changes(desk: Desk, family: str, district: str | None) -> list[Change]:
    """Return what the versions of one policy changed; names that only hold its name are others."""
    found = desk.store.changes(family, district=district)
    return [one for one in found if one.family == family and one.district == district]
