"""What the text of a document tells of itself: its number, its days, its term, who explains it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extract.background import Background, action_words, is_trial, raw_words
from extract.days import day_before, find_dates, plus_years
from extract.facts import Policy
from extract.issuers import BODY
from extract.lexicon import any_of
from extract.reading import Reading

# the year stands in brackets of any shape (U+3014, U+FF3B, U+3010 and the plain ones)
_NUMBER = r"[\u3014\[\uff3b（(\u3010]\s?(?:19|20)\d\d\s?[\u3015\]\uff3d）)\u3011]\s?第?\s?\d+\s?号"
_DOC_NUMBER = re.compile(
    rf"""
      (?:(?![年月日号])[\u4e00-\u9fff]){{2,12}}{_NUMBER}  # 穗府办规 2023 1号
    | (?:(?![年月日号])[\u4e00-\u9fff]){{2,10}}字第\s?\d{{6,13}}\s*号  # 华总一经字第 11000060901 号
    """,
    re.VERBOSE,
)


def number_after(reading: Reading, end: int) -> str | None:
    """Return the document number printed right after a name that ends at `end`."""
    match = re.compile(rf"》?[（(]?\s?({_DOC_NUMBER.pattern})", re.VERBOSE).match(reading.text, end)
    return reading.evidence(match.start(1), match.end(1)).quote if match else None


def describe_own(policy: Policy, background: Background) -> Policy:
    """Return the policy with what its own text tells: number, days, term and who explains it."""
    reading = background.reading
    heads = [head for head in (background.head, reading) if head]
    decree = next(filter(None, (_decree(head, background) for head in heads)), None)
    number = decree.number if decree else _own_number(heads)
    begins, ends = in_force(reading.text, background)
    begins = decree.begins if decree else begins
    return replace(
        policy,
        action="revised" if decree and decree.revises else "issued",
        issuer=decree.office if decree else _explains(reading) or _bodies(policy.name),
        doc_number=number,
        issued=decree.issued if decree else None,
        valid_from=begins,
        valid_to=ends,
        trial=is_trial(policy.name, "", reading.lang),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decree:
    """The last decree in the history that is printed above a law."""

    number: str
    office: str
    issued: str | None
    begins: str | None
    revises: bool


_DECREE = re.compile(
    r"日\s*(?P<office>[\u4e00-\u9fff]{2,6}?)(?P<number>[\u4e00-\u9fff]{2,8}字第\s?\d{6,13}\s*号)\s*令"
    r"\s*(?P<what>修正|制定|订定|公布)"
)
_OFFICES = re.compile(
    "总统|行政院[\u4e00-\u9fff]{2,6}委员会|行政院|[\u4e00-\u9fff]{2}部|[\u4e00-\u9fff]{4}委员会"
)


def _decree(head: Reading, background: Background) -> _Decree | None:
    decrees = list(_DECREE.finditer(head.text, 0, 3000))
    if not decrees:
        return None
    last = decrees[-1]
    whole = last["office"] + last["number"]
    office = _OFFICES.match(whole)
    start = last.start("office") + (office.end() if office else len(last["office"]))
    issued = find_dates(head.text[: last.start() + 1], head.text, background.published)
    begins = re.compile(r"自([^\n。]{4,20}?)施行").search(
        re.sub(r"\n\s*", "", head.text[last.end() :])
    )
    from_day = find_dates(begins[0], head.text, background.published) if begins else []
    return _Decree(
        number=head.evidence(start, last.end("number")).quote,
        office=raw_words(head, last.start("office"), start),
        issued=issued[-1] if issued else None,
        begins=from_day[-1] if from_day else None,
        revises=last["what"] == "修正",
    )


def _own_number(heads: Sequence[Reading]) -> str | None:
    for head in heads:
        match = _DOC_NUMBER.search(head.text, 0, 300)
        if match:
            return head.evidence(match.start(), match.end()).quote
    return None


def in_force(text: str, background: Background) -> tuple[str | None, str | None]:
    """Return the first and the last day in force that a text states."""
    begins = _force_day(text, background, "from")
    return begins, _force_day(text, background, "to") or _term(text, begins)


def _force_day(text: str, background: Background, which: str) -> str | None:
    words = action_words(background.reading.lang)["force"]
    phrases = any_of(w for w in words.names if words[w] == which)
    for match in reversed(list(re.finditer(phrases, text))):
        window = (
            text[match.end() : match.end() + 24]
            if which == "to"
            else text[max(0, match.start() - 26) : match.start()]
        )
        dates = find_dates(window, text, background.published)
        if dates:
            return dates[0] if which == "to" else dates[-1]
    return None


def _term(text: str, begins: str | None) -> str | None:
    match = re.search(r"有效期(?:限)?(?:为|是)?\s?([\d一二三四五六七八九十])\s?年", text)
    if not match or not begins or len(begins) != 10:
        return None
    years = int(match[1]) if match[1].isdigit() else "一二三四五六七八九十".index(match[1]) + 1
    return day_before(plus_years(begins, years))


def _explains(reading: Reading) -> str | None:
    match = re.search(r"由([\u4e00-\u9fff（）]{2,40}?)(?:负责|承担)(?:具体)?解释", reading.text)
    return raw_words(reading, match.start(1), match.end(1)) if match else None


def _bodies(title: str) -> str | None:
    """Return the bodies in front of 关于 or 印发 in a document's own title, joined by 、."""
    match = re.match(rf"([\u4e00-\u9fff、]{{2,60}}?{BODY})(?:关于|印发)", title)
    if not match:
        return None
    # 沛县人才办沛县财政局: the second begins as the first does
    return "、".join(re.split(rf"(?<=[局厅部委办会府])(?={re.escape(title[:2])})|、", match[1]))
