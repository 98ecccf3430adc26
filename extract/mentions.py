"""Where a text names districts and zones, and what each name can mean by itself.

A name is full (徐州市, Wuzhong District), or short (徐州, Wuzhong). Short names of counties are
often words (合作, 和平), so they wait for support: the name of the place above beside them, or the
full name elsewhere in the text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache

from extract.gazetteer import (
    District,
    Zone,
    all_districts,
    all_zones,
    ancestors,
    districts_by_code,
)
from extract.lexicon import load_words


class Strength(IntEnum):
    """How far a name can be trusted where it stands."""

    WORD = 0  # an ordinary word: never without the name above it right before it
    COUNTY = 1  # the short name of a county: with support from the text
    FRAGILE = 2  # may be a part of other words: only where a word can begin
    SURE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name in a text: half-open offsets into the reading, and every code it can mean.

    `zone` is set for zones; `supported` tells that a neighbour has confirmed the name; `is_full`
    that it stands with its type.
    """

    start: int
    end: int
    candidates: tuple[str, ...]
    strength: Strength
    zone: str | None = None
    supported: bool = False
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Surface:
    """What a written name can mean."""

    candidates: tuple[str, ...]
    strength: Strength
    zone: str | None = None


_LEVELS = ("province", "city", "county")


def short_candidates(districts: list[District]) -> tuple[str, ...]:
    """Return the codes a bare short name can mean, ascending.

    Without its type a name is that of the highest level (吉林 the province, 西安 the city).
    """
    top = min(_LEVELS.index(d.level) for d in districts)
    if top < 2:
        districts = [d for d in districts if d.level == _LEVELS[top]]
    return tuple(sorted({d.code for d in districts}))


def narrow(mentions: list[Mention], text: str, gap: re.Pattern[str]) -> list[Mention]:
    """Let neighbours (江苏省 徐州市 沛县; 通州（南通）) narrow each other's candidates."""
    found = list(mentions)
    for index in range(1, len(found)):
        left, right = found[index - 1], found[index]
        if right.start < left.end or not gap.fullmatch(text, left.end, right.start):
            continue
        found[index - 1], found[index] = _agree(left, right)
    return found


def _agree(left: Mention, right: Mention) -> tuple[Mention, Mention]:
    for above, below in ((left, right), (right, left)):
        inside = tuple(c for c in below.candidates if set(ancestors(c)[1:]) & set(above.candidates))
        if inside:
            over = {a for c in inside for a in ancestors(c)[1:]}
            kept = tuple(c for c in above.candidates if c in over)
            upper = replace(above, candidates=kept, supported=True)
            lower = replace(below, candidates=inside, supported=True)
            return (upper, lower) if above is left else (lower, upper)
    return left, right


# --- Chinese ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Index:
    """Written names by their first two characters, longest first."""

    starts: re.Pattern[str]
    by_pair: Mapping[str, tuple[tuple[str, Surface], ...]]
    by_short: Mapping[str, tuple[District, ...]]
    zones: Mapping[str, Zone]


@cache
def _index(lang: str) -> _Index:
    words = load_words(lang, "places")
    surfaces: dict[str, Surface] = {}
    by_short = _by_short()
    nameless = {*words["generic"].names, *words["zones"].names}
    for district in all_districts():
        for name in _full_names(district, lang):
            known = surfaces.get(name)
            if _is_forgotten(district, known) or (district.successor and name in nameless):
                continue
            code = district.successor or district.code
            codes = tuple(sorted({*(known.candidates if known else ()), code}))
            surfaces[name] = Surface(codes, _full_strength(name, lang))
    for short, districts in by_short.items():
        if len(short) > 1 and short not in surfaces:
            surfaces[short] = _short_surface(short, districts, lang)
    for alias, code in words["aliases"].names.items():
        surfaces[alias] = Surface(tuple(code.split()), Strength.SURE)
    for part, code in words["supported"].names.items():
        surfaces[part] = Surface(tuple(code.split()), Strength.COUNTY)
    zones: dict[str, Zone] = {}
    for zone in all_zones():
        for name in (zone.name, *zone.aliases):
            zones[name] = zone
            surfaces[name] = Surface((zone.district,), Strength.SURE, zone.name)
    pairs = _by_pair(surfaces)
    firsts, seconds = ("".join(sorted({pair[n] for pair in pairs})) for n in (0, 1))
    starts = re.compile(f"[{re.escape(firsts)}](?=[{re.escape(seconds)}])")
    return _Index(starts, pairs, by_short, zones)


#: Texts that are read today may still mean what a name meant until then.
_RECENT = 2015


def _is_forgotten(district: District, known: Surface | None) -> bool:
    """Whether a name of the past gives way to another district that bears it today."""
    return bool(known and district.successor) and (district.valid_to or 0) < _RECENT


def _by_pair(surfaces: Mapping[str, Surface]) -> dict[str, tuple[tuple[str, Surface], ...]]:
    pairs: dict[str, list[tuple[str, Surface]]] = {}
    for name, surface in surfaces.items():
        pairs.setdefault(name[:2], []).append((name, surface))
    return {pair: tuple(sorted(found, key=lambda f: -len(f[0]))) for pair, found in pairs.items()}


def _by_short() -> dict[str, tuple[District, ...]]:
    found: dict[str, list[District]] = {}
    past: dict[str, list[District]] = {}
    for district in all_districts():
        (past if district.successor else found).setdefault(district.short, []).append(district)
    now = districts_by_code()
    for short, gone in past.items():
        if short not in found and len(short) > 1 and {d.level for d in gone} == {"city"}:
            found[short] = [now[d.successor] for d in gone if d.successor]
    return {short: tuple(districts) for short, districts in found.items()}


