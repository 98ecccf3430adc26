"""Organizations and people in English text: capitals with a word of kind, names beside titles."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from extract.lexicon import Words, load_words

Span = tuple[int, int, str | None]
_WORD = r"[A-Z][\w&-]*"
_PERSON = r"[A-Z][a-z]+(?:-[a-z]+)?(?:\s[A-Z][a-z]+(?:-[a-z]+)?){1,2}"


@dataclass(frozen=True, slots=True)
class _Patterns:
    org: re.Pattern[str]
    headed: re.Pattern[str]
    known: re.Pattern[str]
    people: tuple[re.Pattern[str], ...]
    not_person: tuple[Words, ...]
    writer: re.Pattern[str]


@cache
def _patterns(lang: str) -> _Patterns:
    words = load_words(lang, "names")
    return _Patterns(
        org=re.compile(
            rf"\b(?P<name>{_WORD}(?:\s(?:{_WORD}|of|and|for))*?\s(?:{words['strong'].pattern}))\b(?P<of>(?:\sof\s(?:the\s)?{_WORD}(?:\s{_WORD})*)?)"
        ),
        headed=re.compile(
            rf"\b(?P<name>(?:{_WORD}\s)*?(?:{words['head'].pattern})\s(?:of|for)\s(?:the\s)?{_WORD}(?:'s|\s(?:{_WORD}|of(?:\sthe)?(?=\s[A-Z])|and(?=\s[A-Z])))*(?:\s\([A-Z]+\))?)"
        ),
        known=re.compile(rf"(?:{words['known'].pattern})"),
        people=(
            re.compile(rf"\b(?:{words['title_before'].pattern})\s(?P<name>{_PERSON})"),
            re.compile(rf"(?P<name>{_PERSON})\s(?:{words['after_name'].pattern})\b"),
            re.compile(rf"\bsaid\s(?P<name>{_PERSON}),"),
            re.compile(
                rf"(?:^|[.\"]\s+)(?P<name>{_PERSON}),\s(?:{words['role'].pattern})\s", re.MULTILINE
            ),
        ),
        not_person=(words["not_person"], words["strong"], words["head"]),
        writer=re.compile(rf"(?:{words['writer'].pattern})[^.\n]{{0,12}}$"),
    )


def find_english_orgs(
    texts: Sequence[str], anchors: Sequence[Sequence[int]], lang: str
) -> list[list[Span]]:
    """Return the spans of organizations in each English reading."""
    del anchors
    return [list(_orgs(text, _patterns(lang))) for text in texts]


def _orgs(text: str, patterns: _Patterns) -> Iterator[Span]:
    taken: list[tuple[int, int]] = []
    for pattern in (patterns.known, patterns.headed, patterns.org):
        for match in pattern.finditer(text):
            start, end = match.span("name" if "name" in pattern.groupindex else 0)
            start += len(text[start:end]) - len(
                re.sub(r"^(?:The|A|In|And|At|By)\s", "", text[start:end])
            )
            if all(end <= a or start >= b for a, b in taken):
                taken.append((start, end))
                yield start, end, None


def find_english_people(texts: Sequence[str], lang: str) -> list[list[Span]]:
    """Return the spans of people in each English reading."""
    return [list(_people(text, _patterns(lang))) for text in texts]


def _people(text: str, patterns: _Patterns) -> Iterator[Span]:
    for pattern in patterns.people:
        for match in pattern.finditer(text):
            words = match["name"].split()
            if any(word in known for word in words for known in patterns.not_person):
                continue
            if not patterns.writer.search(text[max(0, match.start() - 20) : match.start("name")]):
                yield match.start("name"), match.end("name"), None


def is_english_person(text: str, lang: str) -> bool:
    """Whether a name has two or three capitalised words, none of which belongs to a body."""
    known = _patterns(lang).not_person
    return bool(re.fullmatch(_PERSON, text)) and not any(
        word in words for word in text.split() for words in known
    )
