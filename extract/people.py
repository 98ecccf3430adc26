"""People in Chinese text: a surname beside a title, in a row of names, before a verb of saying."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from extract.lexicon import any_of, load_words
from extract.scanning import Scanner

#: A name in a reading: half-open offsets and the title.
Span = tuple[int, int, str | None]
_HAN = "\u4e00-\u9fff"


@dataclass(frozen=True, slots=True)
class _Patterns:
    before: re.Pattern[str]
    after: Scanner
    speaker: Scanner
    row: re.Pattern[str]
    name: re.Pattern[str]
    more: re.Pattern[str]
    writer: re.Pattern[str]
    not_person: re.Pattern[str]
    others: re.Pattern[str]
    titled: re.Pattern[str]
    before_title: re.Pattern[str]


@cache
def _patterns(lang: str) -> _Patterns:
    words = load_words(lang, "names")
    names = words["surname"].names
    first = f"[{words['surname'].firsts}]"
    double = any_of(name for name in names if len(name) == 2)
    surname = f"(?:[{''.join(n for n in names if len(n) == 1)}]|{double})"
    plain = (
        f"(?:[{''.join(n for n in names if len(n) == 1 and n not in words['wordlike'])}]|{double})"
    )
    letter = f"(?![{''.join(words['not_given'].names)}])[{_HAN}]"
    given = rf"{letter}(?:{letter})?"
    lazy = rf"{letter}(?:{letter})??"
    follows = rf"(?=[，。、；：！？“”（）()\s\d]|$|{words['after_name'].pattern})"
    name = rf"{surname}{given}"
    return _Patterns(
        before=re.compile(
            rf"(?P<title>{words['title_before'].pattern})”?"
            rf"(?P<name>{surname}{lazy}{follows}|{plain}{letter}{letter}(?=[{_HAN}]))"
        ),
        after=Scanner(
            rf"{first}(?:(?<![{_HAN}\d].)|(?<=[{''.join(words['before_name'].names)}].))",
            re.compile(rf"(?P<name>{surname}{lazy})(?P<title>{words['title_after'].pattern})"),
        ),
        speaker=Scanner(
            rf"{first}(?:(?<![^\n].)|(?<=[，。；：！？”].))",
            re.compile(rf"(?P<name>{surname}{lazy})(?={words['speaking'].pattern})"),
        ),
        row=re.compile(rf"(?P<names>{name}(?:、{name})+?)(?={words['row_after'].pattern})"),
        more=re.compile(rf"(?:、{plain}{lazy}(?=、|{follows}))+"),
        name=re.compile(name),
        titled=re.compile(rf"(?:{words['title_before'].pattern})$"),
        before_title=re.compile(rf"^.*(?:{words['before_title'].pattern})"),
        not_person=re.compile(words["not_person"].pattern),
        others=re.compile(
            rf"^.*(?:{words['ends_other'].pattern}|(?:{words['title_before'].pattern}){surname}{given})(?:{words['and'].pattern})*"
        ),
        writer=re.compile(rf"(?:{words['writer'].pattern})[：:]?\s*[{_HAN} 、]{{0,8}}$"),
    )


def find_chinese_people(texts: Sequence[str], lang: str) -> list[list[Span]]:
    """Return the spans of people in each Chinese reading, at each mention beside title or verb."""
    patterns = _patterns(lang)
    found: list[list[Span]] = [[] for _ in texts]
    for finder in (_titled, _speaking, _in_rows):
        for text, people in zip(texts, found, strict=True):
            people.extend(finder(text, patterns))
    return found


def _titled(text: str, patterns: _Patterns) -> Iterator[Span]:
    for pattern in (patterns.before, patterns.after):
        for match in pattern.finditer(text):
            start = min(match.start("title"), match.start("name"))
            if _is_person(text, start, match["name"], patterns):
                leads = match.start("title") == start
                title = _whole_title(text, match, patterns) if leads else match["title"]
                yield match.start("name"), match.end("name"), title
                if leads:
                    yield from _after(text, match.end("name"), patterns)


def _after(text: str, end: int, patterns: _Patterns) -> Iterator[Span]:
    """Yield the people who follow one with a title in a row: 副主席张三、李四、王五."""
    row = patterns.more.match(text, end)
    for match in re.finditer("[^、]+", row[0] if row else ""):
        if not patterns.not_person.match(match[0]):
            yield end + match.start(), end + match.end(), None


def _speaking(text: str, patterns: _Patterns) -> Iterator[Span]:
    for match in patterns.speaker.finditer(text):
        if _is_person(text, match.start(), match["name"], patterns):
            yield match.start(), match.end(), None


def _in_rows(text: str, patterns: _Patterns) -> Iterator[Span]:
    if "、" not in text:
        return
    for row in patterns.row.finditer(text):
        for match in patterns.name.finditer(text, *row.span("names")):
            if _is_person(text, match.start(), match[0], patterns):
                yield match.start(), match.end(), None


def _is_person(text: str, start: int, name: str, patterns: _Patterns) -> bool:
    if patterns.not_person.match(name):
        return False
    return not patterns.writer.search(text[max(0, start - 16) : start])


def is_chinese_person(text: str, lang: str) -> bool:
    """Whether a name begins with a listed surname, has two to four characters, and is no word."""
    patterns = _patterns(lang)
    names = load_words(lang, "names")["surname"]
    listed = text[:1] in names or text[:2] in names
    return listed and 2 <= len(text) <= 4 and not patterns.not_person.match(text)


_OFFICE = re.compile(rf"[{_HAN}、（）]{{0,20}}$")


def _whole_title(text: str, match: re.Match[str], patterns: _Patterns) -> str:
    """Return the title with the office before it: 沛县县委常委、组织部部长."""
    before = _OFFICE.search(text[max(0, match.start("title") - 20) : match.start("title")])
    whole = patterns.others.sub("", before[0] if before else "")
    parts = (patterns.before_title.sub("", whole) + match["title"]).strip("、（）").split("、")
    foreign = (i for i in range(len(parts) - 1, -1, -1) if not patterns.titled.search(parts[i]))
    return "、".join(parts[next(foreign, -1) + 1 :]) or match["title"]
