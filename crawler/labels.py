"""Who and when: labelled text in the lines above and below an article.

发布时间:2023-08-07  来源:苏州高新区(虎丘区)宣传部
Author:Suzhou Daily Time:2012.07.09
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise, zip_longest
from typing import Any

from crawler.bylines import read_byline, read_opening
from crawler.dates import find_day, find_days, find_labelled_day
from crawler.lines import Plain, fold, plain

#: Longer lines are prose; a "source:" in them labels nothing.
_MAX_LINE = 200
#: A line that begins with a day and is no longer is a stamp, whatever buttons follow.
_MAX_STAMP = 40
_MAX_VALUE = 90
_PARTING = re.compile(r"\s{2,}|[|\uff5c丨]|\s[-\u2013—]+\s")
#: A wide blank ends the name of a medium, but it also stands inside a person's: 王　一
_SOURCE_PARTING = re.compile(rf"{_PARTING.pattern}|(?<=[\u3400-\u9fff]{{3}})\u3000")
_HOUSE_NUMBER = re.compile(r"[\s_]*[A-Z]{1,3}\d+$")
_MAX_EDITOR = 40
#: What forms and scripts leave where a name should be: 105092, name@example.com
_NO_NAME = re.compile(r"[=/@]|^\d+$")
_TIME = re.compile(r"\d{1,2}:\d{2}")
_BRACKETS = " \t\u3000\u00a0【】[]()（）<>《》“”\"'::;；,，。.|/·-"
#: A law names the days of its adoption above its first article: not the day of publication.
_ADOPTED = re.compile(r"(?:通过|通過|批准|修正|修订|修訂|施行|实施)\W*$")
_OWN = frozenset({"本报", "本報", "本网", "本網", "本刊", "本台", "本社"})


@dataclass(frozen=True, slots=True)
class Labels:
    """What labelled lines say; None for what they do not. `desk`: editors who answer for less."""

    published: date | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    desk: str | None = None

    def or_else(self, other: "Labels") -> "Labels":
        """Return these labels with the gaps filled from `other`."""
        return Labels(
            self.published or other.published,
            self.source or other.source,
            self.author or other.author,
            self.editor or other.editor,
            self.desk or other.desk,
        )


@dataclass(frozen=True, slots=True)
class _Words:
    kinds: Mapping[str, str]
    pattern: re.Pattern[str]
    barred: re.Pattern[str]
    glued: re.Pattern[str]
    another_day: re.Pattern[str]
    released: re.Pattern[str]
    nobody: frozenset[str]
    office: re.Pattern[str]
    dateline: re.Pattern[str]


def read_labels(lines: Sequence[str]) -> Labels:
    """Return what the labels in `lines` say; where two lines disagree, the first one holds.

    A label without a value takes the next line's: `来源：` and below it the name. What a label says
    holds before what a line of reporters says.
    """
    found = byline = Labels()
    for index, raw in enumerate(lines):
        if len(raw) <= _MAX_LINE:
            following = lines[index + 1] if index + 1 < len(lines) else ""
            view = plain(raw)
            source, author = read_byline(view)
            found = found.or_else(_line_labels(view, following, is_signed=source is not None))
            byline = byline.or_else(
                Labels(source=None if source in _OWN else source, author=author)
            )
    return found.or_else(byline)


def has_label(line: str) -> bool:
    """Return whether `line` begins with a label and a colon."""
    text = fold(line[:_MAX_LINE])
    match = _words().pattern.search(text)
    return (match is not None and match.start() <= 2) or _words().barred.fullmatch(text) is not None


def find_release_day(lines: Sequence[str]) -> date | None:
    """Return the day that a press release prints below its text.

    >>> find_release_day(["Ends/Saturday, March 2, 2024", "Issued at HKT 16:00"])
    datetime.date(2024, 3, 2)
    """
    for line, following in pairwise(map(fold, lines)):
        if _words().released.match(following):
            return find_day(line)
    return None


def read_dateline(paragraph: str) -> Labels:
    """Return the agency and the reporters that open a first paragraph.

    >>> read_dateline("新华社北京5月30日电 全市新增人才公寓。").source
    '新华社'
    """
    view = plain(paragraph[:_MAX_LINE])
    author = read_opening(view.text)
    match = _words().dateline.match(view.text)
    if match is None:
        return Labels(author=author)
    name = next(group for group in ("agency", "message", "reporter_of", "english") if match[group])
    return Labels(source=view.printed(match.start(name), match.end(name)), author=author)


def clean_source(value: str) -> str | None:
    """Return the name of a medium or office in a label's value; None if it names nobody."""
    value = _SOURCE_PARTING.split(_words().pattern.sub("", value.strip(), count=1))[0]
    days = find_days(value)
    if days:
        value = value[: days[0][1]] if days[0][1] else value[days[0][2] :]
    value = _words().glued.split(value, maxsplit=1)[0]
    value = re.sub(r"^(?:本网|本站|本網)\s*(?=[\u4e00-\u9fff]{4})", "", value)
    name = re.split(r"\s*(?:记者|記者|通讯员|作者|责任编辑|编辑)[\s:：]", value)[0].strip(_BRACKETS)
    name = _balanced(value, name)
    if not name or len(name) > _MAX_VALUE or name in _words().nobody or name.startswith("http"):
        return None
    return None if re.fullmatch(r"[\d\W]+", name) or "=" in name else name


