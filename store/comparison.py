"""What districts offer, side by side: a district x measure matrix in which every cell cites.

A measure is what is offered for the same thing to the same class of people. A cell holds the
offers of one district: none (missing), one, or several. Several amounts of one article are steps
of one support. Different amounts that different stories give are a conflict, and are shown
together with a likely reason.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from store.offers import Offer, Offers
from store.reasons import Reason, Traits

State = Literal["missing", "one", "steps", "conflict"]
#: What a column of the matrix is about: benefit and tier, each None if the text does not tell.
Measure = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one district offers for one measure.

    Attributes:
        state: missing, one (amount), steps (of one support) or conflict.
        offers: Best evidence first, then newest.
        reasons: Why amounts differ, likeliest first; empty unless they are in conflict.
    """

    state: State
    offers: Sequence[Offer] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Districts against measures.

    Attributes:
        districts: Codes, in the order that was asked for.
        measures: Columns: those that were asked for, or all that any district offers.
        cells: A cell for each district and measure.
    """

    districts: tuple[str, ...]
    measures: tuple[Measure, ...]
    cells: Mapping[tuple[str, Measure], Cell]


def compare(
    offers: Iterable[Offer], districts: Sequence[str], measures: Sequence[Measure] = ()
) -> Matrix:
    """Return the matrix of `offers`.

    A district's cell holds its own offers. Those of districts below it come in only where it has
    none of its own, or where they give another amount: then district stands against city.

    Args:
        offers: What is offered.
        districts: Rows: GB/T 2260 codes.
        measures: Columns; None in one stands for any. Empty for all measures that are offered.
    """
    told = Offers.of(offers)
    traits = Traits(told.table)
    by_measure: dict[Measure, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    benefits, tiers = told.table.values("benefit"), told.table.values("tier")
    for place in told.places:
        by_measure[benefits[place], tiers[place]][traits.district[place]].append(place)
    columns = tuple(measures) or tuple(sorted(by_measure, key=_order))
    below = _areas_below({area for by_area in by_measure.values() for area in by_area})
    inside = {code: below.get(_stem(code), []) for code in districts}
    cells = {}
    for column in columns:
        offered = [one for key, one in by_measure.items() if _is_of(key, column, bool(measures))]
        for code, areas in inside.items():
            found = [o for one in offered for area in areas if area in one for o in one[area]]
            cells[code, column] = _cell(sorted(found), code, traits)
    return Matrix(districts=tuple(districts), measures=columns, cells=cells)


def areas_of(districts: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return those of the `known` codes that are of these districts or of any below them.

    >>> areas_of(["320300", "110000"], ["320300", "320322", "320500", "110101"])
    ['110101', '320300', '320322']
    """
    stems = {_stem(district) for district in districts}
    return sorted(code for code in known if not stems.isdisjoint(_stems_above(code)))


def matrix_rows(matrix: Matrix) -> Iterator[dict[str, Any]]:
    """Yield a row an offer, and one for each missing cell."""
    for (code, (benefit, tier)), cell in matrix.cells.items():
        about = {
            "district": code,
            "benefit": benefit,
            "tier": tier,
            "state": cell.state,
            "reasons": list(cell.reasons),
        }
        if not cell.offers:
            yield {**about, **dict.fromkeys(_CITED), "stories": 0}
        for offer in cell.offers:
            cited = {name: getattr(offer, key) for name, key in _CITED.items()}
            # where any benefit or tier was asked for, the row tells which it is
            own = {"benefit": benefit or offer.benefit, "tier": tier or offer.tier}
            yield {**about, **own, **cited, "stories": len(offer.stories)}


_CITED = {
    name: name
    for name in (
        *("amount", "amount_max", "unit", "qualifier", "per", "cumulative", "target", "policy"),
        *("grade", "day", "url", "title", "quote", "fact_id"),
    )
} | {"offered_in": "district"}


def _stem(area: str) -> str:
    """Return what the codes of a district and of all below it begin with."""
    return area[:2] if area.endswith("0000") else area[:4] if area.endswith("00") else area


def _order(measure: Measure) -> tuple[str, str]:
    benefit, tier = measure
    return benefit or "~", tier or "~"


def _is_of(told: Measure, column: Measure, asked: bool) -> bool:
    """Whether offers for `told` stand in a column; None in one that was asked for is any."""
    if not asked:
        return told == column
    return column[0] in (None, told[0]) and column[1] in (None, told[1])


def _areas_below(areas: Iterable[str]) -> dict[str, list[str]]:
    """Return which of these districts lie in each one, by what the codes there begin with."""
    below: dict[str, list[str]] = defaultdict(list)
    for area in areas:
        for stem in _stems_above(area):
            below[stem].append(area)
    return below


def _stems_above(code: str) -> tuple[str, str, str]:
    """Return what the codes begin with of the districts that a code may lie in."""
    return code[:2], code[:4], code


def _cell(found: Sequence[int], code: str, traits: Traits) -> Cell:
    """Return the cell of a district.

    Args:
        found: Places of the offers of the district and of those below it, best evidence first.
        code: The district.
        traits: What the offers are told apart by.
    """
    if not found:
        return Cell(state="missing")
    district, amount = traits.district, traits.amount
    own = [place for place in found if district[place] == code]
    known = {amount[place] for place in own}
    below = [p for p in found if district[p] != code and amount[p] not in known]
    shown = [*own, *below]
    offers = Offers(traits.table, shown)
    if len({amount[place] for place in shown}) == 1:
        return Cell(state="one", offers=offers)
    reasons = traits.reasons(shown)
    return Cell(state="conflict" if reasons else "steps", offers=offers, reasons=reasons)
