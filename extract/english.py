"""English numerals: what a run of number words is worth."""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from extract.lexicon import load_words

_TABLE = load_words("en", "numerals")
_UNITS: Mapping[str, int] = {
    word: int(n) for part in ("digits", "tens") for word, n in _TABLE[part].names.items()
}
_PARTS: Mapping[str, int] = {word: int(n) for word, n in _TABLE["parts"].names.items()}
#: hundred, million, bn: what they multiply by.
SCALES: Mapping[str, int] = MappingProxyType(
    {word: int(n) for word, n in _TABLE["scales"].names.items()}
)
_MT_SCALES = (100, 10_000)
#: No numeral is longer.
LONGEST = 200
_WORD = re.compile(r"\d[\d,]*(?:\.\d+)?|[a-z]+")
_TENTHS = re.compile(r"(?P<whole>.+?)\s+point\s+(?P<tail>.+)")
_OVER = re.compile(r"(?P<over>.+?)\s+(?:over|out of)\s+(?P<under>.+)")
_AND_PART = re.compile(
    r"(?P<whole>.+?)\s+and\s+(?P<part>(?:an?|one|two|three|four|five|six|seven|eight|nine)\s+\w+)"
    r"(?P<scale>(?:\s+(?:million|billion|thousand|hundred))?)"
)
_GROUPED = re.compile(r"\d{1,3}(?:\s\d{3})+(?:\.\d+)?")
_SIGNED = re.compile(r"(?:minus|negative)\s+(?P<rest>.+)")


def english_value(words: str) -> Fraction | None:
    """Return what English number words are worth; None if they are none.

    >>> english_value("two hundred and fifty"), english_value("1.2 million")
    (Fraction(250, 1), Fraction(1200000, 1))
    """
    if len(words) > LONGEST:
        return None
    total = current = Fraction(0)
    seen = False
    for word in _WORD.findall(words.lower()):
        if word in ("and", "a", "an", "of"):
            continue
        if word[0].isdigit():
            number = Fraction(word.replace(",", ""))
            # 20 10,000: machine translation of 20万
            current = current * number if current and number in _MT_SCALES else current + number
        elif word in _UNITS:
            current += _UNITS[word]
        elif (factor := SCALES.get(word)) is not None:
            if factor >= 1000:
                current = _scaled_total(total, current, factor)
                total = Fraction(0) if current >= total * factor and total else total
                total, current = total + current, Fraction(0)
            else:
                current = (current or Fraction(1)) * factor
        else:
            return None
        seen = True
    return total + current if seen else None


def _scaled_total(total: Fraction, current: Fraction, factor: int) -> Fraction:
    if current == 0 and total:
        return total * factor  # lakh crore, hundred thousand million
    return (current or Fraction(1)) * factor


def english_number(words: str) -> Fraction | None:
    """Return the worth of a numeral with sign, decimals in words, or fraction.

    >>> english_number("two thirds"), english_number("five and a half million")
    (Fraction(2, 3), Fraction(5500000, 1))
    """
    words = re.sub(r"\s*-\s*", " ", words.strip().lower())
    if _GROUPED.fullmatch(words):
        return Fraction(re.sub(r"\s", "", words))
    signed = _SIGNED.fullmatch(words)
    if signed:
        value = english_number(signed["rest"])
        return None if value is None else -value
    for form, parse in ((_TENTHS, _tenths), (_OVER, _over), (_AND_PART, _with_part)):
        match = form.fullmatch(words)
        value = parse(match) if match else None
        if value is not None:
            return value
    return _parts(words) or english_value(words)


def _tenths(match: re.Match[str]) -> Fraction | None:
    whole = english_value(match["whole"])
    digits, scale = [], Fraction(1)
    for word in match["tail"].split():
        if word in SCALES:
            scale *= SCALES[word]
        elif word.isdigit() or word in _UNITS:
            digits.append(word if word.isdigit() else str(_UNITS[word]))
        else:
            return None
    tens = "".join(digits)
    if len(digits) == 2 and digits[0].endswith("0") and len(digits[0]) == 2:
        tens = str(int(digits[0]) + int(digits[1]))  # seventy-one
    return None if whole is None or not tens else (whole + Fraction(f"0.{tens}")) * scale


def _over(match: re.Match[str]) -> Fraction | None:
    over, under = english_value(match["over"]), english_value(match["under"])
    return over / under if over is not None and under else None


def _with_part(match: re.Match[str]) -> Fraction | None:
    whole, part = english_number(match["whole"]), _parts(match["part"])
    if whole is None or part is None:
        return None
    scale = english_value(match["scale"]) if match["scale"] else None
    if scale:
        return whole + part * scale if whole >= scale else (whole + part) * scale
    last = SCALES.get(match["whole"].split()[-1], 1)
    return whole + part * (last if last >= 1000 else 1)


def _parts(words: str) -> Fraction | None:
    """Return the worth of `two thirds`, `a hundredth`, `three twenty-firsts`, `half a million`."""
    tokens = words.split()
    if tokens and tokens[0] == "half":
        rest = english_value(" ".join(tokens[1:])) if len(tokens) > 1 else Fraction(1)
        return None if rest is None else rest / 2
    under = _PARTS.get(tokens[-1]) if tokens else None
    if under is None:
        return None
    before = tokens[:-1]
    if before and before[-1] in _TABLE["tens"] and under < 10:
        under += _UNITS[before.pop()]
    over = english_value(" ".join(before)) if before else Fraction(1)
    if before and before[0] in ("a", "an") and len(before) == 1:
        over = Fraction(1)
    return None if over is None else over / under
