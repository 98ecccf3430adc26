"""Numerals in running English text: where one stands and what it is worth."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache

from extract.amounts import Numeral
from extract.english import LONGEST, SCALES, english_number
from extract.lexicon import any_of, load_words

_LETTERS = {"k": 1000, "m": 10**6, "b": 10**9, "g": 10**9, "l": 10**5, "t": 10**12}
_ARABIC = (
    r"(?:\d{1,3}(?:,\d{3})++|\d{1,3}(?:\ \d{3}){1,3}(?=\ [a-z])(?<!\ 100)|\d++)(?:\.\d++)?+|\.\d+"
)


def _table(section: str) -> Mapping[str, str]:
    return load_words("en", "numerals")[section].names


@cache
def _small() -> str:
    words = load_words("en", "numerals")
    return any_of([*words["digits"].names, *words["tens"].names])


@cache
def _scale() -> str:
    return any_of(word for word in SCALES if len(word) > 1 and word != "mm")


@cache
def _start() -> re.Pattern[str]:
    vague = any_of([*load_words("en", "numerals")["vague"].names, *_table("vague_factors")])
    words = rf"{_small()}|{vague}|half|an?"
    return re.compile(rf"(?<![\w$])(?:(?:{words})(?![\w'])|\.\d)|\d", re.IGNORECASE)


@cache
def _pattern() -> re.Pattern[str]:
    words = load_words("en", "numerals")
    parts = words["parts"].pattern
    return re.compile(
        rf"""
          (?P<left>\d{{1,3}}):(?P<right>[1-9])(?![\w:]|\.\d|\ ?[ap]\.?m\b)       # matched 1:1
        | (?P<digits>{_ARABIC})(?P<part>\ \d++/\d++|/\d++)?(?![/\d])
          (?P<mt>\ (?:10,000|100\ million)(?=\ [a-z]))?             # 20 10,000: 20万
          (?:[\ -]?(?P<scales>(?:{_scale()})(?:[\ -](?:{_scale()}))?)(?![a-z])
            |\ ?(?P<letter>[kmbglt])(?![a-z\d/²³]))?+
        | (?P<vague>(?:(?P<times>{any_of(_table("vague_factors"))})\ of\ )?
            (?P<many>{words["vague"].pattern}))(?![\w-])
        | (?P<fraction>half\ (?:an?\ )?(?:{_scale()})|(?:{_small()})[\ -](?:{parts})
            (?:[\ -](?:of\ an?\ |an?\ )?(?:{_scale()}))?)(?![\w-])
        | (?P<words>(?:an?\ (?={_scale()}))?(?:{_small()}|{_scale()})\b
            (?:(?:\ and\ |[\ -])(?:{_small()}|{_scale()})\b)*+
            (?:\ and\ (?:a\ half|a\ quarter)(?:\ (?:{_scale()})\b)?)?+)
        """,
        re.VERBOSE | re.IGNORECASE,
    )


def find_starts(text: str) -> Iterator[int]:
    """Return where numerals can begin, in the order of the text."""
    return (match.start() for match in _start().finditer(text))


def numeral_at(text: str, start: int) -> Numeral | None:
    """Return the numeral that begins at `start`; None if there is none."""
    match = _pattern().match(text, start)
    if match is None or match.end() - start > LONGEST:
        return None
    if match["digits"]:
        return _of_digits(match)
    words = match.group()
    if match["vague"]:
        low = Fraction(_table("vague")[match["many"].lower()])
        low *= Fraction(_table("vague_factors").get((match["times"] or "").lower(), 1))
        return Numeral(start, match.end(), low, high=low * 10, words=words)
    if match["fraction"] or match["left"]:
        return _of_parts(match) if match["fraction"] else _of_shares(match)
    value = _worth(words.lower())
    if value is None:
        return None
    scale = _last_scale(words)
    return Numeral(start, match.end(), value / scale, scale, words=words)


def _of_digits(match: re.Match[str]) -> Numeral | None:
    value = Fraction(match["digits"].replace(",", "").replace(" ", ""))
    if part := match["part"]:
        over, _, under = part.strip().rpartition("/")
        if not int(under):
            return None
        value = value + Fraction(int(over), int(under)) if over else value / int(under)
    if match["mt"]:
        value *= 10_000 if "," in match["mt"] else 10**8
    scale = Fraction(1)
    for word in re.findall("[a-z]+", (match["scales"] or "").lower()):
        scale *= SCALES[word]
    end, letter = match.end(), match["letter"] or ""
    if letter:
        end = match.end("part") if part else match.end("digits")
    if letter in ("k", "K") and match.end() == end + 1:
        end, scale, letter = match.end(), Fraction(1000), ""
    words = match.group()
    return Numeral(match.start(), end, value, scale, letter=letter, words=words)


def _of_shares(match: re.Match[str]) -> Numeral:
    share = Fraction(int(match["left"]), int(match["right"]))
    return Numeral(match.start(), match.end(), share, kind="ratio", words=match.group())


#: What a fraction is a share of: two thirds of the talents.
_SHARE = re.compile(r"\ of\ (?:the|all|its|their|our|them|these|those)\b", re.IGNORECASE)


def _of_parts(match: re.Match[str]) -> Numeral | None:
    """Return the worth of `half a million`, `three quarters of a billion`, `two thirds`."""
    words = match["fraction"].lower()
    scale = next((word for word in SCALES if len(word) > 2 and words.endswith(word)), "")
    part = re.sub(r"[\ -]?(?:of\ )?(?:an?)?\ ?$", "", words.removesuffix(scale))
    value = _worth(part)
    if value is None:
        return None
    factor = Fraction(SCALES.get(scale, 1))
    kind = "ratio" if _SHARE.match(match.string, match.end()) else None
    return Numeral(match.start(), match.end(), value, factor, words=words, kind=kind)


def is_vague(numeral: Numeral) -> bool:
    """Tell whether the numeral names no exact number: tens of thousands."""
    return numeral.words.rpartition(" ")[2].lower() in _table("vague")


def run_end(text: str, start: int) -> int:
    """Return where the row of signs ends that begins at `start` and is no numeral."""
    match = _pattern().match(text, start)
    return match.end() if match and match.end() > start else start + 1


def letter_scale(letter: str) -> int:
    """Return what a letter after a sum of money multiplies by: $2.5m."""
    return _LETTERS[letter.lower()]


def _last_scale(words: str) -> Fraction:
    scale = SCALES.get(words.replace("-", " ").split()[-1].lower(), 1)
    return Fraction(scale if scale >= 1000 else 1)


@lru_cache(maxsize=4096)
def _worth(words: str) -> Fraction | None:
    return english_number(words)
