"""Age limits in English text: aged 45 or below, under the age of 40, must be under 35."""

import re
from functools import cache

from extract.amounts import Amount, Numeral
from extract.hanzi import as_decimal
from extract.lexicon import load_words
from extract.numerals_en import numeral_at

_YOUNGEST, _OLDEST = 10, 99


@cache
def _before() -> re.Pattern[str]:
    """Return what speaks of an age before its number; the quote begins with the number."""
    words = load_words("en", "ages")
    return re.compile(
        rf"""
        \b(?:(?P<limit>{words["limits"].pattern})\ )?
        (?:{words["cues"].pattern})(?:\ (?:{words["links"].pattern}))?
        (?:\ (?P<opens>{words["opens"].pattern}))?\ $
        """,
        re.VERBOSE,
    )


@cache
def _limited() -> re.Pattern[str]:
    """Return what tells that a bare limit is one of age: must be under, younger than."""
    words = load_words("en", "ages")
    return re.compile(
        rf"\b(?:(?:{words['bearers'].pattern})\ (?:under|below|over|above)"
        rf"|(?:{words['comparisons'].pattern}))\ $"
    )


@cache
def _after() -> re.Pattern[str]:
    return re.compile(rf"\ (?P<word>{load_words('en', 'ages')['after'].pattern})\b")


_TO = re.compile(r"(?:\ (?:to|and)\ |-)(?=\d)")
_NOUN = re.compile(r"\ ?(?P<word>[a-z]+|[%$])")


def read_age(lower: str, numeral: Numeral, start: int, qualifier: str | None) -> Amount | None:
    """Return the age limit that a number without a unit is; None if it is no age.

    Args:
        lower: The text in lower case.
        numeral: The number.
        start: Where its words begin, own qualifier included.
        qualifier: What these words say; None if there are none.
    """
    if numeral.value.denominator != 1 or not _YOUNGEST <= numeral.value <= _OLDEST:
        return None
    words = load_words("en", "ages")
    high, end = _upper(lower, numeral)
    after = _after().match(lower, end)
    name = words["after"][after["word"]] if after else None
    cue = _before().search(lower, max(0, start - 50), start)
    if cue:
        said = words["limits"].get(cue["limit"]) or qualifier or name
        start = cue.start("opens") if cue["opens"] and high else start
    elif _is_bearer(lower, numeral, start, end):
        said = qualifier
    else:
        return None
    if said is None and high is None:
        return None  # Li, aged 45: how old somebody is
    return Amount(
        start=start,
        end=after.end() if after else end,
        value=as_decimal(numeral.value),
        value_max=None if high is None else as_decimal(high.value),
        unit="year",
        kind="age",
        qualifier=said or "exact",
        noun="age",
    )


def _is_bearer(lower: str, numeral: Numeral, start: int, end: int) -> bool:
    """Tell whether a limit without the word age is one: applicants must be under 45."""
    noun = _NOUN.match(lower, end)
    if start == numeral.start or (noun and noun["word"] not in load_words("en", "words")["stops"]):
        return False
    return _limited().search(lower, max(0, start - 30), numeral.start) is not None


def _upper(lower: str, low: Numeral) -> tuple[Numeral | None, int]:
    mark = _TO.match(lower, low.end)
    high = numeral_at(lower, mark.end()) if mark else None
    if high is None or not low.value < high.value <= _OLDEST:
        return None, low.end
    return high, high.end
