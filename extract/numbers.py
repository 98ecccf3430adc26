"""Numerals to exact numbers: `parse_number` for one, `find_numbers` for all of a text."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from extract.english import LONGEST, english_number
from extract.hanzi import DIGIT_SIGNS, NUMBER_SIGNS, SCALE_SIGNS, as_decimal, hanzi_value
from extract.lexicon import FOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A numeral in a text: half-open offsets, its words and what it is worth."""

    start: int
    end: int
    words: str
    value: Decimal


def parse_number(words: str, lang: str) -> Decimal | None:
    """Return what a whole numeral is worth, exact or to fifteen digits; None if it is none.

    >>> parse_number("负四分之三", "zh-Hans"), parse_number("two and a half million", "en")
    (Decimal('-0.75'), Decimal('2500000'))
    """
    if len(words) > LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", words).strip().lower()
    value = _arabic(plain)
    if value is None:
        parse = _PARSERS.get(FOLDERS.get(lang, lang))
        value = parse(plain) if parse else None
    return None if value is None else as_decimal(value)


def find_numbers(text: str, lang: str) -> list[Number]:
    """Return every numeral of a text, in its order; dates and names are not told apart."""
    pattern = _PATTERNS.get(FOLDERS.get(lang, lang))
    found = []
    for match in pattern.finditer(text) if pattern else ():
        value = parse_number(match.group(), lang)
        if value is not None:
            words = match.group()
            found.append(Number(start=match.start(), end=match.end(), words=words, value=value))
    return found


_SIGN = {"-": -1, "+": 1, "负": -1, "負": -1, "负的": -1, "minus": -1, "negative": -1}
_SIGNED = re.compile(r"(?P<sign>负的|负|負|minus|negative|[-+])\s*(?P<rest>.+)", re.DOTALL)
_PLAIN = re.compile(r"(?:\d[\d,]*)?(?:\.\d+)?")
_POWER = re.compile(r"(?P<base>[\d.]+)\^(?P<power>[-+]{0,2}\d+)")
_TIMES_TEN = re.compile(r"(?P<base>-?[\d.]+)\s*(?:x|×)\s*10\^(?P<power>[-+]?\d+)")
_FLOAT = re.compile(r"(?P<base>[\d.]+)e(?P<power>[-+]?\d+)")
_SHORT = re.compile(r"(?P<base>[\d.,]+)\s*(?P<unit>k|m|mm|mil|g|b|t)")
_SHORTS = {
    "k": 10**3,
    "m": 10**6,
    "mm": 10**6,
    "mil": 10**6,
    "g": 10**9,
    "b": 10**9,
    "t": 10**12,
}
_SLASH = re.compile(r"(?:(?P<whole>\d+)\s+)?(?P<over>[\d ]+)[/\u2044](?P<under>\d+)")


def _power(base: Fraction, exponent: int) -> Fraction | None:
    if abs(exponent) > 400 or (base == 0 and exponent < 0):
        return None
    raised = Fraction(1)
    for _ in range(abs(exponent)):
        raised *= base
    return raised if exponent >= 0 else 1 / raised


def _arabic(words: str) -> Fraction | None:  # noqa: PLR0911 - one return a notation
    """Return the worth of a numeral in digits: 1,050.5, -3/2, 1 3/5, 12e-1, 1.2m."""
    signed = _SIGNED.fullmatch(words)
    if signed:
        value = _arabic(signed["rest"].strip())
        return None if value is None else _SIGN[signed["sign"]] * value
    if words and _PLAIN.fullmatch(words):
        return Fraction(words.replace(",", ""))
    if slash := _SLASH.fullmatch(words):
        under = Fraction(slash["under"])
        over = Fraction(slash["over"].replace(" ", ""))
        return Fraction(slash["whole"] or 0) + over / under if under else None
    if power := _POWER.fullmatch(words):
        exponent = int(power["power"].replace("--", "-").replace("+-", "-").lstrip("+"))
        exponent = -exponent if power["power"].startswith("--") else exponent
        return _power(Fraction(power["base"]), exponent)
    if scaled := _FLOAT.fullmatch(words) or _TIMES_TEN.fullmatch(words):
        exponent = int(scaled["power"])
        ten = _power(Fraction(10), exponent)
        return None if ten is None else Fraction(scaled["base"]) * ten
    if short := _SHORT.fullmatch(words):
        base = Fraction(short["base"].replace(",", ""))
        return base * _SHORTS[short["unit"]]
    return None


