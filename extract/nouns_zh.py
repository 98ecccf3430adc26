"""The noun beside a Chinese number: the words that begin after it, or end before it."""

import re

from extract.lexicon import any_of, load_words

_NOUNS = load_words("zh", "nouns")
_WORDS = load_words("zh", "words")
_EACH = load_words("zh", "rates")["each"].pattern

_HEADS = [*_NOUNS["heads"].names, *_NOUNS["money"].names]
#: 村级 and 一次性 are of a village, at one time, and no nouns.
HEAD = re.compile(rf"(?:{any_of(_HEADS)})(?![级性])")
MONEY_HEAD = re.compile(_NOUNS["money"].pattern)
#: A run of letters that can be a noun.
RUN = re.compile(
    r"""
    (?:“[^”\n]{1,20}”)?
    (?:[\w·]|(?<=[A-Za-z])-(?=[A-Za-z])|（\w{1,6}）){0,24}
    (?:“[^”\n]{1,20}”\w{0,12})?
    """,
    re.VERBOSE,
)
#: 较2020年增长: what a change is measured from; 由2020年的: when it was so.
SINCE = re.compile(
    r"(?:相?较于?|相?比|与|同)(?:去年|上年|同期|年初|\d{2,4}年)[末底初]?(?:同期)?(?:相比)?"
    r"|[从由自]?[\d/-]+(?:学年|年度?|月|日)[末底初]?的?$"
)
#: After a noun that a number tells the number of: 研发人员数目.
NUMBER_OF = re.compile(rf"(?:{_WORDS['numbers_of'].pattern})$")

#: 签证|费: the end of a sum's name behind a known noun.
SUM_END = re.compile(rf"(?:{_WORDS['sums'].pattern})(?![用心项待])")

_STOP = re.compile(rf"{_WORDS['stops'].pattern}|\d")
_SKIP = re.compile(
    rf"""
    \**\ ?(?:\ ?/\ ?(?:{_EACH}))*
    (?:(?:标准)?向\w{{2,12}}?(?:支付|发放|拨付|给予)|{_WORDS["skips"].pattern})*
    """,
    re.VERBOSE,
)
_VERB = re.compile(
    rf"(?:{_WORDS['verbs'].pattern})(?:[出到了])?(?![率额数量度期费者站所员办部门器性赛会营班点之])"
)
#: 由10%提高至30%: how it changed; 增速 and 涨幅 are what is measured.
_CHANGE = any_of(word for word in _NOUNS["growth"].names if word[-1] not in "幅速")
_CHANGED = re.compile(rf"[年月日]?(?:{_CHANGE})(?:[至到为了]|$)")
_TAIL = re.compile(rf"(?:(?:{_WORDS['tails'].pattern}|{_CHANGE})(?:了|过)?|[“（ ])+$")
#: What a tail can end with: soon asked, and most clauses have none.
_LAST_OF_TAIL = frozenset("了过“（ ").union(
    word[-1] for words in (_WORDS["tails"], _NOUNS["growth"]) for word in words.names
)
#: 企业投入占比: what a verb before them did, not what they are.
_OF_PART = re.compile(_WORDS["of_parts"].pattern)
#: 年限由7年缩短为5年: what is named before the change.
_FROM = re.compile(rf"(?P<noun>.{{2,}}?)(?:已|将|可)?[由从].{{1,16}}?(?:{_CHANGE})[了至到为]*")
_PEOPLE = re.compile(any_of(w for w, role in _NOUNS["heads"].names.items() if role == "talent"))
_RATE = re.compile(r"^(?:(?:\s*[/·]\s*\w{1,3})+|\s*[人月年天日家户套]、)\s*")
_DIGITS = re.compile(r"^.*\d(?:(?:年度?|月|日|%)?(?:第[一二三四]季度?)?)?")
_PER = re.compile(r"^.*每\w{0,3}?(?:人口?|名|月|年|天|日|周|家|个|项|户|件|次)(?:每[年月日])?")
_FRONT = re.compile(
    rf"^(?:(?!其他|{_WORDS['whole'].pattern})(?:{_WORDS['fronts'].pattern}))+(?=\w)"
)
_GRANTED = re.compile(rf"(?:{_WORDS['granted'].pattern})+$")
_WHOLE = re.compile(any_of([*_HEADS, *_WORDS["whole"].names, *_WORDS["terms"].names]))
_UNCUT = re.compile(any_of([*_HEADS, *_WORDS["whole"].names]))
#: 3名具有大专学历的从业人员: whatever they have, they are counted.
_RELATIVE = re.compile(
    rf"(?!以[及上下内外])(?:{_WORDS['relatives'].pattern})(?:[^，。；：！？、\n]|、(?!\d)){{1,30}}?的(?=[^\W\d])"
)
_LIST_NUMBER = re.compile(
    r"""
    ^\s*(?:[-•·#>]+\s*)?
    (?:（\w{1,3}）|第\w{1,6}条\s*|[一二三四五六七八九十]{1,3}、|\d{1,2}[.、](?!\d)\s*)?
    """,
    re.VERBOSE,
)
_LONGEST_ADJECTIVE = 12
_EDGES = "、 和及或"


