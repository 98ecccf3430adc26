"""Districts as a tree to walk in, with how many facts each part has."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from bole.web.state import Desk
from extract.gazetteer import ancestors, districts_by_code

Row = dict[str, Any]

Counted = Literal["facts", "policies"]
_COUNTS: dict[Counted, str] = {
    "facts": """
        select in_district as district, count(*) as n from figures
        where repeats is null and in_district is not null group by in_district
    """,
    "policies": """
        select district, count(*) as n from latest_policies
        where district is not null group by district
    """,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Where one stands among the districts.

    Attributes:
        code: The district; empty for the whole country.
        above: Codes of those above it, highest first.
        below: Codes of those directly below that have any of what is counted, with how many,
            most first.
        count: How many it has with all below it.
        counted: What is counted.
    """

    code: str
    above: tuple[str, ...]
    below: tuple[tuple[str, int], ...]
    count: int
    counted: Counted


def district_tree(desk: Desk, code: str, counted: Counted = "facts") -> Tree:
    """Return a district among those above and below it; the whole country for no code."""
    sql = _COUNTS[counted]
    totals = desk.kept(("totals", counted), lambda: _totals(desk.store.select(sql)))
    below = [(one, n) for one, n in totals.items() if one and _parent(one) == code]
    below.sort(key=lambda pair: (-pair[1], pair[0]))
    above = tuple(reversed(ancestors(code)[1:])) if code in districts_by_code() else ()
    return Tree(
        code=code, above=above, below=tuple(below), count=totals.get(code, 0), counted=counted
    )


def _totals(rows: list[Row]) -> dict[str, int]:
    """Return the count of each district with all below it; that of the country under no code."""
    totals: Counter[str] = Counter()
    for row in rows:
        chain = ancestors(row["district"])
        for code in (*chain, ""):
            totals[code] += row["n"]
    return dict(totals)


def _parent(code: str) -> str:
    district = districts_by_code().get(code)
    return district.parent if district else ""
