"""What the head and the foot of a document print: its number, who passed it, and when."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extract.background import Background, action_words, raw_words
from extract.days import find_dates
from extract.reading import Reading

# the year stands in brackets of any shape (U+3014, U+FF3B, U+3010 and the plain ones)
_NUMBER = r"[\u3014\[\uff3b（(\u3010]\s?(?:19|20)\d\d\s?[\u3015\]\uff3d）)\u3011]\s?第?\s?\d+\s?号"
_DOC_NUMBER = re.compile(
    rf"""
      (?:(?![年月日号])[\u4e00-\u9fff]){{2,12}}{_NUMBER}  # 穗府办规 2023 1号
    | (?:(?![年月日号])[\u4e00-\u9fff]){{2,10}}字第\s?\d{{6,13}}[A-Z]?\s*号  # 字第 11000060901 号
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formality:
    """What is printed about the making of a document; None where nothing is."""

    office: str
    number: str | None = None
    issued: str | None = None
    begins: str | None = None
    revises: bool = False


def number_after(reading: Reading, end: int) -> str | None:
    """Return the document number printed right after a name that ends at `end`."""
    cover = action_words(reading.lang)["cover"].pattern
    number = rf"》?(?:{cover})?》?[（(]?\s?({_DOC_NUMBER.pattern})"
    match = re.compile(number, re.VERBOSE).match(reading.text, end)
    return reading.evidence(match.start(1), match.end(1)).quote if match else None


def own_number(heads: Sequence[Reading]) -> str | None:
    """Return the first number that stands by itself, not behind the name of a cited document."""
    for head in heads:
        for first, last in ((0, 300), (max(0, len(head.text) - 300), len(head.text))):
            for match in _DOC_NUMBER.finditer(head.text, first, last):
                if not re.search("》[（(]?$", head.text[: match.start()]):
                    return head.evidence(match.start(), match.end()).quote
    return None


def find_formality(heads: Sequence[Reading], background: Background) -> Formality | None:
    """Return the last decree or passing in the head, else the signature at the foot."""
    for head in heads:
        found = _decree(head, background) or _order(head, background) or _passing(head, background)
        if found:
            return found
    return _signature(background)


_ORDER = re.compile(
    r"日\s*(?P<office>[\u4e00-\u9fff]{2,20}?)令\s?(?P<number>第\s?\d+\s?号)\s?"
    r"(?P<what>公布|发布|修订|修正)"
)


def _order(head: Reading, background: Background) -> Formality | None:
    """Return the last order in the head of a regulation: 2021年7月27日国务院令第746号公布."""
    orders = list(_ORDER.finditer(head.text, 0, 1500))
    if not orders:
        return None
    last = orders[-1]
    days = find_dates(head.text[: last.start() + 1], head.text, background.published)
    return Formality(
        office=raw_words(head, *last.span("office")).removeprefix("中华人民共和国"),
        number=head.evidence(*last.span("number")).quote,
        issued=days[-1] if days else None,
        revises=last["what"] in {"修订", "修正"},
    )


_DECREE = re.compile(
    r"""
      日\s*(?P<office>[\u4e00-\u9fff]{2,14}?)
      (?P<number>(?:（\d+）)?[\u4e00-\u9fff]{2,8}字第\s*\d[\d\s]{5,20}[A-Z]?\s*号)
      \s*令\s*(?P<what>修正|制定|订定|公布)
    """,
    re.VERBOSE,
)
_OFFICE = re.compile(
    r"""
      总统
    | 行政院[\u4e00-\u9fff]{2,10}?(?:委员会|署|局|处)
    | [\u4e00-\u9fff]{2,12}?(?:部|院|委员会|署|局|处)
    """,
    re.VERBOSE,
)


def _decree(head: Reading, background: Background) -> Formality | None:
    """Return the last decree in the history that is printed above a law of Taiwan."""
    decrees = list(_DECREE.finditer(head.text, 0, 3000))
    if not decrees:
        return None
    last = decrees[-1]
    office = _OFFICE.match(last["office"] + last["number"])
    start = last.start("office") + (office.end() if office else len(last["office"]))
    issued = find_dates(head.text[: last.start() + 1], head.text, background.published)
    days = _begins(re.sub(r"\n\s*", "", head.text[last.end() :]), issued, background)
    return Formality(
        number=head.evidence(start, last.end("number")).quote,
        office=raw_words(head, last.start("office"), start),
        issued=issued[-1] if issued else None,
        begins=days[-1] if days else None,
        revises=last["what"] == "修正",
    )


