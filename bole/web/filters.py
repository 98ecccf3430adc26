"""Which facts are asked for: filters of an address, and the page of rows that they give."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BeforeValidator

from bole.config import ConfigError
from bole.start import district_code
from store import Store

Row = dict[str, Any]
Order = Literal["newest", "oldest", "highest", "lowest"]

#: Rows of a page: up to fifty DuckDB picks before it reads the columns that are only shown.
PAGE = 40
_DAY = "coalesce(f.published, f.first_seen)"
_HIGHEST = "coalesce(f.value_max, f.value)"
#: What each filter asks of cited figures f.
_WHERE = {
    "district": "lies_in(f.in_district, $district)",
    "role": "f.role = $role",
    "unit": "f.unit = $unit",
    "least": f"{_HIGHEST} >= $least",
    "most": "f.value <= $most",
    "target": "contains(f.target, $target)",
    "tier": "f.tier = $tier",
    "benefit": "f.benefit = $benefit",
    "words": "(contains(f.quote, $words) or contains(f.counted, $words))",
    "policy": "f.policy_id = $policy",
    "article": "f.article_id = $article",
    "since": f"{_DAY} >= $since",
    "until": f"{_DAY} <= $until",
    "grade": "f.grade = $grade",
    "source": "(contains(f.source, $source) or contains(f.publisher, $source))",
}
#: What it asks where it is the id of a watched source: articles that came from there.
_WATCHED = """f.article_id in (
    select p.article_id from fetches w join pages_read p on p.url = w.final_url
    where w.source_id = $source)"""
_IS_WATCHED = "select id from sources where id = $source"
#: What rows are ordered by, and whether the largest comes first.
_ORDERS: Mapping[Order, tuple[str, bool]] = {
    "newest": (_DAY, True),
    "oldest": (_DAY, False),
    "highest": (_HIGHEST, True),
    "lowest": ("f.value", False),
}
_NO_WORDS = Query(max_length=200)
#: A field of a form that was left empty asks for nothing.
_BLANK = BeforeValidator(lambda value: None if value == "" else value)
Number = Annotated[Decimal | None, _BLANK]
Day = Annotated[date | None, _BLANK]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which facts, in which order; an empty text or None asks for nothing.

    Attributes:
        district: Code or name; with all below it.
        role, unit, tier, benefit, grade: One of the words of docs/words.md.
        least, most: Range of the amount, in the unit.
        target: Words in who gets it.
        words: Words in the quote or in what is counted.
        policy, article: Ids.
        since, until: Days of publication, else of first sight.
        source: Id of a watched source, or words in the printed one.
        order: newest, oldest, highest or lowest first.
    """

    district: Annotated[str, _NO_WORDS] = ""
    role: Annotated[str, _NO_WORDS] = ""
    unit: Annotated[str, _NO_WORDS] = ""
    least: Number = None
    most: Number = None
    target: Annotated[str, _NO_WORDS] = ""
    tier: Annotated[str, _NO_WORDS] = ""
    benefit: Annotated[str, _NO_WORDS] = ""
    words: Annotated[str, _NO_WORDS] = ""
    policy: Annotated[str, _NO_WORDS] = ""
    article: Annotated[str, _NO_WORDS] = ""
    since: Day = None
    until: Day = None
    grade: Annotated[str, _NO_WORDS] = ""
    source: Annotated[str, _NO_WORDS] = ""
    order: Order = "newest"

    def given(self) -> dict[str, Any]:
        """Return the filters that ask for something, a district as its code.

        Raises:
            ConfigError: No such district.
        """
        asked = {f.name: getattr(self, f.name) for f in fields(self) if f.name in _WHERE}
        asked = {name: value for name, value in asked.items() if value not in (None, "")}
        if "district" in asked:
            asked["district"] = district_code(asked["district"])
        return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of facts.

    Attributes:
        rows: The facts.
        after: Where the next page begins; None if this is the last.
    """

    rows: Sequence[Row]
    after: str | None


def count_facts(store: Store, filters: Filters) -> int:
    """Return how many facts the filters let through."""
    asked = filters.given()
    (row,) = store.select(_COUNT_SQL.format(where=_where(store, asked)), **asked)
    return int(row["n"])


def find_facts(store: Store, filters: Filters, *, after: str = "", limit: int = PAGE) -> Found:
    """Return a page of facts.

    Args:
        store: Reader of a snapshot.
        filters: Which facts.
        after: The `after` of the page before; empty for the first.
        limit: Rows at most.

    Raises:
        ConfigError: No such district, or an `after` that no page gave.
    """
    key, largest_first = _ORDERS[filters.order]
    asked = filters.given()
    conditions, values = "", dict(asked)
    sign, way = ("<", "desc") if largest_first else (">", "asc")
    if after:
        values["last_key"], values["last_fact"] = read_cursor(after, filters.order)
        conditions = (
            f" and ({key} {sign} $last_key or ({key} = $last_key and f.fact_id > $last_fact))"
        )
    sql = _PAGE_SQL.format(key=key, where=_where(store, asked) + conditions, way=way)
    rows = store.select(sql, limit=limit + 1, **values)
    more = len(rows) > limit
    rows = rows[:limit]
    last = make_cursor(rows[-1]["sort_key"], rows[-1]["fact_id"], filters.order) if more else None
    return Found(rows=[_plain(row) for row in rows], after=last)


_COUNT_SQL = "select count(*) as n from cited_figures f {where}"
_PAGE_SQL = """
select
    {key} as sort_key, f.fact_id, f.article_id, f.value, f.value_max, f.unit, f.qualifier,
    f.counted, f.role, f.target, f.tier, f.benefit, f.per, f.cumulative, f.conditions, f.policy,
    f.policy_id, f.in_district as district, f.district_name, f.published, f.first_seen, f.grade,
    f.title, f.url, f.quote, f."start", f."end"
from cited_figures f
{where}
order by sort_key {way}, f.fact_id
limit $limit
"""


def make_cursor(key: date | Decimal, fact: str, order: Order) -> str:
    """Return the place of a row in an order, as an address holds it."""
    words = json.dumps([order, str(key), fact], ensure_ascii=True)
    return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")


def read_cursor(after: str, order: Order) -> tuple[date | Decimal, str]:
    """Return what `make_cursor` was given.

    Raises:
        ConfigError: It is none, or one of another order.
    """
    try:
        padded = after + "=" * (-len(after) % 4)
        found, key, fact = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if found != order or not isinstance(fact, str):
            raise ValueError(found)
        value = date.fromisoformat(key) if order in ("newest", "oldest") else Decimal(key)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise ConfigError(
            f"after = {after[:60]!r} is no place in this list; begin it anew without `after`"
        ) from error
    return value, fact


def _where(store: Store, asked: Mapping[str, Any]) -> str:
    chosen = {name: _WHERE[name] for name in asked}
    if "source" in asked and store.select(_IS_WATCHED, source=asked["source"]):
        chosen["source"] = _WATCHED
    return "where " + " and ".join(["f.repeats is null", *chosen.values()])


def _plain(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "sort_key"}
