"""What districts offer, side by side: a district x measure matrix in which every cell cites.

A measure is what is offered for the same thing to the same class of people. A cell holds the
offers of one district: none (missing), one, or several. Several amounts of one article are steps
of one support. Different amounts that different stories give are a conflict, and are shown
together with a likely reason.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from operator import itemgetter
from typing import Any, Literal, NamedTuple

Row = Mapping[str, Any]
State = Literal["missing", "one", "steps", "conflict"]
Reason = Literal["district", "cap", "year", "policy", "unknown"]
#: What a column of the matrix is about: benefit and tier, each None if the text does not tell.
Measure = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One amount that a district offers, with the article that proves it best.

    Attributes:
        fact_id, district, policy, target, tier, benefit, amount, amount_max, unit, qualifier, per,
            cumulative, grade, day, url, title, quote: As in the view `measures`; `day` is that of
            publication, else of first sight.
        article_id: The article that proves it best.
        stories: Stories that tell it; reposts of one story count once.
    """

    fact_id: str
    district: str
    policy: str | None
    target: str | None
    tier: str | None
    benefit: str | None
    amount: Decimal
    amount_max: Decimal | None
    unit: str
    qualifier: str
    per: str | None
    cumulative: bool
    grade: str
    day: date
    url: str | None
    title: str | None
    article_id: str
    quote: str
    stories: tuple[str, ...]

    @property
    def highest(self) -> Decimal:
        """Return the upper end of a range, or the amount."""
        return self.amount if self.amount_max is None else self.amount_max


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one district offers for one measure.

    Attributes:
        state: missing, one (amount), steps (of one support) or conflict.
        offers: Best evidence first, then newest.
        reasons: Why amounts differ, likeliest first; empty unless they are in conflict.
    """

    state: State
    offers: tuple[Offer, ...] = ()
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


def read_offers(rows: Iterable[Row]) -> list[Offer]:
    """Return offers of rows of `offers` that are sorted by evidence; equal ones become one.

    Rows are equal if district, policy, tier, benefit and amount are; the first is the citation.
    """
    told: dict[tuple[Any, ...], tuple[Row, dict[str, None]]] = {}
    same = itemgetter(*_SAME)
    for row in rows:
        told.setdefault(same(row), (row, {}))[1][row["story"]] = None
    return [_offer(row, stories) for row, stories in told.values()]


def _offer(row: Row, stories: Iterable[str]) -> Offer:
    fields = {**row}
    del fields["story"]
    return Offer(**fields, stories=tuple(stories))


_SAME = (
    *("district", "policy", "tier", "benefit"),
    *("amount", "amount_max", "unit", "qualifier", "per", "cumulative"),
)


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
    by_measure: dict[Measure, dict[str, list[_Ranked]]] = defaultdict(lambda: defaultdict(list))
    amounts: dict[tuple[Any, ...], int] = {}
    for rank, offer in enumerate(sorted(offers, key=_evidence)):
        amount = amounts.setdefault(_amount(offer), len(amounts))
        told = by_measure[offer.benefit, offer.tier]
        told[offer.district].append(_Ranked(rank, amount, offer))
    columns = tuple(measures) or tuple(sorted(by_measure, key=_order))
    below = _areas_below({area for told in by_measure.values() for area in told})
    inside = {code: below.get(_stem(code), []) for code in districts}
    cells = {}
    for column in columns:
        offered = [told for one, told in by_measure.items() if _is_of(one, column, bool(measures))]
        for code, areas in inside.items():
            found = [o for told in offered for area in areas if area in told for o in told[area]]
            cells[code, column] = _cell(sorted(found), code)
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


class _Ranked(NamedTuple):
    """An offer with its place in the order of evidence, and the number of its amount."""

    rank: int
    amount: int
    offer: Offer


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


def _evidence(offer: Offer) -> tuple[str, int, str]:
    return offer.grade, -offer.day.toordinal(), offer.fact_id


def _cell(found: Sequence[_Ranked], code: str) -> Cell:
    if not found:
        return Cell(state="missing")
    own = [one for one in found if one.offer.district == code]
    known = {one.amount for one in own}
    below = [one for one in found if one.offer.district != code and one.amount not in known]
    shown = [*own, *below]
    offers = tuple(one.offer for one in shown)
    if len({one.amount for one in shown}) == 1:
        return Cell(state="one", offers=offers)
    reasons = _reasons(shown)
    return Cell(state="conflict" if reasons else "steps", offers=offers, reasons=reasons)


def _amount(offer: Offer) -> tuple[Decimal, Decimal, str, str | None]:
    return offer.amount, offer.highest, offer.unit, offer.per


def _reasons(offers: Sequence[_Ranked]) -> tuple[Reason, ...]:
    """Return why offers differ that cannot all be steps of one support; empty if they can."""
    sets: dict[tuple[str, str | None], dict[str, list[_Ranked]]] = defaultdict(dict)
    for one in offers:
        # kinds of money and rates are not compared with each other
        sets[one.offer.unit, one.offer.per].setdefault(one.offer.article_id, []).append(one)
    reasons: set[Reason] = set()
    for told in sets.values():
        reasons |= _differences([_told(offers) for offers in told.values()])
    return tuple(reason for reason in _LIKELIEST if reason in reasons)


class _Told(NamedTuple):
    """What one article gives: its first offer, the stories that tell it, and its amounts."""

    first: Offer
    stories: frozenset[str]
    amounts: frozenset[int]


def _told(offers: Sequence[_Ranked]) -> _Told:
    return _Told(
        offers[0].offer,
        frozenset(story for one in offers for story in one.offer.stories),
        frozenset(one.amount for one in offers),
    )


#: What may tell two offers apart, likeliest reason first.
_STEPS: tuple[tuple[Reason, Callable[[Offer], object]], ...] = (
    ("district", lambda offer: offer.district),
    ("cap", lambda offer: (offer.qualifier == "up_to", offer.cumulative)),
    ("year", lambda offer: offer.day.year),
    ("policy", lambda offer: offer.policy),
    ("unknown", lambda offer: offer.article_id),
)
_LIKELIEST = tuple(reason for reason, _ in _STEPS)


def _differences(told: list[_Told]) -> set[Reason]:
    """Return the likeliest reason of each two articles that disagree.

    Articles that are alike in all that would be a likelier reason are parted by the next one; two
    of different parts that disagree are enough, so few of all pairs are looked at.
    """
    found: set[Reason] = set()
    alike = [told] if len(told) > 1 else []
    for reason, trait in _STEPS:
        parted = [_parts(group, trait) for group in alike]
        if any(_parts_disagree(parts) for parts in parted):
            found.add(reason)
        alike = [part for parts in parted for part in parts if len(part) > 1]
    return found


def _parts(told: Iterable[_Told], trait: Callable[[Offer], object]) -> list[list[_Told]]:
    parts: dict[object, list[_Told]] = {}
    for one in told:
        parts.setdefault(trait(one.first), []).append(one)
    return list(parts.values())


def _parts_disagree(parts: Sequence[Sequence[_Told]]) -> bool:
    """Whether two articles of different parts disagree."""
    if len(parts) == 1 or len({one.amounts for part in parts for one in part}) == 1:
        return False
    return any(
        _disagree(one, other)
        for part, others in combinations(parts, 2)
        for one in part
        for other in others
    )


def _disagree(one: _Told, other: _Told) -> bool:
    """Whether two articles give different amounts; who tells only some of the steps agrees."""
    if not one.stories.isdisjoint(other.stories):
        return False
    return not (one.amounts <= other.amounts or other.amounts <= one.amounts)
