"""What a Chinese rate is per: 每人每月, 元/月, 月薪."""

import re

from extract.amounts import Amount
from extract.clauses import before
from extract.lexicon import load_words

_PER = load_words("zh", "rates")
_ORDER = ("person", "unit", "year", "month", "week", "day", "hour")
_LEFT = re.compile(
    rf"每(?:招用|增加|引进|新增|培养|新引进|吸纳)?1?(?P<word>{_PER['each'].pattern})"
    rf"|(?P<mean>{_PER['mean'].pattern})|(?P<number>\d)"
)
#: What each of them begins with; few clauses hold any.
_LEFT_SIGN = re.compile(f"[每{_PER['mean'].firsts}]")
_RIGHT = re.compile(
    rf"""
    (?:\*{{0,2}}\ ?[/·每]\ ?(?:{_PER["each"].pattern}))+
    """,
    re.VERBOSE,
)
_WORD = re.compile(_PER["each"].pattern)


def rate_of(text: str, amount: Amount) -> str | None:
    """Return what the amount is per (month, person/month, unit ...); None if it is no rate."""
    right = _RIGHT.match(text, amount.end)
    if right:
        return join_rates({_PER["each"][word] for word in _WORD.findall(right.group())})
    if amount.kind not in ("money", "duration", "area", "count", "person"):
        return None
    clause = before(text, amount.start, "，。；！？\n", reach=30)
    if not _LEFT_SIGN.search(clause):
        return None
    found: set[str] = set()
    for match in _LEFT.finditer(clause):
        if match["number"] or (amount.kind == "duration" and match["word"] == "次"):
            found = set()
        elif match["mean"]:
            found.add(_PER["mean"][match["mean"]])
        else:
            found.add(_PER["each"][match["word"]])
    return join_rates(found)


def join_rates(parts: set[str]) -> str | None:
    """Return what a rate is per, as one word: person/month; None if it is no rate."""
    return "/".join(part for part in _ORDER if part in parts) or None
