"""What a Chinese figure is about: its role, and whether it is a running total."""

import re

from extract.amounts import Amount
from extract.clauses import CLAUSE, SENTENCE, after, before
from extract.lexicon import load_words

_NOUNS = load_words("zh", "nouns")
_WORDS = load_words("zh", "words")

_OF_PEOPLE = ("talent", "event", "award", "other")
_FIXED = {"rank": "rank", "area": "space"}
_HEAD = re.compile(_NOUNS["heads"].pattern)
_MONEY = re.compile(_NOUNS["money"].pattern)
_CUE = re.compile(_NOUNS["cues"].pattern)
_GROWTH = re.compile(_NOUNS["growth"].pattern)
_GRANT = re.compile(_NOUNS["share_after"].pattern)
_NEXT = re.compile(rf"的?\w{{0,2}}(?:{_NOUNS['share_next'].pattern})")
#: 减免租金的50%, but no 补贴标准提高20%.
_GRANTED = re.compile(
    rf"(?:{_NOUNS['share_before'].pattern})(?:\w{{0,8}}$|(?:{_WORDS['of_parts'].pattern}))"
)
_GROWN = re.compile(rf"(?:{_NOUNS['growth'].pattern})[^至到为]{{0,3}}$")
#: 提高至85%: how high it is now, and not by how much it grew.
_LEVEL = re.compile(rf"(?:{_NOUNS['growth'].pattern})(?:了)?[至到为]\w{{0,2}}$")
#: What is to be had for a part of its price: 八折购房.
_PRICED = re.compile(_NOUNS["priced"].pattern)
_REACH = 160
_TOTAL = re.compile(rf"(?:{_WORDS['cumulative'].pattern})(?!\w{{0,8}}(?:中|时|后)[，,])")


def figure_role(text: str, amount: Amount, counted: str | None) -> str:
    """Return the role of a figure, as `extract.facts.Figure` lists them."""
    if amount.kind in _FIXED:
        return _FIXED[amount.kind]
    clause = before(text, amount.start, CLAUSE, reach=_REACH)
    rest = after(text, amount.end, CLAUSE, reach=_REACH)
    if amount.kind == "percent":
        return _share_role(text, amount, clause, rest)
    if amount.kind == "ratio":
        return "growth" if _GROWTH.search(clause[-12:]) else "other"
    if amount.kind == "money":
        return _money_role(text, amount, counted or "", clause + rest)
    if amount.kind in ("person", "count"):
        return _count_role(amount, counted or "")
    return "other"


def _share_role(text: str, amount: Amount, clause: str, rest: str) -> str:
    if amount.qualifier == "at_least":
        return "other"  # 按不低于最低工资80%的标准: what is asked for
    if text[amount.end - 1] in "折半":
        return "support" if _PRICED.search(clause + rest) else "other"
    follows = _GRANT.search(rest[:10]) or _NEXT.match(rest)
    if follows or (re.search(r"按\w{0,20}$", clause) and _GRANT.search(rest)):
        return "support"
    has_grown = _GROWN.search(clause) is not None
    if _GRANTED.search(clause) and not has_grown:
        return "support"
    is_growth = has_grown or (_GROWTH.search(clause[-12:]) and not _LEVEL.search(clause))
    return "growth" if is_growth else "other"


def _money_role(text: str, amount: Amount, counted: str, clause: str) -> str:
    role = _last(_MONEY, "money", counted)
    if role is None:
        cues = {_NOUNS["cues"][match.group()] for match in _CUE.finditer(clause)}
        role = next((cue for cue in ("support", "fund", "investment") if cue in cues), None)
    if role is None:
        sentence = before(text, amount.start, SENTENCE, reach=_REACH)
        role = _last(_MONEY, "money", sentence) or "other"
    return role


def _count_role(amount: Amount, counted: str) -> str:
    role = _last(_HEAD, "heads", counted) or "other"
    # 超过100人的企业: people are never enterprises
    return "other" if amount.kind == "person" and role not in _OF_PEOPLE else role


def _last(pattern: re.Pattern[str], section: str, words: str) -> str | None:
    role = None
    for match in pattern.finditer(words):
        role = _NOUNS[section][match.group()]
    return role


def is_running_total(text: str, amount: Amount, role: str) -> bool:
    """Tell whether the text says 累计, 已, 至今 for a count that can grow."""
    if amount.kind == "duration":
        return "累计" in before(text, amount.start, CLAUSE, reach=_REACH)
    if amount.kind not in ("person", "count", "money", "area") or role in ("support", "rank"):
        return False
    if amount.kind == "money" and role == "other":
        return False
    return _TOTAL.search(before(text, amount.start, SENTENCE, reach=_REACH)) is not None
