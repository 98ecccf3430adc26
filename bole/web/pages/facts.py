"""Facts: the filtered list, and each fact with its words in the article."""

from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from bole.config import ConfigError
from bole.web.around import with_surroundings
from bole.web.files import csv_answer
from bole.web.filters import Filters, Found, count_facts, find_facts
from bole.web.marks import (
    FOLDER,
    Mark,
    MarkError,
    NoFactError,
    mark_fact,
    read_mark,
    withdraw_mark,
)
from bole.web.pages.articles import lines_near, read_article, read_fact
from bole.web.pages.errors import missing
from bole.web.places import Tree, district_tree
from bole.web.state import Desk, Spoken, TheDesk
from bole.web.templating import page
from store.corrections import Correction

router = APIRouter()

Row = dict[str, Any]

#: Rows of a file; more come from the API.
_FILE_ROWS = 10_000
_COLUMNS = (
    *(
        "published",
        "first_seen",
        "district",
        "district_name",
        "role",
        "benefit",
        "tier",
        "target",
        "counted",
    ),
    *("value", "value_max", "unit", "qualifier", "per", "cumulative", "conditions", "policy"),
    *("grade", "title", "url", "quote", "fact_id"),
)
_UNITS = "select unit, count(*) as n from cited_figures group by unit order by n desc, unit"
_SOURCES = "select id, name from sources order by name, id"
_DECIDED = """
select verdict, reviewer, decided from corrections
where article_id = $article_id and kind = $kind and "start" = $start
"""
#: Fields that the form of a mark offers, by the kind of the fact.
MENDED = {
    "figure": (
        *("value", "value_max", "unit", "qualifier", "counted", "role", "target", "per"),
        *("benefit", "tier", "policy", "district"),
    ),
    "policy": (
        *("name", "action", "doc_number", "issuer", "district", "issued", "valid_from"),
        "valid_to",
    ),
}
#: Sections of the digest's words that hold what a field can be.
CHOICES = {
    "qualifier": "qualifiers",
    "role": "roles",
    "benefit": "benefits",
    "tier": "tiers",
    "action": "actions",
}

Form = dict[str, str]

Asked = Annotated[Filters, Depends()]


@router.get("/facts")
def facts(
    request: Request, desk: TheDesk, words: Spoken, filters: Asked, after: str = ""
) -> Response:
    """List the facts that the filters let through."""
    problem = ""
    try:
        found, rows, count = _listed(desk, filters, after)
        tree = _tree(desk, filters)
    except ConfigError as error:  # a name that no district has: the form says so beside it
        problem, found, count, tree = str(error), None, 0, district_tree(desk, "")
        rows = []
    return page(
        request,
        "facts",
        status=400 if problem else 200,
        words=words,
        filters=filters,
        asked={} if problem else filters.given(),
        found=found,
        rows=rows,
        count=count,
        problem=problem,
        tree=tree,
        **_choices(desk),
        is_first=not after,
    )


def prepare(desk: Desk) -> None:
    """Keep what the first view of all facts asks for: the largest tables are first touched here."""
    filters = Filters()
    _listed(desk, filters, "")
    _tree(desk, filters)
    _choices(desk)


def _listed(desk: Desk, filters: Filters, after: str) -> tuple[Found, list[Row], int]:
    """Return a page of facts, its rows with the words around them, and how many facts there are.

    Raises:
        ConfigError: A name that no district has.
    """
    key = (filters, after)
    found = desk.kept(("facts", *key), lambda: find_facts(desk.store, filters, after=after))
    rows = desk.kept(("rows", *key), lambda: with_surroundings(desk.store, found.rows))
    return found, rows, desk.kept(("count", filters), lambda: count_facts(desk.store, filters))


def _choices(desk: Desk) -> dict[str, list[Row]]:
    """Return the units and sources that the form offers."""
    return {
        "units": desk.kept(("units",), lambda: desk.store.select(_UNITS)),
        "sources": desk.kept(("sources",), lambda: desk.store.select(_SOURCES)),
    }