def _full_names(district: District, lang: str) -> Iterator[str]:
    yield district.name
    if len(district.short) > 1:
        for ending in load_words(lang, "places")["autonomous"].names:
            if district.name.endswith(ending) and district.name != district.short + ending:
                yield district.short + ending
                yield district.short + ending[-1]


def _full_strength(name: str, lang: str) -> Strength:
    words = load_words(lang, "places")
    if name in words["generic"]:
        return Strength.WORD
    if words["fragile"].get(name) == "county":
        return Strength.FRAGILE
    return Strength.SURE


def _short_surface(short: str, districts: tuple[District, ...], lang: str) -> Surface:
    words = load_words(lang, "places")
    levels = {d.level for d in districts}
    if short in words["contested"]:
        return Surface(tuple(sorted({d.code for d in districts})), Strength.FRAGILE)
    codes = short_candidates(list(districts))
    if short in words["fragile"]:
        return Surface(codes, Strength.FRAGILE)
    if levels & {"province", "city"}:
        return Surface(codes, Strength.SURE)
    is_word = any(d.is_word for d in districts) or short in words["generic"]
    return Surface(codes, Strength.WORD if is_word else Strength.COUNTY)


def find_chinese(text: str, lang: str) -> list[Mention]:
    """Return the names in a Chinese text, in its order."""
    index = _index(lang)
    found = [_with_zone(m, text, lang) for m in _scan(text, index, lang)]
    if not found:
        return found
    found = narrow(_without_overlaps(found), text, _gap(lang))
    return [m for m in found if _is_supported(m, found, text, lang)]


@cache
def _gap(lang: str) -> re.Pattern[str]:
    """Return what may stand between a name and the name above it: 徐州的沛县, 通州（南通）."""
    return re.compile(rf"[（(，、·]?(?:{load_words(lang, 'places')['of'].pattern})?")


def _without_overlaps(mentions: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in mentions:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _scan(text: str, index: _Index, lang: str) -> Iterator[Mention]:
    end = 0
    for match in index.starts.finditer(text):
        start = match.start()
        if start < end:
            continue
        for name, surface in index.by_pair.get(text[start : start + 2], ()):
            if text.startswith(name, start) and _can_stand(text, start, name, surface, lang):
                end = start + len(name)
                yield Mention(
                    start=start,
                    end=end,
                    candidates=surface.candidates,
                    strength=surface.strength,
                    zone=surface.zone,
                )
                break


def _can_stand(text: str, start: int, name: str, surface: Surface, lang: str) -> bool:
    """Whether the characters are this name and not a part of 东方市场, 南京大学 or 和平区域."""
    end, after = start + len(name), _after_type(lang)
    if name[-1] in after and surface.zone is None:
        return text[end : end + 1] not in after[name[-1]]
    return not _within(lang).match(text, end)


@cache
def _after_type(lang: str) -> Mapping[str, frozenset[str]]:
    """Return what turns 市 区 县 at the end of a name into the beginning of a word: 市 场."""
    found: dict[str, set[str]] = {}
    for word in load_words(lang, "places")["type_words"].names:
        found.setdefault(word[0], set()).add(word[1])
    return {kind: frozenset(rest) for kind, rest in found.items()}


@cache
def _within(lang: str) -> re.Pattern[str]:
    words = load_words(lang, "places")
    return re.compile(
        rf"(?:[\u4e00-\u9fff]{{0,2}}(?:{words['school'].pattern})(?!{words['pupil'].pattern})|"
        rf"{words['within'].pattern})"
    )


@cache
def _zone_type(lang: str) -> re.Pattern[str]:
    words = load_words(lang, "places")
    return re.compile(rf"(?:{words['rank'].pattern})?({words['zones'].pattern})")


def _with_zone(mention: Mention, text: str, lang: str) -> Mention:
    """Return the zone if a type of zone follows the name (苏州 国家高新技术产业开发区)."""
    match = _zone_type(lang).match(text, mention.end)
    if mention.zone or not match or len(mention.candidates) == 0:
        return mention
    kind = load_words(lang, "places")["zones"][match[1]]
    if mention.strength == Strength.WORD:
        return mention
    district = districts_by_code()[mention.candidates[0]]
    zone = _index(lang).zones.get(district.short + kind)
    candidates = (zone.district,) if zone else mention.candidates
    name = zone.name if zone else text[mention.start : match.end()]
    return replace(
        mention, end=match.end(), candidates=candidates, zone=name, strength=Strength.SURE
    )


def _is_supported(mention: Mention, found: list[Mention], text: str, lang: str) -> bool:
    if mention.strength == Strength.SURE or mention.supported:
        return mention.supported or mention.strength != Strength.WORD
    if mention.strength == Strength.WORD:
        return False
    if mention.strength == Strength.FRAGILE and _begins(text, mention.start, lang):
        return True
    sure = {c for m in found if m.strength == Strength.SURE for c in m.candidates}
    return bool(sure & set(mention.candidates)) or _stands_alone(text, mention)


def _begins(text: str, start: int, lang: str) -> bool:
    """Whether a word can begin here: after no Han character, or after 在, 从, 与 ..."""
    if not start or not "\u4e00" <= text[start - 1] <= "\u9fff":
        return True
    before = load_words(lang, "places")["before"]
    return text[start - 1] in before or text[max(0, start - 2) : start] in before


def _stands_alone(text: str, mention: Mention) -> bool:
    around = text[max(0, mention.start - 1) : mention.start] + text[mention.end : mention.end + 1]
    return not any("\u4e00" <= char <= "\u9fff" for char in around)
