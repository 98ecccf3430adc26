"""Where an English text names districts and zones (Wuzhong District, Suzhou City)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from extract.gazetteer import District, all_districts, all_zones, districts_by_code
from extract.lexicon import any_of, load_words
from extract.mentions import Mention, Strength, narrow, short_candidates

_GAP = re.compile(r"(?:'s|,| of| in|, in| \(|-)*\s*(?:the\s+)?(?:China's\s+)?")


@dataclass(frozen=True, slots=True)
class _Names:
    """Districts by what is left of their English names without blanks and marks, lower-case."""

    typed: Mapping[str, tuple[str, ...]]
    bare: Mapping[str, tuple[District, ...]]
    others: Mapping[str, tuple[str, str | None]]


def plain(name: str) -> str:
    """Return the letters of a name, lower-case: Chun 'an and Chunan are one.

    >>> plain("Chun 'an County")
    'chunancounty'
    """
    return re.sub(r"[^a-zü]", "", name.lower())


@cache
def _names(lang: str) -> _Names:
    typed: dict[str, set[str]] = {}
    past: dict[str, set[str]] = {}
    bare: dict[str, list[District]] = {}
    other: dict[str, list[str]] = {}
    for name, code in load_words(lang, "places")["readings"].names.items():
        other.setdefault(code, []).append(name)
    for district in all_districts():
        code = district.successor or district.code
        for name in _written(district, other.get(code, ())):
            (past if district.successor else typed).setdefault(name, set()).add(code)
        if not district.successor:
            for name in (*_short_names(district), *map(plain, other.get(code, ()))):
                bare.setdefault(name, []).append(district)
    for name, codes in past.items():
        typed.setdefault(name, codes)
    others: dict[str, tuple[str, str | None]] = {}
    for surface, code in load_words(lang, "places")["aliases"].names.items():
        others[surface.lower()] = (code, None)
    for zone in all_zones():
        others.update({name.lower(): (zone.district, zone.name) for name in zone.english})
    return _Names(
        {name: tuple(sorted(codes)) for name, codes in typed.items()},
        {name: tuple(found) for name, found in bare.items()},
        others,
    )


def _short_names(district: District) -> set[str]:
    """Return the ways to write a name without its type; Shaanxi is never Shanxi."""
    names = {plain(_own(district))}
    if district.level != "province" or plain(district.english).startswith(district.pinyin):
        names.add(district.pinyin)
    if _is_single(district):
        names.add(district.pinyin + "xian")
    return names


def _is_single(district: District) -> bool:
    return district.level == "county" and len(district.name) == 2


def _own(district: District) -> str:
    """Return the English name without its type (Inner Mongolia, Pei)."""
    english = district.english
    for ending in (" Autonomous Region", " Special Administrative Region", " Province", " City"):
        english = english.removesuffix(ending)
    return english if district.level != "county" else english.rsplit(" ", 1)[0]


def _written(district: District, readings: Iterable[str]) -> Iterator[str]:
    """Yield the ways to write a full name: Pei County, Peixian, Yanbian Prefecture."""
    yield plain(district.english)
    kind = district.english.rsplit(" ", 1)[-1].lower()
    if district.level != "province":
        yield district.pinyin + kind
    if _is_single(district):
        yield district.pinyin + "xiancounty"
    yield from (plain(reading) + kind for reading in readings)


@cache
def _pattern(lang: str) -> re.Pattern[str]:
    words = load_words(lang, "places")
    word = r"[A-Z][A-Za-zü]+(?:\s?'\s?[a-z]+\b(?<!'s))?"
    return re.compile(
        rf"""
          \b(?P<other>(?i:{any_of(_names(lang).others)}))\b  # Soochow, Songshan Lake
        | (?P<name>(?:{word}|\bsuzhou)(?:[ -]{word}){{0,2}}?)       # Wuzhong, Inner Mongolia
          (?:\s(?P<kind>(?:Autonomous\s)?(?:{words["types"].pattern})))\b
        | (?P<bare>\b{word}(?:[ ]{word})?)
        """,
        re.VERBOSE,
    )


def find_english(text: str, lang: str) -> list[Mention]:
    """Return the names in an English text, in its order."""
    found = [mention for match in _matches(text, lang) for mention in _mentions(match, lang)]
    found = narrow(found, text, _GAP)
    sure = {code for m in found if m.is_full for code in m.candidates}
    found = [_known(m, text, sure, lang) for m in found]
    return [m for m in found if m.supported or _stands(m, sure) or _is_plain(m, text)]


def _matches(text: str, lang: str) -> Iterator[re.Match[str]]:
    """Yield matches; where a bare pair of words is no name, the search goes on inside it."""
    pattern = _pattern(lang)
    position = 0
    while match := pattern.search(text, position):
        yield match
        position = match.end()
        if match["bare"] and " " in match["bare"] and not _mentions(match, lang):
            position = match.start() + match["bare"].index(" ")


def _stands(mention: Mention, sure: set[str]) -> bool:
    return mention.strength == Strength.SURE or bool(sure & set(mention.candidates))


def _is_plain(mention: Mention, text: str) -> bool:
    """Whether a name is a line of its own, or has the mark that only pinyin has: Chun'an."""
    line_start = text.rfind("\n", 0, mention.start) + 1
    line = text[line_start:].partition("\n")[0].strip()
    name = text[mention.start : mention.end]
    return name == line or bool(_INNER_MARK.search(name))


