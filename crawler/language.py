"""Language and script of a text, by counting letters."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from crawler.article import Lang

_LETTER = re.compile(
    r"(?P<han>[\u3400-\u9fff\uf900-\ufaff])|(?P<kana>[\u3041-\u30ff])"
    r"|(?P<hangul>[\uac00-\ud7a3])|(?P<latin>[A-Za-z\u00c0-\u024f])"
)
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
    chars = Counter(sample)
    counts: Counter[str | None] = Counter()
    for char, times in chars.items():
        counts[_writing(char)] += times
    han, kana, hangul, latin = (counts[name] for name in ("han", "kana", "hangul", "latin"))
    if kana > 0.1 * han or hangul > 0.1 * (han + latin):
        return "other"
    if han * _LETTERS_PER_HAN > latin:
        return _script(chars)
    return "en" if latin and _is_english(sample) else "other"


def _script(chars: Mapping[str, int]) -> Lang:
    """Tell the scripts apart by the characters that only one of the national sets holds."""
    traditional = sum(
        times * (_fits(char, "big5") - _fits(char, "gb2312"))
        for char, times in chars.items()
        if _writing(char) == "han"
    )
    return "zh-Hant" if traditional > 0 else "zh-Hans"


@lru_cache(maxsize=20_000)
def _writing(char: str) -> str | None:
    """Return which writing a letter is of; None if it is none that tells."""
    match = _LETTER.match(char)
    return match.lastgroup if match else None


@lru_cache(maxsize=50_000)
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
