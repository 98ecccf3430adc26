"""Organizations and people that an article names, by rules: endings and places; people.py."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from extract.abbreviations import tie_names
from extract.english_names import find_english_orgs, find_english_people, is_english_person
from extract.facts import Name, Place
from extract.lexicon import FOLDERS, Words, load_words
from extract.people import find_chinese_people, is_chinese_person
from extract.reading import Reading
from extract.scanning import Scanner

#: A name in a reading: half-open offsets and, of a person, the title.
Span = tuple[int, int, str | None]


def find_names(reading: Reading, places: Sequence[Place] = ()) -> list[Name]:
    """Return the organizations and people of a text, each once, at its first mention.

    `places` tell where names of organizations may begin. A body that the text names in full and in
    short (市人社局) stands once, under its full name.
    """
    names = find_names_in([reading], [places])[0]
    return tie_names(names, reading.text, reading.lang, places=places)


def find_names_in(
    readings: Sequence[Reading], places: Sequence[Sequence[Place]]
) -> list[list[Name]]:
    """Return the names of each of many texts of one language, in full and in short.

    Each rule goes over all texts before the next does, which is sooner.
    """
    if not readings:
        return []
    folder = FOLDERS[readings[0].lang]
    texts = [reading.text for reading in readings]
    anchors = [
        sorted(_anchors(reading, named)) for reading, named in zip(readings, places, strict=True)
    ]
    orgs = _ORGS[folder](texts, anchors, folder)
    people = _PEOPLE[folder](texts, folder)
    return [_distinct(*found) for found in zip(readings, orgs, people, strict=True)]


def _distinct(reading: Reading, orgs: Sequence[Span], people: Sequence[Span]) -> list[Name]:
    """Return names, each at its first mention."""
    if not orgs and not people:
        return []
    spans: list[tuple[int, int, Literal["ORG", "PERSON"], str | None]] = []
    spans += ((start, end, "ORG", None) for start, end, _ in orgs)
    spans += ((start, end, "PERSON", title) for start, end, title in people)
    found: dict[tuple[str, str], Name] = {}
    for start, end, label, title in sorted(spans, key=lambda span: (span[0], -span[1])):
        text = re.sub(r"\s+", " ", reading.text[start:end])
        name = Name(text=text, label=label, evidence=reading.evidence(start, end), title=title)
        found.setdefault((label, text), name)
    return list(found.values())


def _anchors(reading: Reading, places: Sequence[Place]) -> Iterator[int]:
    """Yield where places begin in the reading, save those that begin in what it drops."""
    for place in places:
        position = bisect_left(reading.offsets, place.evidence.start)
        if place.evidence.start in reading.offsets[position : position + 1]:
            yield position


def find_org_spans(text: str, lang: str) -> list[tuple[int, int]]:
    """Return the spans of organizations in the clean text of a language."""
    folder = FOLDERS[lang]
    return sorted((start, end) for start, end, _ in _ORGS[folder]([text], [()], folder)[0])


def is_person(text: str, lang: str) -> bool:
    """Whether a name may be a person's: in Chinese a listed surname and two to four characters."""
    return _IS_PERSON[FOLDERS[lang]](text, FOLDERS[lang])


_HAN = "\u4e00-\u9fff"
_PART = re.compile(rf"(?:[{_HAN}A-Za-z·-]|（(?!以下|下称|简称)[{_HAN}]{{1,12}}）)+")


@dataclass(frozen=True, slots=True)
class _Patterns:
    strong: re.Pattern[str]
    body: re.Pattern[str]
    known: re.Pattern[str]
    stop: re.Pattern[str]
    hard: re.Pattern[str]
    level: Scanner
    not_org: re.Pattern[str]
    not_alone: Words
    plain: re.Pattern[str]
    joint: Words
    joins: re.Pattern[str]


@cache
def _patterns(lang: str) -> _Patterns:
    words = load_words(lang, "names")
    return _Patterns(
        strong=re.compile(rf"(?:{words['strong'].pattern})"),
        body=re.compile(rf"(?:{words['body'].pattern})(?![{_HAN}]?(?:{words['holder'].pattern}))"),
        known=re.compile(rf"(?:{words['known'].pattern})(?!{words['goes_on'].pattern})"),
        stop=re.compile(rf"(?:{words['stop'].pattern})"),
        hard=re.compile(rf"(?:{words['hard'].pattern})"),
        level=Scanner(
            rf"[{words['level'].firsts}](?:(?<![{_HAN}].)|(?<=[{''.join(words['before_level'].names)}].))",
            re.compile(
                rf"(?:{words['level'].pattern})(?:[{_HAN}]{{1,12}}?(?:{words['bureau'].pattern})"
                rf"|[{_HAN}]{{0,8}}?(?:{words['office'].pattern}))(?!{words['chief'].pattern})"
            ),
        ),
        not_org=re.compile(words["not_org"].pattern),
        not_alone=words["not_alone"],
        plain=re.compile(rf"(?:{words['plain_end'].pattern})$"),
        joint=words["joint"],
        joins=re.compile(words["joins"].pattern),
    )


def find_chinese_orgs(
    texts: Sequence[str], anchors: Sequence[Sequence[int]], lang: str
) -> list[list[Span]]:
    """Return the spans of organizations in each Chinese reading."""
    patterns = _patterns(lang)
    found: list[list[Span]] = [[] for _ in texts]
    for finder in (_known, _strong, _anchored, _levelled):
        for text, places, taken in zip(texts, anchors, found, strict=True):
            for start, end in finder(text, places, patterns):
                if all(end <= a or start >= b for a, b, _ in taken):
                    taken.append((start, end, None))
    return found


