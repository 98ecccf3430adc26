"""Numerals that are no figures: dates, numbers of documents, names, set phrases."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from extract.hanzi import NUMBER_SIGNS
from extract.lexicon import FOLDERS, any_of, load_words
from extract.scanning import Scanner


def find_traps(text: str, lang: str) -> list[tuple[int, int]]:
    """Return spans of a clean text inside which no number is a figure, sorted."""
    patterns = _patterns(FOLDERS.get(lang, lang))
    return sorted(match.span() for pattern in patterns for match in pattern.finditer(text))


def find_soft_traps(text: str) -> list[tuple[int, int]]:
    """Return spans of a clean English text inside which no number counts: codes, list rows, one."""
    return [match.span() for match in _english_codes().finditer(text)]


@cache
def _patterns(lang: str) -> tuple[re.Pattern[str] | Scanner, ...]:
    if lang == "en":
        return (_english(), _english_days())
    return (_phrases(), _enclosed(), _dates(), _numbers())


def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE | re.MULTILINE | flags)


# bounded, and possessive: no position is read twice for longer than a numeral can be
_N = rf"(?:\d{{1,12}}+|[{NUMBER_SIGNS}]{{1,12}}+)"
_SIGNS = rf"{NUMBER_SIGNS}\d"
_MONTH_NO = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY_NO = (
    r"(?:3[01]|[12]\d|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
    r"|廿[一二三四五六七八九]?|卅一?)"
)
_YEAR = r"(?:(?:19|20)\d\d|[一二][九〇零○][一二三四五六七八九〇零○]{2})"
_TO = r"[-~—至到、]"


@cache
def _phrases() -> re.Pattern[str]:
    """Set phrases, by their first character: few alternatives are tried at a place."""
    groups: Mapping[str, list[str]] = defaultdict(list)
    for phrase in load_words("zh", "traps")["phrases"].names:
        groups[phrase[0]].append(phrase[1:])
    return re.compile("|".join(f"{first}(?:{_tails(rest)})" for first, rest in groups.items()))


def _tails(rest: Iterable[str]) -> str:
    return any_of(word for word in rest if word) or ""


@cache
def _enclosed() -> Scanner:
    """What stands in marks, or begins with a letter or a sign that tells what it is."""
    words = load_words("zh", "traps")
    url = r"[!-~？（）：；！]"  # the reading has made some of its marks full-width
    pattern = _compiled(
        rf"""
          《[^》\n]{{1,80}}》                                        # titles
        | “(?![^”\n]{{0,20}}\d[万亿]?(?:{words["said"].pattern}))      # “最长7天”
          [^”，。；：！？\n]{{1,24}}”                               # “1+20”, “千人计划”
        | [〔（\uff3b【\[(]\ ?(?:19|20)\d\d\ ?[〕）\uff3d】\])]\ ?(?:第?\ ?\d+\ ?号)?
        | (?:{words["labels"].pattern})[：:号码]*[\ \w.+@/-]*         # 电话：0516-12345
        | https?[:：]//{url}+ | www\.{url}+
        | \+\d{{1,4}}-\d{{7,11}}
        | [A-Za-z0-9._-]{{1,40}}+@[\w.-]{{1,60}}
        """
    )
    labels, address = words["labels"], "A-Za-z0-9._-"
    starts = (
        rf"[《“〔（\uff3b【\[(+{labels.firsts}{address}](?:(?<=[《“])"
        rf"|(?<=[〔（\uff3b【\[(])(?=\ ?[12])|(?<=\+)(?=\d)|(?<=[hw])(?=tt|ww)"
        rf"|(?<=[{labels.firsts}])(?=[{labels.seconds}])|(?<=[{address}])(?=[{address}]{{0,39}}+@))"
    )
    return Scanner(starts, pattern)


@cache
def _dates() -> Scanner:
    words = load_words("zh", "traps")
    part = words["parts_of_day"].pattern
    pattern = _compiled(
        rf"""
          (?:民国|公元)\ ?{_N}年(?:{_N}月(?:{_N}日)?)?
        | {_N}年{_MONTH_NO}月(?:{_DAY_NO}[日号]?)?
        | {_YEAR}\ ?{_TO}+\ ?(?:{_YEAR}|\d\d)\ ?(?:年度?|学年)?                # 2021-2025年
        | {_YEAR}\ ?(?:年度?|学年|级|届)
          (?:\ ?\d{{1,2}}(?:[-~—至、]\d{{1,2}})?月(?:份|底|初)?)?(?:{_N}日)?
        | {_YEAR}[-./]\d{{1,2}}(?:[-./]\d{{1,2}})?(?!\d)                      # 2020-06-15
        | (?<!个)(?<!\d){_MONTH_NO}(?:{_TO}{_MONTH_NO})?月份?
          (?:上旬|中旬|下旬|底|初|末)?
          (?:{_DAY_NO}(?:[日号])?(?:{_TO}+(?:{_MONTH_NO}月)?{_DAY_NO})?(?:[日号]))?(?!内)
        | (?<![\d.{NUMBER_SIGNS}]){_DAY_NO}(?:[-~—至、]{_DAY_NO})?日
          (?!内|以内|之内|元|均|圆|以上|历)
        | (?:\d\d|[六七八九]十)年代
        | \d{{1,2}}:\d\d(?::\d\d)?(?!\d|\w{{0,3}}(?:比例|配套))               # clock
        | (?:{part})\d{{1,2}}(?:[时点:](?:\d{{1,2}}分?|半)?)
        | \d{{1,2}}时(?:\d{{1,2}}分)?
        """
    )
    parts = words["parts_of_day"]
    # a row of signs that one of these ends, or a word before them
    ends = r"\ ?[年学级届月日时:~—至到、-]|(?<=\d{4})[./]"
    starts = (
        rf"[{_SIGNS}民公{parts.firsts}](?:(?<=[{_SIGNS}])(?=[{_SIGNS}]{{0,11}}+(?:{ends}))"
        rf"|(?<=民)(?=国)|(?<=公)(?=元)|(?<=[{parts.firsts}])(?=[{parts.seconds}\d]))"
    )
    return Scanner(starts, pattern)


@cache
def _numbers() -> Scanner:
    words = load_words("zh", "traps")
    before = load_words("zh", "units")["money_before"].names
    currencies = any_of(name for name in before if name.isascii() and name.isalpha())
    pattern = _compiled(
        rf"""
          第{_N}(?:[、至和及到-]+第?{_N})*                           # ordinals
        | [{NUMBER_SIGNS}]{{1,4}}+大(?=[，。、和对上中]|{words["after_congress"].pattern})  # 十八大
        | [一二三四五六七八九两]级
        | [一二三四五六七八九]类(?=人才|地区)
        | 前{_N}[项款条](?!措施|政策)
        | (?:{words["kin"].pattern})[{NUMBER_SIGNS}][人口]           # 夫妻二人
        | ^[#*\ ]*\d{{1,2}}(?:\.\d{{1,2}}){{2,}}+                    # 3.5.1 heading
        | (?<![A-Za-z\d])[A-Za-z]{{0,8}}\d{{1,9}}(?:-\d{{1,6}})?[A-Za-z]{{0,3}}号
        | {_N}号
        | \d{{2,4}}-\d{{7,8}}(?:-\d+)? | (?<!\d)1[3-9]\d{{9}}(?!\d)
        | \d{{3,4}}-\d{{3,4}}-\d{{4}} | (?<![\d.])0\d{{2,3}}-\d{{5,8}}
        | (?<![\d.A-Za-z])(?!(?:{currencies})\d)                     # G20
          [A-Z][A-Za-z]{{0,15}}+-?\d{{1,6}}+[A-Za-z]{{0,8}}(?![万亿元])
        | ^\ *[（(]?(?:\d{{1,2}}|[{NUMBER_SIGNS}]+)[)）.、．](?!\d)    # list numbers
        | (?:^|(?<=[。；：]))\ *[（(]?[{NUMBER_SIGNS}]{{1,3}}(?:[)）、]|是|要|来(?!自))
        | (?<!\d)\d{{1,4}}(?:\+\d{{1,4}} | [NnXx]\b
          | [A-Za-z]{{1,4}}\d{{0,4}}(?=[网络时技通基手芯]))
        | (?<!\d)(?:\d[GD]|[248]K)(?![A-Za-z])                     # 5G
        """
    )
    kin = words["kin"]
    starts = (
        # the first of its line or sentence
        rf"[{_SIGNS}A-Za-z第前（(#* {kin.firsts}](?:(?<![^\n].)|(?<=[。；：].)"
        rf"|(?<=[{_SIGNS}])(?=[{_SIGNS}]{{0,11}}+[大级类号A-Za-z+-])|(?<=1)(?=[3-9]\d{{9}})"
        rf"|(?<=[A-Za-z])(?<![A-Za-z\d].)(?=[A-Za-z]{{0,15}}+-?\d)"
        rf"|(?<=[第前])(?=[{_SIGNS}])|(?<=[{kin.firsts}])(?=[{kin.seconds}]))"
    )
    return Scanner(starts, pattern)


@cache
def _english() -> Scanner:
    words = load_words("en", "traps")
    pattern = _compiled(
        rf"""
          \b(?i:{words["phrases"].pattern})\b
        | "[^".,;!?\n]{{1,60}}"                                      # names
        | \b(?i:{words["before_year"].pattern})\ (?:19|20)\d\d\b
          (?!,)(?!\ (?:{words["after_number"].pattern})\b)
        | \b(?:19|20)\d\d(?:s|\ ?(?:-|to|and|/)\ ?(?:(?:19|20)\d\d|\d\d))\b
        | \b\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}}\b
        | \b\d+(?:st|nd|rd|th)\b | \b\d+\+\d+
        | \b\d{{1,2}}:\d\d\b(?:\ ?[ap]\.?m)? | \b\d{{1,2}}(?:\.\d\d)?\ ?[ap]\.?m\b
        | \b(?:{words["numbered"].pattern})\ ?[\d-]+                 # Article 5
        | https?://\S+ | www\.\S+ | (?<![\w.-])[A-Za-z0-9._-]{{1,40}}+@[\w.-]{{1,60}}
        | \+?\d{{1,4}}-\d{{3,4}}-\d{{4}}(?:-?\d{{4}})?\b | \+?\d{{2,4}}-\d{{7,8}}
        """
    )
    return Scanner(r"\b\w|[\d\"+.-]|h(?=ttp)|w(?=ww\.)", pattern)


@cache
def _english_days() -> re.Pattern[str]:
    month = rf"(?:{load_words('en', 'traps')['months'].pattern})"
    year = r"(?:,?\ (?:19|20)\d\d)"
    return _compiled(
        rf"""
          \b{month}\ \d{{1,2}}(?:st|nd|rd|th)?
          (?:\ ?(?:-|to|and)\ ?(?:{month}\ )?\d{{1,2}})?{year}?\b
        | \b\d{{1,2}}(?:st|nd|rd|th)?(?:\ ?(?:-|to|and)\ ?\d{{1,2}})?\ (?:of\ )?{month}(?!\w){year}?
        | \b{month}{year}\b
        """
    )


@cache
def _english_codes() -> Scanner:
    words = load_words("en", "traps")
    pattern = _compiled(
        rf"""
          \b[A-Z]+[a-z]*-?\d+\w*\b | \b\d+[A-Z]\w*\b                  # G20, 5G
        | ^\ *\(?\d{{1,2}}[.)]\ | (?<=[.;])\ ?\(\d\)
        | (?:^|(?<=[.…?!]\ ))\d{{1,2}}\ (?=[A-Z])                     # rows of a list
        | \b(?<!only\ )(?i:one|1)\b(?![,./:]\d)
          (?!\ (?:{words["after_number"].pattern}|[a-z]+-[a-z]+)\b)
        """
    )
    # a word begins, or blanks and brackets before a number
    return Scanner(r"[A-Z\do (](?<!\w\w)(?<! (?=[^ (\d]))", pattern)
