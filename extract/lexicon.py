"""Words that the rules use, read from the tables in `extract/data/<lang>/`.

A table is a TOML file of sections; a section maps a canonical name to its surface forms, or a
surface form to a number:

    [before]
    up_to = ["最高", "不超过"]

    [scales]
    "万" = 10_000
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType

#: The folder of word tables for each language of an article.
FOLDERS: Mapping[str, str] = MappingProxyType({"zh-Hans": "zh", "zh-Hant": "zh", "en": "en"})


class LexiconError(ValueError):
    """A table in `extract/data` is not as `extract/lexicon.py` says."""


@dataclass(frozen=True)
class Words:
    """One section of a table: surface form -> canonical name (or number, as a string)."""

    names: Mapping[str, str]

    @cached_property
    def pattern(self) -> str:
        """A regular expression for any of the surface forms, longest first."""
        return any_of(self.names)

    @cached_property
    def firsts(self) -> str:
        """What the surface forms begin with, for a character class."""
        return re.escape("".join(sorted({word[0] for word in self.names})))

    @cached_property
    def seconds(self) -> str:
        """What the surface forms go on with, for a character class."""
        return re.escape("".join(sorted({word[1] for word in self.names if len(word) > 1})))

    def __contains__(self, word: str) -> bool:
        return word in self.names

    def __getitem__(self, word: str) -> str:
        return self.names[word]

    def get(self, word: str | None) -> str | None:
        """Return the canonical name of `word`; None if it is in no entry."""
        return self.names.get(word or "")


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of `words`, longest first; it matches nothing if there are none.

    Words that begin alike share their beginning, so that few alternatives are tried at a place:

    >>> any_of(["人才", "人民币", "人民", "元"])
    '人(?:民(?:币|)|才)|元'
    """
    return _branches(sorted(set(words), key=lambda w: (-len(w), w))) or r"(?!)"


def _branches(words: Iterable[str]) -> str:
    tails: dict[str, list[str]] = {}
    for word in words:
        tails.setdefault(word[0], []).append(word[1:])
    return "|".join(re.escape(first) + _tail(rest) for first, rest in tails.items())


def _tail(rest: list[str]) -> str:
    if len(rest) == 1:
        return re.escape(rest[0])
    ends_here = "|" if "" in rest else ""
    return f"(?:{_branches(word for word in rest if word)}{ends_here})"


@cache
def load_words(lang: str, table: str) -> Mapping[str, Words]:
    """Return the sections of `extract/data/<folder of lang>/<table>.toml`.

    Raises:
        LexiconError: No such table, or a surface form stands under two names of one section.
    """
    folder = FOLDERS.get(lang, lang)
    path = files("extract") / "data" / folder / f"{table}.toml"
    if not path.is_file():
        raise LexiconError(f"no table {table!r} for language {lang!r}: extract/data/{folder}/")
    sections = tomllib.loads(path.read_text("utf-8"))
    return MappingProxyType(
        {
            name: _by_surface(section, f"{folder}/{table}.toml [{name}]")
            for name, section in sections.items()
        }
    )


def _by_surface(section: Mapping[str, object], where: str) -> Words:
    names: dict[str, str] = {}
    for key, value in section.items():
        pairs = [(form, key) for form in value] if isinstance(value, list) else [(key, str(value))]
        for surface, name in pairs:
            if surface in names:
                raise LexiconError(
                    f"{where}: {surface!r} stands under {names[surface]!r} and {name!r}"
                )
            names[surface] = name
    return Words(MappingProxyType(names))
