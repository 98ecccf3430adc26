"""Names of policies in English text: in quotation marks, or in capitals with a word of kind."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from extract.lexicon import Words, any_of, load_words
from extract.policy_patterns import PolicyName


@dataclass(frozen=True, slots=True)
class _Patterns:
    words: Mapping[str, Words]
    starts_document: re.Pattern[str]
    ends_kind: Mapping[str, re.Pattern[str]]
    after_quote: re.Pattern[str]
    capitals: re.Pattern[str]
    headed: re.Pattern[str]
    mixed: re.Pattern[str]


_QUOTE = re.compile(r'"([^"\n]{3,200})"')
_KINDS = ("fund", "strategy", "instrument", "programme")
_CAPITAL = r"(?:\d+th|[A-Z][\w&-]*(?:'(?!s\b)\w+)?)"


@cache
def _patterns(lang: str) -> _Patterns:
    words = load_words(lang, "policies")
    kinds = [w for kind in ("document_end", *_KINDS) for w in words[kind].names if w[0].isupper()]
    small = [
        w for w in words["programme"].names if w[0].islower() and w not in {"action", "engineering"}
    ]
    return _Patterns(
        words=words,
        starts_document=re.compile(rf"(?:{words['document'].pattern})\s+(?:on|of|for|to|in)\b"),
        ends_kind={
            kind: re.compile(rf"\b(?:{words[kind].pattern})(?:\s*\([^)]*\))?[.,]?$")
            for kind in ("document_end", *_KINDS)
        },
        after_quote=re.compile(
            rf"\s?(?:(?P<kind>{any_of(k for kind in _KINDS for k in words[kind].names)}))\b"
        ),
        capitals=re.compile(
            rf"\b(?P<name>{_CAPITAL}(?:[ -](?:{_CAPITAL}|of|and|for|on|the)){{0,8}}?"
            rf"[ -](?:{any_of(kinds)}))\b(?! of (?:the )?[a-z])"
        ),
        headed=re.compile(
            rf"\b(?P<name>(?:{words['document'].pattern})\s(?:on|for|of)\s(?:the\s)?{_CAPITAL}(?:\s(?:{_CAPITAL}|of|and|for|on|the|to|in|by))*)"
        ),
        mixed=re.compile(
            rf"\b(?P<name>(?:{_CAPITAL}\s(?:pilot\s|talent\s)?|(?<=the\s)(?:[a-z-]+\s){{1,4}})(?:{any_of(small)}))\b"
        ),
    )


def find_english_names(text: str, lang: str) -> list[PolicyName]:
    """Return the names of policies in an English reading, in its order."""
    patterns = _patterns(lang)
    found: list[PolicyName] = []
    for rule in _RULES:
        for name in rule(text, patterns):
            if all(name.end <= known.start or name.start >= known.end for known in found):
                found.append(name)
    return sorted(found, key=lambda n: n.start)


def _quoted(text: str, patterns: _Patterns) -> Iterator[PolicyName]:
    for match in _QUOTE.finditer(text):
        inner = match[1].rstrip(".,")
        start, end = match.start(1), match.start(1) + len(inner)
        kind = _kind_of(inner, patterns) or _kind_after(text, match.end(), patterns)
        if not kind or _is_event(inner, patterns):
            continue
        if kind != "strategy" or _is_topical(text, match, patterns):
            yield PolicyName(start=start, end=end, kind=kind)


def _kind_of(name: str, patterns: _Patterns) -> str | None:
    if patterns.starts_document.match(name) or patterns.ends_kind["document_end"].search(name):
        return "document"
    return next((kind for kind in _KINDS if patterns.ends_kind[kind].search(name)), None)


def _kind_after(text: str, position: int, patterns: _Patterns) -> str | None:
    match = patterns.after_quote.match(text, position)
    if not match:
        return None
    return next(kind for kind in _KINDS if match["kind"] in patterns.words[kind])


def _is_event(name: str, patterns: _Patterns) -> bool:
    return any(word in patterns.words["not_policy"] for word in name.split()[-2:])


def _headed(text: str, patterns: _Patterns) -> Iterator[PolicyName]:
    for match in patterns.headed.finditer(text):
        name = re.sub(r"(?:\s(?:of|and|for|on|the|to|in|by))+$", "", match["name"])
        yield PolicyName(start=match.start(), end=match.start() + len(name), kind="document")


def _capitals(text: str, patterns: _Patterns) -> Iterator[PolicyName]:
    for match in patterns.capitals.finditer(text):
        name = _opened(match["name"], patterns)
        start = match.end("name") - len(name)
        kind = _kind_of(name, patterns)
        if not kind or " " not in name.replace("-", " ") or _is_event(_own(name), patterns):
            continue
        if kind == "document" or _is_topical(text, match, patterns):
            yield PolicyName(start=start, end=start + len(name), kind=kind)


def _opened(name: str, patterns: _Patterns) -> str:
    """Return the name without the capitalised words that only begin its sentence."""
    words = name.split(" ")
    while len(words) > 1 and (words[0] in patterns.words["starter"] or words[0] == "the"):
        words = words[1:]
    return " ".join(words)


def _own(name: str) -> str:
    return name.rsplit(" ", 1)[0]


def _is_topical(text: str, match: re.Match[str], patterns: _Patterns) -> bool:
    """Whether the words around a name speak of talent."""
    around = text[max(0, match.start() - 200) : match.end() + 200].lower()
    return any(word in patterns.words["topic"] for word in re.findall(r"[a-z-]+", around))


def _mixed(text: str, patterns: _Patterns) -> Iterator[PolicyName]:
    """Yield the Xinbei plan, the Haidian pilot program, the young talent project."""
    for match in patterns.mixed.finditer(text):
        words = match["name"].split()
        lower = words[0][0].islower()
        if lower and (len(words) < 3 or not any(w in patterns.words["topic"] for w in words[:-1])):
            continue
        if not lower and (
            words[0] in patterns.words["starter"] or text[: match.start()].rstrip()[-1:] in ".\n"
        ):
            continue
        if _is_topical(text, match, patterns):
            yield PolicyName(start=match.start(), end=match.end(), kind="programme")


_RULES: tuple[Callable[[str, _Patterns], Iterator[PolicyName]], ...] = (
    _quoted, _headed, _capitals, _mixed,
)  # fmt: skip
