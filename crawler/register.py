"""The register that government sites print above a policy document.

索引号：11220000/2022-00426 | 发文机关：某省人民政府 | 成文日期：2022年01月27日 | 时效：有效
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crawler.article import Register
from crawler.dates import find_day
from crawler.lines import plain
from crawler.markup import CELL

_DAYS = frozenset({"signed", "in_force", "expires"})
#: Rows of a register stand at most so many lines above the text; a longer value is no entry.
_MAX_LINES, _MAX_VALUE, _MAX_STATUS = 60, 80, 12
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
    days = {field: find_day(value) for field, value in found.items() if field in _DAYS}
    words = {field: value for field, value in found.items() if field not in _DAYS | {"other"}}
    if len(words.get("status", "")) > _MAX_STATUS:  # filled in by a script: the headline follows
        del words["status"]
    known = {field: value for field, value in {**words, **days}.items() if value}
    if len(known) < _MIN_FIELDS:
        return None
    return Register(**known)  # type: ignore[arg-type]  # days for days, words for words


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
                yield _words().fields[re.sub(r"\s+", "", mark["label"])], value


@cache
def _words() -> _Words:
    tables = tomllib.loads((files("crawler") / "data" / "labels.toml").read_text("utf-8"))
    fields = {word: field for field, words in tables["register"].items() for word in words}
    labels = (r"\s{0,8}".join(word) for word in sorted(fields, key=lambda w: (-len(w), w)))
    # a label opens a cell or stands behind a blank: 文号:某府〔2024〕3号 成文日期:2024年1月5日
    pattern = rf"(?:^|(?<=\s))[\[【]?(?P<label>{'|'.join(labels)})[\]】]?\s*(?::\s*|$)"
    return _Words(fields, re.compile(pattern))
