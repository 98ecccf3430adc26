"""Chinese numerals: what a run of number signs is worth."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from extract.lexicon import load_words

_TABLE = load_words("zh", "numerals")
_DIGITS: Mapping[str, int] = {sign: int(n) for sign, n in _TABLE["digits"].names.items()}
_TENS: Mapping[str, int] = {sign: int(n) for sign, n in _TABLE["tens"].names.items()}
_PLACES: Mapping[str, int] = {sign: int(n) for sign, n in _TABLE["places"].names.items()}
#: 万, 亿, 兆: what they multiply by.
SCALES: Mapping[str, int] = MappingProxyType(
    {sign: int(n) for sign, n in _TABLE["scales"].names.items()}
)
_ZEROS = "".join(sign for sign, n in _DIGITS.items() if n == 0)

#: Signs for character classes: digits one to nine and zero, and all signs of a whole number.
DIGIT_SIGNS = "".join(_DIGITS)
NUMBER_SIGNS = "".join([*_DIGITS, *_TENS, *_PLACES, *SCALES])
SCALE_SIGNS = "".join([*_PLACES, *SCALES])

#: No numeral is longer; what is, is a row of signs.
LONGEST = 60

_TOKEN = re.compile(rf"(?P<arabic>\d+(?:\.\d+)?|\.\d+)|(?P<sign>[{NUMBER_SIGNS}])")
_POINT = re.compile(rf"[点點](?=[{DIGIT_SIGNS}0-9])")


def hanzi_value(words: str) -> Fraction | None:
    """Return what a Chinese or mixed numeral without blanks is worth; None if it is none.

    >>> hanzi_value("三十五点六亿"), hanzi_value("3万4000"), hanzi_value("两千四百五")
    (Fraction(3560000000, 1), Fraction(34000, 1), Fraction(2450, 1))
    """
    if len(words) > LONGEST:
        return None
    point = _POINT.search(words)
    if not point:
        return _whole(words)
    tail = re.match(rf"[{DIGIT_SIGNS}0-9]+", words[point.end() :])
    whole = _whole(words[: point.start()])
    if tail is None or whole is None:
        return None
    decimals = "".join(str(_DIGITS.get(sign, sign)) for sign in tail.group())
    value = whole + Fraction(f"0.{decimals}")
    return _times(value, words[point.end() + tail.end() :])


def _times(value: Fraction, scales: str) -> Fraction | None:
    for sign in scales:
        factor = SCALES.get(sign) or _PLACES.get(sign)
        if factor is None:
            return None
        value *= factor
    return value


def _whole(words: str) -> Fraction | None:
    if words and all(sign in _DIGITS for sign in words):
        return Fraction(int("".join(str(_DIGITS[sign]) for sign in words)))
    sum_ = _Sum()
    position = 0
    while position < len(words):
        token = _TOKEN.match(words, position)
        if token is None or not sum_.add(token.group(), is_arabic=token["arabic"] is not None):
            return None
        position = token.end()
    return sum_.value() if words else None


class _Sum:
    """The running value of a numeral, sign by sign from the left."""

    __slots__ = ("_digit", "_last", "_section", "_total", "_was_zero")

    def __init__(self) -> None:
        self._total = Fraction(0)  # what stands before the last 万, 亿, 兆
        self._section = Fraction(0)  # what stands after it, up to the last 十, 百, 千
        self._digit: Fraction | None = None  # what waits for its place
        self._last = Fraction(1)  # worth of the last place or scale
        self._was_zero = False

    def add(self, sign: str, *, is_arabic: bool) -> bool:
        """Take the next token; tell whether it can stand there."""
        if is_arabic or sign in _DIGITS or sign in _TENS:
            return self._add_digit(sign, is_arabic)
        factor = _PLACES.get(sign)
        if factor is not None:
            self._section += (Fraction(1) if self._digit is None else self._digit) * factor
            self._last = Fraction(factor)
        else:
            self._add_scale(SCALES[sign])
        self._digit, self._was_zero = None, False
        return True

    def _add_digit(self, sign: str, is_arabic: bool) -> bool:
        if sign in _ZEROS:
            self._was_zero = True
            return self._digit is None
        if self._digit is not None:
            return False
        if sign in _TENS:
            self._section += _TENS[sign]
            self._last = Fraction(10)
            return True
        self._digit = Fraction(sign) if is_arabic else Fraction(_DIGITS[sign])
        # 1百01, 1万600: digits say their place themselves
        self._was_zero = self._was_zero or (is_arabic and len(sign) > 1)
        return True

    def _add_scale(self, factor: int) -> None:
        here = self._section + (self._digit or 0)
        if 0 < self._total < factor or (here == 0 and self._total):
            self._total = (self._total + here) * factor  # 万亿, 万万
        else:
            self._total += (here or 1) * factor
        self._section = Fraction(0)
        self._last = Fraction(factor)

    def value(self) -> Fraction:
        """Return the whole; a bare last digit counts the next lower place (一万三)."""
        digit = self._digit or Fraction(0)
        if self._last > 1 and not self._was_zero and digit.denominator == 1:
            digit = digit * self._last / 10 if self._last >= 100 else digit
        return self._total + self._section + digit


def as_decimal(value: int | Fraction) -> Decimal:
    """Return the number exactly, or to fifteen digits if it has no end."""
    if value.denominator == 1:
        return Decimal(value.numerator)
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact if Fraction(exact) == value else round(exact, 15)
