"""What the receiver of a support must meet: degree, age, social insurance, service, no home."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from extract.clauses import SENTENCE, after, before
from extract.hanzi import NUMBER_SIGNS
from extract.lexicon import FOLDERS, load_words

#: A sentence is read this far around its sum.
_REACH = 200
_MARKS: Mapping[str, str] = MappingProxyType({"zh": SENTENCE, "en": ".;\n"})


def support_conditions(text: str, start: int, end: int, lang: str) -> tuple[str, ...]:
    """Return the conditions stated in the sentence of a sum, in its order and words.

    >>> support_conditions("45周岁以下的博士，缴纳社保满6个月的，补贴10万元。", 22, 26, "zh")
    ('45周岁以下', '缴纳社保满6个月')
    """
    folder = FOLDERS.get(lang, lang)
    marks = _MARKS[folder]
    left = before(text, start, marks, reach=_REACH)
    right = after(text, end, marks, reach=_REACH)
    found = [*_pattern(folder).finditer(left), *_pattern(folder).finditer(right)]
    return tuple(dict.fromkeys(match.group().strip("， ,") for match in found))


@cache
def _pattern(folder: str) -> re.Pattern[str]:
    return _PATTERNS[folder]()


def _chinese() -> re.Pattern[str]:
    words = load_words("zh", "conditions")
    number = rf"(?:\d{{1,3}}|[{NUMBER_SIGNS}]{{1,4}})"
    above = words["above"].pattern
    insurance = words["insurance"].pattern
    return re.compile(
        rf"""
          (?:全日制)?(?:{words["degree"].pattern})(?:{above})(?:学历学位|学历|学位)?
        | (?:具有|取得|获得)(?:全日制)?(?:{words["degree"].pattern})\w{{0,3}}?(?:学历|学位)
        | (?:年龄)?(?:在|不超过|未满|不满){number}(?:周岁|岁)(?:以下|以内)?
        | {number}(?:周岁|岁)?[-~—至到]{number}(?:周岁|岁)(?:之间)?(?:{words["below"].pattern})?
        | {number}(?:周岁|岁)(?:（含）)?(?:{words["below"].pattern})
        | (?:连续|累计)?(?:{words["pay"].pattern})\w{{0,6}}?(?:{insurance})\w{{0,4}}?
          (?:满|达|不少于){number}(?:个月|年)(?:以上)?
        | (?:{words["service"].pattern})\w{{0,4}}?(?:满|不少于|达)?{number}年(?:及?以上)
        | (?:{words["service"].pattern})\w{{0,4}}?(?:满|不少于){number}年
        | 毕业\w{{0,2}}?{number}年(?:以?内)
        | (?:{words["home"].pattern})
        """,
        re.VERBOSE,
    )


def _english() -> re.Pattern[str]:
    words = load_words("en", "conditions")
    number = r"(?:\d{1,3}|[a-z]{2,10})"
    return re.compile(
        rf"""
          \b(?:{words["degree"].pattern})(?:\ degree)?\ (?:or|and)\ (?:above|higher)\b
        | \b(?:{words["age"].pattern})\ (?:of\ )?\d{{2}}\b
          (?:(?:\ (?:to|and)\ |-)\d{{2}}\b)?(?:\ or\ (?:under|younger|below))?
        | \b\d{{2}}\ or\ (?:under|younger)\b
        | \b(?:{words["insurance"].pattern})\ (?:[a-z]+\ ){{0,3}}?(?:for)\ (?:[a-z]+\ ){{0,3}}?
          {number}\ (?:months?|years?)\b
        | \b(?:{words["service"].pattern})\ (?:[a-z]+\ ){{0,5}}?for\ (?:at\ least\ )?
          {number}\ years?\b
        | \bgraduated\ (?:with)?in\ (?:the\ (?:last|past)\ )?{number}\ years?\b
        | \b(?:{words["home"].pattern})\b
        """,
        re.VERBOSE | re.IGNORECASE,
    )


_PATTERNS: Mapping[str, Callable[[], re.Pattern[str]]] = MappingProxyType(
    {"zh": _chinese, "en": _english}
)
