"""Patterns that are tried only where they can begin."""

import re
from collections.abc import Iterator
from operator import methodcaller

_start = methodcaller("start")


class Scanner:
    """A pattern each match of which begins where `starts` matches.

    `re` finds the next character of a small set many times as fast as it tries, at every character
    of a text, all that a large pattern can be.
    """

    __slots__ = ("_match", "_starts", "pattern")

    def __init__(self, starts: str, pattern: re.Pattern[str]) -> None:
        self._starts = re.compile(starts)
        self.pattern, self._match = pattern, pattern.match

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yield what `finditer` of the pattern yields.

        >>> numbered = Scanner("第", re.compile("第[一二三]+"))
        >>> [match.group() for match in numbered.finditer("第三方，第十，第一第二")]
        ['第三', '第一', '第二']
        """
        end = 0
        for at in map(_start, self._starts.finditer(text)):
            if at >= end and (match := self._match(text, at)):
                end = match.end()
                yield match

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where each match begins and ends, sooner than `finditer` tells it.

        >>> Scanner("第", re.compile("第[一二三]+")).spans("第三方，第十，第一第二")
        [(0, 2), (7, 9), (9, 11)]
        """
        found: list[tuple[int, int]] = []
        end, match_at = 0, self._match
        for start in self._starts.finditer(text):
            at = start.start()
            if at >= end and (match := match_at(text, at)):
                end = match.end()
                found.append((at, end))
        return found
