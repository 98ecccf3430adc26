"""Names in Chinese texts of any kind: the world's places, transliterations, surnames, endings.

Policies are read with `extract.names` and `extract.places`, which ask for a title or a district;
this is what the rules can say of an encyclopedia or of world news. Each rule goes over all texts
before the next one does: so what it is made of stays near the processor.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from extract.lexicon import Words, any_of, load_words
from extract.scanning import Scanner

#: Half-open offsets and PER, LOC or ORG.
Span = tuple[int, int, str]
_HAN = "\u4e00-\u9fff"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a rule finds, and what every match of it holds."""

    label: str
    scanner: Scanner
    needs: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Patterns:
    rules: tuple[_Rule, ...]
    end: re.Pattern[str]
    breaks: frozenset[str]
    world: Words
    not_person: re.Pattern[str]
    not_wide: Words


@cache
def _patterns(lang: str) -> _Patterns:
    words, names = load_words(lang, "wide"), load_words(lang, "names")
    return _Patterns(
        rules=tuple(
            _Rule(label, Scanner(starts, re.compile(rule)), re.compile(needs))
            for label, starts, rule, needs in _rules(words, names)
        ),
        end=re.compile(words["place_end"].pattern),
        breaks=frozenset(words["break"].names),
        world=words["world"],
        not_person=re.compile(names["not_person"].pattern),
        not_wide=words["not_wide"],
    )


_DOTS = "·‧•"


def _rules(
    words: Mapping[str, Words], names: Mapping[str, Words]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield label, where a name can begin, pattern, and what a text must hold for the rule.

    Where it can begin is a character or two, and what must stand before them.
    """
    free = f"[^{_chars(words['break'])}\\W\\da-zA-Z_]"
    sound, given = f"[{_chars(words['sound'])}]", f"[{_chars(words['given'])}]"
    single = "".join(
        n for n in names["surname"].names if n not in names["wordlike"] and len(n) == 1
    )
    doubles = [name for name in names["surname"].names if len(name) == 2]
    double, double_starts = any_of(doubles), "".join(sorted({name[0] for name in doubles}))
    world, person, org = words["world"], words["person"], words["org"]
    not_sound = f"(?!{words['not_sound'].pattern})"
    reign = f"[{_chars(words['numeral'])}](?:{words['reign'].pattern})"
    yield (
        "PER",
        sound,
        rf"{sound}{{1,6}}(?:[{_DOTS}]{sound}{{1,7}})+(?:{reign})?",
        f"[{_DOTS}]",
    )
    yield "PER", f"{sound}(?={sound})", rf"{sound}{{2,6}}{reign}", words["reign"].pattern
    yield (
        "LOC",
        f"{sound}(?={sound})|{_pair(world)}",
        rf"(?:{world.pattern})?{sound}{{2,6}}(?:{words['sound_end'].pattern})",
        f"{sound}{sound}(?:{words['sound_end'].pattern})",
    )
    yield "LOC", _pair(world), rf"(?:{world.pattern})(?!{words['of_world'].pattern})", ""
    yield (
        "LOC",
        f"{sound}(?<=[{_chars(words['towards'])}].)",
        rf"{not_sound}{sound}{{3,7}}",
        rf"[{_chars(words['towards'])}]{sound}{{3}}",
    )
    yield "PER", _pair(person), person.pattern, ""
    yield "ORG", _pair(org), org.pattern, ""
    yield "PER", f"[{single}](?={given})", rf"[{single}]{given}{given}", ""
    yield "PER", f"[{double_starts}]", rf"(?:{double}){given}{{1,2}}", ""
    yield (
        "PER",
        rf"[{single}{double_starts}](?:(?<![{_HAN}A-Za-z\d].)|(?<=[{_chars(words['beside'])}].))",
        rf"(?:[{single}]|{double}){free}{{1,2}}?(?=[，。、（）{_chars(words['follows'])}])",
        "",
    )
    yield "PER", f"{sound}(?={sound}{sound})", rf"{not_sound}{sound}{{3,7}}", ""
    yield "PER", r"[A-Z](?=[a-z])", r"[A-Z][a-z]+(?:\s?[A-Z][a-z]+)+", ""


def _chars(words: Words) -> str:
    return "".join(words.names)


def _pair(words: Words) -> str:
    """Return a pattern for what may be the first two characters of one of `words`."""
    return f"[{words.firsts}](?=[{words.seconds}])"


def find_wide_names(
    texts: Sequence[str], lang: str, known: Sequence[Iterable[Span]]
) -> list[list[Span]]:
    """Return the names of each clean text in its order; `known` are those of stricter rules.

    Places that follow each other are one (四川省资阳市雁江区).
    """
    patterns = _patterns(lang)
    found = [list(_join(sorted(spans))) for spans in known]
    first, *others = patterns.rules
    _apply(first, texts, found, patterns)
    for index, text in enumerate(texts):
        found[index] = _with(found[index], _ended(text, patterns), "LOC", text, patterns)
    for rule in others:
        _apply(rule, texts, found, patterns)
    return [list(_join(sorted(spans))) for spans in found]


def _apply(rule: _Rule, texts: Sequence[str], found: list[list[Span]], patterns: _Patterns) -> None:
    """Put what a rule finds in each text to what is `found` there."""
    is_possible, spans_in, label = rule.needs.search, rule.scanner.spans, rule.label
    for index, text in enumerate(texts):
        if is_possible(text) and (spans := spans_in(text)):
            found[index] = _with(found[index], spans, label, text, patterns)


def _with(
    found: list[Span],
    spans: Iterable[tuple[int, int]],
    label: str,
    text: str,
    patterns: _Patterns,
) -> list[Span]:
    """Return `found` with those new names that overlap nothing but parts of themselves."""
    for start, end in spans:
        name = text[start:end]
        if name in patterns.not_wide or (label == "PER" and patterns.not_person.match(name)):
            continue
        span = (start, end, label)
        inside = [other for other in found if other[0] < end and start < other[1]]
        if all(_within(other, span) and other[2] == "LOC" for other in inside):
            found = [other for other in found if other not in inside] + [span]
    return found


_LEAST, _MOST = 2, 5


def _ended(text: str, patterns: _Patterns) -> Iterator[tuple[int, int]]:
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
            yield start, done


def _is_free(char: str, patterns: _Patterns) -> bool:
    return "\u4e00" <= char <= "\u9fff" and char not in patterns.breaks


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