_DONE = re.compile(
    rf"(?:(?:{_WORDS['done_before'].pattern})*(?:{_WORDS['done'].pattern})(?P<past>[了到过出])?)+$"
)


def without_verb(noun: str) -> str:
    """Return what was counted before a verb: 高层次人才引进|300人, but not who did: 政府批准了."""
    verb = _DONE.search(noun)
    if verb is None:
        return noun
    return "" if verb["past"] else noun[: verb.start()].strip(_EDGES)


def ends_in_head(noun: str) -> bool:
    """Tell whether a known noun, or the number of it, ends the words."""
    noun = NUMBER_OF.sub("", noun)
    return any(head.end() == len(noun) for head in HEAD.finditer(noun))


def noun_behind(text: str, start: int) -> str:
    """Return the noun behind what is said of it: 3名具有大专学历的从业人员."""
    relative = _RELATIVE.match(text, start)
    return noun_after(text, relative.end(), min(len(text), relative.end() + 24)) if relative else ""


def noun_after(text: str, start: int, end: int) -> str:
    """Return the noun that begins right after the number."""
    skip = _SKIP.match(text, start, end)
    run = RUN.match(text, skip.end() if skip else start, end)
    noun = run.group() if run else ""
    if noun.startswith("（") or _CHANGED.match(noun):
        return ""  # 6960套（间）; 1000名增至2000名
    quoted = noun.index("”") + 1 if noun.startswith("“") else 0
    stop = _STOP.search(noun, quoted)
    while stop and _UNCUT.match(noun, stop.start()):
        stop = _STOP.search(noun, stop.end())
    if stop and run and stop.group() == "的" and _is_adjective(noun[: stop.start()]):
        named = noun_after(text, run.start() + stop.end(), end)
        if named and stop.start() == quoted:
            return named  # 100多个“人工智能+”的想法
        if HEAD.search(named) and _suits(text[start - 1], named):
            return named
    noun = noun[: stop.start()] if stop else noun
    last = None
    for head in HEAD.finditer(noun):
        if last is not None and head.start() - last > 6:
            break
        last = head.end()
    return _balanced(noun[: max(_whole_end(noun, last), quoted)] if last else noun)


def _suits(classifier: str, noun: str) -> bool:
    """Tell whether a classifier of bodies stands before one: 四所交大的师生 are no schools."""
    roles = {_NOUNS["heads"].get(head.group()) for head in HEAD.finditer(noun)}
    return classifier not in "家所" or not roles.isdisjoint(("enterprise", "platform"))


def _is_adjective(words: str) -> bool:
    """Tell whether words before 的 only describe: 11条具体的措施."""
    return len(words) <= _LONGEST_ADJECTIVE and not HEAD.search(words)


def _whole_end(noun: str, end: int) -> int:
    """Return where a word ends that begins inside the last known one, or right after it.

    These are 引才奖|励 and 签证|费.
    """
    sum_end = SUM_END.match(noun, end)
    if sum_end:
        return sum_end.end()
    inside = (HEAD.match(noun, at) for at in range(max(0, end - 3), end))
    return max([end, *(head.end() for head in inside if head)])


def noun_before(clause: str, *, is_rate: bool = True) -> str:
    """Return the noun that ends a clause, link words and verbs before it cut off."""
    changed = _FROM.fullmatch(clause) if "由" in clause or "从" in clause else None
    clause = changed["noun"] if changed else clause
    noun = SINCE.sub("", _LIST_NUMBER.sub("", _RATE.sub("", clause)))
    noun = _of_rate(noun) if is_rate else noun
    noun = _TAIL.sub("", noun) if noun[-1:] in _LAST_OF_TAIL else noun
    noun = _DIGITS.sub("", noun).removeprefix("学年")
    verbs = list(_VERB.finditer(noun))
    heads = [head.span() for head in _WHOLE.finditer(noun)] if verbs else []
    cut = 0
    for verb in verbs:
        inside = any(
            start <= verb.start() and verb.end() <= end and verb.group() != noun[start:end]
            for start, end in heads
        )
        rest = noun[verb.end() :]
        if not inside and (len(rest) > 2 or _is_noun(rest)) and rest[0] != "）":
            cut = verb.end()
    noun = noun[cut:]
    if "的" in noun:
        noun = noun.rsplit("的", maxsplit=1)[1] or noun
    return _FRONT.sub("", _balanced(noun.strip(_EDGES)))[-24:]


def _is_noun(rest: str) -> bool:
    """Tell whether so short a rest behind a verb is a noun: 引进人, but no 帮带对|子."""
    return not _OF_PART.fullmatch(rest) if len(rest) > 1 else HEAD.fullmatch(rest) is not None


def _of_rate(clause: str) -> str:
    """Return the clause without 每人; what is paid for stands before it: 培训每人最高可补贴."""
    rate = _PER.match(clause)
    if rate is None:
        return clause
    rest = clause[rate.end() :]
    before_rate = clause[: clause.index("每")]
    is_course = HEAD.search(before_rate[-4:]) and not _PEOPLE.search(before_rate[-4:])
    if _GRANTED.sub("", rest):
        return rest
    grants = MONEY_HEAD.findall(rest)
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
