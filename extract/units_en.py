"""What a number of an English text is a number of: units, currencies, plural nouns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from extract.amounts import Exact, Numeral
from extract.english import SCALES
from extract.lexicon import load_words
from extract.lookup import Lookup
from extract.numerals_en import letter_scale, numeral_at

_KINDS = ("money", "coins", "millions", "percent", "area", "age", "duration", "size", "ratio")
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def lowered(text: str) -> str:
    """Return the text with A-Z in lower case, character for character."""
    return text.translate(_LOWER)


class Unit(NamedTuple):
    """A unit in a text: where it ends, its kind and name, and the noun that it is, if any."""

    end: int
    kind: str
    unit: str
    noun: str | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    unit_of: Mapping[str, tuple[str, str]]
    units: Lookup
    before: Lookup
    scales: Lookup


@cache
def _table() -> _Table:
    words = load_words("en", "units")
    unit_of = {
        surface: (kind, unit) for kind in _KINDS for surface, unit in words[kind].names.items()
    }
    before = [*words["money_before"].names, *words["millions"].names]
    scales = Lookup(word for word in SCALES if len(word) > 2)
    hyphened = {
        surface.replace(" ", "-"): unit for surface, unit in unit_of.items() if " " in surface
    }
    unit_of = {**hyphened, **unit_of}
    return _Table(unit_of, Lookup(unit_of), Lookup(before), scales)


def currency_before(lower: str, start: int, floor: int) -> tuple[int, str, int] | None:
    """Return where the currency before a number begins, its code, and what it multiplies by."""
    end = start - (lower[start - 1 : start] == " ")
    if lower[start - 1 : start] == "-" and _table().before.before(lower, start - 1):
        end = start - 1 if not lower[start - 2].isalnum() else end  # $-15
    word = _table().before.before(lower, end)
    if word is None or end - len(word) < floor:
        return None
    first = end - len(word)
    if first and lower[first - 1].isalnum() and word[0].isalpha():
        return None
    words = load_words("en", "units")
    millions = words["millions"].get(word)
    return first, millions or words["money_before"][word], 10**6 if millions else 1


def unit_at(lower: str, numeral: Numeral, currency: str | None) -> tuple[Numeral, Unit | None]:
    """Return the unit that follows a numeral, and the numeral with the scale that it gives."""
    numeral = _lettered(lower, numeral, currency)
    surface, end = _surface(lower, numeral)
    if surface is None and numeral.high is not None and lower.startswith(" of ", numeral.end):
        surface, end = _surface(lower, numeral._replace(end=numeral.end + 3))  # millions of yuan
    kind, name = _table().unit_of[surface] if surface else ("", "")
    if surface == "pounds":
        kind, name = _of_pounds(lower, numeral, end)
    if currency:
        is_money = kind == "money"
        return numeral, Unit(end if is_money else numeral.end, "money", currency)
    if not surface:
        own = numeral.kind
        return numeral, Unit(numeral.end, own, own) if own else None
    if kind == "coins":
        return numeral.worth(Fraction(numeral.value) / 100), Unit(end, "money", name)
    if kind == "millions":
        return numeral.worth(numeral.value * 10**6), Unit(end, "money", name)
    if kind == "money":
        return _scaled_after(lower, numeral, Unit(end, kind, name))
    return numeral, Unit(end, kind, name)


def _surface(lower: str, numeral: Numeral) -> tuple[str | None, int]:
    for start in (numeral.end, numeral.end + 1):
        surface = _table().units.word_at(lower, start)
        if surface and _is_unit(lower, numeral, surface, start + len(surface)):
            stop = _is_full_stop(lower, numeral.start, start + len(surface), surface)
            return surface, start + len(surface) - stop
        if lower[numeral.end : numeral.end + 1] not in (" ", "-"):
            break
    bracketed = _BRACKETED.match(lower, numeral.end)
    if bracketed and bracketed["word"] in _table().unit_of:
        return bracketed["word"], bracketed.end()
    return None, numeral.end


def _is_full_stop(lower: str, start: int, end: int, surface: str) -> bool:
    """Tell whether the dot of an abbreviation ends a sentence as well: he weighs 200 lbs."""
    if surface[-1] != "." or surface[:-1] not in _table().unit_of:
        return False
    is_last = lower[end : end + 1] in ("", "\n")
    return is_last and lower[:start].rpartition("\n")[2].strip() != ""


_BRACKETED = re.compile(r"\ ?\[(?P<word>[^\]\n]{1,20})\]")
_SUM = re.compile(r"\ ?(?:\d[\d,.]*+|\.\d++)(?!\ ?(?:\$|cents?\b))")
_INCHES = re.compile(r"[.,;]?(?:$|\n|\ (?:and|or|by)\b)")


@cache
def _measured() -> Lookup:
    return Lookup(load_words("en", "units")["measured"].names)


def _is_unit(lower: str, numeral: Numeral, surface: str, end: int) -> bool:
    """Tell whether the word is a unit here: `2 in.`, but not `2 in April`; not the US of US$."""
    if lower[end : end + 1] == "$" or (surface[-1] == "$" and _SUM.match(lower, end)):
        return False
    if surface == "in":
        is_measured = _measured().word_at(lower, end + 1) is not None
        return is_measured or _INCHES.match(lower, end) is not None
    return not (surface == '"' and lower[numeral.end : end].startswith(" ") and numeral.scale > 1)


def _of_pounds(lower: str, numeral: Numeral, end: int) -> tuple[str, str]:
    """Return what pounds are: money if they go by the million, or stand alone."""
    line = lower[: numeral.start].rpartition("\n")[2] + lower[end:].partition("\n")[0]
    is_money = numeral.scale > 1 or not line.strip()
    return ("money", "GBP") if is_money else ("size", "lb")


def _lettered(lower: str, numeral: Numeral, currency: str | None) -> Numeral:
    """Read the letter after a number as its scale, if it is money or a k: $2.5m, 10k."""
    if not numeral.letter:
        return numeral
    end = lower.index(numeral.letter.lower(), numeral.end) + 1
    start = end + (lower[end : end + 1] == " ")
    surface = _table().units.word_at(lower, start)
    is_money = currency or (surface and _table().unit_of[surface][0] == "money")
    touches = end == numeral.end + 1
    if is_money or (touches and numeral.letter in "kK") or (touches and numeral.letter in "MB"):
        return numeral._replace(end=end, scale=letter_scale(numeral.letter))
    return numeral


def _scaled_after(lower: str, numeral: Numeral, unit: Unit) -> tuple[Numeral, Unit]:
    """Read a scale that stands behind the currency: 75 USD million."""
    if lower[unit.end : unit.end + 1] != " " or numeral.scale != 1:
        return numeral, unit
    word = _table().scales.word_at(lower, unit.end + 1)
    if word is None:
        return numeral, unit
    scaled = numeral._replace(scale=SCALES[word])
    return scaled, unit._replace(end=unit.end + 1 + len(word))


_SHORT_COIN = re.compile(r"[cp](?![a-z])")
_INCH_AFTER_FOOT = re.compile(r"[\ -]?(?:inches|inch|in)(?![a-z])")
_SMALLER = re.compile(r"(?:\ and)?\ ?(?=[a-z\d])")
_ENDS = re.compile(r"\ ?(?:[.,;:!?)](?!\d)|$|\n)")


def smaller_after(lower: str, unit: Unit) -> tuple[Exact, int]:
    """Return what cents or inches after a sum add to it: ten dollars forty-five cents."""
    mark = _SMALLER.match(lower, unit.end)
    numeral = numeral_at(lower, mark.end()) if mark else None
    if numeral is None or numeral.value.denominator != 1 or numeral.value > 99:
        return 0, unit.end
    surface, end = _surface(lower, numeral)
    kind, _name = _table().unit_of[surface] if surface else ("", "")
    if unit.kind == "money" and (kind == "coins" or _SHORT_COIN.match(lower, numeral.end)):
        return Fraction(numeral.value) / 100, end if kind else numeral.end + 1
    if unit.kind == "money" and numeral.value >= 10 and _ENDS.match(lower, numeral.end):
        return Fraction(numeral.value) / 100, numeral.end
    inches = _INCH_AFTER_FOOT.match(lower, numeral.end) if unit.unit == "ft" else None
    if inches:
        return Fraction(numeral.value) / 12, inches.end()
    return 0, unit.end
