"""Compare: districts against measures, every cell with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bole.config import ConfigError
from bole.start import district_code
from bole.web.around import undated
from bole.web.files import csv_answer
from bole.web.places import district_tree
from bole.web.state import Desk, Row, Spoken, TheDesk
from bole.web.templating import page
from extract.gazetteer import parent
from store.comparison import Cell, Matrix, Measure, compare, matrix_rows

router = APIRouter()

#: Districts side by side at most, measures of a page, and offers that are laid out at most.
_MOST, _ROWS, _OFFERS = 8, 40, 2_000
#: Offers of a cell that are shown as its evidence.
_EVIDENCE = 6
#: Districts that are proposed beside the office's own.
_NEAR = 4
#: Shades of a row: the highest amount has the last.
HEAT = 5
_FACETS = "select benefit, tier, count(*) as n from offers where {} group by benefit, tier"
_COLUMNS = (
    *("district", "district_name", "benefit", "tier", "state", "reasons", "amount", "amount_max"),
    *("unit", "qualifier", "per", "cumulative", "target", "policy", "grade", "day", "offered_in"),
    *("stories", "title", "url", "quote", "fact_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A comparison as it is shown.

    Attributes:
        matrix: Districts against measures.
        measures: Those that most districts offer first.
        heat: Shade of each cell that has an amount, from 0.
        benefits, tiers: What is laid out; empty for all.
        is_narrowed: Whether some of it was chosen because there are too many offers.
    """

    matrix: Matrix
    measures: Sequence[Measure]
    heat: dict[tuple[str, Measure], int]
    benefits: Sequence[str]
    tiers: Sequence[str]
    is_narrowed: bool


Names = Annotated[list[str], Query(max_length=40)]


