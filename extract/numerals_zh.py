"""Numerals in running Chinese text: where one stands, its coefficient and its scale."""

import re
from fractions import Fraction
from functools import cache, lru_cache

from extract.amounts import Exact, Numeral
from extract.hanzi import (
    DIGIT_SIGNS,
    LONGEST,
    NUMBER_SIGNS,
    SCALE_SIGNS,
    SCALES,
    hanzi_value,
)
from extract.lexicon import load_words

_BIG = "".join(SCALES)
_LETTERS = {"k": 1000, "K": 1000}


_ARABIC = r"(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?+"
_D = rf"[{DIGIT_SIGNS}]"
_SIGN = rf"(?:[{NUMBER_SIGNS.replace('两', '').replace('兩', '')}]|[两兩](?=[百千万亿佰仟萬億兆]))"
_WHOLE = rf"(?:[两兩]|{_SIGN}){_SIGN}*+"
_HANZI = rf"{_WHOLE}(?:点(?={_D})[{NUMBER_SIGNS}]++)?+"


@cache
def _pattern() -> re.Pattern[str]:
    words = load_words("zh", "numerals")
    return re.compile(
        rf"""
          (?P<left>\d{{1,3}}(?:\.\d)?):(?P<right>\d{{1,3}})(?![:\d])     # 1:1配套
          (?=\w{{0,6}}(?:{words["matched"].pattern}))
        | [百佰]分(?:之(?P<hundredths>(?:{_ARABIC}|{_HANZI})[kK]?+)|(?P<all>百)(?!分))
        | (?P<under>{_WHOLE}|\d++)分之(?P<over>{_HANZI}|{_ARABIC})       # 三分之一
        | (?P<top>{_ARABIC}|{_WHOLE})/(?P<bottom>{_ARABIC}|{_WHOLE})     # 1/3
          (?=的|以上|左右|强|，|。|$)
        | (?<=打)[对半](?P<half_price>折)
        | (?P<cut>\d(?:\.\d)?|{_D}点{_D}|{_D}{{1,2}})折(?!{words["not_cut"].pattern})
        | (?P<tenths>\d(?:\.\d)?|{_D}点{_D}|{_D}|[十半])成(?P<more>半|{_D})?
          (?!{words["not_tenths"].pattern})
        | (?P<few>几|(?<![人总次额])数(?=[十百千万亿]))?                  # 几十, 数百
          (?P<number>{_ARABIC}(?:{_SIGN})*+(?:\d++(?=[万亿千百人元名家个]))?+|{_HANZI}|(?<=几)[十百千万亿]++)
          (?P<inside>[多余馀几来](?=[^\W\d_]))?                          # 40多, 二十几
          (?P<scale>[{_BIG}]++|个[{_BIG}]++(?!级)|[{SCALE_SIGNS}]++|[kK](?![A-Za-z㎡]))?+
          (?P<half>半(?=[年个天小岁月]))?
        | (?<![上下前后大多近过])(?P<only_half>半)(?=年|个月|小时|天)
        """,
        re.VERBOSE,
    )


def numeral_at(text: str, start: int, end: int | None = None) -> Numeral | None:
    """Return the numeral that begins at `start`, read up to `end`; None if there is none."""
    match = _pattern().match(text, start, len(text) if end is None else end)
    if match is None or match.end() - start > LONGEST:
        return None
    if words := match["number"]:
        words = words.replace(",", "")
        return (None if words[0].isdecimal() else _pair(match, words)) or _plain(match, words)
    kind, value = _proportion(match)
    return None if value is None else _signed(text, Numeral(start, match.end(), value, kind=kind))


def run_end(text: str, start: int) -> int:
    """Return where the row of signs ends that begins at `start` and is no numeral."""
    match = _pattern().match(text, start)
    return match.end() if match and match.end() > start else start + 1


def _signed(text: str, numeral: Numeral) -> Numeral:
    for sign in ("负的", "负"):
        if text.endswith(sign, 0, numeral.start):
            start = numeral.start - len(sign)
            return numeral._replace(start=start, coefficient=-numeral.coefficient)
    return numeral


def _proportion(match: re.Match[str]) -> tuple[str | None, Exact | None]:
    """Return kind and value of what is written as a share: 1:1, 百分之三, 三成, 半."""
    if match["left"]:
        return "ratio", Fraction(match["left"]) / (Fraction(match["right"]) or 1)
    if match["under"] or match["top"]:
        return _fraction(match)
    if match["only_half"]:
        return None, Fraction(1, 2)
    return "percent", _percent(match)


