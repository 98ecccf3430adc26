"""Lines of a text, and the plain form in which rules look at them."""

import re
from dataclasses import dataclass
from functools import lru_cache

#: A pinyin note that some converters leave behind a traditional character: 服務(wù), 個(ge) 人.
_NOTE = re.compile(r"(?<=[\u3400-\u9fff])\((?P<pinyin>[a-z\u00e0-\u01dcü]{1,7})\) ?")
_MARKS = re.compile(r"[\W_]+")
#: Full-width forms of ASCII, and blanks that are not a blank.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(c): " " for c in "\u3000\u00a0\t\r"
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: `text` without outer blanks, `start` of it in the whole."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset behind the last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Plain:
    """A line as rules read it: pinyin notes dropped, widths folded.

    `offsets[i]` is where character `i` of `text` stands in `raw`; one more entry for the end.
    """

    text: str
    offsets: tuple[int, ...]
    raw: str

    def printed(self, start: int, end: int) -> str:
        """Return the words as printed behind `text[start:end]`, outer blanks stripped."""
        return self.raw[self.offsets[start] : self.offsets[end]].strip()


def split_lines(text: str) -> list[Line]:
    """Return the lines of `text` that hold more than blanks."""
    lines, start = [], 0
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            lines.append(Line(stripped, start + raw.index(stripped)))
        start += len(raw) + 1
    return lines


def plain(raw: str) -> Plain:
    """Return `raw` as the rules read it.

    >>> plain("來源：中新網(wǎng)江蘇").text
    '來源:中新網江蘇'
    """
    chars: list[str] = []
    offsets: list[int] = []
    at = 0
    for note in _NOTE.finditer(raw):
        chars.append(raw[at : note.start()])
        offsets.extend(range(at, note.start()))
        at = note.end()
    chars.append(raw[at:])
    offsets.extend(range(at, len(raw) + 1))
    return Plain("".join(chars).translate(_FOLD), tuple(offsets), raw)


@lru_cache(maxsize=4096)  # many rules look at the same line
def fold(raw: str) -> str:
    """Return `plain(raw).text`, without the way back."""
    return _NOTE.sub("", raw).translate(_FOLD)


def bare(text: str) -> str:
    """Return only the letters and digits of `text`, folded: what makes two headlines the same."""
    return _MARKS.sub("", fold(text).casefold())
