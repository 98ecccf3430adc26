"""The clause or sentence that a place of a text stands in."""

import re
from functools import cache

#: What ends a Chinese clause, and what ends a sentence.
CLAUSE = "，。；：！？\n"
SENTENCE = "。；！？\n"


def before(text: str, end: int, marks: str, *, reach: int) -> str:
    """Return what stands between the last of `marks` and `end`, `reach` characters at most.

    >>> before("引进人才，奖励10万元", 7, CLAUSE, reach=24)
    '奖励'
    """
    return _mark(marks).split(text[max(0, end - reach) : end])[-1]


def after(text: str, start: int, marks: str, *, reach: int) -> str:
    """Return what stands between `start` and the first of `marks`, `reach` characters at most."""
    mark = _mark(marks).search(text, start, start + reach)
    return text[start : mark.start() if mark else start + reach]


@cache
def _mark(marks: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(marks)}]")
