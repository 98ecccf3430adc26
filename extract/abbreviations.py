"""Bodies that a text names in full and in short: 徐州市人力资源和社会保障局, 市人社局."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from extract.facts import Name, Place
from extract.gazetteer import all_districts
from extract.lexicon import FOLDERS, load_words

_HAN = "\u4e00-\u9fff"


def tie_names(
    names: Sequence[Name], text: str, lang: str, *, places: Sequence[Place] = ()
) -> list[Name]:
    """Return the names with each body once, under the full name that the text gives it.

    It keeps the words of its first mention, which may be the short ones. Names that could be short
    for several bodies of the text stay what they are; 市 and 区 alone mean the one of `places` that
    is named most, and nothing where the text speaks of all of them (各区).
    """
    bodies = list(dict.fromkeys(name.text for name in names if name.label == "ORG"))
    if len(bodies) < 2 or FOLDERS.get(lang) != "zh":
        return list(names)
    levels = _meant(places, text, lang)
    full = {**_alike(bodies, lang, levels), **_stated(bodies, text, lang)}
    tied: dict[tuple[str, str], Name] = {}
    for name in names:
        words = full.get(name.text, name.text) if name.label == "ORG" else name.text
        tied.setdefault((name.label, words), replace(name, text=words))
    return list(tied.values())


def _stated(bodies: Sequence[str], text: str, lang: str) -> dict[str, str]:
    """Return the bodies that the text gives short names to: 甲公司（以下简称“甲”）."""
    found: dict[str, str] = {}
    for match in _named(lang).finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        for short in re.split("[、或]", match["short"]):
            owner = max((b for b in bodies if before.endswith(b)), key=len, default=None)
            if owner and short in bodies and len(short) < len(owner):
                found.setdefault(short, owner)
    return found


@cache
def _named(lang: str) -> re.Pattern[str]:
    words = load_words(lang, "abbreviations")["named"].pattern
    return re.compile(rf"（(?:{words})[为：]?“?(?P<short>[{_HAN}A-Za-z、]{{2,16}})”?）")


@dataclass(frozen=True, slots=True)
class _Parts:
    """A body's name in short words: its place (or only the level or short name of it), the rest."""

    place: str | None
    level: str | None
    rest: str


def _meant(places: Sequence[Place], text: str, lang: str) -> dict[str, str]:
    """Return the name of the district that 省, 市, 区 ... stand for."""
    words = load_words(lang, "abbreviations")
    every = {words["every"][word] for word in re.findall(words["every"].pattern, text)}
    counted = Counter(place.name for place in places)
    found: dict[str, str] = {}
    for name, _ in counted.most_common():
        if name[-1] in words["level"] and name[-1] not in every:
            found.setdefault(name[-1], name)
    return found


def _alike(bodies: Sequence[str], lang: str, levels: Mapping[str, str]) -> dict[str, str]:
    """Return for each name of a body the full one, if the text has one such body alone."""
    parts = {body: _parts(body, lang) for body in bodies}
    found: dict[str, str] = {}
    for body, own in parts.items():
        others = {other: theirs.place for other, theirs in parts.items() if _fits(own, theirs)}
        is_meant = own.level is None or levels.get(own.level) in others.values()
        if len(set(others.values())) == 1 and is_meant:
            longest = max(others, key=lambda other: (len(other), other))
            if longest != body:
                found[body] = longest
    return found


def _fits(own: _Parts, full: _Parts) -> bool:
    """Whether one name can be short for another that has the full name of its place."""
    if own.rest != full.rest or full.place is None or full.place not in _full():
        return False
    if own.place is None:
        return own.level is not None and full.place.endswith(own.level)
    return own.place == full.place or full.place in _by_short().get(own.place, ())


def _parts(body: str, lang: str) -> _Parts:
    words = load_words(lang, "abbreviations")
    rest = re.sub(words["short"].pattern, lambda match: words["short"][match[0]], body)
    place = name = _leading_place(rest)
    while name:
        place, rest = name, rest[len(name) :]
        name = _leading_place(rest)
    if place is None and len(rest) > 2 and rest[0] in words["level"]:
        return _Parts(None, rest[0], rest[1:])
    return _Parts(place, None, rest)


_LONGEST = 14


def _leading_place(words: str) -> str | None:
    """Return the district that a name begins with, its full name or its short one."""
    for length in range(min(_LONGEST, len(words) - 1), 1, -1):
        if words[:length] in _full() or words[:length] in _by_short():
            return words[:length]
    return None


@cache
def _full() -> frozenset[str]:
    return frozenset(d.name for d in all_districts() if not d.successor)


@cache
def _by_short() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for district in all_districts():
        if not district.successor and len(district.short) > 1:
            found.setdefault(district.short, set()).add(district.name)
    return {short: frozenset(names) for short, names in found.items()}
