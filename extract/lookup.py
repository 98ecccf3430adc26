"""Words of a table that begin or end at a place of a text: by hashing, not by alternatives."""

import re
from collections.abc import Iterable, Mapping, Sequence


class Lookup:
    """A set of words that can be asked which of them begins, or ends, at a position."""

    __slots__ = ("_by_first", "_by_last", "_words")

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._by_first = _lengths(self._words, 0)
        self._by_last = _lengths(self._words, -1)

    @property
    def firsts(self) -> str:
        """What the words begin with, for a character class."""
        return re.escape("".join(sorted(self._by_first)))

    @property
    def lasts(self) -> str:
        """What the words end with, for a character class."""
        return re.escape("".join(sorted(self._by_last)))

    def at(self, text: str, start: int) -> str | None:
        """Return the longest word that begins at `start`; None if there is none.

        >>> Lookup(["万", "万元"]).at("5万元", 1)
        '万元'
        """
        for length in self._by_first.get(text[start : start + 1], ()):
            word = text[start : start + length]
            if word in self._words:
                return word
        return None

    def word_at(self, text: str, start: int) -> str | None:
        """Return the longest word that begins at `start` and goes on with no letter or digit."""
        for length in self._by_first.get(text[start : start + 1], ()):
            word = text[start : start + length]
            if word in self._words:
                following = text[start + length : start + length + 1]
                if not (following.isalnum() and word[-1].isalnum()):
                    return word
        return None

    def before(self, text: str, end: int) -> str | None:
        """Return the longest word that ends right before `end`; None if there is none."""
        for length in self._by_last.get(text[end - 1 : end], ()):
            word = text[max(0, end - length) : end]
            if word in self._words:
                return word
        return None


def _lengths(words: Iterable[str], at: int) -> Mapping[str, Sequence[int]]:
    """Return how long the words are that have a character at a place, longest first."""
    found: dict[str, set[int]] = {}
    for word in words:
        found.setdefault(word[at], set()).add(len(word))
    return {char: sorted(lengths, reverse=True) for char, lengths in found.items()}