_INNER_MARK = re.compile(r"[a-z]\s?'[aeo]")


def _known(mention: Mention, text: str, sure: set[str], lang: str) -> Mention:
    """Narrow a short name to the district that the text names in full elsewhere."""
    if mention.is_full or mention.supported:
        return mention
    districts = _names(lang).bare.get(plain(text[mention.start : mention.end]), ())
    known = tuple(sorted({d.code for d in districts} & sure))
    return replace(mention, candidates=known, supported=True) if known else mention


def _mentions(match: re.Match[str], lang: str) -> list[Mention]:
    names = _names(lang)
    if match["other"]:
        code, zone = names.others[match["other"].lower()]
        return [_mention(match.start(), match.end(), (code,), zone=zone, is_full=True)]
    if match["kind"]:
        return _typed(match, lang)
    word = match["bare"]
    for end in (len(word), word.find(" ")):
        districts = names.bare.get(plain(word[:end])) if end > 0 else None
        if districts and word[:end] not in load_words(lang, "places")["words"]:
            is_single = plain(word[:end]) == districts[0].pinyin + "xian"
            return [_bare(match.start(), match.start() + end, districts, is_full=is_single)]
    return []


def _typed(match: re.Match[str], lang: str) -> list[Mention]:
    """Return what a name with its type means; the type decides, and nothing else is taken."""
    kind = load_words(lang, "places")["types"][match["kind"]]
    words = match["name"].split(" ")
    for first in range(len(words)):
        name = " ".join(words[first:])
        start = match.start("name") + len(match["name"]) - len(name)
        for end in (plain(kind), *_LOOSE.get(kind, ())):
            codes = _names(lang).typed.get(plain(name) + end)
            if codes:
                return [_mention(start, match.end(), codes, is_full=True)]
    return []


#: Types that translators use for one another.
_LOOSE = {
    "Prefecture": ("autonomousprefecture",),
    "County": ("autonomouscounty",),
    "District": ("newarea",),
    "Province": ("autonomousregion", "city"),
}


def _bare(start: int, end: int, districts: tuple[District, ...], *, is_full: bool) -> Mention:
    codes = short_candidates(list(districts))
    known = districts_by_code()
    upper = [c for c in codes if known[c].level != "county"]
    if upper:
        return _mention(start, end, tuple(upper))
    strength = Strength.SURE if is_full else Strength.COUNTY
    return _mention(start, end, codes, strength=strength)


def _mention(
    start: int,
    end: int,
    codes: tuple[str, ...],
    *,
    strength: Strength = Strength.SURE,
    zone: str | None = None,
    is_full: bool = False,
) -> Mention:
    return Mention(
        start=start, end=end, candidates=codes, strength=strength, zone=zone, is_full=is_full
    )