@router.get("/facts.csv")
def facts_file(desk: TheDesk, words: Spoken, filters: Asked) -> Response:
    """Hand out the facts that the filters let through."""
    found = find_facts(desk.store, filters, limit=_FILE_ROWS)
    return csv_answer(found.rows, _COLUMNS, words, name="facts")


@router.get("/facts/{fact}")
def fact_page(request: Request, desk: TheDesk, words: Spoken, fact: str) -> Response:
    """Show a fact with its words in the article."""
    return _fact_page(request, desk, words, fact)


async def form_of(request: Request) -> Form:
    """Return the fields of a form that was sent, the last of each name."""
    body = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=60))


@router.post("/facts/{fact}/mark")
def mark(
    request: Request,
    desk: TheDesk,
    words: Spoken,
    fact: str,
    form: Annotated[Form, Depends(form_of)],
) -> Response:
    """Put down what a person says of a fact; the next run takes it in."""
    folder = desk.office.settings.data / FOLDER
    verdict = form.get("verdict", "")
    if verdict == "withdraw":
        withdraw_mark(folder, fact)
        return RedirectResponse(f"/facts/{quote(fact)}#mark", 303)
    if verdict not in ("right", "wrong", "corrected"):
        return _fact_page(request, desk, words, fact, words.say("mark.choose"))
    row = desk.kept(("fact", fact), lambda: read_fact(desk.store, fact))
    given = _changed(row, form) if row and verdict == "corrected" else None
    try:
        mark_fact(
            desk.store,
            folder,
            Mark(
                fact_id=fact,
                verdict=verdict,  # type: ignore[arg-type]
                fields=given,
                reviewer=form.get("reviewer", "").strip() or None,
            ),
        )
    except NoFactError as error:
        raise missing(words.say("fact.missing", fact[:40])) from error
    except MarkError as error:
        return _fact_page(request, desk, words, fact, str(error))
    return RedirectResponse(f"/facts/{quote(fact)}#mark", 303)


def _changed(row: Row, form: Form) -> Form:
    """Return the fields of a form that differ from those of the fact."""
    return {
        name: form[name].strip()
        for name in MENDED[row["kind"]]
        if name in form and form[name].strip() != shown_field(row[name])
    }


def shown_field(value: object) -> str:
    """Return a field of a fact as a form shows it."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return "" if value is None else str(value)


def _verdict(said: Correction, row: Row) -> str:
    """Return what a mark that waits says of a fact as it stands now."""
    if said.fields is None:
        return "wrong"
    given = {name: shown_field(said.fields.get(name)) for name in MENDED[row["kind"]]}
    same = all(_same(given[name], shown_field(row[name])) for name in given)
    return "right" if same else "corrected"


def _same(one: str, other: str) -> bool:
    """Whether two fields say the same; amounts may be written in several ways."""
    try:
        return one == other or Decimal(one) == Decimal(other)
    except ArithmeticError:
        return False


def _tree(desk: Desk, filters: Filters) -> Tree:
    return district_tree(desk, filters.given().get("district", ""))


def _fact_page(
    request: Request, desk: Desk, words: Spoken, fact: str, problem: str = ""
) -> Response:
    row = desk.kept(("fact", fact), lambda: read_fact(desk.store, fact))
    if row is None:
        raise missing(words.say("fact.missing", fact[:40]))
    key = row["article_id"]
    article = desk.kept(("article", key), lambda: read_article(desk.store, key))
    waiting, broken = None, ""
    try:
        waiting = read_mark(desk.office.settings.data / FOLDER, fact)
    except MarkError as error:  # a file that somebody wrote by hand; the run tells of it too
        broken = str(error)
    return page(
        request,
        "fact",
        status=400 if problem else 200,
        words=words,
        fact=row,
        problem=problem or broken,
        article=article,
        near=lines_near(article["lines"], fact) if article else [],
        fields=[(name, shown_field(row[name])) for name in MENDED[row["kind"]]],
        choices=CHOICES,
        waiting=waiting,
        waits_as=_verdict(waiting, row) if waiting else "",
        decided=desk.store.select(_DECIDED, **{n: row[n] for n in ("article_id", "kind", "start")}),
    )
