"""The noun that a Chinese number counts or measures."""

import re
from collections.abc import Sequence
from itertools import pairwise

from extract.amounts import Amount
from extract.clauses import SENTENCE, before
from extract.lexicon import any_of, load_words

_NOUNS = load_words("zh", "nouns")
_WORDS = load_words("zh", "words")

_CLAUSE_BEFORE = re.compile(r"(?P<clause>[^，。；：！？\n]+)，[^，。；：！？\n]*$")
_NAME = r"(?:[\w·]|（\w{1,6}）)"
_RIGHT = re.compile(rf"(?:“[^”\n]{{1,20}}”)?{_NAME}{{0,24}}(?:“[^”\n]{{1,20}}”\w{{0,12}})?")
_STOP = re.compile(rf"{_WORDS['stops'].pattern}|\d")
_SKIP = re.compile(rf"(?:(?:标准)?向\w{{2,12}}?(?:支付|发放|拨付|给予)|{_WORDS['skips'].pattern})+")
_VERB = re.compile(
    rf"(?:{_WORDS['verbs'].pattern})(?:[出到了])?(?![率额数量度期费者站所员办部门器性赛会营班点])"
)
_TAIL = re.compile(rf"(?:(?:{_WORDS['tails'].pattern})(?:了|过)?|[“（ ])+$")
_TERM = re.compile(rf"(?:{_WORDS['terms'].pattern})$")
_HEAD = re.compile(any_of([*_NOUNS["heads"].names, *_NOUNS["money"].names]))
_PEOPLE = re.compile(any_of(w for w, role in _NOUNS["heads"].names.items() if role == "talent"))
_MONEY_HEAD = re.compile(_NOUNS["money"].pattern)
_RATE = re.compile(r"^(?:(?:\s*[/·]\s*\w{1,3})+|\s*[人月年天日家户套]、)\s*")
_DIGITS = re.compile(r"^.*\d")
_PER = re.compile(r"^.*每\w{0,3}?(?:人|名|月|年|天|日|周|家|个|项|户|件|次)(?:每[年月日])?")
_TERM_STOP = re.compile(r"[的且并\d]|其中")
_FRONT = re.compile(rf"^(?:(?!其他)(?:{_WORDS['fronts'].pattern}))+(?=\w)")
_NOT_NAME = re.compile(_WORDS["not_names"].pattern)
_BARE_GRANT = re.compile(_WORDS["bare_grants"].pattern)
_GRANTED = re.compile(rf"(?:{_WORDS['granted'].pattern})+$")
_GENERIC = frozenset(_WORDS["generic"].names)
_WHOLE = re.compile(
    any_of(
        [
            *_NOUNS["heads"].names,
            *_NOUNS["money"].names,
            *_WORDS["whole"].names,
            *_WORDS["terms"].names,
        ]
    )
)
#: A support as a noun, and who gets one.
_GRANT = re.compile(any_of(w for w, role in _NOUNS["money"].names.items() if role == "support"))
_SUPPORTS = load_words("zh", "supports")
_WHOM = re.compile(
    rf"\w{{0,8}}(?:{_SUPPORTS['tier'].pattern}|{_SUPPORTS['target'].pattern}|[A-F]类)"
)
#: 每引进1名博士奖励2万元: a verb, and no part of the noun.
_PAID = re.compile(r"(?<=\w{2})(?:奖励|补贴|补助|资助|给予)$")
_ITEM = re.compile(r"\ ?(?:[/每]\ ?\w{1,3})?\ ?[、，和及]\ ?[^\W\d]{0,14}[：\ ]*")
_LONGEST_LIST = 12
#: 较2020年增长: what a change is measured from.
_SINCE = re.compile(
    r"(?:相?较于?|相?比|与|同)(?:去年|上年|同期|年初|\d{2,4}年)[末底初]?(?:同期)?(?:相比)?"
)
_CLAUSE_MARK = re.compile("[，：]")
_LIST_NUMBER = re.compile(r"^（\w{1,3}）")
_LINKS = frozenset(("、", "，", "和", "或", "及", "/", " / "))
_EDGES = "、 和及或"


