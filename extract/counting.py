"""The noun that a Chinese number counts or measures."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from extract.amounts import Amount
from extract.clauses import SENTENCE, before
from extract.lexicon import any_of, load_words
from extract.nouns_zh import (
    HEAD,
    MONEY_HEAD,
    NUMBER_OF,
    RUN,
    SINCE,
    SUM_END,
    ends_in_head,
    noun_after,
    noun_before,
    noun_behind,
    without_verb,
)

_NOUNS = load_words("zh", "nouns")
_WORDS = load_words("zh", "words")

_CLAUSE_BEFORE = re.compile(r"(?P<clause>[^，。；：！？\n]+)，[^，。；：！？\n]*$")
_ENDS_OF_PART = re.compile(rf"(?:{_WORDS['of_parts'].pattern})$")
_TERM = re.compile(rf"(?:{_WORDS['terms'].pattern})$")
_TERM_STOP = re.compile(r"^一\w$|[的且并\d]|其中")
_NOT_NAME = re.compile(_WORDS["not_names"].pattern)
_NAMED_BY = _WORDS["named_by"].pattern
#: 10万元的签证费: a short name of a sum.
_SUM = re.compile(rf"[^\W\d]{{1,5}}(?:{SUM_END.pattern})")
#: 5年考核期, 3年过渡期.
_TERM_NOUN = re.compile(rf"[^\W\d]{{2,4}}(?:{_WORDS['term_nouns'].pattern})(?![限间内])")
_IN_TERM = re.compile(rf"^(?:{_WORDS['in_term'].pattern})")
_BARE_GRANT = re.compile(_WORDS["bare_grants"].pattern)
_GENERIC = frozenset(_WORDS["generic"].names)
#: A support as a noun, and who gets one.
_GRANT = re.compile(any_of(w for w, role in _NOUNS["money"].names.items() if role == "support"))
_SUPPORTS = load_words("zh", "supports")
_WHOM = re.compile(
    rf"\w{{0,8}}(?:{_SUPPORTS['tier'].pattern}|{_SUPPORTS['target'].pattern}|[A-F]类)"
)
#: 资助比例不超过合同金额的30%: what is bounded, and not what it is reckoned by.
_BOUNDED = re.compile(
    rf"""
    (?P<noun>.*?(?:{_GRANT.pattern})(?:{_WORDS["of_parts"].pattern}))(?:{_WORDS["bounded"].pattern})
    """,
    re.VERBOSE,
)
#: 每引进1名博士奖励2万元: a verb, and no part of the noun.
_PAID = re.compile(r"(?<=\w{2})(?:奖励|补贴|补助|资助|给予)$")
#: What is counted by the piece.
_PIECES = frozenset(("person", "count"))
_ITEM = re.compile(r"\ ?(?:[/每]\ ?\w{1,3})?\ ?[、，和及]\ ?[^\W\d]{0,14}[：\ ]*")
_LONGEST_LIST = 12
#: 三大模式, 四类人才: classifiers that a noun follows.
_WITH_NOUN = "大类种"
_CLAUSE_MARK = re.compile("[，：]")
_LINKS = frozenset(("、", "，", "和", "或", "及", "/", " / "))


def counted_noun(text: str, amounts: Sequence[Amount], at: int) -> str | None:
    """Return what `amounts[at]` counts, in the words of the clean text; None if it says nothing."""
    amount = amounts[at]
    if amount.kind == "age":
        return "年龄"
    if _is_share(text, amounts, at):
        return None
    noun = _noun(text, amounts, at)
    noun = (noun or "").replace("*", "").strip()
    is_word = len(noun) > 1 or noun == amounts[at].noun or HEAD.fullmatch(noun)
    return noun if is_word else None


def _is_share(text: str, amounts: Sequence[Amount], at: int) -> bool:
    """Tell whether these are some of those counted before: 硕士11人，其中毕业于名校的2人."""
    if not at or amounts[at].unit != amounts[at - 1].unit:
        return False
    between = text[amounts[at - 1].end : amounts[at].start].lstrip("，、（ ")
    return between.startswith("其中") and between.endswith("的")


def _noun(text: str, amounts: Sequence[Amount], at: int) -> str | None:
    amount = amounts[at]
    first, last = listed(text, amounts, at)
    following = amounts[last + 1].start if last + 1 < len(amounts) else len(text)
    limit = min(following, amounts[last].end + 40)
    floor = amounts[first - 1].end if first else 0
    if amount.kind == "duration":
        return _measured(text, floor, amount, limit)
    # 超过五百万元的部分免征所得税
    is_part = text.startswith(("的部分", "之部分", "部分"), amounts[last].end)
    right = "" if is_part else noun_after(text, amounts[last].end, limit)
    if amount.kind in ("person", "count"):
        right = noun_behind(text, amounts[last].end) or right
    clause = _clause(text, floor, amounts[first].start)
    bounded = _BOUNDED.match(clause) if amount.kind in ("money", "percent") else None
    if bounded:
        return noun_before(bounded["noun"])
    left = noun_before(clause)
    if amount.kind in _PIECES and not right:
        left = without_verb(left)
    noun = _choose(text, amount, left, right) or amount.noun or left or None
    if noun is None and (amount.kind != "money" or HEAD.search(right)):
        noun = right or None  # 10万元一次性发放: a verb, and no noun
    if noun is None and amount.kind != "money":
        noun = _subject(text[floor : amount.start], is_first=first == 0)
        noun = carried_noun(amount, noun)
    if amount.kind == "money" and (noun is None or _WHOM.fullmatch(noun)):
        title = _named_before(text, amount) if noun else None
        return _named_later(text, amounts, at) or title or noun
    if amount.kind == "money" and noun and _goes_on(text, amounts, at) and not _is_named(noun):
        return None  # 学费是4万元，而外地人要15万元
    return _full_name(text, amount, noun) if noun in _GENERIC else noun


def _goes_on(text: str, amounts: Sequence[Amount], at: int) -> bool:
    """Tell whether the sum before stands in the same sentence."""
    if not at or amounts[at - 1].kind != "money":
        return False
    between = text[amounts[at - 1].end : amounts[at].start]
    return not any(mark in between for mark in SENTENCE)


def carried_noun(amount: Amount, noun: str | None) -> str | None:
    """Return a noun named before for an amount without one; no sum of money is counted in pieces.

    In 补贴2万元，招用4人 the people are no subsidies.
    """
    return None if noun and amount.kind in _PIECES and _is_sum(noun) else noun


def _is_sum(noun: str) -> bool:
    ends_in_sum = any(head.end() == len(noun) for head in MONEY_HEAD.finditer(noun))
    return ends_in_sum or _SUM.fullmatch(noun[-6:]) is not None


def _is_named(noun: str) -> bool:
    return HEAD.search(noun) is not None or _ENDS_OF_PART.search(noun) is not None


def _subject(words: str, *, is_first: bool) -> str | None:
    """Return what the clause before is about: 发明专利翻了一番，达到303.5件."""
    begins = max(map(words.rfind, SENTENCE)) + 1
    clauses = _CLAUSE_MARK.split(words[begins:])
    # what follows the figure before belongs to it
    if len(clauses) < (2 if begins or is_first else 3) or not clauses[-2]:
        return None
    said = SINCE.sub("", clauses[-2])
    heads = [head.end() for head in (*HEAD.finditer(said), *NUMBER_OF.finditer(said))]
    return noun_before(said[: heads[-1]]) or None if heads else None


def _named_later(text: str, amounts: Sequence[Amount], at: int) -> str | None:
    """Return what the sums of a list are, as its last says: 博士10万元、硕士5万元购房补贴."""
    for one, other in pairwise(amounts[at : at + _LONGEST_LIST]):
        if one.unit != other.unit or not _ITEM.fullmatch(text, one.end, other.start):
            return None
        noun = noun_after(text, other.end, min(len(text), other.end + 40))
        if MONEY_HEAD.search(noun):
            return noun
    return None


def _named_before(text: str, amount: Amount) -> str | None:
    """Return what the sums of a list are, as its title says: 安家费：博士15万元."""
    sentence = before(text, amount.start, SENTENCE, reach=80)
    named = list(_GRANT.finditer(sentence))
    if not named:
        return None
    clause = sentence[: named[-1].end()]
    return noun_before(clause[max(map(clause.rfind, "，：|/")) + 1 :]) or None


def listed(text: str, amounts: Sequence[Amount], at: int) -> tuple[int, int]:
    """Return the first and last of the amounts that share one noun: 50万元、30万元奖励."""
    first = last = at
    while first and at - first < _LONGEST_LIST and _joins(text, amounts[first - 1], amounts[first]):
        first -= 1
    while (
        last + 1 < len(amounts)
        and last - at < _LONGEST_LIST
        and _joins(text, amounts[last], amounts[last + 1])
    ):
        last += 1
    return first, last


def _joins(text: str, one: Amount, other: Amount) -> bool:
    between = text[one.end : other.start]
    is_range = one.kind == "money" and one.qualifier == "at_least"  # 一万元以上五万元以下的罚款
    return one.unit == other.unit and (between in _LINKS or (is_range and not between))


def _choose(text: str, amount: Amount, left: str, right: str) -> str:
    """Return the noun of both sides that the number counts; empty if neither is sure."""
    choose = _CHOICES.get(amount.kind)
    return choose(text, amount, left, right) if choose else _of_sum(text, amount, left, right)


def _of_rank(_text: str, _amount: Amount, left: str, _right: str) -> str:
    return left


def _of_number(text: str, amount: Amount, left: str, right: str) -> str:
    if right and text[amount.end - 1] in _WITH_NOUN:
        return right
    right = _unmeasured(_PAID.sub("", right))
    if amount.noun and not HEAD.match(right):
        return amount.noun
    return left if not HEAD.search(right) and (not right or ends_in_head(left)) else right


def _unmeasured(noun: str) -> str:
    """Return the noun without what is measured of it: 5个集群规模突破万亿元."""
    measures = [head for head in MONEY_HEAD.finditer(noun) if head.end() == len(noun)]
    bare = noun[: measures[-1].start()] if measures else ""
    is_measured = bare and _NOUNS["money"][measures[-1].group()] in ("investment", "other")
    return bare if is_measured and ends_in_head(bare) else noun


def _of_share(text: str, amount: Amount, left: str, right: str) -> str:
    if text[amount.end - 1] == "折":
        first, other = (right, left) if _WHOM.fullmatch(left) else (left, right)
        return first or other  # 人才八折购房, 体检九折优惠
    granted = text.startswith(("的", "给予", "一次性"), amount.end) or _GRANT.match(right)
    return right if granted and MONEY_HEAD.search(right) else left


def _of_sum(text: str, amount: Amount, left: str, right: str) -> str:
    if amount.kind == "area" and text.startswith("的", amount.end) and HEAD.search(right):
        return right
    if amount.kind in ("area", "size") and right and not ends_in_head(left):
        return right  # 释放900公顷住宅用地, 新一轮千亿斤粮食
    if text.startswith("的", amount.end) and _SUM.fullmatch(right):
        return right
    if text.startswith(("的", "之"), amount.end) and _is_measured(left):
        return left  # 年收入超过12万元的税收优惠
    return right if MONEY_HEAD.search(right) else left


_CHOICES: Mapping[str, Callable[[str, Amount, str, str], str]] = MappingProxyType(
    {"rank": _of_rank, "person": _of_number, "count": _of_number, "percent": _of_share}
)


def _is_measured(noun: str) -> bool:
    """Tell whether a noun is money that somebody earns or pays: 年收入, 薪资所得."""
    heads = [head.group() for head in MONEY_HEAD.finditer(noun) if head.end() == len(noun)]
    return bool(heads) and _NOUNS["money"][heads[-1]] == "other"


def _full_name(text: str, amount: Amount, noun: str) -> str:
    """Return what a bare 补贴 was called before: 创业带动就业补贴."""
    clause = len(_clause(text, 0, amount.start))
    earlier = text[max(0, amount.start - 200) : amount.start - clause]
    names = re.findall(rf"(?:[^\w]|\d[万亿]?元|{_NAMED_BY})([^\W\d]{{2,10}}{noun})", earlier)
    names = [re.sub(rf"^(?:{_NAMED_BY})", "", name) for name in names]
    names = [name for name in names if name != noun and not _NOT_NAME.search(name)]
    return names[-1] if names and not _BARE_GRANT.search(names[-1]) else noun


def _measured(text: str, floor: int, amount: Amount, limit: int) -> str | None:
    """Return what a duration measures: 毕业, 补贴期限, or what has to be done in it."""
    clause = _clause(text, floor, amount.start)
    left = noun_before(clause, is_rate=False)
    if _TERM.search(left):
        return left.rsplit("、", maxsplit=1)[-1]
    run = RUN.match(text, amount.end, limit)
    right = _IN_TERM.sub("", (run.group() if run else "").removeprefix("的"))
    named = _TERM_NOUN.match(right)
    if named:
        return named.group()
    stop = _TERM_STOP.search(right)
    right = right[: stop.start()] if stop else right
    if len(right) > 1:
        return right
    earlier = _CLAUSE_BEFORE.search(text, max(floor, amount.start - 60), amount.start)
    said = re.split(r"\d", earlier["clause"], maxsplit=1)[0] if earlier else ""
    return left or noun_before(said) or None


def _clause(text: str, floor: int, end: int) -> str:
    while text[end - 1 : end] == "*" and end > floor:
        end -= 1
    return before(text, end, "，。；：！？*|/\n", reach=max(0, min(40, end - floor)))
