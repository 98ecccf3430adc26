"""The number side of a figure: where it stands, what it is worth, how it is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

#: A number without rounding; a whole one is best an int, which is reckoned with much sooner.
Exact = int | Fraction


# Named tuples, here and below: a text has thousands of them, and a frozen dataclass takes four
# times as long to make.
class Numeral(NamedTuple):
    """A bare number of a text.

    Attributes:
        start: Where it begins.
        end: Where it ends (exclusive).
        coefficient: What stands before its scale: 20至50万 lends the scale to the 20.
        scale: What its 万, 亿, million multiplies by.
        fuzzy: Word inside it that makes it inexact: 多, 余, 几.
        high: Upper end, where one numeral names two: 三五百, hundreds.
        kind: percent or ratio, where the numeral itself is one: 百分之三, 三成.
        letter: Letter after it, which is a scale beside money: 2.5m.
        words: The numeral as written, where somebody asks.
    """

    start: int
    end: int
    coefficient: Exact
    scale: Exact = 1
    fuzzy: str | None = None
    high: Exact | None = None
    kind: str | None = None
    letter: str = ""
    words: str = ""

    @property
    def value(self) -> Exact:
        """Return coefficient times scale."""
        return self.coefficient * self.scale

    def worth(self, value: Exact) -> "Numeral":
        """Return the same numeral with another value."""
        return self._replace(coefficient=Fraction(value) / self.scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number with its unit and its qualifier, in the clean text of a reading.

    Attributes:
        start: Where its words begin, own qualifier included.
        end: Where they end (exclusive).
        value: In `unit`; the lower end of a range.
        value_max: Upper end of a range; None if it is none.
        unit: As in `extract.facts.Figure`.
        kind: Section of the unit table: money, percent, area, duration, age, person, count ...
        qualifier: exact, approx, nearly, more_than, at_least or up_to.
        per: What a rate is per; None if it is no rate.
        noun: The counted noun, where the scan had to find it anyway.
        row: What its row of a table is about: 博士; None outside of tables.
    """

    start: int
    end: int
    value: Decimal
    unit: str
    kind: str
    value_max: Decimal | None = None
    qualifier: str = "exact"
    per: str | None = None
    noun: str | None = None
    row: str | None = None


class Spans:
    """Sorted spans that can be asked in rising order whether they cover a position."""

    __slots__ = ("_at", "_spans")

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._spans = sorted(spans)
        self._at = 0

    def end_at(self, position: int) -> int | None:
        """Return the end of a span with `start <= position < end`; None if there is none."""
        while self._at < len(self._spans) and self._spans[self._at][1] <= position:
            self._at += 1
        found = None
        for start, end in self._spans[self._at : self._at + 8]:
            if start > position:
                break
            if end > position and (found is None or end > found):
                found = end
        return found
