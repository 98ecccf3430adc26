"""Places in a ranking: 全国第四, 排名前三, ranked fourth."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from extract.amounts import Amount
from extract.english import english_value
from extract.hanzi import NUMBER_SIGNS, as_decimal, hanzi_value
from extract.lexicon import load_words
from extract.scanning import Scanner


@cache
def _chinese() -> Scanner:
    words = load_words("zh", "ranks")
    cue = words["cues"].pattern
    number = rf"(?:\d{{1,3}}|[{NUMBER_SIGNS}]{{1,4}})"
    pattern = re.compile(
        rf"""
        (?:(?P<scope>{words["scopes"].pattern})(?:{cue})?|{cue}|(?:{words["far"].pattern})(?!(?:{words["scopes"].pattern})[第前])[\w“”]{{1,12}}?|[由从](?=第\w{{1,3}}[位名])
          |(?<![{words["no_top"].firsts}])(?=前{number}[名位强]))
        (?P<place>在?第(?P<low>{number})(?:名|位)?[和与至到]第(?P<high>{number})(?:名|位)?(?:之间)?
          |第(?P<n>\d{{1,3}}|[{NUMBER_SIGNS}]{{1,4}})(?:名|位)?
          |前(?P<top>\d{{1,3}}|[{NUMBER_SIGNS}]{{1,3}})(?:名|位|强)?)
        (?!{words["not"].pattern}|[%\d])
        """,
        re.VERBOSE,
    )
    before = [words[section] for section in ("scopes", "cues", "far")]
    first = f"[{''.join(section.firsts for section in before)}由从]"
    second = "".join(section.seconds for section in before)
    starts = rf"{first}(?=[{second}第前在])|前(?=[\d{NUMBER_SIGNS}])"
    return Scanner(starts, pattern)


#: What each rank holds, and many a text does not.
_PLACE = re.compile(rf"[第前](?=[\d{NUMBER_SIGNS}])")


def find_ranks(text: str) -> list[Amount]:
    """Return the ranks of a clean Chinese text, in its order."""
    found: list[Amount] = []
    if not _PLACE.search(text):
        return found
    for match in _chinese().finditer(text):
        value = hanzi_value(match["n"] or match["top"] or match["low"])
        high = hanzi_value(match["high"]) if match["high"] else None
        if value is None:
            continue
        joined = match["scope"] and match.end("scope") == match.start("place")
        start = match.start("scope") if joined else match.start("place")
        rank = _rank(start, match.end(), as_decimal(value))
        found.append(replace(rank, value_max=as_decimal(high)) if high else rank)
    return found


@cache
def _english() -> re.Pattern[str]:
    words = load_words("en", "ranks")
    ordinals = load_words("en", "numerals")["ordinals"].pattern
    return re.compile(
        rf"""
        \b(?:{words["cues"].pattern})\ (?:(?:{words["links"].pattern})\ )?
        (?:the\ (?=[\w.]++(?:\ \d+)?\ (?:{words["scopes"].pattern})\b))?
        (?P<place>(?P<word>{ordinals})\b|(?P<nth>\d{{1,3}})(?:st|nd|rd|th)\b
          |No\.\ ?(?P<n>\d{{1,3}})\b)
        (?!\ (?:{words["not"].pattern})\b)
        | \b(?:{words["cues"].pattern})\ (?:{words["top_links"].pattern})[ ]
          (?P<best>top\ (?P<top>\d{{1,3}}|{words["tops"].pattern})\b)(?!\ percent)
        """,
        re.VERBOSE | re.IGNORECASE,
    )


def find_english_ranks(text: str) -> list[Amount]:
    """Return the ranks of a clean English text, in its order."""
    ordinals = load_words("en", "numerals")["ordinals"]
    found = []
    for match in _english().finditer(text):
        digits = match["nth"] or match["n"] or match["top"] or ordinals[match["word"].lower()]
        value = english_value(digits)
        if value is not None:
            start, end = match.span("place" if match["place"] else "best")
            found.append(_rank(start, end, as_decimal(value)))
    return found


def with_ranks(amounts: Sequence[Amount], ranks: Sequence[Amount]) -> list[Amount]:
    """Return both; what a place says alone (五名 of 中国前五名) gives way to the place."""
    if not ranks:
        return list(amounts)
    spans = [(rank.start, rank.end) for rank in ranks]
    others = [a for a in amounts if not any(s < a.end and a.start < e for s, e in spans)]
    return [*others, *ranks]


def _rank(start: int, end: int, value: Decimal) -> Amount:
    return Amount(start=start, end=end, value=value, unit="rank", kind="rank")
