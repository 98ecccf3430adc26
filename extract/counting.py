"""The noun that a Chinese number counts or measures."""

import re
from collections.abc import Sequence

from extract.amounts import Amount
from extract.clauses import before
from extract.lexicon import any_of, load_words

_NOUNS = load_words("zh", "nouns")
_WORDS = load_words("zh", "words")

_CLAUSE_BEFORE = re.compile(r"(?P<clause>[^，。；：！？\n]+)，[^，。；：！？\n]*$")
_NAME = r"(?:[\w·]|（\w{1,6}）)"
_RIGHT = re.compile(rf"(?:“[^”\n]{{1,20}}”)?{_NAME}{{0,24}}(?:“[^”\n]{{1,20}}”\w{{0,12}})?")
_STOP = re.compile(rf"{_WORDS['stops'].pattern}|\d")
_SKIP = re.compile(rf"(?:(?:标准)?向\w{{2,12}}?(?:支付|发放|拨付|给予)|{_WORDS['skips'].pattern})+")
_VERB = re.compile(rf"(?:{_WORDS['verbs'].pattern})(?![率额数量度期费者站所员办部门器])")
_TAIL = re.compile(rf"(?:(?:{_WORDS['tails'].pattern})(?:了|过)?|[“（ ])+$")
_TERM = re.compile(rf"(?:{_WORDS['terms'].pattern})$")
_HEAD = re.compile(any_of([*_NOUNS["heads"].names, *_NOUNS["money"].names]))
_PEOPLE = re.compile(any_of(w for w, role in _NOUNS["heads"].names.items() if role == "talent"))
_MONEY_HEAD = re.compile(_NOUNS["money"].pattern)
_RATE = re.compile(r"^(?:\s*[/·]\s*\w{1,3})+")
_DIGITS = re.compile(r"^.*\d")
_PER = re.compile(r"^.*每\w{0,3}?(?:人|名|月|年|天|日|周|家|个|项|户|件|次)(?:每[年月日])?")
_TERM_STOP = re.compile(r"[的且并\d]|其中")
_FRONT = re.compile(rf"^(?:{_WORDS['fronts'].pattern})+(?=\w)")
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
_LINKS = frozenset(("、", "，", "和", "或", "及", "/", " / "))
_EDGES = "、 和及或"


def counted_noun(text: str, amounts: Sequence[Amount], at: int) -> str | None:
    """Return what `amounts[at]` counts, in the words of the clean text; None if it says nothing."""
    amount = amounts[at]
    if amount.kind == "age":
        return "年龄"
    first, last = _listed(text, amounts, at)
    following = amounts[last + 1].start if last + 1 < len(amounts) else len(text)
    limit = min(following, amounts[last].end + 40)
    floor = amounts[first - 1].end if first else 0
    if amount.kind == "duration":
        return _measured(text, floor, amount, limit)
    right = _right(text, amounts[last].end, limit)
    left = _left(_clause(text, floor, amounts[first].start))
    noun = _choose(text, amount, left, right) or amount.noun or left or right or None
    return _full_name(text, amount, noun) if noun in _GENERIC else noun


def _listed(text: str, amounts: Sequence[Amount], at: int) -> tuple[int, int]:
    """Return the first and last of the amounts that share one noun: 50万元、30万元奖励."""
    first = last = at
    while first and at - first < 12 and _joins(text, amounts[first - 1], amounts[first]):
        first -= 1
    while (
        last + 1 < len(amounts)
        and last - at < 12
        and _joins(text, amounts[last], amounts[last + 1])
    ):
        last += 1
    return first, last


def _joins(text: str, one: Amount, other: Amount) -> bool:
    return one.unit == other.unit and text[one.end : other.start] in _LINKS


def _choose(text: str, amount: Amount, left: str, right: str) -> str:
    if amount.kind in ("person", "count"):
        if amount.noun and not _HEAD.match(right):
            return amount.noun
        return left if _HEAD.search(left) and not _HEAD.search(right) else right
    money = _MONEY_HEAD.search(right)
    if amount.kind == "percent":
        granted = text.startswith(("的", "给予"), amount.end)
        return right if granted and money else left
    if amount.kind == "area" and text.startswith("的", amount.end) and _HEAD.search(right):
        return right
    return right if money else left


def _full_name(text: str, amount: Amount, noun: str) -> str:
    """Return what a bare 补贴 was called before: 创业带动就业补贴."""
    clause = len(_clause(text, 0, amount.start))
    earlier = text[max(0, amount.start - 200) : amount.start - clause]
    names = re.findall(rf"(?:[^\w]|给予|申请|领取|享受|发放)(\w{{2,10}}{noun})", earlier)
    names = [name for name in names if not _NOT_NAME.search(name)]
    return names[-1] if names and not _BARE_GRANT.search(names[-1]) else noun


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
    return _balanced(noun[: max(last, quoted)] if last else noun)


def _left(clause: str, *, is_rate: bool = True) -> str:
    """Return the noun that ends a clause, link words and verbs before it cut off."""
    noun = _RATE.sub("", clause)
    noun = _TAIL.sub("", _of_rate(noun) if is_rate else noun)
    noun = _DIGITS.sub("", noun)
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
