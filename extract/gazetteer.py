"""Districts and zones of China: the tables, and what a code is called.

Codes are GB/T 2260. `districts.csv` holds today's districts and, with a `successor`, the names and
codes that went since 1981; `zones.csv` holds development zones and new areas.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district, as it is or was.

    Attributes:
        code: Six digits.
        name: Official name (沛县).
        parent: Code of the district above; empty for provinces.
        level: province, city or county.
        short: Name without its type and peoples (徐州, 延边); of one character: the whole name.
        is_word: Whether `short` is also an ordinary word (合作).
        pinyin: Of `short`, without marks and blanks.
        english: English name with its type (Pei County).
        valid_from: Year since which it is so; None if since before 1981.
        valid_to: Year in which it ended; None if it has not.
        successor: Code of the district that took its place; None if it has not ended.
    """

    code: str
    name: str
    parent: str
    level: str
    short: str
    is_word: bool
    pinyin: str
    english: str
    valid_from: int | None = None
    valid_to: int | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A development zone or new area.

    Attributes:
        name: As it is usually written (苏州高新区).
        code: Its own statistical code; None if it has none.
        city: Code of the city (or province) that runs it.
        hosts: Codes of the districts on whose land it lies.
        same_as: Code of the district with which it is one administration; None if there is none.
        aliases: Other Chinese names.
        english: English names.
    """

    name: str
    city: str
    code: str | None = None
    hosts: tuple[str, ...] = ()
    same_as: str | None = None
    aliases: tuple[str, ...] = ()
    english: tuple[str, ...] = ()

    @property
    def district(self) -> str:
        """Return the code that its facts are counted under."""
        return self.same_as or self.city


@cache
def all_districts() -> tuple[District, ...]:
    """Return the districts of today, parents first, then those that went."""
    return tuple(_read_districts())


@cache
def all_zones() -> tuple[Zone, ...]:
    """Return the zones that the table knows."""
    return tuple(
        Zone(
            name=row["name"],
            city=row["city"],
            code=row["code"] or None,
            hosts=tuple(row["hosts"].split()),
            same_as=row["same_as"] or None,
            aliases=tuple(row["aliases"].split()),
            english=tuple(name for name in row["english"].split(";") if name),
        )
        for row in _read_table("zones.csv")
    )


@cache
def part_zones() -> frozenset[str]:
    """Return the names of zones that are counted under a district but are only a part of it."""
    return frozenset(zone.name for zone in all_zones() if not zone.same_as)


@cache
def districts_by_code() -> Mapping[str, District]:
    """Return today's districts by their codes."""
    return MappingProxyType({d.code: d for d in all_districts() if not d.successor})


@cache
def _successors() -> Mapping[str, str]:
    return {d.code: d.successor for d in all_districts() if d.successor}


def current_code(code: str) -> str | None:
    """Return the code of today for one that was ever given out; None for any other.

    >>> current_code("320602")  # 崇川区 until 2020
    '320613'
    """
    return code if code in districts_by_code() else _successors().get(code)


def parent(code: str) -> str | None:
    """Return the code of the district above; None for provinces and unknown codes."""
    district = districts_by_code().get(code)
    return district.parent or None if district else None


@cache
def ancestors(code: str) -> tuple[str, ...]:
    """Return `code` and the codes above it, lowest first.

    >>> ancestors("320322")
    ('320322', '320300', '320000')
    """
    above = parent(code)
    return (code, *ancestors(above)) if above else (code,)


def is_within(code: str, area: str) -> bool:
    """Whether the district `code` is `area` or lies in it."""
    return area in ancestors(code)


def district_name(code: str) -> str:
    """Return the Chinese name with the city or province above it.

    >>> district_name("320322"), district_name("320300"), district_name("310115")
    ('徐州市沛县', '徐州市', '上海市浦东新区')

    Raises:
        KeyError: No district of today has this code.
    """
    district = districts_by_code()[code]
    if district.level != "county":
        return district.name
    return districts_by_code()[district.parent].name + district.name


def english_name(code: str) -> str:
    """Return the English name with the city or province above it.

    >>> english_name("320506")
    'Wuzhong District, Suzhou City'

    Raises:
        KeyError: No district of today has this code.
    """
    district = districts_by_code()[code]
    if district.level != "county":
        return district.english
    return f"{district.english}, {districts_by_code()[district.parent].english}"


def _read_districts() -> Iterator[District]:
    for row in _read_table("districts.csv"):
        yield District(
            code=row["code"],
            name=row["name"],
            parent=row["parent"],
            level=row["level"],
            short=row["short"],
            is_word=bool(row["word"]),
            pinyin=row["pinyin"],
            english=row["english"],
            valid_from=int(row["valid_from"]) if row["valid_from"] else None,
            valid_to=int(row["valid_to"]) if row["valid_to"] else None,
            successor=row["successor"] or None,
        )


def _read_table(name: str) -> Iterator[dict[str, str]]:
    text = (files("extract") / "data" / name).read_text("utf-8")
    rows = csv.reader(text.splitlines())
    header = next(rows)
    return (dict(zip(header, row, strict=True)) for row in rows)
