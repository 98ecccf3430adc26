"""Names in Chinese texts of any kind: the world's places, transliterations, surnames, endings.

Policies are read with `extract.names` and `extract.places`, which ask for a title or a district;
this is what the rules can say of an encyclopedia or of world news.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from extract.lexicon import Words, any_of, load_words
from extract.scanning import Scanner

#: Half-open offsets and PER, LOC or ORG.
Span = tuple[int, int, str]
_HAN = "\u4e00-\u9fff"


@dataclass(frozen=True, slots=True)
class _Patterns:
    rules: tuple[tuple[str, Scanner], ...]
    end: re.Pattern[str]
    breaks: frozenset[str]
    world: Words
    not_person: re.Pattern[str]
    not_wide: Words


@cache
def _patterns(lang: str) -> _Patterns:
    words, names = load_words(lang, "wide"), load_words(lang, "names")
    free = f"[^{''.join(words['break'].names)}\\W\\da-zA-Z_]"
    sound = f"[{''.join(words['sound'].names)}]"
    given = f"[{''.join(words['given'].names)}]"
    single = "".join(
        n for n in names["surname"].names if n not in names["wordlike"] and len(n) == 1
    )
    doubles = [name for name in names["surname"].names if len(name) == 2]
    double = any_of(doubles)
    surname = f"(?:[{single}]|{double})"
    surname_starts = f"[{single}{''.join({name[0] for name in doubles})}]"
    world = words["world"]
    not_sound = f"(?!{words['not_sound'].pattern})"
    # what a rule finds, where it can begin (the character itself ends what is looked back over)
    rules = (
        ("PER", sound, rf"{sound}{{1,6}}(?:[·‧•]{sound}{{1,7}})+(?:[一二三四五六]世)?"),
        ("PER", sound, rf"{sound}{{2,6}}[一二三四五六七八九十]世"),
        (
            "LOC",
            f"[{sound[1:-1]}{world.firsts}]",
            rf"(?:{world.pattern})?{sound}{{2,6}}(?:[州市郡省国河岛堡镇县湾]|群岛|山脉)",
        ),
        ("LOC", f"[{world.firsts}]", rf"(?:{world.pattern})(?![人语文军队党])"),
        ("LOC", f"{sound}(?<=[在于到从往至抵].)", rf"{not_sound}{sound}{{3,7}}"),
        ("PER", f"[{words['person'].firsts}]", words["person"].pattern),
        ("ORG", f"[{words['org'].firsts}]", words["org"].pattern),
        ("PER", f"[{single}](?={given})", rf"[{single}]{given}{given}"),
        ("PER", f"[{''.join({name[0] for name in doubles})}]", rf"(?:{double}){given}{{1,2}}"),
        (
            "PER",
            rf"{surname_starts}(?:(?<![{_HAN}A-Za-z\d].)|(?<=[和与由是被对].))",
            rf"{surname}{free}{{1,2}}?(?=[，。、（）是在的和与曾于为又也被将对等])",
        ),
        ("PER", f"{sound}(?={sound}{sound})", rf"{not_sound}{sound}{{3,7}}"),
        ("PER", r"[A-Z](?=[a-z])", r"[A-Z][a-z]+(?:\s?[A-Z][a-z]+)+"),
    )
    return _Patterns(
        rules=tuple((label, Scanner(starts, re.compile(rule))) for label, starts, rule in rules),
        end=re.compile(words["place_end"].pattern),
        breaks=frozenset(words["break"].names),
        world=words["world"],
        not_person=re.compile(names["not_person"].pattern),
        not_wide=words["not_wide"],
    )


def find_wide_names(text: str, lang: str, known: Iterable[Span]) -> list[Span]:
    """Return the names of a clean text in its order; `known` are those that stricter rules found.

    Places that follow each other are one (四川省资阳市雁江区).
    """
    patterns = _patterns(lang)
    found = list(_join(sorted(known)))
    first, *others = patterns.rules
    spans = chain(
        _matches(text, first),
        _ended(text, patterns),
        *(_matches(text, rule) for rule in others),
    )
    for span in spans:
        name = text[span[0] : span[1]]
        if name in patterns.not_wide or (span[2] == "PER" and patterns.not_person.match(name)):
            continue
        inside = [other for other in found if _overlap(other, span)]
        if all(_within(other, span) and other[2] == "LOC" for other in inside):
            found = [other for other in found if other not in inside] + [span]
    return list(_join(sorted(found)))


def _matches(text: str, rule: tuple[str, Scanner]) -> Iterator[Span]:
    label, pattern = rule
    return ((match.start(), match.end(), label) for match in pattern.finditer(text))


_LEAST, _MOST = 2, 5


def _ended(text: str, patterns: _Patterns) -> Iterator[Span]:
    """Yield places by their endings, from the last character that no name goes on over."""
    done = 0
    for match in patterns.end.finditer(text):
        start, least = match.start(), max(done, match.start() - _MOST)
        while start > least and _is_free(text[start - 1], patterns):
            start -= 1
        if match.start() - start >= _LEAST:
            abroad = (
                n for n in range(8, 1, -1) if text[max(0, start - n) : start] in patterns.world
            )
            start = max(done, start - next(abroad, 0))
            done = match.end()
            yield start, done, "LOC"


def _is_free(char: str, patterns: _Patterns) -> bool:
    return "\u4e00" <= char <= "\u9fff" and char not in patterns.breaks


def _overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _within(small: Span, large: Span) -> bool:
    """Whether a place is a part of a longer name, and not all of it."""
    return large[0] <= small[0] and small[1] <= large[1] and small[:2] != large[:2]


def _join(spans: Iterable[Span]) -> Iterator[Span]:
    last: Span | None = None
    for span in spans:
        if last and last[2] == span[2] == "LOC" and last[1] == span[0]:
            last = (last[0], span[1], "LOC")
            continue
        if last:
            yield last
        last = span
    if last:
        yield last