@router.get("/compare")
def comparison(  # noqa: PLR0913, PLR0917 - the fields of a form are its parameters
    request: Request,
    desk: TheDesk,
    words: Spoken,
    district: Names = [],  # noqa: B006 - FastAPI copies it
    benefit: Names = [],  # noqa: B006
    tier: Names = [],  # noqa: B006
    start: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Response:
    """Show districts side by side."""
    problem, laid = "", None
    codes: list[str] = []
    try:
        codes = _codes(district) or _proposed(desk)
        laid = _laid(desk, codes, benefit, tier) if codes else None
    except ConfigError as error:
        problem = str(error)
    measures = (laid.measures if laid else ())[start : start + _ROWS]
    return page(
        request,
        "compare",
        status=400 if problem else 200,
        words=words,
        codes=codes,
        typed="，".join(district),
        is_proposal=not any(district) and bool(codes),
        benefits=[one for one in benefit if one],
        tiers=[one for one in tier if one],
        laid=laid,
        measures=measures,
        all_measures=len(laid.measures) if laid else 0,
        evidence=_EVIDENCE,
        undated=_undated(desk, _cited(laid, measures)) if laid else (),
        start=start,
        step=_ROWS,
        problem=problem,
        most=_MOST,
    )


@router.get("/compare.csv")
def comparison_file(
    desk: TheDesk,
    words: Spoken,
    district: Names = [],  # noqa: B006 - FastAPI copies it
    benefit: Names = [],  # noqa: B006
    tier: Names = [],  # noqa: B006
) -> Response:
    """Hand out the comparison: a row an offer, and one for each that is missing."""
    laid = _laid(desk, _codes(district) or _proposed(desk), benefit, tier)
    rows = [
        {**row, "district_name": words.place(row["district"])} for row in matrix_rows(laid.matrix)
    ]
    return csv_answer(rows, _COLUMNS, words, name="comparison")


def _codes(names: Sequence[str]) -> list[str]:
    """Return the codes of the districts that are named, each once.

    Raises:
        ConfigError: No such district, or too many.
    """
    typed = "，".join(names).replace("、", "，").replace(",", "，").split("，")
    codes = list(dict.fromkeys(district_code(name.strip()) for name in typed if name.strip()))
    if len(codes) > _MOST:
        raise ConfigError(f"{len(codes)} districts do not fit side by side; name at most {_MOST}")
    return codes


def _proposed(desk: Desk) -> list[str]:
    """Return the office's own district with those beside it that have most facts."""
    home = desk.office.settings.home
    if not home:
        return [code for code, _ in district_tree(desk, "").below[: _NEAR + 1]]
    beside = district_tree(desk, parent(home) or "").below
    return [home, *[code for code, _ in beside if code != home][:_NEAR]]


def _laid(desk: Desk, codes: Sequence[str], benefits: Sequence[str], tiers: Sequence[str]) -> Laid:
    key = ("compare", tuple(codes), tuple(benefits), tuple(tiers))
    return desk.kept(key, lambda: _lay(desk, codes, benefits, tiers))


def _lay(desk: Desk, codes: Sequence[str], benefits: Sequence[str], tiers: Sequence[str]) -> Laid:
    asked = {f"d{number}": code for number, code in enumerate(codes)}
    inside = " or ".join(f"lies_in(district, ${name})" for name in asked)
    facets = desk.store.select(_FACETS.format(inside), **asked)
    chosen, wanted = [one for one in benefits if one], [one for one in tiers if one]
    shown, told = narrow(facets, chosen, wanted)
    offers = desk.store.compare(codes, benefits=shown, tiers=told)
    matrix = compare(offers, codes)
    heat: dict[tuple[str, Measure], int] = {}
    for measure in matrix.measures:
        heat |= _heat_of(matrix, measure)
    offered = {m: sum(bool(matrix.cells[c, m].offers) for c in codes) for m in matrix.measures}
    measures = sorted(matrix.measures, key=lambda one: -offered[one])
    is_narrowed = (shown, told) != (chosen, wanted)
    return Laid(
        matrix=matrix,
        measures=measures,
        heat=heat,
        benefits=shown,
        tiers=told,
        is_narrowed=is_narrowed,
    )


def narrow(
    facets: Sequence[Row], benefits: Sequence[str], tiers: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Return benefits and tiers whose offers can be laid out: one benefit, one tier if need be.

    Raises:
        ConfigError: There are too many of those that were chosen.
    """
    if not benefits and not _fit(facets, benefits, tiers):
        benefits = _largest_fitting(facets, "benefit", (), tiers)
    if not tiers and not _fit(facets, benefits, tiers):
        tiers = _largest_fitting(facets, "tier", benefits, ())
    if not _fit(facets, benefits, tiers):
        raise ConfigError(
            "these districts offer too much to lay side by side; choose one benefit and one tier, "
            "or smaller districts"
        )
    return benefits, tiers


def _fit(facets: Sequence[Row], benefits: Sequence[str], tiers: Sequence[str]) -> bool:
    return sum(_counted(facets, "benefit", benefits, tiers).values()) <= _OFFERS


def _largest_fitting(
    facets: Sequence[Row], column: str, benefits: Sequence[str], tiers: Sequence[str]
) -> list[str]:
    """Return the benefit or tier with most offers of those that fit; nothing if none is stated."""
    counts = _counted(facets, column, benefits, tiers)
    counts.pop("", None)  # a purpose that is not stated is no choice of the form
    fitting = [one for one, n in counts.items() if n <= _OFFERS] or list(counts)
    return [max(fitting, key=lambda one: (counts[one], one))] if fitting else []


def _undated(desk: Desk, articles: frozenset[str]) -> frozenset[str]:
    return desk.kept(("undated", articles), lambda: undated(desk.store, articles))


def _cited(laid: Laid, measures: Sequence[Measure]) -> frozenset[str]:
    """Return the articles that cells of these measures show as evidence."""
    cells = (laid.matrix.cells[code, one] for code in laid.matrix.districts for one in measures)
    return frozenset(offer.article_id for cell in cells for offer in cell.offers[:_EVIDENCE])


def _counted(
    facets: Sequence[Row], column: str, benefits: Sequence[str], tiers: Sequence[str]
) -> dict[str, int]:
    """Return how many offers each benefit or tier has, of those that are chosen."""
    counts: dict[str, int] = {}
    for row in facets:
        if (not benefits or row["benefit"] in benefits) and (not tiers or row["tier"] in tiers):
            name = row[column] or ""
            counts[name] = counts.get(name, 0) + row["n"]
    return counts


def _heat_of(matrix: Matrix, measure: Measure) -> dict[tuple[str, Measure], int]:
    """Return shades of the cells of one measure: of those in the unit and rate of most."""
    tops = {code: top for code in matrix.districts if (top := _top(matrix.cells[code, measure]))}
    kinds = [(unit, per) for unit, per, _ in tops.values()]
    if not kinds:
        return {}
    kind = max(kinds, key=lambda one: (kinds.count(one), str(one)))
    amounts = {code: amount for code, (unit, per, amount) in tops.items() if (unit, per) == kind}
    highest = max(amounts.values())
    if len(amounts) < 2 or highest <= 0:  # a single amount is neither high nor low
        return {}
    return {
        (code, measure): max(0, min(HEAT - 1, int(amount / highest * HEAT - Decimal("0.001"))))
        for code, amount in amounts.items()
    }


def _top(cell: Cell) -> tuple[str, str | None, Decimal] | None:
    """Return unit, rate and amount of the offer that a cell shows: the one that is proven best."""
    if not cell.offers:
        return None
    first = cell.offers[0]
    return first.unit, first.per, first.highest
