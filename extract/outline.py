"""The titles that a place of a text stands under: headings, heads of lists, heads of columns."""

import re
from dataclasses import dataclass

#: Titles are looked for this many lines up, this many levels high.
_REACH = 60
_LEVELS = 4
#: A line is read no farther: what is longer is no list and no table.
_LONGEST = 1_000
_BAR = "|"
_SHORT, _ITEM, _PLAIN = 50, 60, 95
_RANKS = {"chapter": 10, "section": 20, "number": 30, "point": 40}

#: What the line of a list or a heading begins with, the highest level first.
_LEADER = re.compile(
    r"""
    [>\s]*(?:\*\*)?\s*
    (?:(?P<hash>\#{1,6})
      |(?P<chapter>[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]{1,3}[章节条部])
      |(?P<section>（[一二三四五六七八九十]{1,3}）)
      |(?P<number>\d{1,2}[.、](?!\d)|[一二三四五六七八九十]是)
      |(?P<point>（\d{1,2}）|\(\d{1,2}\)|\d{1,2}）|[①-⑳])
      |(?P<bullet>[-•·]|\*(?!\*)))
    \s*(?:\*\*)?(?:\d{1,2}(?:\.\d{1,2}){1,3}\s*(?!\d|万|元))?
    """,
    re.VERBOSE,
)
#: What a line begins with before it goes on: 1. 博士：安家费30万元.
_LEAD = re.compile(r"(?P<lead>[^。：；，:;,.|]{2,24}?)\s*(?:[。：:]|\.(?=\s))")
_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: where it starts and how high it stands; its title is empty if it is none."""

    start: int
    rank: int
    title: str
    lead: str


class Outline:
    """The titles above the places of one clean text, read when somebody asks."""

    __slots__ = ("_above", "_lines", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[int, _Line] = {}
        self._above: dict[int, tuple[str, ...]] = {}

    def titles(self, position: int) -> tuple[str, ...]:
        """Return the titles that a position stands under, the nearest first."""
        start = self._start(position)
        if position - start > _LONGEST:
            return ()
        line = self._line(start)
        if line.start not in self._above:
            self._above[line.start] = self._find(line)
        column = self._column(line.start, position)
        is_led = bool(line.lead) and line.start + len(line.lead) < position
        own = (column, line.lead if is_led else "")
        return (*(title for title in own if title), *self._above[line.start])

    def is_item(self, position: int) -> bool:
        """Tell whether the line of a position is one of a list or a table."""
        start = self._start(position)
        if position - start > _LONGEST:
            return False
        rank = self._line(start).rank
        return _SHORT < rank < _PLAIN or rank in _RANKS.values()

    def label(self, position: int) -> str:
        """Return what stands before a position in its line, or begins the row of its table."""
        return self.row(position) or self._text[self._start(position) : position]

    def row(self, position: int) -> str:
        """Return what the table row of a position begins with; nothing outside of tables."""
        cells = _cells(self._text[self._start(position) : position])
        return cells[0] if len(cells) > 1 else ""

    def _start(self, position: int) -> int:
        """Return where the line of a position begins, or a place too far from it."""
        found = self._text.rfind("\n", max(0, position - _LONGEST), position)
        return found + 1 if found >= 0 or position <= _LONGEST else position - _LONGEST - 1

    def _line(self, start: int) -> _Line:
        line = self._lines.get(start)
        if line is None:
            end = self._text.find("\n", start, start + 2 * _LONGEST)
            line = _read_line(start, self._text[start : end if end >= 0 else start + 2 * _LONGEST])
            self._lines[start] = line
        return line

    def _find(self, line: _Line) -> tuple[str, ...]:
        found: list[str] = []
        rank, start = line.rank, line.start
        for _ in range(_REACH):
            if not start or rank <= 1 or len(found) == _LEVELS:
                break
            above = self._line(self._start(start - 1))
            start = above.start
            # Paid at once: 1. Doctors 2. Masters
            heads_list = above.rank == _SHORT and line.rank in _RANKS.values() and not found
            if above.title and (above.rank < rank or heads_list):
                found.append(above.title)
                rank = min(rank, above.rank)
        return tuple(found)

    def _column(self, start: int, position: int) -> str:
        """Return the head of the column that a position of a table stands in."""
        at = len(_cells(self._text[start:position])) - 1
        if at < 1:
            return ""
        first = start
        for _ in range(_REACH):
            above = self._start(first - 1) if first else first
            if above == first or _BAR not in self._text[above : first - 1]:
                break
            first = above
        end = self._text.find("\n", first, start)
        heads = _cells(self._text[first:end])
        return heads[at] if first != start and at < len(heads) else ""


def _cells(words: str) -> list[str]:
    """Return the cells of a line up to its end; none if it has no bars."""
    if _BAR not in words:
        return []
    cells = [cell.strip(" *") for cell in words.split(_BAR)]
    return cells[1:] if words.lstrip().startswith(_BAR) else cells


def _read_line(start: int, words: str) -> _Line:
    leader = _LEADER.match(words)
    plain = (words[leader.end() :] if leader else words).replace("*", "").strip()
    if _BAR in words:
        return _Line(start, _PLAIN - 1, "", "")
    rank = _rank(leader, words, plain)
    lead = _LEAD.match(plain) if leader else None
    first = lead["lead"] if lead else ""
    longest = 40 if _CJK.search(plain) else 80
    is_title = rank < _PLAIN and len(plain) <= longest and not plain.endswith(("。", "；", "."))
    if rank >= _ITEM and not plain.endswith(("：", ":")):
        is_title = False
    title = plain.rstrip("：: ") if is_title else (first if rank < _ITEM else "")
    return _Line(start, rank, title, first)


def _rank(leader: re.Match[str] | None, words: str, plain: str) -> int:
    """Return how high a line stands: the lower, the higher."""
    if leader is None:
        is_head = plain.endswith(("：", ":")) or words.strip().startswith("**")
        is_short = len(plain) <= 20 and not re.search(r"[，。；,.;\d]", plain)
        return _SHORT if plain and (is_head or is_short) else _PLAIN
    if leader["hash"]:
        return len(leader["hash"])
    if leader["bullet"]:
        return _ITEM + min(20, len(words) - len(words.lstrip()))
    return _RANKS[str(leader.lastgroup)]
