"""Numerals that are no figures: dates, numbers of documents, names, set phrases."""

# ruff: noqa: E501, RUF001 - one class of expressions a line; brackets as they are printed

import re
from collections.abc import Mapping
from types import MappingProxyType

from extract.hanzi import NUMBER_SIGNS
from extract.lexicon import FOLDERS, load_words

# bounded, and possessive: no position is read twice for longer than a numeral can be
_N = rf"(?:\d{{1,12}}+|[{NUMBER_SIGNS}]{{1,12}}+)"
_YEAR = r"(?:(?:19|20)\d\d|[一二][九〇零○][一二三四五六七八九〇零○]{2})"

_ZH_PHRASES = load_words("zh", "traps")["phrases"]
_ZH_STARTS = (
    "".join(sorted({phrase[0] for phrase in _ZH_PHRASES.names}))
    + NUMBER_SIGNS
    + r"\dA-Za-z《“第民公前上中下晚凌早当〔（［【\[(电传热邮编微备许证账户网+\#*\ "
)
_ZH = re.compile(
    rf"""
    (?=[{_ZH_STARTS}])(?:                                            # most places are passed by
      (?:{_ZH_PHRASES.pattern})
    | 《[^》\n]{{1,80}}》                                            # titles
    | “[^”，。；：！？\n]{{1,24}}”                                     # names: “1+20”, “千人计划”
    | 第{_N}(?:[、至和及到-]+第?{_N})*                                  # ordinals
    | [{NUMBER_SIGNS}]{{1,4}}+大(?=以来|报告|精神|代表|召开|胜利|会|闭幕|开幕|提出|，|。|、|和|关于|对|上|之后|作出|擘画|部署|明确|吹响|将|中)   # 十八大
    | [一二三四五六七八九两]级 | [一二三四五六七八九]类(?=人才|地区) | 前{_N}[项款条](?!措施|政策)
    | ^[#*\ ]*\d{{1,2}}(?:\.\d{{1,2}})++(?![\d.]*[万亿%元])       # 3.5 heading
    | {_N}年{_N}月(?:{_N}日)?
    | (?:民国|公元)\ ?{_N}年(?:{_N}月(?:{_N}日)?)?
    | {_YEAR}\ ?[-~—至到、]+\ ?(?:{_YEAR}|\d\d)\ ?(?:年度?|学年)?       # 2021-2025年
    | {_YEAR}\ ?(?:年度?|学年|级|届)(?:\ ?\d{{1,2}}(?:[-~—至、]\d{{1,2}})?月(?:份|底|初)?)?(?:{_N}日)?
    | {_YEAR}[-./]\d{{1,2}}(?:[-./]\d{{1,2}})?(?!\d)                  # 2020-06-15
    | (?<!个)(?<!\d){_N}(?:[-~—至、]{_N})?月份?(?:上旬|中旬|下旬|底|初|末)?(?:{_N}(?:日|号)?(?:[-~—至到、]+(?:{_N}月)?{_N})?(?:日|号))?(?!内)
    | (?<![\d.万亿]){_N}(?:[-~—至、]{_N})?日(?!内|以内|之内|元|均|圆|以上|历)
    | (?:\d\d|[六七八九]十)年代
    | \d{{1,2}}:\d\d(?::\d\d)?(?!\d|\w{{0,3}}(?:比例|配套))                                  # clock
    | (?:上午|下午|中午|晚上?|凌晨|早上?|当日|当天)\d{{1,2}}(?:[时点:](?:\d{{1,2}}分?|半)?)
    | \d{{1,2}}时(?:\d{{1,2}}分)?
    | [〔（［【\[(]\ ?(?:19|20)\d\d\ ?[〕）］】\])]\ ?(?:第?\ ?\d+\ ?号)?   # document numbers
    | (?<![A-Za-z\d])[A-Za-z]{{0,8}}\d{{1,9}}(?:-\d{{1,6}})?[A-Za-z]{{0,3}}号(?:楼|院|线|室|馆|厅|门|地|文)?
    | {_N}号(?:楼|院|线|室|馆|厅|门|地|文)?
    | (?:电话|传真|热线|邮编|邮箱|编号|QQ|微信|ICP|备案|许可证|证号|账号|户名|网址)[：:号码]*[\ \w.+@/-]*
    | \+?\d{{2,4}}-\d{{7,8}}(?:-\d+)? | (?<!\d)1[3-9]\d{{9}}(?!\d) | \d{{3,4}}-\d{{3,4}}-\d{{4}}
    | https?://[!-~]+ | www\.[!-~]+ | (?<![\w.-])[A-Za-z0-9._-]{{1,40}}+@[\w.-]{{1,60}}
    | (?<![\d.A-Za-z])[A-Z][A-Za-z]{{0,15}}+-?\d{{1,6}}+[A-Za-z]{{0,8}}(?![万亿元])          # G20, COVID-19, PM2
    | ^\ *[（(]?(?:\d{{1,2}}|[{NUMBER_SIGNS}]+)[)）.、．](?!\d)     # list numbers
    | (?:^|(?<=[。；：]))\ *[（(]?[{NUMBER_SIGNS}]{{1,3}}(?:[)）、]|是|要|来(?!自))
    | (?<!\d)\d{{1,4}}(?:\+\d{{1,4}} | [NnXx]\b | [A-Za-z]{{1,4}}\d{{0,4}}(?=[网络时技通基手芯]))
    | (?<!\d)\d[GKDgkd](?![A-Za-z])                                     # 5G
    )
    """,
    re.VERBOSE | re.MULTILINE,
)
_MONTH = rf"(?:{load_words('en', 'traps')['months'].pattern})"
_EN = re.compile(
    rf"""
      \b(?i:{load_words("en", "traps")["phrases"].pattern})\b
    | "[^".,;!?\n]{{1,60}}"                                            # names
    | \b{_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?(?:\ ?(?:-|to|and)\ ?(?:{_MONTH}\ )?\d{{1,2}})?(?:,?\ (?:19|20)\d\d)?\b
    | \b\d{{1,2}}(?:st|nd|rd|th)?(?:\ ?(?:-|to|and)\ ?\d{{1,2}})?\ (?:of\ )?{_MONTH}(?!\w)(?:,?\ (?:19|20)\d\d)?
    | \b{_MONTH},?\ (?:19|20)\d\d\b
    | \b(?:19|20)\d\d\ ?(?:-|to|and|/)\ ?(?:(?:19|20)\d\d|\d\d)\b
    | \b\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}}\b
    | \b(?:in|since|by|from|of|during|until|before|after|year|early|late|mid|and|to|end\ of|for)\ (?:19|20)\d\d\b(?!,)(?!\ (?:yuan|people|talents|million|billion|enterprises|projects|percent))
    | \b(?:19|20)\d\ds\b
    | \b\d+(?:st|nd|rd|th)\b
    | \b\d{{1,2}}:\d\d\b(?:\ ?[ap]\.?m)? | \b\d{{1,2}}\ ?[ap]\.?m\b
    | \b(?:No\.|Nos\.|Article|Chapter|Section|Phase|Version|Room|Building|Number|Line|Grade|Class|Figure|Table|Part|Annex|Tel|Fax|Phone|Tel:|Fax:)\ ?[\d-]+
    | https?://\S+ | www\.\S+ | (?<![\w.-])[A-Za-z0-9._-]{{1,40}}+@[\w.-]{{1,60}}
    | \+?\d{{2,4}}-\d{{7,8}} | \b\d{{3}}-\d{{4}}-?\d{{4}}\b
    | \b[A-Z]+[a-z]*-?\d+\w*\b | \b\d+[A-Z]\w*\b                      # G20, 5G
    | ^\ *\(?\d{{1,2}}[.)]\ | (?<=[.;])\ ?\(\d\)
    | (?:^|(?<=[.…?!]\ ))\d{{1,2}}\ (?=[A-Z])                             # rows of a list
    | \b\d+\+\d+ | \b(?<!only\ )(?i:one|1)\b(?![,.]\d)(?!\ (?:hundred|thousand|million|billion|trillion|percent|million|year|mu|[a-z]+-[a-z]+\b))
    """,
    re.VERBOSE | re.MULTILINE,
)
_WAYS: Mapping[str, re.Pattern[str]] = MappingProxyType({"zh": _ZH, "en": _EN})


def find_traps(text: str, lang: str) -> list[tuple[int, int]]:
    """Return spans of a clean text inside which no number is a figure."""
    return [match.span() for match in _WAYS[FOLDERS.get(lang, lang)].finditer(text)]
