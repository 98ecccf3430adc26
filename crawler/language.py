"""Language and script of a text, by counting letters."""

import re
import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files

from crawler.article import Lang

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
#: This much tells; the rest of a long text says the same.
_SAMPLE = 8_000
#: A Chinese character says about as much as this many Latin letters.
_LETTERS_PER_HAN = 3
#: Least share of function words in English prose (it has 0.2 to 0.35, its neighbours under 0.04).
_ENGLISH = 0.08
#: Fewer words than this are a headline, which may have no function word.
_FEW_WORDS = 12


def detect_language(text: str) -> Lang:
    """Return the language of `text` and for Chinese its script; `other` if it is neither.

    >>> detect_language("引进人才"), detect_language("引進人才"), detect_language("The city pays.")
    ('zh-Hans', 'zh-Hant', 'en')
    """
    sample = text[:_SAMPLE]
    han, kana, hangul, latin = (len(p.findall(sample)) for p in (_HAN, _KANA, _HANGUL, _LATIN))
    if kana > 0.1 * han or hangul > 0.1 * (han + latin):
        return "other"
    if han * _LETTERS_PER_HAN > latin:
        return _script(sample)
    return "en" if latin and _is_english(sample) else "other"


def _script(text: str) -> Lang:
    """Tell the scripts apart by the characters that only one of the national sets holds."""
    traditional = 0
    for char, times in Counter(_HAN.findall(text)).items():
        traditional += times * (_fits(char, "big5") - _fits(char, "gb2312"))
    return "zh-Hant" if traditional > 0 else "zh-Hans"


@cache
def _fits(char: str, codec: str) -> bool:
    return char.encode(codec, "ignore") != b""


def _is_english(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)]
    hits = sum(word in _function_words() for word in words)
    if len(words) < _FEW_WORDS:
        return text.isascii() or hits > 0
    return hits >= _ENGLISH * len(words)


@cache
def _function_words() -> frozenset[str]:
    table = tomllib.loads((files("crawler") / "data" / "language.toml").read_text("utf-8"))
    return frozenset(table["english"]["function_words"])
