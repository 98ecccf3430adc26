"""Amounts in English text."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from extract.ages_en import read_age
from extract.amounts import Amount, Numeral, Spans
from extract.bounds import Grammar, join_bounds, read_bound
from extract.hanzi import as_decimal
from extract.lexicon import load_words
from extract.lookup import Lookup
from extract.nouns_en import noun_unit
from extract.numerals_en import find_starts, is_vague, numeral_at, run_end
from extract.traps import find_soft_traps, find_traps
from extract.units_en import Unit, currency_before, lowered, smaller_after, unit_at

_RANGE = re.compile(r"\ ?(?:-|~|—|to\b|through\b)\ ?")
_AND = re.compile(r"\ and\ ")
#: Rows of a list and codes are none of these: 1 dollar, RM42.
_MEASURED = frozenset(("money", "area", "percent"))
_SIZED = frozenset(("money", "size", "area"))


class _Item(NamedTuple):
    """A number or a range with its unit.

    Attributes:
        numeral: The number; the lower end of a range.
        unit: None if no word for it follows.
        start: Where its words begin, currency or between included.
        end: Where they end.
    """

    numeral: Numeral
    unit: Unit | None
    start: int
    end: int


def find_amounts(text: str) -> list[Amount]:
    """Return the amounts of a clean English text, in its order."""
    return join_bounds(text, list(_amounts(text)), "en")


def _amounts(text: str) -> Iterator[Amount]:
    traps, soft = Spans(find_traps(text, "en")), Spans(find_soft_traps(text))
    lower = lowered(text)
    position = floor = 0
    for start in find_starts(lower):
        if start < position:
            continue
        trapped = traps.end_at(start)
        if trapped is not None:
            position = trapped
            continue
        listed = _listed(lower, start, floor)
        if listed:
            floor = position = listed[-1].end
            yield from listed
            continue
        amount, position = _read_from(text, lower, start, floor)
        if amount and soft.end_at(start) and not _is_measured(text, amount):
            continue
        if amount:
            floor = amount.end
            position = max(position, floor)
            yield amount


def _is_measured(text: str, amount: Amount) -> bool:
    """Tell whether what looks like a code or a row of a list is a sum or a size: RM42, 1 mile."""
    if amount.kind == "ratio":
        return text[amount.start : amount.end].lower().startswith("one")  # one third of the firms
    if amount.kind == "size":
        return text[amount.end - 2 : amount.end].isalpha()
    return amount.kind in _MEASURED


def _read_from(text: str, lower: str, start: int, floor: int) -> tuple[Amount | None, int]:
    """Return the amount that begins with this number, and where reading goes on."""
    item = _article(lower, start, floor) or _item(lower, start, floor)
    if item is None:
        return None, run_end(lower, start)
    begin, qualifier = _qualifier_before(lower, item.start)
    if begin < floor:
        begin, qualifier = item.start, None
    unit = item.unit or _unitless(text, lower, item, begin, floor, qualifier)
    if not isinstance(unit, Unit):
        return unit, item.numeral.end
    end, after = max(item.end, unit.end), None
    if unit.noun != "":  # 931 more than those: the comparison is none of the number
        end, after = _qualifier_after(lower, end)
    if unit.kind == "duration":
        if not _is_term(lower, item, begin, end, qualifier):
            return None, item.numeral.end
        if qualifier == "more_than":
            begin, qualifier = item.start, None  # paid over three years
    name = qualifier or after or ("approx" if is_vague(item.numeral) else "exact")
    if unit.kind == "age" and not _is_limit(lower, item, begin, name):
        return None, end
    begin, numeral = _negative(text, begin, item.numeral, unit)
    return _amount(numeral, unit, begin, end, name), item.numeral.end


def _unitless(
    text: str, lower: str, item: _Item, begin: int, floor: int, qualifier: str | None
) -> Unit | Amount | None:
    """Return what a number without a unit is: an age, a count of nouns, or a bare bound."""
    age = read_age(lower, item.numeral, begin, qualifier)
    if age:
        return age
    unit = noun_unit(text, item.numeral, is_qualified=qualifier is not None)
    return unit or read_bound(lower, item.numeral, floor, Grammar("en", numeral_at))


def _is_limit(lower: str, item: _Item, start: int, name: str) -> bool:
    """Tell whether years of age are a condition or a mean, and not how old somebody is."""
    is_bounded = name in ("up_to", "at_least", "more_than") or item.numeral.high is not None
    return is_bounded or " age" in lower[max(0, start - 20) : start]


_LIST = re.compile(r",\ (?:and\ |or\ )?|\ (?:and|or)\ ")
_LONGEST_LIST = 12


def _listed(lower: str, start: int, floor: int) -> list[Amount]:
    """Return the sums of a list that share the unit of the last: 30, 20 and 10 million yuan."""
    items: list[_Item] = []
    following = start
    is_closed = False
    while item := _item(lower, following, floor):
        items.append(item)
        mark = None if item.unit or len(items) == _LONGEST_LIST else _LIST.match(lower, item.end)
        if mark is None:
            break
        is_closed = mark.group().endswith(("and ", "or "))
        following = mark.end()
    unit = items[-1].unit if items else None
    if unit is None or len(items) < 2 or unit.kind not in _MEASURED or not is_closed:
        return []
    last = items[-1].numeral
    shared = [_lent(item.numeral, last) for item in items[:-1]]
    if any(1900 <= numeral.value <= 2100 for numeral in shared):
        return []  # in 2021 and 30 percent
    first, qualifier = _qualifier_before(lower, start)
    ends = [unit._replace(end=item.end) for item in items]
    starts = [first if first >= floor else start, *(item.start for item in items[1:])]
    return [
        _amount(numeral, end, begin, end.end, qualifier or "exact")
        for numeral, end, begin in zip([*shared, last], ends, starts, strict=True)
    ]


def _amount(numeral: Numeral, unit: Unit, start: int, end: int, qualifier: str) -> Amount:
    return Amount(
        start=start,
        end=end,
        value=as_decimal(numeral.value),
        value_max=None if numeral.high is None else as_decimal(numeral.high),
        unit=unit.unit,
        kind=unit.kind,
        qualifier=qualifier,
        noun="age" if unit.kind == "age" else unit.noun,
    )


_ARTICLE = re.compile(r"an?\ ")


def _article(lower: str, start: int, floor: int) -> _Item | None:
    """Return `a kilogram`, `a dollar and 42 cents`; not the rate in `10 dollars a ton`."""
    match = _ARTICLE.match(lower, start)
    if match is None or (floor and start - floor <= 1):
        return None
    one = Numeral(start, match.end() - 1, 1, words="a")
    numeral, unit = unit_at(lower, one, None)
    if unit is None or unit.kind not in _SIZED or not lower[unit.end - 1].isalpha():
        return None
    if lower[unit.end : unit.end + 1] == "-":
        return None
    return _with_smaller(lower, _Item(numeral, unit, start, unit.end))


def _item(lower: str, start: int, floor: int) -> _Item | None:
    numeral = numeral_at(lower, start)
    if numeral is None:
        return None
    before = currency_before(lower, start, floor)
    if before is None and _is_part_of_word(lower, start):
        return None
    first, currency, factor = before or (start, None, 1)
    numeral, unit = unit_at(lower, numeral, currency)
    if before and lower[start - 1] == "-":
        factor = -factor
    if factor != 1:
        numeral = numeral.worth(numeral.value * factor)
    item = _Item(numeral, unit, first, unit.end if unit else numeral.end)
    return _range(lower, item, currency) or _with_smaller(lower, item)


def _is_part_of_word(lower: str, start: int) -> bool:
    before = lower[start - 1 : start] if start else ""
    earlier = lower[start - 2 : start - 1] if start > 1 else ""
    return (
        before.isalnum()
        or before in ("$", "_")
        or (before in (".", ",") and earlier.isdigit())
        or (before == "-" and earlier.isalpha())
    )


def _with_smaller(lower: str, item: _Item) -> _Item:
    if item.unit is None or item.unit.kind not in ("money", "size"):
        return item
    smaller, end = smaller_after(lower, item.unit)
    if not smaller:
        return item
    numeral = item.numeral.worth(item.numeral.value + smaller)
    return item._replace(numeral=numeral, unit=item.unit._replace(end=end), end=end)


def _range(lower: str, item: _Item, currency: str | None) -> _Item | None:
    """Return the range that the number begins: 1,000 to 1,500 yuan, between $1m and $2m."""
    is_between = lower.endswith("between ", 0, item.start)
    mark = (_AND if is_between else _RANGE).match(lower, item.end)
    if mark is None:
        return None
    high, high_unit = _upper(lower, mark.end(), currency)
    low, unit = item.numeral, item.unit
    if high is None or high_unit is None or (unit and unit.unit != high_unit.unit):
        return None
    low = _shared_scale(low, high)
    if low.value >= high.value:
        return None
    start = item.start
    word = "between " if is_between else "from "
    if lower.endswith(word, 0, start) and (is_between or mark.group().strip() == "to"):
        start -= len(word)
    return _Item(low._replace(high=high.value), high_unit, start, high_unit.end)


def _upper(lower: str, start: int, currency: str | None) -> tuple[Numeral | None, Unit | None]:
    """Return the upper end of a range, whose currency may stand before it again."""
    for first in range(start, min(start + 8, len(lower))):
        if not lower[first].isdigit() and first == start and (high := numeral_at(lower, first)):
            return unit_at(lower, high, currency)
        if lower[first].isdigit():
            before = currency_before(lower, first, start) if first > start else None
            if first > start and (before is None or before[0] != start):
                return None, None
            high = numeral_at(lower, first)
            return (
                (None, None)
                if high is None
                else unit_at(lower, high, before[1] if before else currency)
            )
    return None, None


def _shared_scale(low: Numeral, high: Numeral) -> Numeral:
    """Give the lower end the scale of the upper one: 4.8 to 10 million."""
    lent = _lent(low, high)
    return lent if lent.value < high.value else low


def _lent(numeral: Numeral, other: Numeral) -> Numeral:
    """Give a small plain number the scale of another."""
    is_plain = numeral.scale == 1 and numeral.words[-1].isdigit() and numeral.value < 1000
    return numeral._replace(scale=other.scale) if is_plain and other.scale > 1 else numeral


@cache
def _lookup(table: str, section: str) -> Lookup:
    return Lookup(load_words("en", table)[section].names)


def _qualifier_before(lower: str, start: int) -> tuple[int, str | None]:
    if lower[start - 1 : start] not in (" ", "~"):
        return start, None
    end = start - (lower[start - 1] == " ")
    word = _lookup("qualifiers", "before").before(lower, end)
    if word is None or lower[max(0, end - len(word) - 1) : end - len(word)].isalnum():
        return start, None
    return end - len(word), load_words("en", "qualifiers")["before"][word]


def _qualifier_after(lower: str, end: int) -> tuple[int, str | None]:
    start = end + (lower[end : end + 1] == " ")
    word = _lookup("qualifiers", "after").word_at(lower, start)
    if word is None or lower.startswith(" than", start + len(word)):
        return end, None  # 12 and more than 20
    return start + len(word), load_words("en", "qualifiers")["after"][word]


@cache
def _terms() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load_words("en", "words")
    return (
        re.compile(rf"\b(?:{words['terms'].pattern})\ $"),
        re.compile(rf"\b(?:{words['spans'].pattern})\ $"),
    )


_SPAN_AFTER = re.compile(r"(?: ago|-old| old| of | earlier| later| since|-[a-z])|\w")


def _is_term(lower: str, item: _Item, start: int, end: int, qualifier: str | None) -> bool:
    """Tell whether a duration is a term (for up to three years) and not a span of the past."""
    if qualifier and lower.startswith(" of ", end):
        return True  # within two years of graduation
    if lower[item.numeral.end : item.numeral.end + 1] == "-" or _SPAN_AFTER.match(lower, end):
        return False
    term, span = _terms()
    before = lower[max(0, start - 20) : start]
    if span.search(before):
        return False
    return qualifier is not None or term.search(before) is not None


def _negative(text: str, start: int, numeral: Numeral, unit: Unit) -> tuple[int, Numeral]:
    if unit.kind not in ("money", "percent", "size") or text[max(0, start - 1) : start] != "-":
        return start, numeral
    if text[max(0, start - 2) : start - 1] not in ("", " ", "(", "\n"):
        return start, numeral
    return start - 1, numeral.worth(-numeral.value)