def _known(text: str, anchors: Sequence[int], patterns: _Patterns) -> Iterator[tuple[int, int]]:
    del anchors
    for match in patterns.known.finditer(text):
        yield match.start(), _extended(text, match.end(), patterns)


def _extended(text: str, end: int, patterns: _Patterns) -> int:
    """Return where a name ends that goes on: 建设银行 广州分行, 东南大学 医疗器械研究院."""
    part = _PART.match(text, end)
    return max(end, _longest(text, end, min(part.end(), end + 22), patterns)) if part else end


def _longest(text: str, least: int, limit: int, patterns: _Patterns) -> int:
    """Return the last end of a body in `text[least:limit]` before a hard word; 0 if none."""
    best = 0
    for pattern in (patterns.body, patterns.strong):
        for match in pattern.finditer(text, least, limit):
            middle = text[least : match.start()]
            if match.end() > best and not patterns.hard.search(middle):
                if patterns.plain.search(text, least, match.end()):
                    continue
                if patterns.joins.search(middle) and match[0] not in patterns.joint:
                    continue
                best = match.end()
    return best


def _anchored(text: str, anchors: Sequence[int], patterns: _Patterns) -> Iterator[tuple[int, int]]:
    """Yield what begins with a place and ends like a body, the longest without a hard word."""
    for start in anchors:
        part = _PART.match(text, start)
        limit = _next_body(text, start, anchors, patterns)
        end = _longest(text, start + 2, min(part.end(), limit), patterns) if part else 0
        if end:
            yield start, end


def _next_body(text: str, start: int, anchors: Sequence[int], patterns: _Patterns) -> int:
    """Return how far a name can go: to a place right behind an office (甲市财政局|乙市财政局)."""
    for anchor in anchors[bisect_right(anchors, start) :]:
        if anchor >= start + 32:
            break
        if any(text.endswith(office, start, anchor) for office in patterns.joint.names):
            return anchor
    return start + 32


def _levelled(text: str, anchors: Sequence[int], patterns: _Patterns) -> Iterator[tuple[int, int]]:
    """Yield offices that leave out the name of their place: 市委组织部, 省人社厅."""
    del anchors
    for match in patterns.level.finditer(text):
        if not patterns.hard.search(match[0]):
            yield match.span()


_MARK = re.compile(rf"[^{_HAN}A-Za-z（）()·]")
_NUMBERED = re.compile("第[一二三四五六七八九十百\\d]+[条款项章]|（[一二三四五六七八九十\\d]+）")


def _strong(text: str, anchors: Sequence[int], patterns: _Patterns) -> Iterator[tuple[int, int]]:
    """Yield names from the last stop word, mark or place to a strong ending, and what goes on."""
    done = 0
    for match in patterns.strong.finditer(text):
        if match.start() < done:
            continue
        left = max(done, match.start() - 20)
        start = _begin(text, left, match.start(), patterns)
        inside = [a for a in anchors if start < a < match.start()]
        start = inside[-1] if inside and start not in anchors else start
        start = _joint_start(text, start, match, anchors, patterns)
        name = text[start : match.end()]
        quoted = text[start - 1 : start] == "“" and text[match.end() : match.end() + 1] == "”"
        if match.start() - start < 2 or (start == left and left > done) or _is_counted(text, start):
            continue
        if quoted or not _is_common(name, patterns):
            done = _extended(text, match.end(), patterns)
            yield start, done


def _joint_start(
    text: str, start: int, ending: re.Match[str], anchors: Sequence[int], patterns: _Patterns
) -> int:
    """Return the place before a name that 和 has cut: 甲市发展和 | 改革委员会."""
    cut = next((w for w in patterns.joins.findall(text[max(0, start - 2) : start])), None)
    if cut is None or ending[0] not in patterns.joint or start in anchors:
        return start
    before = [a for a in anchors[: bisect_left(anchors, start)] if a >= ending.start() - 16]
    is_whole = before and not patterns.hard.search(
        text[before[-1] : ending.start()].replace(cut, "")
    )
    return before[-1] if is_whole and _PART.fullmatch(text, before[-1], start) else start


def _is_counted(text: str, start: int) -> bool:
    """Whether a number stands right before: 10余家银行."""
    return text[start - 1 : start].isdigit()


def _begin(text: str, left: int, end: int, patterns: _Patterns) -> int:
    start = left
    for pattern in (_MARK, _NUMBERED, patterns.stop):
        for cut in pattern.finditer(text, start, end):
            start = cut.end()
    unclosed = text.rfind("（", start, end)
    return unclosed + 1 if unclosed >= 0 and "）" not in text[unclosed:end] else start


def _is_common(name: str, patterns: _Patterns) -> bool:
    return name in patterns.not_alone or bool(patterns.not_org.search(name))


_OrgFinder = Callable[[Sequence[str], Sequence[Sequence[int]], str], list[list[Span]]]
_ORGS: Mapping[str, _OrgFinder] = MappingProxyType(
    {"zh": find_chinese_orgs, "en": find_english_orgs}
)
_PEOPLE: Mapping[str, Callable[[Sequence[str], str], list[list[Span]]]] = MappingProxyType(
    {"zh": find_chinese_people, "en": find_english_people}
)
_IS_PERSON: Mapping[str, Callable[[str, str], bool]] = MappingProxyType(
    {"zh": is_chinese_person, "en": is_english_person}
)
