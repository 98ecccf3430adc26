"""What a crawl says of a problem, in the words of another language."""

import re
from collections.abc import Mapping
from functools import cache

_SLOT = re.compile(r"\\\{\\\}")
#: In a mix of answers (404×3, unreachable×1) a problem is called by its kind.
_COUNTED = re.compile(r"[a-z_]+(?=×\d)")


def say_detail(detail: str, patterns: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    """Return a detail of a problem as `patterns` say it; as it is if it is made by none of them.

    Args:
        detail: One line, as the crawl keeps it: in English.
        patterns: What it is made by, `{}` where the values are, and the same in other words.
        kinds: What kinds of problems are called.

    >>> say_detail("2 rows, at least 3 expected", {"{} rows, at least {} expected": "{}/{}"}, {})
    '2/3'
    """
    said = re.sub(_COUNTED, lambda hit: kinds.get(hit[0], hit[0]), detail)
    for made_by, words in sorted(patterns.items(), key=lambda pair: (-len(pair[0]), pair[0])):
        values = _matcher(made_by).fullmatch(said)
        if values:
            return words.format(*(say_detail(value, patterns, kinds) for value in values.groups()))
    return said


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile(_SLOT.sub("(.+)", re.escape(pattern)), re.DOTALL)
