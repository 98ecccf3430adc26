"""Words of a table that begin or end at a place of a text: by hashing, not by alternatives."""

from collections.abc import Iterable


class Lookup:
    """A set of words that can be asked which of them begins, or ends, at a position."""

    __slots__ = ("_firsts", "_lasts", "_lengths", "_words")

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._lengths = sorted({len(word) for word in self._words}, reverse=True)
        self._firsts = frozenset(word[0] for word in self._words)
        self._lasts = frozenset(word[-1] for word in self._words)

    def at(self, text: str, start: int) -> str | None:
        """Return the longest word that begins at `start`; None if there is none.

        >>> Lookup(["万", "万元"]).at("5万元", 1)
        '万元'
        """
        if text[start : start + 1] not in self._firsts:
            return None
        for length in self._lengths:
            word = text[start : start + length]
            if word in self._words:
                return word
        return None

    def word_at(self, text: str, start: int) -> str | None:
        """Return the longest word that begins at `start` and goes on with no letter or digit."""
        if text[start : start + 1] not in self._firsts:
            return None
        for length in self._lengths:
            word = text[start : start + length]
            if word in self._words:
                following = text[start + length : start + length + 1]
                if not (following.isalnum() and word[-1].isalnum()):
                    return word
        return None

    def before(self, text: str, end: int) -> str | None:
        """Return the longest word that ends right before `end`; None if there is none."""
        if text[max(0, end - 1) : end] not in self._lasts:
            return None
        for length in self._lengths:
            word = text[max(0, end - length) : end]
            if word in self._words:
                return word
        return None
