"""Amounts in English text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from extract.amounts import Amount, Spans
from extract.english import SCALES, english_value
from extract.hanzi import as_decimal
from extract.lexicon import any_of, load_words
from extract.traps import find_traps

_UNITS = load_words("en", "units")
_WORDS = load_words("en", "qualifiers")
_NUMERALS = load_words("en", "numerals")
_STOPS = load_words("en", "words")
_KINDS = ("money", "percent", "area", "age", "duration", "size", "ratio")
_UNIT_OF: Mapping[str, tuple[str, str]] = {
    surface: (kind, unit) for kind in _KINDS for surface, unit in _UNITS[kind].names.items()
}

_SMALL = any_of([*_NUMERALS["digits"].names, *_NUMERALS["tens"].names])
_SCALE = any_of(word for word in SCALES if len(word) > 1)
_LETTER = any_of(word for word in SCALES if len(word) == 1)
_ARABIC = r"(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?+"
_NUMBER = re.compile(
    rf"""
    (?<![\w.$])(?<!\d,)
    (?:(?P<currency>{_UNITS["money_before"].pattern})\ ?(?=\d))?+
    (?P<number>
      {_ARABIC}(?:\ 10,000\b|\ 100\ million\b)?            # 20 10,000: 20万
      (?:[\ -]?(?:{_SCALE})\b|(?:{_LETTER})\b)*+
    | (?:a\ (?=[hdmbt]))?(?:{_SMALL}|hundreds?|thousands?|millions?|dozens?|billions?)\b
      (?:(?:\ and\ |[\ -])(?:{_SMALL}|{_SCALE})\b)*+
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNIT = re.compile(rf"(?P<blank>[ -]?)(?P<unit>{any_of(_UNIT_OF)})(?![\w$])", re.IGNORECASE)
_RANGE = re.compile(r"\ ?(?:-|~|—|\bto\b)\ ?")
_BEFORE = re.compile(rf"\b(?P<word>{_WORDS['before'].pattern})\ $", re.IGNORECASE)
_AFTER = re.compile(rf"\ ?(?P<word>{_WORDS['after'].pattern})(?!\w)", re.IGNORECASE)
_TOKEN = re.compile(
    r"\ ?(?P<word>Fortune\ (?:Global\ )?\d+|[A-Za-z][\w'/&.-]*(?<![.])|\"[^\"\n]{1,30}\")"
)
_TERM = re.compile(rf"\b(?:{_STOPS['terms'].pattern})\ $")
_SPAN = re.compile(rf"\b(?:{_STOPS['spans'].pattern})\ $")
_SPAN_AFTER = re.compile(r"(?: ago|-old| old| of | earlier| later| since|-[a-z])|\w")
_AND = re.compile(r" (?:and|on) (?P<word>[A-Za-z][\w-]*)\b")


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    value: Fraction
    words: str
    currency: str | None


@dataclass(frozen=True, slots=True)
class _Unit:
    end: int
    kind: str
    unit: str
    noun: str | None = None


def find_amounts(text: str) -> list[Amount]:
    """Return the amounts of a clean English text, in its order."""
    return list(_amounts(text))


def _amounts(text: str) -> Iterator[Amount]:
    traps = Spans(find_traps(text, "en"))
    position = 0
    while match := _NUMBER.search(text, position):
        trapped = traps.end_at(match.start())
        if trapped is not None:
            position = max(trapped, match.start() + 1)
            continue
        amount = _read_from(text, match)
        position = max(amount.end, match.end()) if amount else match.end()
        if amount:
            yield amount


def _read_from(text: str, match: re.Match[str]) -> Amount | None:
    number = _number(match)
    if number is None:
        return None
    unit = _unit_at(text, number)
    end, high = (unit.end if unit else number.end), None
    mark = _RANGE.match(text, end)
    upper = _number(_NUMBER.match(text, mark.end())) if mark else None
    if upper is not None:
        upper_unit = _unit_at(text, upper)
        low = _shared_scale(number, upper)
        same = unit is None or (upper_unit is not None and unit.unit == upper_unit.unit)
        if upper_unit and same and low < upper.value:
            number = _Number(number.start, number.end, low, number.words, number.currency)
            unit, end, high = upper_unit, upper_unit.end, upper.value
    qualified, qualifier = _qualifier_before(text, number.start)
    unit = unit or _noun_unit(text, number, is_qualified=qualifier is not None)
    if unit is None:
        return None
    end = max(end, unit.end)
    end, after = _qualifier_after(text, end) if unit.noun is None else (end, None)
    if unit.kind == "duration":
        if text[number.end : number.end + 1] == "-" or not _is_term(
            text, qualified, end, qualifier
        ):
            return None
        if qualifier == "more_than":
            qualified, qualifier = number.start, None  # paid over three years
    return Amount(
        start=qualified,
        end=end,
        value=as_decimal(number.value),
        value_max=None if high is None else as_decimal(high),
        unit=unit.unit,
        kind=unit.kind,
        qualifier=qualifier or after or "exact",
        noun=unit.noun,
    )


def _is_term(text: str, start: int, end: int, qualifier: str | None) -> bool:
    """Tell whether a duration is a term (for up to three years) and not a span of the past."""
    before = text[max(0, start - 20) : start]
    if _SPAN.search(before) or _SPAN_AFTER.match(text, end):
        return False
    return qualifier is not None or _TERM.search(before) is not None


def _number(match: re.Match[str] | None) -> _Number | None:
    if match is None:
        return None
    value = english_value(match["number"])
    if value is None:
        return None
    return _Number(match.start(), match.end(), value, match["number"], match["currency"])


def _shared_scale(low: _Number, high: _Number) -> Fraction:
    """Return the lower end: in `4.8 to 10 million` it takes the upper end's scale."""
    scale = re.search(r"[a-z]+$", high.words.lower())
    factor = SCALES.get(scale.group(), 1) if scale else 1
    if low.words[-1].isdigit() and low.value < 1000 and low.value * factor < high.value:
        return low.value * factor
    return low.value


def _unit_at(text: str, number: _Number) -> _Unit | None:
    match = _UNIT.match(text, number.end)
    if number.currency:
        unit = _UNITS["money_before"][number.currency.lower()]
        is_money = match and _UNIT_OF[match["unit"].lower()][0] == "money"
        return _Unit(match.end() if match and is_money else number.end, "money", unit)
    if match is None:
        return None
    kind, unit = _UNIT_OF[match["unit"].lower()]
    return _Unit(match.end(), kind, unit)


def _noun_unit(text: str, number: _Number, *, is_qualified: bool) -> _Unit | None:
    """Return the plural noun that the number counts, as a unit that adds no words."""
    is_year = number.words.isdigit() and 1900 <= number.value <= 2100
    if is_year and not is_qualified:
        return None
    noun = _plural_noun(text, number.end)
    if noun is None:
        return None
    head = noun.rsplit(" ", maxsplit=1)[-1].lower()
    if _UNITS["duration"].get(head):
        return None  # three consecutive years
    follows = _AND.match(text, number.end + 1 + len(noun))
    if follows and _is_plural(follows["word"].lower()):
        noun += follows.group()
    kind = "person" if head in _UNITS["persons"] else "count"
    return _Unit(number.end, kind, kind, noun)


def _plural_noun(text: str, start: int) -> str | None:
    """Return the words up to the last plural before a verb or preposition."""
    words = end = 0
    position = start
    while words < 8 and (token := _TOKEN.match(text, position)):
        word = token["word"].lower()
        if word in _STOPS["stops"] and (word != "and" or end):
            break
        words += 1
        position = token.end()
        if _is_plural(word):
            end = position
    return text[start + 1 : end] if end and text[start] == " " else None


def _is_plural(word: str) -> bool:
    if word in _UNITS["plurals"] or word in _UNITS["persons"]:
        return True
    return word.endswith("s") and not word.endswith(("ss", "us")) and word not in _UNITS["singular"]


def _qualifier_before(text: str, start: int) -> tuple[int, str | None]:
    match = _BEFORE.search(text, max(0, start - 24), start)
    if match is None:
        return start, None
    return match.start("word"), _WORDS["before"][match["word"].lower()]


def _qualifier_after(text: str, end: int) -> tuple[int, str | None]:
    match = _AFTER.match(text, end)
    if match is None:
        return end, None
    return match.end(), _WORDS["after"][match["word"].lower()]