def clean_author(value: str) -> str | None:
    """Return the names in a label's value; None if it names nobody."""
    value = _PARTING.split(value.strip())[0]
    days = find_days(value)
    name = (value[: days[0][1]] if days else value).strip(_BRACKETS)
    name = re.sub(r"^(?:本报|本網|本网)?(?:记者|記者|通讯员)\s*", "", name)
    if not name or len(name) > _MAX_VALUE or name in _words().nobody or _NO_NAME.search(name):
        return None
    return name


def clean_editor(value: str) -> str | None:
    """Return the names of editors in a label's value, without their number in the house."""
    value = re.split(r"[】\]]", _PARTING.split(value.strip())[0])[0]
    value = _HOUSE_NUMBER.sub("", value.strip(_BRACKETS))
    name = clean_author(value)
    return None if name is None or "。" in name or len(name) > _MAX_EDITOR else name


def _balanced(value: str, name: str) -> str:
    """Give a name back the closing bracket that belongs to it: 苏州高新区(虎丘区)."""
    for opening, closing in ("()", "（）", "《》", "【】"):
        if name.count(opening) > name.count(closing) and name + closing in value:
            name += closing
    return name


def _line_labels(view: Plain, following: str, *, is_signed: bool) -> Labels:
    labels = Labels(published=None)
    for kind, value in _values(view, following):
        labels = labels.or_else(_label(kind, value))
    is_head = is_stamp(view.text) or labels.source or is_signed
    if labels.published is None and is_head:
        labels = replace(labels, published=_stamped_day(view.text))
    if (
        labels.author
        and not labels.source
        and labels.published
        and _words().office.search(labels.author)
    ):
        return replace(labels, source=labels.author, author=None)
    return labels


def _stamped_day(text: str) -> date | None:
    """Return the day of a line without a label of days; another day of a document is none."""
    if _ADOPTED.search(text) or _words().another_day.search(text):
        return None
    return find_day(text)


def _label(kind: str, value: str) -> Labels:
    if kind == "date":
        return Labels(published=find_labelled_day(value[:40]))
    if kind == "source":
        return Labels(source=clean_source(value))
    if kind == "editor":
        return Labels(editor=clean_editor(value))
    if kind == "desk":
        return Labels(desk=clean_editor(value))
    return Labels(author=clean_author(value)) if kind == "author" else Labels()


