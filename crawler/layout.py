"""Lines that stand somewhere on a page -> its text, one paragraph a line."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crawler.markup import CELL

#: In heights of a line: how far two lines may be apart to be one row, a gap between cells of a
#: table, what a full line may leave, an indent, and the distance to a paragraph of its own.
_ROW, _GAP, _FULL, _INDENT, _APART = 0.5, 2.0, 0.8, 1.2, 2.6
#: What a line takes along when it is broken: a word, or a letter with the marks behind it.
_UNIT = re.compile(r"[\x21-\u2e7f]+|.[，。、；：！？）》」』”…]*")
#: From here on letters are Chinese: they are written without blanks between them.
_CHINESE = "\u2e80"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A piece of text and its box on a page, in any unit, downwards and to the right."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Return how high it is."""
        return self.bottom - self.top


def rows_of(lines: Iterable[Line]) -> list[Line]:
    """Return the rows that pieces stand in, from the top, each from the left; cells are marked."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: (one.top + one.bottom, one.left)):
        if rows and _is_beside(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_joined(sorted(row, key=lambda one: one.left)) for row in rows]


def paragraphs(rows: Sequence[Line]) -> list[str]:
    """Return the paragraphs of one page whose rows are given in reading order.

    A row goes on in the next one if that is not indented, and its first word found no room before.
    """
    if not rows:
        return []
    height = sorted(row.height for row in rows)[len(rows) // 2]
    widest = max(row.right - row.left for row in rows)
    wide = [row for row in rows if row.right - row.left > widest / 2]  # no seal, no page number
    left, right = min(row.left for row in wide), max(row.right for row in wide)
    texts = [rows[0].text.strip()]
    for before, row in pairwise(rows):
        goes_on = (
            before.right + _first_word(row) >= right - _FULL * height
            and row.left <= left + _INDENT * height
            and row.top - before.bottom <= _APART * height
            and before.top <= row.top
            and CELL not in before.text + row.text
        )
        if goes_on:
            texts[-1] += _between(texts[-1], row.text) + row.text.strip()
        else:
            texts.append(row.text.strip())
    return [text for text in texts if text]


def _first_word(row: Line) -> float:
    """Return how wide the first word of a row is."""
    word = _UNIT.match(row.text.strip())
    return (row.right - row.left) * len(word[0]) / len(row.text) if word else 0.0


def _is_beside(first: Line, line: Line) -> bool:
    apart = abs((first.top + first.bottom) - (line.top + line.bottom)) / 2
    return apart <= _ROW * min(first.height, line.height)


def _joined(row: Sequence[Line]) -> Line:
    return Line(
        text="".join(_with_gaps(row)),
        left=row[0].left,
        top=min(one.top for one in row),
        right=max(one.right for one in row),
        bottom=max(one.bottom for one in row),
    )


def _with_gaps(row: Sequence[Line]) -> Iterator[str]:
    yield row[0].text
    for before, line in pairwise(row):
        is_cell = line.left - before.right > _GAP * before.height
        yield CELL if is_cell else _between(before.text, line.text)
        yield line.text


def _between(before: str, after: str) -> str:
    """Return what stands between two pieces: a blank where words would run together.

    >>> _between("talent of", "the city"), _between("资助1", "00万元")
    (' ', '')
    """
    last, first = before.rstrip()[-1:], after.lstrip()[:1]
    if not last or not first or max(last, first) >= _CHINESE or last == "-":
        return ""
    is_latin = max(before) < _CHINESE and max(after) < _CHINESE
    return " " if is_latin or (last.isalpha() and first.isalpha()) else ""
