"""Whose figure it is, and under which policy."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from extract.facts import Figure, Place, Policy
from extract.gazetteer import is_within
from extract.lexicon import Words, load_words
from extract.places import is_dateline, own_district
from extract.reading import Reading
from extract.scanning import Scanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """From `start` on the text speaks of `code`; None for abroad."""

    start: int
    code: str | None


def attribute_figures(
    figures: Sequence[Figure],
    reading: Reading,
    *,
    places: Sequence[Place] = (),
    policies: Sequence[Policy] = (),
    district: str | None = None,
) -> list[Figure]:
    """Return the figures with their districts and policies; `district` is the article's."""
    if not figures:
        return []
    holders = _Holders(reading, places, district)
    return [
        replace(
            figure,
            district=holders.district_of(figure),
            policy=_policy(figure, reading, policies),
        )
        for figure in figures
    ]


_SENTENCE = re.compile(r"[。！？\n.!?](?:(?<=[。！？\n])|(?=\s))")
_OPENERS = (
    "在",
    "对",
    "由",
    "而",
    "当前",
    "目前",
    "今年",
    "去年",
    "例如",
    "比如",
    "其中",
    "近年来",
    "同时",
)
_CLAUSE_BEFORE = re.compile(
    rf"""
      (?:^|[，。；：！？\n“（])[\ ]*(?:{"|".join(_OPENERS)})?$
    | [\d]日(?:在|由)?$
    | (?:[.!?]\s|\n)\s*(?:(?:In|At|For|While|Meanwhile,|the|The)\s)*$    # the same in English
    | ,\s(?:while|and|but|whereas)\s(?:the\s)?$
    """,
    re.VERBOSE,
)
#: Nothing else stands right before what begins a clause: soon asked, and seldom so.
_LAST_BEFORE = frozenset("，。；：！？“（日").union(word[-1] for word in _OPENERS)
_ABROAD_AFTER = re.compile(r"、|,\s[A-Z]|\s(?:and|or)\s|等")


@cache
def _words(lang: str) -> Mapping[str, Words]:
    return load_words(lang, "places")


@cache
def _marks(lang: str) -> Scanner:
    words = _words(lang)
    own, foreign = words["own"], words["foreign"]
    pattern = re.compile(rf"(?P<own>{own.pattern})|(?P<foreign>{foreign.pattern})")
    return Scanner(f"[{own.firsts}{foreign.firsts}](?=[{own.seconds}{foreign.seconds}])", pattern)


def find_topics(reading: Reading, places: Sequence[Place], district: str | None) -> list[Topic]:
    """Return where a text turns to a district: a name that a clause begins with, 全市, abroad."""
    topics: list[Topic] = []
    head, end = 0, -1  # of names that follow each other: 江苏 扬州
    for place in places:
        start = reading.place_of(place.evidence.start)
        head = head if start == end else start
        end = reading.place_of(place.evidence.end)
        turns = place.code and _turns_to(place.code, district)
        if turns and _begins_clause(reading.text, head) and not is_dateline(place, reading.raw):
            topics.append(Topic(start=start, code=place.code))
    for match in _marks(reading.lang).finditer(reading.text):
        if match["foreign"]:
            if _is_subject_abroad(reading.text, match):
                topics.append(Topic(start=match.start(), code=None))
        elif code := _own_code(match, reading, district):
            topics.append(Topic(start=match.start(), code=code))
    return sorted(topics, key=lambda topic: topic.start)


def _is_subject_abroad(text: str, match: re.Match[str]) -> bool:
    """Whether a country is what a clause speaks of, and no place of origin or in a list."""
    before = text[max(0, match.start() - 3) : match.start()]
    if before.endswith(("In ", "At ", "For ", "在", "对", "由")):
        return False
    return _begins_clause(text, match.start()) and not _ABROAD_AFTER.match(text, match.end())


def _own_code(match: re.Match[str], reading: Reading, district: str | None) -> str | None:
    """Return what 全市 means; in English only where a sentence begins (The city ...)."""
    if match[0].isascii() and not _begins_clause(reading.text, match.start()):
        return None
    return own_district(match[0], district, reading.lang)


def _turns_to(code: str, district: str | None) -> bool:
    """Whether naming `code` changes the subject: not if it only names what the article lies in."""
    return district is None or code == district or not is_within(district, code)


