"""What a number of a Chinese text is a number of: the unit after it, the currency before it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from extract.amounts import Exact, Numeral
from extract.clauses import CLAUSE, before
from extract.hanzi import hanzi_value
from extract.lexicon import load_words
from extract.lookup import Lookup
from extract.numerals_zh import numeral_at

_KINDS = (
    *("money", "percent", "area", "age", "duration", "size", "ratio", "bp", "person", "count"),
    "coins",
)


class Unit(NamedTuple):
    """A unit in a text: where it ends, its kind and name, and the words for it."""

    end: int
    kind: str
    unit: str
    surface: str = ""


@dataclass(frozen=True, slots=True)
class _Table:
    """The table of units, as the functions here ask it."""

    unit_of: Mapping[str, tuple[str, str]]
    units: Lookup
    currencies: Lookup
    no_units: Lookup
    currencies_before: Lookup
    bare: Lookup
    piece: Lookup
    split_scales: frozenset[str]


@cache
def _table() -> _Table:
    words = load_words("zh", "units")
    unit_of = {
        surface: (kind, unit) for kind in _KINDS for surface, unit in words[kind].names.items()
    }
    measures = (*words["size"].names, *words["percent"].names)
    split = (name for name in measures if name[0] in "百千兆" and len(name) > 1)
    return _Table(
        unit_of=unit_of,
        units=Lookup(unit_of),
        currencies=Lookup(n for n, unit in words["money"].names.items() if unit != "home"),
        no_units=Lookup(words["no_unit"].names),
        currencies_before=Lookup(words["money_before"].names),
        bare=Lookup(words["bare"].names),
        piece=Lookup(words["piece"].names),
        split_scales=frozenset(split),
    )


def unit_firsts() -> str:
    """Return what a unit can begin with, for a character class."""
    return _table().units.firsts + _table().bare.firsts


def currency_lasts() -> str:
    """Return what a currency before its number can end with, for a character class."""
    return _table().currencies_before.lasts


def currency_before(text: str, start: int, floor: int) -> tuple[int, str] | None:
    """Return where the currency right before a number begins, and its code."""
    end = start - 1 if text[start - 1 : start] == " " else start
    word = _table().currencies_before.before(text, end)
    if word is None or end - len(word) < floor:
        return None
    first = end - len(word)
    if word[0].isascii() and word[0].isalpha() and first and _is_latin(text[first - 1]):
        return None
    return first, load_words("zh", "units")["money_before"][word]


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


#: 这两块, 重要的一块: parts of something, and no money.
_THESE = frozenset("这那哪的另")


def unit_at(text: str, numeral: Numeral, currency: str | None) -> tuple[Numeral, Unit | None]:
    """Return the unit that follows a numeral, and the numeral without what belongs to the unit."""
    if numeral.kind:
        return numeral, Unit(numeral.end, numeral.kind, numeral.kind)
    numeral = _without_prefix(text, numeral)
    start = numeral.end + (text[numeral.end : numeral.end + 1] == " ")
    surface = _surface(text, start)
    if surface is None or (surface == "块" and text[numeral.start - 1 : numeral.start] in _THESE):
        return numeral, Unit(numeral.end, "money", currency) if currency else None
    kind, name = _table().unit_of[surface]
    end = start + len(surface)
    if kind == "coins":
        part = Fraction(numeral.coefficient) * int(name) / 100
        return numeral._replace(coefficient=part), Unit(end, "money", "home", surface)
    if kind == "money":
        name, end = _named_currency(text, name, end)
        return numeral, Unit(end, kind, currency or name if name == "home" else name, surface)
    return numeral, Unit(end, kind, name, surface)


def _surface(text: str, start: int) -> str | None:
    """Return the unit at a place; None if its words are part of another word."""
    table = _table()
    surface = table.units.at(text, start)
    if surface is None or len(table.no_units.at(text, start) or "") >= len(surface):
        return None
    if _is_latin(surface[-1]) and text[start + len(surface) : start + len(surface) + 1].isascii():
        following = text[start + len(surface) : start + len(surface) + 1]
        if following.isalnum():
            return None
    if surface == "块" and table.piece.at(text, start):
        return None
    return surface


def _named_currency(text: str, name: str, end: int) -> tuple[str, int]:
    """Return the currency that stands after 元: 三万元欧元."""
    if name != "home":
        return name, end
    word = _table().currencies.at(text, end)
    if word is None:
        return name, end + (text[end : end + 1] in "整正" and text[end : end + 1] != "")
    return load_words("zh", "units")["money"][word], end + len(word)


def _without_prefix(text: str, numeral: Numeral) -> Numeral:
    """Give 百, 千 and 兆 back to the unit: 50万千瓦 is 500,000 kW."""
    last = numeral.end - 1
    if text[last] not in "百千兆" or last == numeral.start:
        return numeral
    word = _table().units.at(text, last)
    if word not in _table().split_scales:
        return numeral
    return numeral_at(text, numeral.start, last) or numeral


_JIAO = re.compile(
    r"(?:零?(?P<jiao>[一二两三四五六七八九\d])(?:角|毛))?"
    r"(?:零?(?P<fen>[一二两三四五六七八九]|\d{1,2})(?:分钱?|(?<=[角毛].))(?![之钟析别类数])|钱)?"
)
_TENTH = re.compile(
    r"(?P<digit>[一二三四五六七八九])(?![一二三四五六七八九十百千万亿个家名项条位])"
)


def coins_after(text: str, unit: Unit) -> tuple[Exact, int]:
    """Return what 角 and 分 after a sum add to it, and where they end: 九元零九分, 两块五."""
    if unit.surface in ("米", "斤"):
        return _next_smaller(text, unit)
    if unit.kind != "money":
        return 0, unit.end
    match = _JIAO.match(text, unit.end)
    if match and match.end() > unit.end:
        jiao = hanzi_value(match["jiao"] or "零") or Fraction(0)
        fen = hanzi_value(match["fen"] or "零") or Fraction(0)
        return jiao / 10 + fen / 100, match.end()
    tenth = _TENTH.match(text, unit.end) if unit.surface in ("块", "毛", "角") else None
    if tenth:
        part = hanzi_value(tenth["digit"]) or Fraction(0)
        return part / (10 if unit.surface == "块" else 100), tenth.end()
    return 0, unit.end


_LIANG = re.compile(r"(?P<digit>[一二三四五六七八九\d])两")


def _next_smaller(text: str, unit: Unit) -> tuple[Exact, int]:
    """Return the tenths that follow 米 and 斤: 三米九, 六斤八两."""
    match = (_TENTH if unit.surface == "米" else _LIANG).match(text, unit.end)
    if match is None:
        return 0, unit.end
    return (hanzi_value(match["digit"]) or Fraction(0)) / 10, match.end()


@cache
def _money_near() -> re.Pattern[str]:
    return re.compile(load_words("zh", "units")["money_near"].pattern)


_NOUN = re.compile(r"\w{2,12}")


def _around(text: str, numeral: Numeral) -> str:
    clause = before(text, numeral.start, CLAUSE, reach=24)
    return clause + text[numeral.end : numeral.end + 8]


@cache
def _heads() -> re.Pattern[str]:
    return re.compile(load_words("zh", "nouns")["heads"].pattern)


def _headed(text: str, end: int) -> str | None:
    """Return what a large number before a known noun counts: 6000多万高技能人才."""
    noun = _NOUN.match(text, end)
    heads = list(_heads().finditer(noun.group())) if noun else []
    if not heads:
        return None
    people = load_words("zh", "units")["people"]
    return "person" if any(word in people for word in (heads[-1].group(),)) else "count"


@cache
def _people() -> re.Pattern[str]:
    words = load_words("zh", "units")
    return re.compile(
        rf"(?:{words['people'].pattern})(?:{words['totals'].pattern})?(?:{words['reaching'].pattern})+$"
        rf"|(?:{words['people'].pattern})(?:{words['totals'].pattern})$"
    )


def _people_before(text: str, numeral: Numeral) -> bool:
    """Tell whether a large number says how many people there are: 人才总量达8.2万."""
    if text[numeral.end : numeral.end + 1].isalpha():
        return False
    return _people().search(before(text, numeral.start, CLAUSE, reach=24)) is not None


def bare_unit(text: str, numeral: Numeral) -> Unit | None:
    """Return the unit of a number that stands before its noun, or of a large sum without 元."""
    if text[max(0, numeral.end - 2) : numeral.end] in ("个亿", "个万"):
        return Unit(numeral.end, "money", "home")
    value = numeral.value
    if value >= 10_000 and numeral.scale > 1:
        if _people_before(text, numeral):
            return Unit(numeral.end, "person", "person")
        if _money_near().search(_around(text, numeral)):
            return Unit(numeral.end, "money", "home")
        kind = _headed(text, numeral.end)
        if kind:
            return Unit(numeral.end, kind, kind)
    start = numeral.end + (text[numeral.end : numeral.end + 1] == " ")
    noun = _table().bare.at(text, start)
    is_year = numeral.scale == 1 and 1900 <= value <= 2100 and not numeral.fuzzy
    if noun and not is_year and value > 1:
        kind = load_words("zh", "units")["bare"][noun]
        return Unit(numeral.end, kind, kind)
    return None
