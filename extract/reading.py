r"""The clean simplified text of an article, with the way back to every raw offset.

What the rules may rely on, whatever the page looked like:

- Chinese: simplified script; no pinyin notes, no injected blanks; digits, Latin letters, `%` and
  the marks `.` `-` `~` `/` `+` in ASCII; `，` `：` `；` `？` `！` `（` `）` full-width, but for the
  comma that groups digits (`1,000`) and the colon between digits (`1:1`, `9:30`); quotation marks
  “ and ”.
- English: straight quotes, plain blanks, `-` for every hyphen and short dash, `—` for the long one.
- Lines stay lines: `\n` is kept and stands for itself.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from types import MappingProxyType

from crawler.article import Article
from extract.facts import Evidence
from extract.lexicon import FOLDERS


@dataclass(frozen=True, slots=True)
class Reading:
    """Clean text for the rules.

    Attributes:
        text: Simplified script; pinyin notes and injected blanks dropped; widths and ASCII
            punctuation folded.
        offsets: For each character of `text` the offset of the raw character that it stands for;
            one more entry for the end.
        raw: The raw text that `offsets` point into (the whole `article.text`).
        lang: The article's language.
    """

    text: str
    offsets: Sequence[int]
    raw: str
    lang: str

    def evidence(self, start: int, end: int) -> Evidence:
        """Return the raw words behind `text[start:end]` (not empty)."""
        first, last = self.offsets[start], self.offsets[end - 1] + 1
        return Evidence(first, last, self.raw[first:last])

    def place_of(self, raw: int) -> int:
        """Return where in `text` the raw offset stands; what was dropped there gives way.

        >>> read_text("服務(wù)业", "zh-Hant").place_of(6)
        2
        """
        offsets = self.offsets
        if isinstance(offsets, range):  # of a text from which nothing was dropped
            return min(max(raw - offsets.start, 0), len(offsets))
        return bisect_left(offsets, raw)


def read_body(article: Article) -> Reading:
    """Return the reading of the article proper."""
    start, end = article.body
    return read_span(article, start, end)


def read_span(article: Article, start: int, end: int) -> Reading:
    """Return the reading of `article.text[start:end]`."""
    return _read(article.text, start, end, article.lang)


def read_text(raw: str, lang: str) -> Reading:
    """Return the reading of a whole text.

    >>> read_text("服務(wù)，最高１０ 万元", "zh-Hant").text
    '服务，最高10万元'
    """
    return _read(raw, 0, len(raw), lang)


def _read(raw: str, start: int, end: int, lang: str) -> Reading:
    way = _WAYS[FOLDERS.get(lang, "en")]
    kept: list[range] = []
    position = start
    for noise in way.noise.finditer(raw, start, end):
        kept.append(range(position, noise.start()))
        position = noise.end()
    rest = range(position, end + 1)
    if not kept:
        return Reading(way.fold(raw[start:end]), rest, raw, lang)
    text = "".join([raw[part.start : part.stop] for part in kept]) + raw[position:end]
    return Reading(way.fold(text), tuple(chain(*kept, rest)), raw, lang)


_HAN = r"\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DIGITS = r"0-9\uff10-\uff19"
_BLANKS_ALL = r" \u00a0\u2002-\u200a\u202f"
_BLANK = f"[{_BLANKS_ALL}]"
_PARTS = rf"{_DIGITS}零一二三四五六七八九十百千万萬亿億點点分之個个"
_SYLLABLE = (
    r"(?:[zcs]h|[bpmfdtnlg\u0261khjqxrzcsyw])?"
    r"[aeiouüvāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,3}(?:n[g\u0261]?|r)?"
)

_UNSEEN = "\u200b-\u200f\u2060\ufeff\u00ad"

# Here and below: a pattern that begins with a character (and looks back over it) is searched for
# many times as fast as one that begins by looking back.
_ZH_NOISE = re.compile(
    rf"""
    [{_UNSEEN}(（{_BLANKS_ALL}](?:
      (?<=[{_UNSEEN}])                                                # marks that print nothing
    | (?<=[{_HAN}][(（]){_SYLLABLE}[)）]{_BLANK}?                     # 服務(wù), 個(ge) 人
    | (?<=[{_HAN}，。；：、,;:!?]{_BLANK})(?=[{_HAN}{_DIGITS}])       # 人 才, 达 100
    | (?<=[{_DIGITS}]{_BLANK})(?=[{_HAN}%％])                         # 100 万元
    | (?<=[{_PARTS}]{_BLANK}){_BLANK}{{1,3}}+(?=[{_PARTS}])           # 百  分 之 60
    | (?<=\d\d{_BLANK})(?=\d{_BLANK}?[万萬亿億元])                    # 10 0万元
    | (?<=[{_DIGITS}]{_BLANK})(?=\d{{3}}(?:{_BLANK}\d{{3}})*{_BLANK}?[{_HAN}])   # 24 000人
    )
    """,
    re.VERBOSE,
)
_EN_NOISE = re.compile(
    rf"""
    [{_UNSEEN}\ \u00a0](?:
      (?<=[{_UNSEEN}])                          # marks that print nothing
    | (?<=[A-Za-z][ \u00a0])(?=-[A-Za-z])       # high -level
    | (?<=\d,[ \u00a0])(?=000\b)               # 300, 000
    )
    """,
    re.VERBOSE,
)


def _fold_marks(marks: Mapping[str, str]) -> Callable[[str], str]:
    """Return what replaces characters one for one: few of a text change, so these are searched."""
    marks = {mark: plain for mark, plain in marks.items() if mark != plain}
    changing = re.compile(f"[{re.escape(''.join(marks))}]")
    return lambda text: changing.sub(lambda match: marks[match[0]], text)


# one character for one: what stands on the left is read as what stands on the right
_WIDE = {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}
_BLANKS = dict.fromkeys("\u00a0\u202f\u3000" + "".join(map(chr, range(0x2002, 0x200B))), " ")
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63", "-")
_TILDES = dict.fromkeys("\u301c\u223c\u223d\u02dc", "~")
_fold_zh_marks = _fold_marks(
    {
        **(_WIDE | _BLANKS | _DASHES | _TILDES),
        **dict(zip("﹪「」『』﹁﹂﹃﹄￥", "%“”“”“”“”¥", strict=True)),
        **dict(zip(":;?!()", "：；？！（）", strict=True)),
        **dict(zip("，：；？！（）", "，：；？！（）", strict=True)),
    }
)
_fold_en = _fold_marks(
    {
        **(_WIDE | _BLANKS | _DASHES | _TILDES),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
    }
)

_WIDE_GROUPING = re.compile(
    r"""
    \uff0c(?:
      (?<=[\uff10-\uff19]\uff0c)(?=[\uff10-\uff19]{3}(?![\uff10-\uff19]))
    | (?<=\d\uff0c)(?=\d{3}(?:,\d{3}|\.\d\d)(?!\d))   # 82，225.00元: no list has such numbers
    )
    """,
    re.VERBOSE,
)
_COMMA = re.compile(r",(?:(?!\d{3}(?!\d))|(?<!\d,))")
_COLON = re.compile(r"：(?<=\d：)(?=\d)")
_STOP = re.compile(rf"\.(?<=[{_HAN}”）]\.)(?![\w.])")
_QUOTED = re.compile(r'"([^"\n]*)"')


def _fold_zh(text: str) -> str:
    text = _fold_zh_marks(_WIDE_GROUPING.sub(",", text))
    text = _COLON.sub(":", _COMMA.sub("，", text))
    return _simplify(_STOP.sub("。", _QUOTED.sub(r"“\1”", text)))


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


#: Where Chinese characters stand; those outside the basic plane are always shown to OpenCC.
_BLOCKS = (range(0x2E80, 0xA000), range(0xF900, 0xFB00), range(0xFE30, 0xFE50))


@cache
def _changing() -> re.Pattern[str]:
    """Return what finds a character that OpenCC writes otherwise: many texts have none."""
    signs = [chr(code) for block in _BLOCKS for code in block]
    simple = _converter()("\n".join(signs)).split("\n")
    changed = (sign for sign, plain in zip(signs, simple, strict=True) if sign != plain)
    return re.compile(f"[{re.escape(''.join(changed))}\U00010000-\U0010ffff]")


def _simplify(text: str) -> str:
    """Return the text in simplified script, character for character.

    A text without any traditional character is left as it is.
    """
    if not _changing().search(text):
        return text
    convert = _converter()
    lines = text.split("\n")
    plain: str = convert(text)
    if list(map(len, plain.split("\n"))) == list(map(len, lines)):
        return plain
    return "\n".join([_simplify_line(line, convert) for line in lines])


def _simplify_line(line: str, convert: Callable[[str], str]) -> str:
    plain = convert(line)
    if len(plain) == len(line):
        return plain
    # a word that gets shorter, or a mark that OpenCC drops: by characters, which it keeps
    return line.translate({ord(char): (convert(char) or char)[0] for char in set(line)})


@dataclass(frozen=True, slots=True)
class _Way:
    """How the texts of a language are read: what is dropped, what is read as something else."""

    noise: re.Pattern[str]
    fold: Callable[[str], str]


_WAYS: Mapping[str, _Way] = MappingProxyType(
    {"zh": _Way(_ZH_NOISE, _fold_zh), "en": _Way(_EN_NOISE, _fold_en)}
)