_BEGINS = re.compile(r"自(?P<day>[^\n。]{2,20}?)施行")
_AT_ONCE = re.compile("自[发公]布(?:之)?日施行")
_FROM_ISSUE = re.compile("自(?:印发|发布|公布|发文)之?日起(?:正式)?(?:施行|实施|执行|生效)")


def is_at_once(text: str) -> bool:
    """Whether a document is in force from the day of its issue."""
    return bool(_FROM_ISSUE.search(text))


def _begins(after: str, issued: Sequence[str], background: Background) -> Sequence[str]:
    """Return the first day in force: stated after the decree, or that of issue."""
    stated = _BEGINS.search(after)
    if stated and not re.search("[发公]布", stated["day"]):
        return find_dates(stated[0], after, background.published)
    return issued if stated or _AT_ONCE.search(background.reading.text[-200:]) else []


_PASSING = re.compile(
    r"日\s*(?P<office>[\u4e00-\u9fff\d]{2,24}?(?:人民代表大会(?:常务委员会)?|中央委员会))"
    r"第[\u4e00-\u9fff\d]{1,5}次(?:全体)?会议\s*(?P<what>通过|批准|修订|修正|《)"
)


def _passing(head: Reading, background: Background) -> Formality | None:
    """Return who passed a local regulation; who approves it does not issue it."""
    found = [m for m in _PASSING.finditer(head.text, 0, 1500) if m["what"] != "批准"]
    if not found:
        return None
    last = found[-1]
    days = find_dates(head.text[: last.start() + 1], head.text, background.published)
    return Formality(
        office=raw_words(head, *last.span("office")),
        issued=days[-1] if days else None,
        revises=last["what"] != "通过",
    )


_SIGNED = re.compile(
    r"""
      ^[ ]*(?P<office>[\u4e00-\u9fff（）]{4,30}(?:[ ]+[\u4e00-\u9fff（）]{4,30})*)[ ]*\n
      \s*(?P<day>(?:19|20)\d\d年\d{1,2}月\d{1,2}日)[ ]*$
    """,
    re.VERBOSE | re.MULTILINE,
)


def _signature(background: Background) -> Formality | None:
    """Return the body and the day at the foot of a notice, or of the letter that it comes with."""
    for part in (background.foot, background.reading):
        signed = _SIGNED.search(part.text, 0, 1500) if part else None
        ends = action_words(background.reading.lang)["body"].pattern
        if part and signed and re.search(rf"(?:{ends})$", signed["office"].strip()):
            days = find_dates(signed["day"], signed["day"], background.published)
            office = raw_words(part, *signed.span("office")).strip()
            return Formality(office="、".join(office.split()), issued=days[-1] if days else None)
    return None


def read_labels(reading: Reading, start: int, background: Background) -> dict[str, str]:
    """Return the labelled fields after a name that ends at `start`: 发布单位：..., 文号：...

    They reach to the next name in marks or the next heading.
    """
    stop = re.compile(r"《|\n\s*\n|\n#").search(reading.text, start)
    end = min(stop.start() if stop else len(reading.text), start + 240)
    return labels_in(reading, start, end, background)


def labels_in(reading: Reading, start: int, end: int, background: Background) -> dict[str, str]:
    """Return the labelled fields of a part of a text, each at its first."""
    words = action_words(reading.lang)["label"]
    found: dict[str, str] = {}
    field = rf"(?P<label>{words.pattern})[\s*：:]*(?P<value>[^\s*，；。]{{2,40}})"
    for match in re.compile(field).finditer(reading.text, start, end):
        key = words[match["label"]]
        value = raw_words(reading, *match.span("value"))
        if key in {"issued", "begins", "ends"}:
            days = find_dates(match["value"], reading.text, background.published)
            value = days[0] if days else ""
        if value:
            found.setdefault(key, value)
    return found
