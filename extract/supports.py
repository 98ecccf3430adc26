"""Who gets a support, and what for, in Chinese text."""

import re

from extract.amounts import Amount
from extract.clauses import CLAUSE, SENTENCE, after, before
from extract.lexicon import load_words

_TABLE = load_words("zh", "supports")

_NOUN = rf"(?:{_TABLE['target'].pattern})"
_TO = re.compile(
    rf"""
    (?:(?<![针相面绝比核])对于?|向|给予|给与|支持|鼓励|奖励|资助|补贴|补助给|为(?=[新来引符]))
    (?P<target>[^，。；：！？\d]{{0,40}}?{_NOUN})
    (?=[，（]|最高|分别|按|一次性|每|给予|给与|予以|发放|实施|可|再|的?\d|提供|，|享受|$|奖励|补贴)
    """,
    re.VERBOSE,
)
_SUBJECT = re.compile(
    rf"""
    (?:^|[，：\n。；])\ *(?:其中|经\w{{2,8}}的|同时)?(?P<target>[^，。；：！？]{{0,90}}?{_NOUN})
    (?=（|租房|购房|生活|安家|住房|于|招用|组织|吸纳|引进|录用|签订|开展|每|最高|可|给予|享受|按|一次性|贷款|担保|创业担保|年薪|补贴|奖励|招用|的?，|$|能|将|获)
    """,
    re.VERBOSE,
)
_AFTER = re.compile(
    rf"[^。；：！？\n]{{0,20}}?(?:补助给|支付给|发放给|拨付给|奖励给|向)(?P<target>[^，。；：]{{0,20}}?{_NOUN})"
)
_BENEFIT = re.compile(_TABLE["benefit"].pattern)
_TIER = re.compile(_TABLE["tier"].pattern)
_GENERAL = ("award", "project_funding")


def support_target(text: str, amount: Amount, last: str | None) -> str | None:
    """Return who gets the sum; `last` is who got the last one in this paragraph."""
    if amount.row and _TIER.search(amount.row):
        return amount.row
    given = _AFTER.match(text, amount.end)
    if given:
        return _trimmed(given["target"])
    left = sentence_before(text, amount.start)
    comma = left.rfind("，") + 1
    for part in (left[comma:], left):
        found = [match["target"] for match in _TO.finditer(part)]
        found = found or [match["target"] for match in _SUBJECT.finditer(part)]
        if found:
            return _trimmed(found[-1])
    if last:
        return last
    paragraph = before(text, amount.start, "\n", reach=300)
    subjects = [match["target"] for match in _SUBJECT.finditer(paragraph)]
    return _trimmed(subjects[-1]) if subjects else None


def _trimmed(target: str) -> str:
    for word in _TABLE["target_starts"].names:
        target = target.removeprefix(word)
    return target.strip("、 “”")


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
    """Return the class of the receiver: the last noun that names one."""
    tier = "other"
    for match in _TIER.finditer(target or ""):
        tier = _TABLE["tier"][match.group()]
    return tier


def sentence_before(text: str, end: int) -> str:
    """Return the words of the sentence up to a position, at most 200 characters."""
    return before(text, end, SENTENCE, reach=200)
