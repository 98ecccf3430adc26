"""What districts offer, side by side: a district x measure matrix in which every cell cites.

A measure is what is offered for the same thing to the same class of people. A cell holds the
offers of one district: none (missing), one, or several. Several amounts of one article are steps
of one support. Different amounts that different stories give are a conflict, and are shown
together with a likely reason.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from operator import itemgetter
from typing import Any, Literal

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
    """Return offers of rows of measures that are sorted by evidence; equal ones become one.

    Rows are equal if district, policy, tier, benefit and amount are; the first is the citation.
    """
    first: dict[tuple[Any, ...], Row] = {}
    stories: dict[tuple[Any, ...], dict[str, None]] = defaultdict(dict)
    same = itemgetter(*_SAME)
    for row in rows:
        key = same(row)
        first.setdefault(key, row)
        stories[key][row["story"]] = None
    return [
        Offer(
            **{name: value for name, value in row.items() if name != "story"},
            stories=tuple(stories[key]),
        )
        for key, row in first.items()
    ]


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
    by_measure: dict[Measure, dict[str, list[Offer]]] = defaultdict(lambda: defaultdict(list))
    for offer in offers:
        by_measure[offer.benefit, offer.tier][offer.district].append(offer)
    columns = tuple(measures) or tuple(sorted(by_measure, key=_order))
    told_in = {area for told in by_measure.values() for area in told}
    inside = {code: [area for area in told_in if lies_in(area, code)] for code in districts}
    cells = {}
    for column in columns:
        offered = [told for one, told in by_measure.items() if _is_of(one, column, bool(measures))]
        for code, areas in inside.items():
            found = [o for told in offered for area in areas if area in told for o in told[area]]
            cells[code, column] = _cell(sorted(found, key=_evidence), code)
    return Matrix(districts=tuple(districts), measures=columns, cells=cells)


def lies_in(code: str, area: str) -> bool:
    """Whether the district `code` is `area` or lies in it; as the macro of schema.sql.

    >>> lies_in("320322", "320300"), lies_in("320322", "320000"), lies_in("320300", "320322")
    (True, True, False)
    """
    stem = area[:2] if area.endswith("0000") else area[:4] if area.endswith("00") else area
    return code.startswith(stem)


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


def _order(measure: Measure) -> tuple[str, str]:
    benefit, tier = measure
    return benefit or "~", tier or "~"


def _is_of(told: Measure, column: Measure, asked: bool) -> bool:
    """Whether offers for `told` stand in a column; None in one that was asked for is any."""
    if not asked:
        return told == column
    return column[0] in (None, told[0]) and column[1] in (None, told[1])


def _evidence(offer: Offer) -> tuple[str, int, str]:
    return offer.grade, -offer.day.toordinal(), offer.fact_id


def _cell(found: Sequence[Offer], code: str) -> Cell:
    own = [offer for offer in found if offer.district == code]
    amounts = {_amount(offer) for offer in own}
    below = [o for o in found if o.district != code and (not own or _amount(o) not in amounts)]
    # the district's own offers first; the rows are sorted by evidence already
    offers = (*own, *below)
    if not offers:
        return Cell(state="missing")
    if len({_amount(offer) for offer in offers}) == 1:
        return Cell(state="one", offers=offers)
    reasons = _reasons(offers)
    return Cell(state="conflict" if reasons else "steps", offers=offers, reasons=reasons)


def _amount(offer: Offer) -> tuple[Decimal, Decimal, str, str | None]:
    return offer.amount, offer.highest, offer.unit, offer.per


def _reasons(offers: Sequence[Offer]) -> tuple[Reason, ...]:
    """Return why offers differ that cannot all be steps of one support; empty if they can."""
    sets: dict[tuple[str, str | None], dict[str, list[Offer]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for offer in offers:
        # kinds of money and rates are not compared with each other
        sets[offer.unit, offer.per][offer.article_id].append(offer)
    reasons = {
        _reason(one.first, other.first)
        for told in sets.values()
        for one, other in combinations([_told(offers) for offers in told.values()], 2)
        if _disagree(one, other)
    }
    return tuple(sorted(reasons, key=_LIKELIEST.index))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one article gives: its first offer, the stories that tell it, and its amounts."""

    first: Offer
    stories: frozenset[str]
    amounts: frozenset[tuple[Decimal, Decimal]]


def _told(offers: Sequence[Offer]) -> _Told:
    return _Told(
        first=offers[0],
        stories=frozenset(story for offer in offers for story in offer.stories),
        amounts=frozenset((offer.amount, offer.highest) for offer in offers),
    )


_LIKELIEST: tuple[Reason, ...] = ("district", "cap", "year", "policy", "unknown")


def _disagree(one: _Told, other: _Told) -> bool:
    """Whether two articles give different amounts; who tells only some of the steps agrees."""
    if not one.stories.isdisjoint(other.stories):
        return False
    return not (one.amounts <= other.amounts or other.amounts <= one.amounts)


def _reason(one: Offer, other: Offer) -> Reason:
    if one.district != other.district:
        return "district"
    if (one.qualifier == "up_to") != (
        other.qualifier == "up_to"
    ) or one.cumulative != other.cumulative:
        return "cap"
    if one.day.year != other.day.year:
        return "year"
    return "policy" if one.policy != other.policy else "unknown"
