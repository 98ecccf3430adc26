"""The number side of a figure: where it stands, what it is worth, how it is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


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
        ends = [
            end for start, end in self._spans[self._at : self._at + 8] if start <= position < end
        ]
        return max(ends, default=None)
