"""Districts as a tree to walk in, with how many facts each part has."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from bole.web.state import Desk
from extract.gazetteer import ancestors, districts_by_code

Row = dict[str, Any]

_COUNTS = """
select in_district as district, count(*) as facts, count(*) filter (role = 'support') as measures
from figures
where repeats is null and in_district is not null
group by in_district
"""
ENDS = {"province": "0000", "city": "00"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Where one stands among the districts.

    Attributes:
        code: The district; empty for the whole country.
        above: Codes of those above it, highest first.
        below: Codes of those directly below that have facts, with how many, most first.
        facts: How many facts it has with all below it.
    """

    code: str
    above: tuple[str, ...]
    below: tuple[tuple[str, int], ...]
    facts: int


def district_tree(desk: Desk, code: str) -> Tree:
    """Return a district among those above and below it; the whole country for no code."""
    totals = desk.kept(("totals",), lambda: _totals(desk.store.select(_COUNTS)))
    below = [(one, n) for one, n in totals.items() if one and _parent(one) == code]
    below.sort(key=lambda pair: (-pair[1], pair[0]))
    above = tuple(reversed(ancestors(code)[1:])) if code in districts_by_code() else ()
    return Tree(code=code, above=above, below=tuple(below), facts=totals.get(code, 0))


def _totals(rows: list[Row]) -> dict[str, int]:
    """Return the facts of each district with all below it; those of the country under no code."""
    totals: Counter[str] = Counter()
    for row in rows:
        chain = ancestors(row["district"])
        for code in (*chain, ""):
            totals[code] += row["facts"]
    return dict(totals)


def _parent(code: str) -> str:
    district = districts_by_code().get(code)
    return district.parent if district else ""
