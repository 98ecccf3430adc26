"""What districts offer: rows of the view `offers`, each an object only where it is looked at.

A comparison of many districts is made of thousands of rows, of which a page shows a few. What
tells offers apart is read by column, as numbers; an `Offer` is made when somebody takes it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

_Numbers = npt.NDArray[np.int64]


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


#: The fields of an offer that are columns, and their types where these are not words.
_COLUMNS = tuple(field.name for field in fields(Offer) if field.name != "stories")
_TYPES = {
    "amount": pa.decimal128(38, 6),
    "amount_max": pa.decimal128(38, 6),
    "cumulative": pa.bool_(),
    "day": pa.date32(),
}
#: Rows that are alike in all of these are one offer.
_SAME = (
    *("district", "policy", "tier", "benefit"),
    *("amount", "amount_max", "unit", "qualifier", "per", "cumulative"),
)


class Table:
    """Offers by column, best evidence first.

    Args:
        rows: Columns of the view `offers`, but for `story`.
        stories: The stories that tell each.
    """

    def __init__(self, rows: pa.Table, stories: Sequence[tuple[str, ...]]) -> None:
        self._rows = rows
        self._codes: dict[str, _Numbers] = {}
        self.stories = stories

    def offer(self, place: int) -> Offer:
        """Return one of them."""
        row = {name: values[place] for name, values in self._values.items()}
        return Offer(**row, stories=self.stories[place])

    def values(self, name: str) -> list[Any]:
        """Return what a column holds."""
        values: list[Any] = self._rows[name].to_numpy().tolist()
        return values

    def numbers(self, *names: str) -> list[int]:
        """Return a number for each offer; it is the same where all these columns are.

        Columns here are also `highest`, the upper end of a range, or the amount; `year`; and
        `is_cap`, whether the text says up to.
        """
        return list(self.prefixes(*names))[-1]

    def prefixes(self, *names: str) -> Iterator[list[int]]:
        """Yield the numbers of the first of these columns, of the first two, and so on."""
        joint = np.zeros(len(self.stories), np.int64)
        for name in names:
            joint = _joined(joint, self._coded(name))
            numbers: list[int] = joint.tolist()
            yield numbers

    def _coded(self, name: str) -> _Numbers:
        if name not in self._codes:
            self._codes[name] = _coded(self._column(name))
        return self._codes[name]

    def _column(self, name: str) -> pa.ChunkedArray:
        if name == "highest":
            return pa.compute.coalesce(self._rows["amount_max"], self._rows["amount"])
        if name == "year":
            return pa.compute.year(self._rows["day"])
        if name == "is_cap":
            return pa.compute.equal(self._rows["qualifier"], "up_to")
        return self._rows[name]

    @cached_property
    def _values(self) -> dict[str, list[Any]]:
        return {name: self.values(name) for name in _COLUMNS}


class Offers(Sequence[Offer]):
    """Offers, best evidence first; equal to any sequence of equal offers.

    Attributes:
        table: Where they stand.
        places: Which of them these are.
    """

    __slots__ = ("places", "table")

    def __init__(self, table: Table, places: Sequence[int]) -> None:
        self.table = table
        self.places = places

    @classmethod
    def of(cls, offers: Iterable[Offer]) -> "Offers":
        """Return these offers; those that are some already are returned as they are."""
        if isinstance(offers, Offers):
            return offers
        ordered = sorted(offers, key=lambda o: (o.grade, -o.day.toordinal(), o.fact_id))
        rows = pa.table(
            {
                name: pa.array([getattr(o, name) for o in ordered], _TYPES.get(name, pa.string()))
                for name in _COLUMNS
            }
        )
        return cls(Table(rows, [o.stories for o in ordered]), range(len(ordered)))

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> Offer: ...
    @overload
    def __getitem__(self, place: slice) -> "Offers": ...
    def __getitem__(self, place: int | slice) -> "Offer | Offers":
        if isinstance(place, slice):
            return Offers(self.table, self.places[place])
        return self.table.offer(self.places[place])

    def __iter__(self) -> Iterator[Offer]:
        return map(self.table.offer, self.places)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Offers({tuple(self)!r})"


def read_offers(rows: pa.Table) -> Offers:
    """Return offers of rows of the view `offers`, best evidence first; equal ones become one.

    Rows are equal if district, policy, tier, benefit and amount are; the first is the citation.
    """
    if not rows.num_rows:
        return Offers.of([])
    same = np.zeros(rows.num_rows, np.int64)
    for name in _SAME:
        same = _joined(same, _coded(rows[name]))
    _, first, which = np.unique(same, return_index=True, return_inverse=True)
    place_of = np.empty(len(first), np.int64)
    place_of[np.argsort(first)] = np.arange(len(first))
    words = rows["story"].to_numpy()
    told: list[tuple[str, ...]] = [(story,) for story in words[np.sort(first)].tolist()]
    again = np.setdiff1d(np.arange(len(which)), first)  # rows that tell of an offer once more
    for place, story in zip(place_of[which[again]].tolist(), words[again].tolist(), strict=True):
        if story not in told[place]:
            told[place] += (story,)
    return Offers(Table(rows.take(np.sort(first)).drop(["story"]), told), range(len(told)))


def _coded(column: pa.ChunkedArray) -> _Numbers:
    """Return a number for each value of a column, from 0; nothing has one of its own."""
    coded = column.combine_chunks().dictionary_encode("encode").indices
    return np.asarray(coded.to_numpy(), np.int64)


def _joined(numbers: _Numbers, others: _Numbers) -> _Numbers:
    """Return a number for each pair, from 0."""
    if not others.any():
        return numbers
    joint: _Numbers = np.unique(numbers * (int(others.max()) + 1) + others, return_inverse=True)[1]
    return joint
