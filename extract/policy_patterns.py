"""The words of the policy tables, compiled to patterns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from extract.lexicon import Words, any_of, load_words


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyName:
    """A name in a reading: half-open offsets, the kind of policy, whether it is only cited."""

    start: int
    end: int
    kind: str
    is_cited: bool = False


def _ends(words: Words) -> str:
    return f"(?:{words.pattern})"


@dataclass(frozen=True, slots=True)
class Patterns:
    """The compiled rules of a language."""

    lang: str
    words: Mapping[str, Words]
    document: re.Pattern[str]
    not_document: re.Pattern[str]
    kinds: Mapping[str, re.Pattern[str]]
    tail: re.Pattern[str]
    not_tail: re.Pattern[str]
    unmarked: re.Pattern[str]
    programme: re.Pattern[str]
    fund: re.Pattern[str]
    boundary: re.Pattern[str]
    strategy: re.Pattern[str]
    heading: re.Pattern[str]
    titled: re.Pattern[str]
    plain: re.Pattern[str]
    verb: re.Pattern[str]
    law: re.Pattern[str]
    card: re.Pattern[str]
    known: re.Pattern[str]
    bracketed: re.Pattern[str]
    bold: re.Pattern[str]
    listed: Mapping[str, re.Pattern[str]]


HAN = "\u4e00-\u9fff"
_NOTE = r"(?:（[^（）]{1,30}）|\([^()]{1,30}\))*"


@cache
def patterns_of(lang: str) -> Patterns:
    """Return the compiled rules of a language."""
    words = load_words(lang, "policies")
    verbs = load_words(lang, "actions")["action"]
    verb = any_of(
        v
        for v in verbs.names
        if verbs[v] in {"issued", "implemented", "revised"} and v not in words["not_naming"]
    )
    endings = {
        "programme": _ends(words["programme"]),
        "fund": f"(?:专项)?{_ends(words['fund'])}",
        "instrument": _ends(words["instrument"]),
        "document": f"[{HAN}]{{3}}{_ends(words['quoted_document'])}",
    }
    kinds = {kind: re.compile(f"{ending}{_NOTE}$") for kind, ending in endings.items()}
    name = rf"[{HAN}\dA-Za-z·—\-（）]"
    joined = rf"(?:(?!的)[{HAN}])"  # “X计划”的卓越工程师 are people of the plan
    return Patterns(
        lang=lang,
        words=words,
        document=re.compile(rf"{_ends(words['document'])}{_NOTE}$"),
        not_document=re.compile(rf"{_ends(words['not_document'])}{_NOTE}$"),
        kinds=kinds,
        tail=re.compile(
            rf"""(?:
                (?P<strategy>(?:发展)?战略)
              | 的?(?P<system>[{HAN}]{{0,6}}?(?:政策体系|政策矩阵|系列政策))
              | (?P<fund>{joined}{{0,8}}?{_ends(words["fund"])})(?!会)
              | (?P<programme>{joined}{{0,10}}?{_ends(words["plain_programme"])})(?!师)
              | (?P<project>{joined}{{0,10}}?{_ends(words["project"])})
              | (?P<instrument>[{HAN}]{{0,3}}?(?:{words["tail_instrument"].pattern}))
                (?![{HAN}]{{0,2}}(?:化|模式|车))
            )(?!书|者|组|经理|负责)""",
            re.VERBOSE,
        ),
        not_tail=re.compile(rf"(?:[{HAN}]{{0,8}}?)(?:{words['not_policy'].pattern})"),
        unmarked=re.compile(
            rf"(?:{verb})了?(?P<name>{name}{{2,45}}?{_ends(words['unmarked'])}{_NOTE})"
            rf"(?=和|及|、|，|。|；|与|等|”|\n|明确|提出|$)"
        ),
        programme=re.compile(
            rf"(?:(?:{verb})了?|(?<=计划、)|(?<=行动、)|(?<=工程、)"
            rf"|(?<=计划”、)|(?<=行动”、)|(?<=工程”、))"
            rf"(?P<name>{name}{{2,24}}?{_ends(words['plain_programme'])})"
            rf"(?=和|及|、|，|。|；|与|等|”|\n|（|\(|以来|至今|$)"
        ),
        fund=re.compile(rf"[{HAN}A-Za-z\d]{{2,26}}?{_ends(words['fund'])}(?![{HAN}]{{0,3}}会)"),
        boundary=re.compile(rf"(?:{words['boundary'].pattern}|[\d.]+万?)"),
        strategy=re.compile(rf"(?:{words['strategy'].pattern})战略"),
        heading=re.compile(
            rf"^\s*(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d{{1,2}}[.、])\s*"
            rf"(?P<name>[{HAN}（）]{{2,20}}{_ends(words['benefit'])})[ 。]*$",
            re.MULTILINE,
        ),
        titled=re.compile(
            rf"^\s*(?:[一二三四五六七八九十]+、|（(?:[一二三四五六七八九十\d]+|[ivx]+)）|\d{{1,2}}[.、])\s*"
            rf"(?P<name>[{HAN}]{{3,20}}{_ends(words['plain_programme'])})[ 。]*$",
            re.MULTILINE,
        ),
        plain=re.compile(rf"(?:{words['plain_instrument'].pattern})"),
        verb=re.compile(verb),
        law=re.compile(
            rf"(?:{words['cite_before'].pattern}|^)"
            rf"(?P<name>[{HAN}]{{3,30}}?(?:(?:法|条例)(?={words['cite_after'].pattern})"
            rf"|(?:标准|准则|规则)(?=第[\d一二三四五六七八九十]|（以下简称)))",
            re.MULTILINE,
        ),
        card=re.compile(
            rf"(?:{words['holding'].pattern})(?P<name>[{HAN}]{{2,8}}?{_ends(words['card'])})"
        ),
        known=re.compile(_ends(words["known_programme"])),
        bracketed=re.compile(rf"（(?P<name>[{HAN}]{{4,16}}?{_ends(words['plain_programme'])})）"),
        bold=re.compile(rf"\*\*(?P<name>[{HAN}]{{2,20}}?{_ends(words['benefit'])})\*\*"),
        listed={section: re.compile(found.pattern) for section, found in words.items()},
    )
