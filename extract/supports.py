"""What a support is for, and the class of who gets it, in Chinese text."""

import re

from extract.amounts import Amount
from extract.clauses import CLAUSE, after
from extract.lexicon import load_words
from extract.targets import sentence_before

_TABLE = load_words("zh", "supports")

_BENEFIT = re.compile(_TABLE["benefit"].pattern)
_TIER = re.compile(_TABLE["tier"].pattern)
_IN_BRACKETS = re.compile(r"（[^（）]*）")
_GENERAL = ("award", "project_funding")


def support_benefit(text: str, amount: Amount, counted: str | None) -> str:
    """Return what the sum is for: the nearest words decide, general ones last."""
    left = sentence_before(text, amount.start)
    clause = left[left.rfind("，") + 1 :] + after(text, amount.end, CLAUSE, reach=160)
    general = None
    for words in (counted or "", clause, left):
        kinds = [_TABLE["benefit"][match.group()] for match in _BENEFIT.finditer(words)]
        special = [kind for kind in kinds if kind not in _GENERAL]
        if special:
            return special[-1]
        general = general or (kinds[-1] if kinds else None)
    return general or "other"


def support_tier(target: str | None) -> str:
    """Return the class of the receiver: the last noun that names one, those in brackets last."""
    for words in (_IN_BRACKETS.sub("", target or ""), target or ""):
        tiers = [_TABLE["tier"][match.group()] for match in _TIER.finditer(words)]
        if tiers:
            return tiers[-1]
    return "other"
