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
_GRANT = re.compile(r"给予|给与|补贴|贴息|补助|奖励|资助|返还|减免|奖补|支持")
_REACH = 160
_TOTAL = re.compile(rf"(?:{_WORDS['cumulative'].pattern})(?!\w{{0,8}}(?:中|时|后)[，,])")


def figure_role(text: str, amount: Amount, counted: str | None) -> str:
    """Return the role of a figure, as `extract.facts.Figure` lists them."""
    if amount.kind in _FIXED:
        return _FIXED[amount.kind]
    clause = before(text, amount.start, CLAUSE, reach=_REACH)
    rest = after(text, amount.end, CLAUSE, reach=_REACH)
    if amount.kind == "percent":
        return _share_role(clause, rest)
    if amount.kind == "ratio":
        return "growth" if _GROWTH.search(clause) else "other"
    if amount.kind == "money":
        return _money_role(text, amount, counted or "", clause + rest)
    if amount.kind in ("person", "count"):
        return _count_role(amount, counted or "")
    return "other"


def _share_role(clause: str, rest: str) -> str:
    if _GRANT.search(rest[:10]) or (re.search(r"按\w{0,20}$", clause) and _GRANT.search(rest)):
        return "support"
    return "growth" if _GROWTH.search(clause[-12:]) else "other"


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
