"""Numbers without a unit that a comparison makes figures: 大于100, between 20 and 30."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from extract.amounts import Amount, Numeral
from extract.hanzi import as_decimal
from extract.lexicon import load_words
from extract.lookup import Lookup

#: What a bound counts, as far as the text tells.
KIND = "bare"


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a language writes numbers: its word tables and its reader of numerals."""

    lang: str
    numeral_at: Callable[[str, int], Numeral | None]


@cache
def _pattern(lang: str, section: str, form: str) -> re.Pattern[str]:
    words = load_words(lang, "bounds")[section]
    return re.compile(form.replace("{}", f"(?P<word>{words.pattern})"))


def bound_firsts(lang: str) -> str:
    """Return what a comparison after a number can begin with, for a character class."""
    words = load_words(lang, "bounds")
    return words["after"].firsts + words["pair_marks"].firsts


def read_bound(text: str, numeral: Numeral, floor: int, grammar: Grammar) -> Amount | None:
    """Return a number without a unit that is compared, or a range of two; None if it is neither."""
    return _pair(text, numeral, floor, grammar) or _single(text, numeral, floor, grammar.lang)


def _pair(text: str, low: Numeral, floor: int, grammar: Grammar) -> Amount | None:
    words = load_words(grammar.lang, "bounds")
    mark = _pattern(grammar.lang, "pair_marks", r"\ ?{}\ ?").match(text, low.end)
    high = grammar.numeral_at(text, mark.end()) if mark else None
    if mark is None or high is None or high.kind or text[high.end : high.end + 1].isdigit():
        return None
    opens = _pattern(grammar.lang, "pair_before", r"{}\ ?$")
    before = opens.search(text, max(floor, low.start - 9), low.start)
    after = _pattern(grammar.lang, "pair_after", r"\ ?{}").match(text, high.end)
    kind = words["pair_marks"][mark["word"]]
    opened = words["pair_before"][before["word"]] if before else ""
    is_stated = after or kind in (opened, "always") or _is_wide(text, low, high, kind)
    if not is_stated and not (kind == "to" and low.scale != 1 and high.scale != 1):
        return None
    start = before.start() if before else low.start
    low, start = _negative(text, _lent(low, high), start)
    if low.value >= high.value:
        return None
    return _bound(start, after.end() if after else high.end, low, "exact", high)


def _is_wide(text: str, low: Numeral, high: Numeral, kind: str) -> bool:
    """Tell whether two large numbers side by side are a range, and no telephone number."""
    return kind == "to" and low.value >= 1000 <= high.value and text[low.start] != "0"


def _lent(low: Numeral, high: Numeral) -> Numeral:
    """Give the lower end the scale of the upper one: 2到3万."""
    if low.scale == 1 and high.scale != 1 and low.coefficient * high.scale < high.value:
        return low._replace(scale=high.scale)
    return low


def _negative(text: str, low: Numeral, start: int) -> tuple[Numeral, int]:
    if start and text[start - 1] == "-" and not text[max(0, start - 2) : start - 1].isalnum():
        return low.worth(-low.value), start - 1
    return low, start


def _single(text: str, numeral: Numeral, floor: int, lang: str) -> Amount | None:
    words = load_words(lang, "bounds")
    first, word = _word_before(text, numeral.start, floor, lang)
    after = _pattern(lang, "after", _AFTER).match(text, numeral.end)
    if word is None and after is None:
        return _large(text, numeral)
    if word and not after and _goes_on(text, numeral):
        return None
    name = words["before"].get(word) or (words["after"][after["word"]] if after else "exact")
    return _bound(first, after.end() if after else numeral.end, numeral, name)


_AFTER = r"\ ?{}(?![A-Za-z]|\ ?\d|\ than\b)"
_LINKS = "是有了"


@cache
def _before(lang: str) -> Lookup:
    return Lookup(load_words(lang, "bounds")["before"].names)


def _word_before(text: str, start: int, floor: int, lang: str) -> tuple[int, str | None]:
    """Return the comparison right before a number, and where it begins: 至少有, larger than."""
    end = start - (text[start - 1 : start] == " ")
    word = _before(lang).before(text, end)
    if word is None and text[end - 1 : end] and text[end - 1] in _LINKS:
        end -= 1
        word = _before(lang).before(text, end)
    first = end - len(word or "")
    if word is None or first < floor:
        return start, None
    before = text[first - 1 : first] if first else ""
    joined = before.isalpha() if word[0].isascii() and word[0].isalpha() else before in _SIGNS
    return (start, None) if joined and before else (first, word)


_SIGNS = frozenset("<>=")


def _goes_on(text: str, numeral: Numeral) -> bool:
    """Tell whether a lone Chinese digit belongs to the word after it: 超过一般."""
    return (
        not text[numeral.start].isdigit()
        and numeral.end - numeral.start == 1
        and text[numeral.end : numeral.end + 1].isalpha()
    )


def _large(text: str, numeral: Numeral) -> Amount | None:
    """Return a number of 万 that is inexact, or all of its line: 二百三十余万."""
    if numeral.scale < 1000:
        return None
    around = text[max(0, numeral.start - 1) : numeral.start] + text[numeral.end : numeral.end + 1]
    if numeral.fuzzy is None and around.strip("\n"):
        return None
    if text[numeral.end : numeral.end + 1].isalpha():
        return None
    name = "exact"
    if numeral.fuzzy:
        name = load_words("zh", "qualifiers")["inside"].get(numeral.fuzzy) or name
    return _bound(numeral.start, numeral.end, numeral, name)


def _bound(start: int, end: int, low: Numeral, name: str, high: Numeral | None = None) -> Amount:
    top = high.value if high else low.high
    return Amount(
        start=start,
        end=end,
        value=as_decimal(low.value),
        value_max=None if top is None else as_decimal(top),
        unit="count",
        kind=KIND,
        qualifier=name,
    )


def join_bounds(text: str, amounts: Sequence[Amount], lang: str) -> list[Amount]:
    """Return the amounts with a lower and an upper bound side by side made one range."""
    joined: list[Amount] = []
    for amount in amounts:
        last = joined[-1] if joined else None
        if (
            last
            and _is_range(last, amount)
            and _pattern(lang, "joints", r"\ ?{}?\ ?").fullmatch(text, last.end, amount.start)
        ):
            low, high = sorted((last.value, amount.value))
            whole = replace(amount, start=last.start, value=low, value_max=high)
            joined[-1] = replace(whole, qualifier="exact")
        else:
            joined.append(amount)
    return joined


_FLOORS = ("more_than", "at_least")


def _is_range(one: Amount, other: Amount) -> bool:
    """Tell whether one bounds from below and the other from above: at most 100 and at least 20."""
    if one.kind != KIND or one.value_max is not None or other.value_max is not None:
        return False
    if one.qualifier in _FLOORS:
        return other.qualifier == "up_to" and one.value < other.value
    is_turned = one.qualifier == "up_to" and other.qualifier == "at_least"
    return is_turned and other.value < one.value