def counted_noun(text: str, amounts: Sequence[Amount], at: int) -> str | None:
    """Return what `amounts[at]` counts, in the words of the clean text; None if it says nothing."""
    amount = amounts[at]
    if amount.kind == "age":
        return "年龄"
    if _is_share(text, amounts, at):
        return None
    noun = _noun(text, amounts, at)
    noun = (noun or "").replace("*", "").strip()
    is_word = len(noun) > 1 or noun == amounts[at].noun or _HEAD.fullmatch(noun)
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
    is_part = text.startswith("的部分", amounts[last].end)  # 超过五百万元的部分免征所得税
    right = "" if is_part else _right(text, amounts[last].end, limit)
    left = _left(_clause(text, floor, amounts[first].start))
    noun = _choose(text, amount, left, right) or amount.noun or left or right or None
    if noun is None and amount.kind != "money":
        noun = _subject(text[floor : amount.start], is_first=first == 0)
    if amount.kind == "money" and (noun is None or _WHOM.fullmatch(noun)):
        title = _named_before(text, amount) if noun else None
        return _named_later(text, amounts, at) or title or noun
    return _full_name(text, amount, noun) if noun in _GENERIC else noun


def _subject(words: str, *, is_first: bool) -> str | None:
    """Return what the clause before is about: 发明专利翻了一番，达到303.5件."""
    begins = max(map(words.rfind, SENTENCE)) + 1
    clauses = _CLAUSE_MARK.split(words[begins:])
    # what follows the figure before belongs to it
    if len(clauses) < (2 if begins or is_first else 3) or not clauses[-2]:
        return None
    said = _SINCE.sub("", clauses[-2])
    heads = [head.end() for head in _HEAD.finditer(said)]
    return _left(said[: heads[-1]]) or None if heads else None


def _named_later(text: str, amounts: Sequence[Amount], at: int) -> str | None:
    """Return what the sums of a list are, as its last says: 博士10万元、硕士5万元购房补贴."""
    for one, other in pairwise(amounts[at : at + _LONGEST_LIST]):
        if one.unit != other.unit or not _ITEM.fullmatch(text, one.end, other.start):
            return None
        noun = _right(text, other.end, min(len(text), other.end + 40))
        if _MONEY_HEAD.search(noun):
            return noun
    return None


def _named_before(text: str, amount: Amount) -> str | None:
    """Return what the sums of a list are, as its title says: 安家费：博士15万元."""
    sentence = before(text, amount.start, SENTENCE, reach=80)
    named = list(_GRANT.finditer(sentence))
    if not named:
        return None
    clause = sentence[: named[-1].end()]
    return _left(clause[max(map(clause.rfind, "，：|/")) + 1 :]) or None


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
    return one.unit == other.unit and text[one.end : other.start] in _LINKS


def _choose(text: str, amount: Amount, left: str, right: str) -> str:
    if amount.kind == "rank":
        return left
    if amount.kind in ("person", "count"):
        right = _PAID.sub("", right)
        if amount.noun and not _HEAD.match(right):
            return amount.noun
        return left if _HEAD.search(left) and not _HEAD.search(right) else right
    money = _MONEY_HEAD.search(right)
    if amount.kind == "percent":
        granted = text.startswith(("的", "给予"), amount.end) or _GRANT.match(right)
        return right if granted and money else left
    if amount.kind == "area" and text.startswith("的", amount.end) and _HEAD.search(right):
        return right
    return right if money else left


def _full_name(text: str, amount: Amount, noun: str) -> str:
    """Return what a bare 补贴 was called before: 创业带动就业补贴."""
    clause = len(_clause(text, 0, amount.start))
    earlier = text[max(0, amount.start - 200) : amount.start - clause]
    names = re.findall(rf"(?:[^\w]|\d[万亿]?元|{_NAMED_BY})([^\W\d]{{2,10}}{noun})", earlier)
    names = [re.sub(rf"^(?:{_NAMED_BY})", "", name) for name in names]
    names = [name for name in names if not _NOT_NAME.search(name)]
    return names[-1] if names and not _BARE_GRANT.search(names[-1]) else noun


