"""Who gets a support, in Chinese text."""

import re

from extract.amounts import Amount
from extract.clauses import SENTENCE, before
from extract.lexicon import load_words

_TABLE = load_words("zh", "supports")

_CLASS = r"[A-F]类(?:人才)?"
_NOUN = rf"(?:{_TABLE['target'].pattern}|{_CLASS})"
_TO = re.compile(
    rf"""
    (?:(?<![针相面绝比核])对(?!象)于?|向|给予|给与|支持|鼓励|奖励|资助|补贴|补助给|为(?=[新来引符])|按(?={_CLASS}|[A-F]、))
    (?P<target>[^，。；：！？\d]{{0,40}}?{_NOUN})
    (?=[，（]|最高|分别|依次|按|一次性|每|给予|给与|予以|发放|实施|可|再|的?\d|提供|，|享受|$|奖励|补贴
      |{_TABLE["dealt"].pattern})
    """,
    re.VERBOSE,
)
#: 对X给予: whatever X is, it is what gets the money.
_GIVEN = re.compile(
    r"""
    (?:^|[，；。：])(?:其中)?对于?(?P<target>(?![其象])[^，。；：！？%]{2,40}?)
    (?:，|，?(?:另|再|可|均|分别|最高|一次性)?(?:给予|给与|予以))
    """,
    re.VERBOSE,
)
#: 为X提供: who it is offered to, whatever subject the sentence has.
_FOR = re.compile(
    rf"为(?P<target>[^，。；：！？\d]{{0,40}}?{_NOUN})(?:{_TABLE['offered'].pattern})"
)
#: 博士（含博士后）：30万元, the label of a line.
_LABEL = re.compile(
    r"""
    ^(?P<target>[^，。；：！？\d]{1,40})：\ *
    (?:每人|每月|每年|每家|最高|给予|按\w{1,8})*\ *$
    """,
    re.VERBOSE,
)
#: 企业首次购买产品的，按合同金额给予: who does what is asked for.
_DOER = re.compile(
    rf"(?:^|[。；])(?P<target>[^，。；：！？]{{0,20}}?{_NOUN})[^，。；：！？]{{2,60}}的，"
)
_GRANT = re.compile(_TABLE["titles"].pattern)
#: 3000元给予用人单位留用补贴
_GIVEN_TO = re.compile(
    rf"""
    (?:\ ?/\w{{1,2}})?(?:的?标准)?(?:给予|给与|发给|奖励|补贴)
    (?P<target>[^，。；：、]{{0,12}}?{_NOUN})(?=\w{{0,8}}(?:{_TABLE["titles"].pattern}))
    """,
    re.VERBOSE,
)
#: 郑州宣布人才八折购房: who says it is not who gets it.
_SAID = re.compile(rf"^.*(?:{_TABLE['said'].pattern})")
_NO_RECEIVER = re.compile(rf"(?:{_TABLE['no_receiver'].pattern})$")
_SUBJECT = re.compile(
    rf"""
    (?:^|[，：\n。；])\ *(?:其中|经\w{{2,8}}的|同时)?(?!与)
    (?P<target>[^，。；：！？]{{0,90}}?{_NOUN})
    (?=（|：|租房|购房|生活|安家|住房|于|招用|最多|最长|组织|吸纳|引进|录用|签订|开展|每|最高|可|给予|享受|按|一次性|贷款|担保|创业担保|年薪|补贴|奖励|招用|的?，|$|能|将|获|分别|依次|减按|减征|免征)
    """,
    re.VERBOSE,
)
_AFTER = re.compile(
    rf"[^。；：！？\n]{{0,20}}?(?:补助给|支付给|发放给|拨付给|奖励给|向)(?P<target>[^，。；：]{{0,20}}?{_NOUN})"
)
#: The receiver stands right before its sum, as in a list: 博士10万元、硕士5万元、其他2万元.
_TOUCHING = re.compile(
    rf"""
    (?:^|[、，：；（）/\ ])\ *
    (?P<target>[^\d、，：；（）/\ 每的]{{0,12}}?(?:{_NOUN}|其他(?:人员)?|其余))
    (?:每人|每月|每年|每家|最高)*[：\ ]*$
    """,
    re.VERBOSE,
)
_LEADER = re.compile(r"^\s*(?:[-•·#>]+|\d{1,2}[.、)）]|（\w{1,3}）|\(\w{1,3}\)|第\w{1,6}条)\s*")
_FIGURE = re.compile(r"\d[\d.]*[万亿]?元[^、]{0,6}、")


def support_target(text: str, amount: Amount, last: str | None) -> str | None:
    """Return who gets the sum; `last` is who got the last one in this paragraph."""
    if amount.row and _TABLE_TIER.search(amount.row):
        return amount.row
    given = _AFTER.match(text, amount.end)
    if given:
        return trimmed(given["target"])
    left = _plain(sentence_before(text, amount.start))
    found = _stated(left) or last or _subject_of(before(text, amount.start, "\n", reach=300))
    given = None if found else _GIVEN_TO.match(text, amount.end)
    return trimmed(given["target"]) if given else found


_TABLE_TIER = re.compile(_TABLE["tier"].pattern)


def _stated(left: str) -> str | None:
    """Return the receiver that the sentence names before the sum."""
    label = _LABEL.match(left)
    if label and re.search(_NOUN, label["target"]) and not _GRANT.search(label["target"]):
        return trimmed(label["target"])
    touching = _TOUCHING.search(left)
    if touching:
        return trimmed(touching["target"])
    comma = left.rfind("，") + 1
    for part in (left[comma:], left):
        found = [match["target"] for match in _FOR.finditer(part)]
        found = found or [match["target"] for match in _TO.finditer(part)]
        found = found or [m["target"] for m in _GIVEN.finditer(part) if _gets(m["target"])]
        found = found or [match["target"] for match in _SUBJECT.finditer(part)]
        if found:
            return trimmed(found[-1])
    doer = _DOER.match(left)
    return trimmed(doer["target"]) if doer else None


def _subject_of(paragraph: str) -> str | None:
    subjects = [match["target"] for match in _SUBJECT.finditer(_plain(paragraph))]
    return trimmed(subjects[-1]) if subjects else None


def _gets(words: str) -> bool:
    return not _NO_RECEIVER.search(words)


def _plain(words: str) -> str:
    """Return the words without what a list or a table is set in."""
    return _LEADER.sub("", words.rpartition("|")[2].replace("*", "")).lstrip()


def trimmed(target: str) -> str:
    """Return who gets a sum without the words that lead to it."""
    sums = list(_FIGURE.finditer(target))
    target = target[sums[-1].end() :] if sums else target
    for word in (*_TABLE["target_starts"].names,) * 2:
        target = target.removeprefix(word)
    target = _SAID.sub("", target).strip("、 ")
    is_whole = target.startswith("“") and target.endswith("”") and target.count("“") == 1
    return target[1:-1] if is_whole or target.count("“") != target.count("”") else target


def sentence_before(text: str, end: int) -> str:
    """Return the words of the sentence up to a position, at most 200 characters."""
    return before(text, end, SENTENCE, reach=200)
