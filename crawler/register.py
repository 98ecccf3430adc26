"""The register that government sites print above a policy document.

索引号：11220000/2022-00426 | 发文机关：某省人民政府 | 成文日期：2022年01月27日 | 时效：有效
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.article import Register
from crawler.dates import find_day, find_days
from crawler.lines import plain
from crawler.markup import CELL

_DAYS = frozenset({"signed", "in_force", "expires"})
#: Rows of a register stand at most so many lines above the text; a longer value is no entry.
_MAX_LINES, _MAX_VALUE, _MAX_STATUS = 60, 80, 12
#: What stands before the last day of a period.
_UNTIL = re.compile(r"至|到|[-~\u2013\u2014\uff5e]\s*$")
#: One label alone may stand on any page.
_MIN_FIELDS = 2


@dataclass(frozen=True, slots=True)
class _Words:
    fields: Mapping[str, str]
    label: re.Pattern[str]


def read_register(above: Sequence[str]) -> Register | None:
    """Return the register in the lines above a document; None if there is none.

    >>> read_register(["文 号：湖府规〔2024〕3号", "实施日期：2024年3月1日"]).number
    '湖府规〔2024〕3号'
    """
    found: dict[str, str] = {}
    for field, value in _entries(above[-_MAX_LINES:]):
        found.setdefault(field, value)
    days = {**_period(found.get("validity", "")), **_days(found)}
    words = {field: value for field, value in found.items() if field not in _DAYS | {"other"}}
    if len(words.get("status", "")) > _MAX_STATUS:  # filled in by a script: the headline follows
        del words["status"]
    known = {field: value for field, value in {**words, **days}.items() if value}
    if len(known) < _MIN_FIELDS:
        return None
    return Register(**known)  # type: ignore[arg-type]  # days for days, words for words


def _days(found: Mapping[str, str]) -> dict[str, date]:
    days = ((field, find_day(found.get(field, ""))) for field in sorted(_DAYS))
    return {field: day for field, day in days if day}


def _period(validity: str) -> dict[str, date]:
    """Return the days that a period of validity names: 2024-04-01至2029-03-31, 至2029年3月31日."""
    found = find_days(validity)
    if len(found) == 1 and _UNTIL.search(validity[: found[0][1]]):
        return {"expires": found[0][0]}
    if len(found) == 2 and _UNTIL.search(validity[found[0][2] : found[1][1]]):
        return {"in_force": found[0][0], "expires": found[1][0]}
    return {}


def _entries(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (field, value); a label without a value takes the next cell's or line's."""
    cells = [plain(cell.strip()) for line in lines for cell in line.split(CELL)]
    for cell, following in zip(cells, [*cells[1:], plain("")], strict=False):
        marks = list(_words().label.finditer(cell.text))
        if not marks or marks[0].start() > 0:
            continue
        for mark, end in zip(marks, [*(m.start() for m in marks[1:]), len(cell.text)], strict=True):
            value = cell.printed(mark.end(), end)
            if not value and not _words().label.match(following.text):
                value = following.raw
            if value and len(value) <= _MAX_VALUE:
                yield _words().fields[re.sub(r"\s+", "", mark["label"] or mark["boxed"])], value


@cache
def _words() -> _Words:
    return _build(tomllib.loads((files("crawler") / "data" / "labels.toml").read_text("utf-8")))


def _build(tables: Mapping[str, Any]) -> _Words:
    fields = {word: field for field, words in tables["register"].items() for word in words}
    labels = (r"\s{0,8}".join(word) for word in sorted(fields, key=lambda w: (-len(w), w)))
    # a label opens a cell or stands behind a blank: 文号:某府〔2024〕3号 [成文日期] 2024年1月5日
    words = "|".join(labels)
    pattern = rf"""
        (?:^|(?<=\s)) (?: [\[【] \s* (?P<boxed>{words}) \s* [\]】] \s* :? \s*
                       | (?P<label>{words}) \s* (?: :\s* | $ ) )
    """
    return _Words(fields, re.compile(pattern, re.VERBOSE))