def _begins_clause(text: str, start: int) -> bool:
    if start == 0:
        return True
    last = text[start - 1]
    if last not in _LAST_BEFORE and not last.isspace():
        return False
    return _CLAUSE_BEFORE.search(text[max(0, start - 24) : start]) is not None


#: A sentence is looked for this far before a figure.
_LONGEST_SENTENCE = 500


class _Holders:
    """Whose the figures of a reading are: what is the same for all of them is found once."""

    __slots__ = ("_district", "_ends", "_goes_on", "_places", "_reading", "_starts", "_topics")

    def __init__(self, reading: Reading, places: Sequence[Place], district: str | None) -> None:
        self._reading, self._places, self._district = reading, places, district
        self._topics = find_topics(reading, places, district)
        self._starts = [topic.start for topic in self._topics]
        self._ends = [match.end() for match in _SENTENCE.finditer(reading.text)]
        self._goes_on = _is_round(self._topics, district)

    def district_of(self, figure: Figure) -> str | None:
        """Return the code of the district whose figure it is; None if unknown or foreign."""
        position = self._reading.place_of(figure.evidence.start)
        at = bisect_right(self._starts, position) - 1
        last = self._topics[at] if at >= 0 else None
        if last and last.start >= self._sentence_start(position):
            return last.code
        speaker = _speaker(self._reading, position, self._places)
        if speaker:
            return speaker
        paragraph = self._reading.text.rfind("\n", 0, position) + 1
        if last and (last.start >= paragraph or self._goes_on):
            return last.code
        return self._district

    def _sentence_start(self, position: int) -> int:
        at = bisect_right(self._ends, position) - 1
        if at >= 0 and self._ends[at] == position and self._reading.text[position - 1] in ".!?":
            at -= 1  # no blank between the mark and the figure
        start = self._ends[at] if at >= 0 else 0
        return start if start > position - _LONGEST_SENTENCE else 0


def _is_round(topics: Sequence[Topic], district: str | None) -> bool:
    """Whether paragraphs without a name go on with the last: in a round of several districts."""
    codes = {topic.code for topic in topics if topic.code and topic.code != district}
    return district is not None and sum(is_within(code, district) for code in codes) > 1


_WE = re.compile("我们|我县|我区|我市|我镇|我校")
_SAID = re.compile(r"”([^”“\n。]{2,40}?)(?:表示|说|介绍|指出|透露|告诉|称|强调)")


def _speaker(reading: Reading, position: int, places: Sequence[Place]) -> str | None:
    """Return the district of who says a quoted 我们: ”沛县县委常委张毅表示."""
    text = reading.text
    opened = text.rfind("“", 0, position)
    while opened >= 0 and "”" in text[opened:position] and position - opened < 400:
        opened = text.rfind("“", 0, opened)
    if opened < 0 or "\n" in text[opened:position]:
        return None
    said = _SAID.search(text, position, position + 300)
    if not said or not _WE.search(text, opened, said.start()):
        return None
    start, end = reading.offsets[said.start(1)], reading.offsets[said.end(1)]
    return next((p.code for p in places if start <= p.evidence.start < end and p.code), None)


_GRANTS = frozenset({"support", "fund"})


def _policy(figure: Figure, reading: Reading, policies: Sequence[Policy]) -> str | None:
    """Return the policy named right after the amount (1亿元人才发展专项资金), or last before it."""
    if figure.role not in _GRANTS:
        return None
    start, end = figure.evidence.start, figure.evidence.end
    text = reading.raw
    for policy in policies:
        if policy.kind == "fund" and _touches(text, end, policy.evidence.start):
            return policy.name
    before = [p for p in policies if p.evidence.end <= start and p.action != "mentioned"]
    if not before:
        return None
    last = max(before, key=lambda p: p.evidence.end)
    is_own = last is policies[0] and last.kind == "document"
    same_paragraph = "\n" not in text[last.evidence.end : start]
    return last.name if is_own or same_paragraph else None


_BREAK = re.compile(r"[，。；,;\n]")


def _touches(text: str, end: int, start: int) -> bool:
    """Tell whether at most two characters, none of them a mark, lie between two places."""
    return 0 <= start - end <= 2 and not _BREAK.search(text, end, start)
