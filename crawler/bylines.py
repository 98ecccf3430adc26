"""Who wrote it: reporters in lines of their own, in datelines and in brackets at the end.

◎徐报融媒记者 范海杰
本报讯（记者 王一 通讯员 李二）
……三年内发放完毕。（王一）
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

from crawler.lines import Plain, fold

_ROLES = "记者|記者|通讯员|通訊員|实习生|實習生|特派员|特派員"
_NAMES = r"[\u4e00-\u9fff·]{2,5}(?:[\s、,]+[\u4e00-\u9fff·]{2,5}){0,5}?"
_LINE = re.compile(
    rf"""
    ^ [◎●■□▲◆○*\s(\[]* (?:(?:整合|编写|采写|撰文|综合|文字?)[\s:/]+)?
    (?P<source>[^\s,。:,、(]{{2,12}}?)? \s*
    (?:首席|见习|实习|特约|全媒体|融媒体)* (?:{_ROLES})
    (?: [\s:/]+ (?P<author>{_NAMES})                       # 徐报融媒记者 范海杰
      | (?P<glued>[\u4e00-\u9fff·]{{2,4}}?)                # 本报记者王一发自云湖
        (?=\s*(?:发自|發自|/|[)\]]|$)) )
    \s* (?: /?(?:文|图|圖|摄影?|攝影?)[\u4e00-\u9fff/]{{0,12}}
          | /?[\u4e00-\u9fff\s]{{0,9}}(?:报道|報道|報導)
          | 发自[\u4e00-\u9fff]{{2,6}} | 發自[\u4e00-\u9fff]{{2,6}} )? \s* [)\]]? $
    """,
    re.VERBOSE,
)
#: By Lv Shaogang ( People's Daily ) 10:08, November 19, 2020
_ENGLISH = re.compile(
    r"""
    (?:^|\s) (?: By\s+ (?P<author>[A-Z][\w\ .,'-]{2,60}?) \s* )?
    \( \s* (?P<source>[A-Z][^()]{1,40}?) \s* \) \s* (?=\d{1,2}:\d\d)
    """,
    re.VERBOSE,
)
#: By Jane Doe · By Jane Doe and John Roe
_BY = re.compile(r"^By\s+(?P<author>[A-Z][\w.'-]+(?:\s+(?:and\s+|[A-Z])[\w.'-]*){1,7})$")
#: By Jane Doe in Lakeside | Lake Daily | Updated: 2024-03-02
_BY_BARS = re.compile(
    r"""
    ^ By\s+ (?P<author>[A-Z][\w.'-]+(?:\s+(?:and\s+|,\s*|[A-Z])[\w.'-]*){1,7}?)
    (?:\s+in\s+[A-Z][^|]{1,40}?)? \s*\|\s*
    (?P<source>[A-Z][^|]{2,40}?) \s*\|\s* (?:Updated|Published|Posted)\b
    """,
    re.VERBOSE,
)
#: Posted on March 2, 2024 by Jane Doe
_POSTED = re.compile(
    r"""
    ^ (?:Posted|Published|Updated)\b .{0,50}? \s [Bb]y \s+
    (?P<author>[A-Z][\w.'-]+(?:\s+[A-Z][\w.'-]*){1,3}) (?= $ | \s* [|,(] | \s+ [a-z] )
    """,
    re.VERBOSE,
)
_OPENING = re.compile(
    rf"""
    ^ [\[(【\s]* (?:
        [^。()]{{0,40}}? (?:讯|訊|电|電|消息|报道|報道) \s* [\])】]? \s*   # 本报讯（记者 王一）
          \( (?P<named>[^()]{{0,20}}(?:{_ROLES})[^()]{{2,60}}) \)
      | [\u4e00-\u9fff]{{0,8}} (?:记者|記者)                # （中央社記者王一台北30日電）
          (?P<agency>[\u4e00-\u9fff]{{2,3}}) [\u4e00-\u9fff]{{2}} \d{{1,2}}日
      | [\u4e00-\u9fff]{{0,8}} (?:记者|記者) \s*            # 〔記者王一／台北報導〕
          (?P<desk>[\u4e00-\u9fff、\s]{{2,20}}?) \s* / [\u4e00-\u9fff]{{2,8}}(?:报道|報道|報導) )
    """,
    re.VERBOSE,
)
#: (example.com.cn) Updated : 2024-03-02
_SITE = re.compile(
    r"^\(?(?P<source>(?:[\w-]{1,30}\.){1,4}(?:com|cn|net|org))\)?[\s|]*(?:Updated|Posted|Published)\b"
)
_LATIN = (_ENGLISH, _BY, _BY_BARS, _POSTED, _SITE)
_SIGNED = re.compile(r"\((?P<inner>[^()]{2,60})\)\s*$")
_ROLE = re.compile(
    rf"(?:本报|本報|本网|本網|特约|实习|见习|首席|全媒体)*(?:{_ROLES}|作者|撰文|采写|撰稿|供稿|文(?=[\s:/]))[\s:/]*"
)
_BETWEEN = re.compile(r"[\s、,;/&]+")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}·[\u4e00-\u9fff·]{1,10}")


def is_byline(line: str) -> bool:
    """Return whether `line` names reporters and nothing else.

    >>> is_byline("◎云湖晚报记者 王小明"), is_byline("记者从区人社局获悉")
    (True, False)
    """
    view = Plain(fold(line), (), line)
    return _match_line(view) is not None or any(rule.match(view.text) for rule in _LATIN)


def read_byline(view: Plain) -> tuple[str | None, str | None]:
    """Return source and author that a line of reporters names."""
    match = _match_line(view) or _ENGLISH.search(view.text)
    match = match or next(filter(None, (rule.match(view.text) for rule in _LATIN)), None)
    if match is None:
        return None, None
    found = {
        name: view.printed(*match.span(name)) for name, text in match.groupdict().items() if text
    }
    return found.get("source"), found.get("author") or found.get("glued")


def read_opening(paragraph: str) -> str | None:
    """Return the reporters in the dateline of a first paragraph.

    >>> read_opening("本报讯（记者 王一 通讯员 李二）昨日，全区新增人才公寓。")
    '王一 李二'
    """
    match = _OPENING.match(fold(paragraph[:140]).replace("〔", "[").replace("〕", "]"))
    if match is None:
        return None
    if match["named"]:
        return _names_after_roles(match["named"])
    return _all_names(match["agency"] or match["desk"])


def read_signature(paragraph: str) -> str | None:
    """Return the names in brackets at the end of a last paragraph.

    >>> read_signature("补贴按月发放。（记者 王一）"), read_signature("补贴按月发放。（王一）")
    ('王一', '王一')
    """
    match = _SIGNED.search(fold(paragraph[-80:]))
    if match is None:
        return None
    return _names_after_roles(match["inner"]) or _all_names(match["inner"])


def is_person(name: str) -> bool:
    """Return whether `name` can be a person's: a Chinese one begins with a family name.

    >>> is_person("王小明"), is_person("大汉网络"), is_person("Jane Doe")
    (True, False, True)
    """
    if not re.search(r"[\u3400-\u9fff]", name):
        return True
    return all(
        "·" in part or (_HAN_NAME.fullmatch(part) and _is_family_name(part))
        for part in filter(None, _BETWEEN.split(name))
    )


def _match_line(view: Plain) -> re.Match[str] | None:
    match = _LINE.match(view.text[:200])
    if match is not None and match["glued"] and not is_person(match["glued"]):
        return None
    return match


def _names_after_roles(text: str) -> str | None:
    """Return the names behind the words for reporters in `text`."""
    parts = _ROLE.split(text)[1:]
    names = [name for part in parts for name in _BETWEEN.split(part) if _HAN_NAME.fullmatch(name)]
    return " ".join(names) or None


def _all_names(text: str) -> str | None:
    """Return `text` if it is made of persons' names only, none longer than three characters."""
    names = [name for name in _BETWEEN.split(text.strip()) if name]
    if names and all(len(name) <= 3 and is_person(name) for name in names):
        return " ".join(names)
    return None


def _is_family_name(name: str) -> bool:
    families = _families()
    return name[0] in families or name[:2] in families


@cache
def _families() -> frozenset[str]:
    tables = tomllib.loads((files("crawler") / "data" / "labels.toml").read_text("utf-8"))
    return frozenset([*tables["names"]["single"], *tables["names"]["double"]])
