"""Charts as SVG: rectangles by size, and bars over time; numbers stand in the table beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

#: Units of the drawings; a drawing is as wide as its place.
WIDTH, TREE_HEIGHT, BARS_HEIGHT = 960.0, 300.0, 180.0
#: Shades of a treemap, darkest first; styles are in bole.css.
SHADES = 5
_FOOT, _HEAD = 22.0, 14.0
#: Room that a label needs.
_LETTER, _LINE = 13.0, 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A rectangle of a treemap."""

    x: float
    y: float
    width: float
    height: float
    key: str
    label: str
    value: int
    shade: int

    @property
    def shown(self) -> str:
        """Return as much of the label as fits; nothing if it does not."""
        room = int((self.width - 8) / _LETTER)
        if self.height < _LINE + 4 or room < 2:
            return ""
        return self.label if len(self.label) <= room else self.label[: room - 1] + "…"

    @property
    def has_value(self) -> bool:
        """Whether there is room for the number below the label."""
        return bool(self.shown) and self.height >= 2 * _LINE + 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """An upright bar of a chart over time."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: Decimal
    is_labelled: bool


def draw_tree(items: Sequence[tuple[str, str, int]]) -> list[Tile]:
    """Return a squarified treemap of keys, labels and sizes, the largest first.

    >>> [(tile.key, tile.width * tile.height) for tile in draw_tree([("a", "A", 3), ("b", "B", 1)])]
    [('a', 216000.0), ('b', 72000.0)]
    """
    sized = sorted((i for i in items if i[2] > 0), key=lambda i: (-i[2], i[0]))
    total = sum(size for _, _, size in sized)
    tiles: list[Tile] = []
    x, y, width, height = 0.0, 0.0, WIDTH, TREE_HEIGHT
    scale = width * height / total if total else 0.0
    left = sized
    while left:
        side = min(width, height)
        count = _row_length([size * scale for _, _, size in left], side)
        row, left = left[:count], left[count:]
        depth = sum(size for _, _, size in row) * scale / side
        place = 0.0
        for key, label, size in row:
            length = size * scale / depth
            upright = width >= height  # the row stands at the left, else lies on top
            tiles.append(
                Tile(
                    x=round(x if upright else x + place, 2),
                    y=round(y + place if upright else y, 2),
                    width=round(depth if upright else length, 2),
                    height=round(length if upright else depth, 2),
                    key=key,
                    label=label,
                    value=size,
                    shade=_shade(size, sized[0][2]),
                )
            )
            place += length
        if width >= height:
            x, width = x + depth, width - depth
        else:
            y, height = y + depth, height - depth
    return tiles


def _row_length(areas: Sequence[float], side: float) -> int:
    """Return how many of the areas make the row along `side` whose worst tile is squarest."""
    best = _worst(areas[:1], side)
    for count in range(2, len(areas) + 1):
        worst = _worst(areas[:count], side)
        if worst > best:
            return count - 1
        best = worst
    return len(areas)


def _worst(areas: Sequence[float], side: float) -> float:
    depth = sum(areas) / side
    return max(max(depth * depth / area, area / (depth * depth)) for area in areas)


def _shade(size: int, largest: int) -> int:
    return min(SHADES - 1, int((1 - (size / largest) ** 0.5) * SHADES))


def draw_bars(points: Sequence[tuple[str, Decimal]]) -> list[Bar]:
    """Return bars of labels and values, in their order; as many labels as there is room for."""
    highest = max((value for _, value in points), default=Decimal(0))
    if highest <= 0:
        return []
    step = WIDTH / len(points)
    every = max(1, round(len(points) / 6))
    room = BARS_HEIGHT - _FOOT - _HEAD
    bars = []
    for place, (label, value) in enumerate(points):
        height = round(float(value / highest) * room, 1)
        bars.append(
            Bar(
                x=round(place * step + step * 0.12, 1),
                y=round(BARS_HEIGHT - _FOOT - height, 1),
                width=round(step * 0.76, 1),
                height=height,
                label=label,
                value=value,
                is_labelled=(len(points) - 1 - place) % every == 0,
            )
        )
    return bars


def fill_months(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Return months from the first to the last, those without a count with 0.

    >>> fill_months({"2023-11": 2, "2024-01": 1})
    [('2023-11', 2), ('2023-12', 0), ('2024-01', 1)]
    """
    months = sorted(counts)
    filled = [(month, counts[month]) for month in months[:1]]
    for before, month in pairwise(months):
        number = _number(before) + 1
        while number < _number(month):
            filled.append((f"{number // 12:04}-{number % 12 + 1:02}", 0))
            number += 1
        filled.append((month, counts[month]))
    return filled


def _number(month: str) -> int:
    year, _, place = month.partition("-")
    return int(year) * 12 + int(place) - 1