_NAMED_BY = _WORDS["named_by"].pattern


def _measured(text: str, floor: int, amount: Amount, limit: int) -> str | None:
    """Return what a duration measures: 毕业, 补贴期限, or what has to be done in it."""
    clause = _clause(text, floor, amount.start)
    left = _left(clause, is_rate=False)
    if _TERM.search(left):
        return left.rsplit("、", maxsplit=1)[-1]
    run = _RIGHT.match(text, amount.end, limit)
    right = (run.group() if run else "").removeprefix("的")
    stop = _TERM_STOP.search(right)
    right = right[: stop.start()] if stop else right
    if len(right) > 1:
        return right
    earlier = _CLAUSE_BEFORE.search(text, max(floor, amount.start - 60), amount.start)
    return left or (_left(earlier["clause"]) if earlier else None) or None


def _clause(text: str, floor: int, end: int) -> str:
    while text[end - 1 : end] == "*" and end > floor:
        end -= 1
    return before(text, end, "，。；：！？*|/\n", reach=max(0, min(40, end - floor)))


def _right(text: str, start: int, end: int) -> str:
    """Return the noun that begins right after the number."""
    skip = _SKIP.match(text, start, end)
    run = _RIGHT.match(text, skip.end() if skip else start, end)
    noun = run.group() if run else ""
    quoted = noun.index("”") + 1 if noun.startswith("“") else 0
    stop = _STOP.search(noun, quoted)
    while stop and _HEAD.match(noun, stop.start()):
        stop = _STOP.search(noun, stop.end())
    noun = noun[: stop.start()] if stop else noun
    last = None
    for head in _HEAD.finditer(noun):
        if last is not None and head.start() - last > 6:
            break
        last = head.end()
    return _balanced(noun[: max(_whole_end(noun, last), quoted)] if last else noun)


def _whole_end(noun: str, end: int) -> int:
    """Return where a word ends that begins inside the last known one: 引才奖|励."""
    inside = (_HEAD.match(noun, at) for at in range(max(0, end - 3), end))
    return max([end, *(head.end() for head in inside if head)])


def _left(clause: str, *, is_rate: bool = True) -> str:
    """Return the noun that ends a clause, link words and verbs before it cut off."""
    noun = _SINCE.sub("", _LIST_NUMBER.sub("", _RATE.sub("", clause)))
    noun = _TAIL.sub("", _of_rate(noun) if is_rate else noun)
    noun = _DIGITS.sub("", noun).removeprefix("学年")
    heads = [head.span() for head in _WHOLE.finditer(noun)]
    cut = 0
    for verb in _VERB.finditer(noun):
        inside = any(
            start <= verb.start() and verb.end() <= end and verb.group() != noun[start:end]
            for start, end in heads
        )
        if verb.end() < len(noun) and not inside and noun[verb.end()] != "）":
            cut = verb.end()
    noun = noun[cut:]
    if "的" in noun:
        noun = noun.rsplit("的", maxsplit=1)[1] or noun
    return _FRONT.sub("", _balanced(noun.strip(_EDGES)))[-24:]


def _of_rate(clause: str) -> str:
    """Return the clause without 每人; what is paid for stands before it: 培训每人最高可补贴."""
    rate = _PER.match(clause)
    if rate is None:
        return clause
    rest = clause[rate.end() :]
    before_rate = clause[: clause.index("每")]
    is_course = _HEAD.search(before_rate[-4:]) and not _PEOPLE.search(before_rate[-4:])
    if _GRANTED.sub("", rest):
        return rest
    grants = _MONEY_HEAD.findall(rest)
    return before_rate if is_course else (grants[-1] if grants else rest)


def _balanced(noun: str) -> str:
    """Cut at a bracket or a quotation mark that has no partner."""
    for opening, closing in ("（）", "“”"):
        surplus = noun.count(opening) - noun.count(closing)
        if surplus > 0:
            noun = noun.rsplit(opening, maxsplit=1)[1]
        elif surplus < 0:
            noun = noun.split(closing, maxsplit=1)[1]
    return noun.strip()