def _percent(match: re.Match[str]) -> Exact | None:
    if match["half_price"]:
        return 50
    if match["cut"]:
        return _discount(match["cut"])
    if match["tenths"]:
        more = match["more"] or ""
        tail = 5 if more == "半" else (_worth(more) or 0)
        tenths = Fraction(1, 2) if match["tenths"] == "半" else _worth(match["tenths"])
        return None if tenths is None else tenths * 10 + tail
    words = (match["hundredths"] or match["all"]).replace(",", "")
    value = _worth(words.rstrip("kK"))
    return None if value is None else value * _factor(words[-1] if words[-1] in "kK" else "")


def _fraction(match: re.Match[str]) -> tuple[str | None, Exact | None]:
    under = _worth((match["under"] or match["bottom"]).replace(",", ""))
    over = _worth((match["over"] or match["top"]).replace(",", ""))
    if not under or over is None or (match["top"] and over >= under):
        return None, None
    if under >= 1000 and set(match["under"] or "") <= set("百千万亿"):
        return "percent", Fraction(over) / under * 100  # 千分之三
    return "ratio", Fraction(over) / under


def _discount(words: str) -> Exact | None:
    """Return the percentage that remains: 九折, 9.5折, 七五折."""
    if len(words) == 2 and "点" not in words and "." not in words:
        tens, ones = _worth(words[0]), _worth(words[1])
        return None if tens is None or ones is None else tens * 10 + ones
    value = _worth(words)
    return None if value is None else value * 10


_PAIR = re.compile(
    r"(?P<low>[一两二三四五六七八])(?P<high>[二三四五六七八九])(?P<scale>[十百千]?[万亿]?)$"
)
_TEENS = re.compile(
    r"(?P<tens>[二三四五六七八九]?十)(?P<low>[一二三四五六七八])(?P<high>[二三四五六七八九])$"
)


def _pair(match: re.Match[str], words: str) -> Numeral | None:
    """Return the range that two digits before one place mean: 三五百, 七八, 十七八."""
    if pair := _PAIR.match(words):
        factor = _worth("一" + pair["scale"]) or 1
        low, high = _worth(pair["low"]), _worth(pair["high"])
        base: Exact = 0
    elif pair := _TEENS.match(words):
        factor, base = 1, _worth(pair["tens"]) or 0
        low, high = _worth(pair["low"]), _worth(pair["high"])
    else:
        return None
    if low is None or high is None or low >= high:
        return None
    scale = _factor(match["scale"])
    high = (base + high * factor) * scale
    return Numeral(match.start(), match.end(), base + low * factor, scale, "几", high)


_SPLIT = re.compile(
    rf"(?:(?P<arabic>{_ARABIC})(?P<places>[{SCALE_SIGNS}]*)|(?P<hanzi>.*?)(?P<scale>[{_BIG}]*))$"
)


def _plain(match: re.Match[str], words: str) -> Numeral | None:
    _, few, inside, signs, half = match.group("number", "few", "inside", "scale", "half")
    parts = _parts(words, signs)
    if parts is None:
        return None
    value, scale = parts
    high = None
    if few == "几" and words[0] in "十百千万亿":
        high = value * 10 * scale  # 几十万: from 100,000 up to a million
    if half:
        value += Fraction(1, 2)
    return Numeral(match.start(), match.end(), value, scale, "几" if few else inside, high)


@lru_cache(maxsize=4096)
def _parts(words: str, signs: str | None) -> tuple[Exact, Exact] | None:
    """Return coefficient and scale of a numeral and of the signs after it; None if it is none."""
    coefficient, own = _split(words)
    value = _worth(coefficient)
    if value is None or (len(coefficient) > 1 and all(c in DIGIT_SIGNS for c in coefficient)):
        return None  # 一二三: digits read one by one are a name or a year
    return value, _factor(own) * _factor(signs)


def _split(words: str) -> tuple[str, str]:
    """Return what stands before the last 万 or 亿, and that: 三万亿, but not 三兆五亿."""
    split = _SPLIT.match(words)
    if split is None or not (split["arabic"] or split["hanzi"]):
        return words, ""
    coefficient = split["arabic"] or split["hanzi"]
    if any(sign in _BIG for sign in coefficient):
        return words, ""
    return coefficient, split["places"] or split["scale"] or ""


@lru_cache(maxsize=4096)
def _worth(words: str) -> Exact | None:
    value = hanzi_value(words)
    return value.numerator if value is not None and value.denominator == 1 else value


@lru_cache(maxsize=256)
def _factor(signs: str | None) -> Exact:
    if signs in _LETTERS:
        return _LETTERS[signs]
    factor: Exact = 1
    for sign in (signs or "").removeprefix("个"):
        factor *= _worth(sign) or 1
    return factor
