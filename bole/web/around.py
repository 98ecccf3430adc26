"""What a list says of its rows beside their own columns: words around quotes, days not printed."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from store import Store

Row = dict[str, Any]

#: Characters that are shown on either side of a quote at most; of Latin letters twice as many.
REACH = 36
_UNDATED = """
select id from articles where published is null and list_contains($ids::varchar[], id)
"""
_HAN = re.compile("[\u3400-\u9fff]")
#: Parts of words at the ends of a run that was cut out, and marks that may stand there.
_CUT_HEAD, _CUT_TAIL = re.compile(r"^[A-Za-z'-]*\s"), re.compile(r"\s[A-Za-z'-]*$")
_MARKS = "，、,：: "
#: Where a sentence ends; commas and points between digits are none of it.
_STOP = re.compile(r"[。！？；\n]|[!?;.](?=\s)")


def with_surroundings(store: Store, rows: Iterable[Row]) -> list[Row]:
    """Return rows of facts with what stands `before` and `after` their quotes, as published.

    Args:
        store: A reader of the snapshot that the rows are of.
        rows: With article_id, start and end.
    """
    rows = list(rows)
    bodies = store.bodies({row["article_id"] for row in rows})
    found = []
    for row in rows:
        begin, body = bodies[row["article_id"]]
        before, after = surroundings(body, row["start"] - begin, row["end"] - begin)
        found.append({**row, "before": before, "after": after})
    return found


def surroundings(body: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after `body[start:end]` in its sentence.

    >>> surroundings("全市有千人。引进12人，多于往年。", 8, 11)
    ('引进', '，多于往年')
    """
    reach = REACH if _HAN.search(body[max(0, start - REACH) : end + REACH]) else 2 * REACH
    before, after = body[max(0, start - reach) : start], body[end : end + reach]
    begins = [stop.end() for stop in _STOP.finditer(before)]
    if begins:
        before = before[begins[-1] :]
    elif start > reach:
        before = "…" + _CUT_HEAD.sub("", before).lstrip(_MARKS)
    ends = _STOP.search(after)
    if ends:
        after = after[: ends.start()]
    elif end + reach < len(body):
        after = _CUT_TAIL.sub("", after).rstrip(_MARKS) + "…"
    return before.lstrip(), after.rstrip()


def undated(store: Store, articles: Collection[str]) -> frozenset[str]:
    """Return those of the articles whose pages tell no day of publication."""
    found = store.select(_UNDATED, ids=sorted(set(articles))) if articles else []
    return frozenset(row["id"] for row in found)