def _values(view: Plain, following: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, value as printed) for each label of a line."""
    words = _words()
    barred = words.barred.fullmatch(view.text)
    if barred is not None:
        value = view.printed(*barred.span("value"))
        if not words.pattern.match(value + ":"):
            yield words.kinds[_key(barred["label"])], value
        return
    marks = list(words.pattern.finditer(view.text))
    for mark, after in zip_longest(marks, marks[1:]):
        end = after.start() if after else len(view.text)
        value = view.printed(mark.end(), end)
        if (
            not value
            and after is None
            and len(following) <= _MAX_VALUE
            and not has_label(following)
        ):
            value = following.strip()
        yield words.kinds[_key(mark["label"] or mark["dated"])], value


def is_stamp(text: str) -> bool:
    """Return whether a line holds a day and next to nothing else."""
    days = find_days(text)
    if not days:
        return False
    if days[0][1] == 0 and len(text) <= _MAX_STAMP:
        return True
    rest = _TIME.sub("", text[: days[0][1]] + text[days[0][2] :])
    return len(re.sub(r"[\W\d_]+", "", rest)) <= 8


@cache
def _words() -> _Words:
    return _build(tomllib.loads((files("crawler") / "data" / "labels.toml").read_text("utf-8")))


def _build(tables: Mapping[str, Any]) -> _Words:
    kinds = {_key(word): kind for kind, words in tables["labels"].items() for word in words}
    surface = sorted(
        {w for words in tables["labels"].values() for w in words}, key=lambda w: (-len(w), w)
    )
    label = "|".join(_spaced(word) for word in surface)
    dated = "|".join(_spaced(word) for word in surface if word in tables["labels"]["date"])
    register = tables["register"]
    barred = "|".join(
        _spaced(w) for w in surface if kinds[_key(w)] in {"source", "author", "editor", "desk"}
    )
    ending = "|".join(_spaced(w) for w in surface if not w.isascii() and len(w) > 1)
    other_days = [
        w for field in ("signed", "in_force", "expires", "validity") for w in register[field]
    ]
    agencies = "|".join(
        sorted(map(re.escape, tables["values"]["agencies"]), key=lambda w: (-len(w), w))
    )
    return _Words(
        kinds=kinds,
        pattern=re.compile(
            rf"""
            (?<![\u3400-\u9fffA-Za-z])
            (?: (?P<label>{label}) \s? (?: :\s*(?:\|\s*)? | (?=\() )  # 来源: 阅读(5)
              | (?P<dated>{dated}) \s* (?=\d{{2,4}}\W) )           # 发表于 2004年
            """,
            re.IGNORECASE | re.VERBOSE,
        ),
        barred=re.compile(
            rf"[(\[]?(?P<label>{barred})\s*[|丨/]\s*(?P<value>[^|]{{1,60}})[)\]]?", re.IGNORECASE
        ),
        glued=re.compile(rf"(?<=[\u3400-\u9fff])(?:{ending})\s?[:：]"),
        another_day=re.compile("|".join(map(_spaced, other_days))),
        released=re.compile("|".join(map(re.escape, tables["values"]["released"]))),
        nobody=frozenset(tables["values"]["nobody"]),
        office=re.compile("|".join(map(re.escape, tables["values"]["office"]))),
        dateline=re.compile(
            rf"""
            # 新华社北京5月30日电
            [(\s]* (?P<agency>{agencies}) [^。,]{{0,24}} \d日 (?:专|專)?(?:电|電|讯|訊|消息)
            | (?P<message>{agencies}) 消息 [(:,]                     # 央视网消息（新闻联播）：
            | \( (?P<reporter_of>{agencies}) (?:记者|記者) [^)]{{2,24}} \)   # （中央社記者…）
            | [A-Z][\w.,' -]{{2,50}} \( (?P<english>{agencies}) \) \s* [-\u2013—]  # (Xinhua) --
            """,
            re.VERBOSE,
        ),
    )


def _key(label: str) -> str:
    return re.sub(r"\s+", "", label).casefold()


def _spaced(word: str) -> str:
    """Return a pattern for a label, with the blanks that pages set between Chinese characters."""
    if word.isascii():
        return re.escape(word)
    return r"[\ ]{0,2}".join(map(re.escape, word))
