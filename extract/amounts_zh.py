"""Amounts in Chinese text."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from extract.amounts import Amount, Exact, Numeral, Spans
from extract.bounds import KIND, Grammar, bound_firsts, join_bounds, read_bound
from extract.clauses import SENTENCE
from extract.hanzi import DIGIT_SIGNS, NUMBER_SIGNS, as_decimal
from extract.lexicon import load_words
from extract.numerals_zh import numeral_at, run_end
from extract.qualifiers_zh import is_term, qualifier_after, qualifier_before, qualifier_far
from extract.traps import find_traps
from extract.units_zh import (
    Unit,
    bare_unit,
    coins_after,
    currency_before,
    currency_lasts,
    unit_at,
    unit_firsts,
)

_RANGE = re.compile(r"(?:（含）)?\ ?(?:——|--|[-~—至到])\ ?|\ ?[和与]\ ?")
_LIST = re.compile(r"[、，和或及与]")
_LONGEST_LIST = 12
#: A negative number makes sense of these only.
_SIGNED = frozenset(("percent", "money", "size", "bp"))


class _Item(NamedTuple):
    """A number or a range with its unit, if one follows at once.

    Attributes:
        numeral: The number; the lower end of a range.
        unit: None while the unit of a list stands at its end.
        start: Where its words begin, currency included.
        end: Where they end.
    """

    numeral: Numeral
    unit: Unit | None
    start: int
    end: int
    is_last: bool = True


def find_amounts(text: str) -> list[Amount]:
    """Return the amounts of a clean Chinese text, in its order."""
    return join_bounds(text, list(_amounts(text)), "zh")


def _amounts(text: str) -> Iterator[Amount]:
    traps = Spans(find_traps(text, "zh"))
    position = floor = 0
    last: Amount | None = None
    search = _starts().search
    while found_start := search(text, position):
        start = found_start.start()
        trapped = traps.end_at(start)
        if trapped is not None:
            position = trapped
            continue
        found, position = _read_from(text, start, floor)
        if found:
            found = [_carried(text, last, amount) for amount in found]
            last = found[-1]
            floor = last.end
            position = max(floor, position)
            yield from found


@cache
def _starts() -> re.Pattern[str]:
    """Where an amount can begin: at a number sign, but for those of ordinary words.

    对 and 半 are signs before some words only, 几 and 数 before other signs; a lone digit is none
    where it goes on with a word that is neither sign nor unit: 一步, 三亚.
    """
    marks = "至到和与或及"  # of ranges and lists
    goes_on = f"{NUMBER_SIGNS}\\d点分折成半个多余馀几来{marks}{unit_firsts()}{bound_firsts('zh')}"
    others = "".join(sign for sign in NUMBER_SIGNS if sign not in DIGIT_SIGNS)
    return re.compile(
        rf"""
        [\d{NUMBER_SIGNS}几数半对](?:
          (?<=[\d{others}])
        | (?<=[几数])(?=[\d{NUMBER_SIGNS}]) | (?<=半)(?=[成年个小天折]) | (?<=对)(?=折)
        | (?<=[{DIGIT_SIGNS}])(?:(?=[{goes_on}])|(?![\u4e00-\u9fff]))
        | (?<=[{DIGIT_SIGNS}])(?<=[{currency_lasts()}\ ].)      # a sum without a unit: ￥五
        )
        """,
        re.VERBOSE,
    )


def _carried(text: str, last: Amount | None, amount: Amount) -> Amount:
    """Return a large range without a unit as money, if the sentence spoke of money before."""
    if last is None or amount.kind != KIND or amount.value_max is None or amount.value < 10_000:
        return amount
    if last.kind != "money" or any(mark in text[last.end : amount.start] for mark in SENTENCE):
        return amount
    return replace(amount, kind="money", unit=last.unit)


def _read_from(text: str, start: int, floor: int) -> tuple[list[Amount], int]:
    """Return the amounts that begin with this number, and where reading goes on.

    They are one, a range, or the numbers of a list with one unit.
    """
    items: list[_Item] = []
    following = start
    first = floor
    while item := _item(text, following, first):
        items.append(item)
        mark = None if item.unit or len(items) == _LONGEST_LIST else _LIST.match(text, item.end)
        if mark is None:
            break
        following = first = mark.end()
    if not items:
        return [], run_end(text, start)
    last = items[-1]
    unit = last.unit or bare_unit(text, last.numeral)
    if unit is None:
        bound = read_bound(text, items[0].numeral, floor, Grammar("zh", numeral_at))
        # no number of the list has a unit, so none is read again
        return ([bound] if bound else []), items[-1].numeral.end
    scale = last.numeral.scale
    shared = [
        item._replace(unit=unit, numeral=_scaled(item.numeral, scale), is_last=False)
        for item in items[:-1]
    ]
    last = last if last.unit else last._replace(unit=unit)
    amounts = [_amount(text, item, floor) for item in [*shared, last]]
    return [amount for amount in amounts if amount is not None], items[0].numeral.end


def _item(text: str, start: int, floor: int) -> _Item | None:
    low = numeral_at(text, start)
    if low is None:
        return None
    before = currency_before(text, low.start, floor)
    if before is None and _is_part_of_word(text, low.start):
        return None
    first, currency = before or (low.start, None)
    low, unit = unit_at(text, low, currency)
    end = unit.end if unit else low.end
    single = _Item(low, unit, first, end)
    if unit and unit.kind in ("money", "size"):
        smaller, end = coins_after(text, unit)
        if smaller:
            return _Item(_plus(low, smaller), unit._replace(end=end), first, end)
        if end > single.end:
            single = single._replace(unit=unit._replace(end=end), end=end)
    if unit and text.startswith("半", unit.end) and unit.kind in ("size", "area", "duration"):
        end = unit.end + 1
        if not text.startswith(("半年", "半导", "半径", "半岛", "半月", "半天"), unit.end):
            half = Fraction(low.scale) / 2
            return _Item(_plus(low, half), unit._replace(end=end), first, end)
    return _range(text, single, currency) or single


def _is_part_of_word(text: str, start: int) -> bool:
    before = text[start - 1 : start] if start else ""
    return before.isascii() and (before.isalnum() or before == ".")


def _plus(numeral: Numeral, more: Exact) -> Numeral:
    return numeral._replace(coefficient=numeral.value + more, scale=1)


def _range(text: str, item: _Item, currency: str | None) -> _Item | None:
    """Return the range that the number begins: 20至50万元, 30%~50%, 1万和2万元之间."""
    low, unit = item.numeral, item.unit
    mark = _RANGE.match(text, item.end)
    high = numeral_at(text, mark.end()) if mark else None
    if mark is None or high is None or high.kind != low.kind:
        return None
    high, high_unit = unit_at(text, high, currency)
    if high_unit is None and unit is None and high.scale > 1:
        high_unit = bare_unit(text, high)
    if high_unit is None or (unit and unit.unit != high_unit.unit):
        return None
    is_between = text.startswith("之间", high_unit.end)
    if mark.group().strip() in ("和", "与") and not is_between:
        return None
    if unit is None:
        low = _scaled(low, high.scale, limit=high.value)
    if low.value >= high.value:
        return None
    end = high_unit.end + 2 * is_between
    start = item.start
    if mark.group().strip() in ("至", "到") and text.startswith("从", start - 1):
        start -= 1
    low = low._replace(high=high.value, fuzzy=high.fuzzy)
    return _Item(low, high_unit._replace(end=end), start, end)


def _scaled(numeral: Numeral, scale: Exact, limit: Exact | None = None) -> Numeral:
    """Give a number without a scale the scale of its neighbour: 20至50万元."""
    if numeral.scale != 1 or (limit is not None and numeral.coefficient * scale > limit):
        return numeral
    return numeral._replace(scale=scale)


def _amount(text: str, item: _Item, floor: int) -> Amount | None:
    numeral, unit = item.numeral, item.unit
    if unit is None or _is_article(text, numeral, unit) or _is_heading(text, numeral, unit):
        return None
    end, after = qualifier_after(text, max(item.end, unit.end) if item.is_last else item.end)
    start, qualifier = qualifier_before(text, item.start)
    if start < floor:
        start, qualifier = item.start, None
    if unit.kind == "duration":
        if qualifier == "nearly":
            if after is None:
                return None  # 近五年: a time span, no term
            start, qualifier = item.start, after
        if not qualifier and not after and not is_term(text, start, end):
            return None
    if unit.kind == "age" and not _is_limit(text, numeral, start, qualifier or after):
        return None
    start, numeral = _negative(text, start, numeral, unit)
    inside = load_words("zh", "qualifiers")["inside"].get(numeral.fuzzy)
    nouns = load_words("zh", "units")["nouns"]
    return Amount(
        start=start,
        end=end,
        value=as_decimal(numeral.value),
        value_max=None if numeral.high is None else as_decimal(numeral.high),
        unit=unit.unit,
        kind=unit.kind,
        noun=unit.surface if unit.surface in nouns else None,
        qualifier=qualifier or after or inside or qualifier_far(text, start) or "exact",
    )


def _is_article(text: str, numeral: Numeral, unit: Unit) -> bool:
    """Tell whether 一 only introduces a noun: 一家企业."""
    return (
        unit.kind in ("person", "count")
        and numeral.value == 1
        and numeral.high is None
        and text[numeral.start] in "一壹"
    )


def _is_heading(text: str, numeral: Numeral, unit: Unit) -> bool:
    """Tell whether a decimal at the head of a line numbers it: 1.2支持企业."""
    before = text[max(0, numeral.start - 8) : numeral.start].rpartition("\n")
    is_first = (before[1] or numeral.start < 8) and not before[2].strip("#* ")
    is_plain = numeral.scale == 1 and numeral.value.denominator != 1
    return bool(is_first) and is_plain and unit.kind in ("person", "count")


def _is_limit(text: str, numeral: Numeral, start: int, qualifier: str | None) -> bool:
    """Tell whether an age is a condition or a mean, and not how old somebody is."""
    if qualifier in ("up_to", "at_least") or numeral.high is not None:
        return True
    return "年龄" in text[max(0, start - 8) : start]


def _negative(text: str, start: int, numeral: Numeral, unit: Unit) -> tuple[int, Numeral]:
    is_signed = start == numeral.start and unit.kind in _SIGNED and numeral.high is None
    if not is_signed or numeral.value < 0:
        return start, numeral
    sign = next((sign for sign in ("-", "负的", "负") if text.endswith(sign, 0, start)), None)
    earlier = text[max(0, start - 2) : start - 1]
    if sign is None or (sign == "-" and earlier.isascii() and earlier.isalnum()):
        return start, numeral
    return start - len(sign), numeral._replace(coefficient=-numeral.coefficient)