_DOZEN = re.compile(r"(?P<number>.*)打")
_PARTS = re.compile(
    r"(?:(?P<whole>[^又]+)又)?(?P<under>[^分份]+)(?:分之|份之?|分)(?P<over>[^分份]+)"
)
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}
_JUNK = re.compile(r"\s+|(?<=\d),(?=\d{3})|[余馀餘多]|[个個元圆圓正整]$")
_SMALL = re.compile(
    rf"(?P<yuan>.+)[元圆圓块](?:零?(?P<jiao>[{DIGIT_SIGNS}\d])[角毛])?(?:零?(?P<fen>[{DIGIT_SIGNS}\d])分)?"
)


def _hanzi(words: str) -> Fraction | None:
    """Return the worth of a Chinese numeral, signs, fractions, 半 and 打 included."""
    words = _JUNK.sub("", _JUNK.sub("", words))
    signed = _SIGNED.fullmatch(words)
    if signed:
        value = _hanzi(signed["rest"])
        return None if value is None else _SIGN[signed["sign"]] * value
    if words in _ROMAN:
        return Fraction(_ROMAN[words])
    if parts := _PARTS.fullmatch(words):
        return _fraction(parts)
    if money := _SMALL.fullmatch(words):
        return _money(money)
    return _whole_or_half(words)


def _fraction(parts: re.Match[str]) -> Fraction | None:
    under, over = _hanzi(parts["under"]), _hanzi(parts["over"])
    whole = _hanzi(parts["whole"]) if parts["whole"] else Fraction(0)
    if whole is None or not under or over is None:
        return None
    if "负" in (parts["whole"] or ""):
        return whole - over / under
    return whole + over / under


def _money(money: re.Match[str]) -> Fraction | None:
    yuan = _hanzi(money["yuan"])
    if yuan is None:
        return None
    jiao = hanzi_value(money["jiao"]) if money["jiao"] else Fraction(0)
    fen = hanzi_value(money["fen"]) if money["fen"] else Fraction(0)
    return yuan + (jiao or Fraction(0)) / 10 + (fen or Fraction(0)) / 100


def _whole_or_half(words: str) -> Fraction | None:
    if dozen := _DOZEN.fullmatch(words):
        count = hanzi_value(dozen["number"]) if dozen["number"] else Fraction(1)
        return None if count is None else count * 12
    if words in ("半", "1半", "一半"):
        return Fraction(1, 2)
    if words.endswith("半"):
        value = hanzi_value(words[:-1])
        return None if value is None else value + Fraction(1, 2)
    words = words.replace("卌", "四十")
    for few in "几幾数數":
        words = words.replace(few, "" if words.find(few) else "一")
    return hanzi_value(words.replace("零万", "万").replace("零亿", "亿"))


_PARSERS: Mapping[str, Callable[[str], Fraction | None]] = MappingProxyType(
    {"zh": _hanzi, "en": english_number}
)
_DIGITS = r"\d++(?:,\d{3})*+(?:\.\d++)?+"
_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "zh": re.compile(
            rf"[-负負]?(?:{_DIGITS}|[{NUMBER_SIGNS}])"
            rf"(?:{_DIGITS}|[{NUMBER_SIGNS}]|点(?=[{DIGIT_SIGNS}])|分之)*+[{SCALE_SIGNS}]*+"
        ),
        "en": re.compile(rf"-?{_DIGITS}(?:[ -]?(?:million|billion|trillion|thousand|hundred)\b)*+"),
    }
)
