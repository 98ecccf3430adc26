"""Days named in a text, as far as it states them: 2023, 2023-05 or 2023-05-20."""

import re
from collections import Counter
from datetime import date, timedelta

from extract.facts import PartialDate

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0}
_HAN = r"[〇零一二三四五六七八九十百]{1,5}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = re.compile(
    rf"""
      (?:民国|民國)\s?(?P<republic>{_HAN}|\d{{2,3}})\s?年
      (?:(?P<rm>{_HAN}|\d{{1,2}})月(?:(?P<rd>{_HAN}|\d{{1,2}})日)?)?
    | 自(?P<ly>一百{_HAN})年(?P<lm>{_HAN})月(?P<ld>{_HAN})日
    | (?:(?P<year>(?:19|20)\d\d|今|去|前|同)年(?:度)?)?
      (?P<month>\d{{1,2}})月(?:份|(?P<day>\d{{1,2}})日)?
    | (?P<only>(?:19|20)\d\d|去|今)年(?!度|以来|来)
    | (?<![\d月])(?P<lone>\d{{1,2}})日(?!起)
    | (?P<iso>(?:19|20)\d\d)[-./](?P<im>\d{{1,2}})[-./](?P<id>\d{{1,2}})
    | \b(?P<em>{"|".join(_MONTHS)})[a-z]*\.?\s(?P<ed>\d{{1,2}})(?:,\s(?P<ey>(?:19|20)\d\d))?
    """,
    re.VERBOSE,
)
_BACK = {"今": 0, "去": 1, "前": 2, "同": 0}


def find_dates(part: str, text: str, published: date | None) -> list[PartialDate]:
    """Return the days in `part`, in its order; years it leaves out come from `published` or `text`.

    >>> find_dates("10月21日，三亚发布", "2019年的政策", None)
    ['2019-10-21']
    """
    found = (_value(match, text, published) for match in _DAY.finditer(part))
    return [day for day in found if day]


def _value(match: re.Match[str], text: str, published: date | None) -> PartialDate | None:
    if match["republic"] or match["ly"]:
        year = _number(match["republic"] or match["ly"]) + 1911
        return _written(year, match["rm"] or match["lm"], match["rd"] or match["ld"])
    if match["lone"]:
        is_past = published is not None and int(match["lone"]) <= published.day
        return f"{published:%Y-%m}-{int(match['lone']):02}" if published and is_past else None
    month = match["month"] or match["im"]
    if match["em"]:
        month = str(_MONTHS.index(match["em"]) + 1)
    word = match["year"] or match["iso"] or match["ey"] or match["only"]
    day = match["day"] or match["id"] or match["ed"]
    return _written(_year(word, month, text, published), month, day)


def _year(word: str | None, month: str | None, text: str, published: date | None) -> int | None:
    """Return the year that a word or its absence means."""
    if word and word.isdigit():
        return int(word)
    if published:
        back = _BACK.get(word or "今", 0)
        if not word and month and int(month) > published.month:
            back = 1
        return published.year - back
    years = Counter(re.findall(r"(?<!\d)((?:19|20)\d\d)(?=年)", text))
    best = years.most_common(1)
    return int(best[0][0]) if best and word not in {"去", "前"} else None


def _written(year: int | None, month: str | None, day: str | None) -> PartialDate | None:
    if year is None:
        return None
    if month is None:
        return f"{year:04}"
    if not 1 <= _number(month) <= 12:
        return None
    if day is None:
        return f"{year:04}-{_number(month):02}"
    return f"{year:04}-{_number(month):02}-{_number(day):02}" if 1 <= _number(day) <= 31 else None


def _number(word: str) -> int:
    if word.isdigit():
        return int(word)
    total, digit = 0, 0
    for char in word:
        if char == "百":
            total, digit = total + 100 * (digit or 1), 0
        elif char == "十":
            total, digit = total + 10 * (digit or 1), 0
        else:
            digit = _DIGITS[char]
    return total + digit


def plus_years(day: PartialDate, years: int) -> PartialDate:
    """Return the same day `years` later; 29 February becomes the 28th."""
    start = date.fromisoformat(day)
    try:
        return start.replace(year=start.year + years).isoformat()
    except ValueError:
        return start.replace(year=start.year + years, day=28).isoformat()


def day_before(day: PartialDate) -> PartialDate:
    """Return the day before.

    >>> day_before(plus_years("2023-06-01", 5))
    '2028-05-31'
    """
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


_PERIOD = re.compile(r"\"?[》\s]*[（(]?((?:19|20)\d\d)年?\s?[-—~至]+\s?((?:20)?\d\d)(?!\d)年?")


def plan_period(name: str, after: str = "") -> tuple[str | None, str | None]:
    """Return the years that a plan covers, in its name or right after it.

    >>> plan_period("人才发展规划（2021-2025年）")
    ('2021', '2025')
    """
    period = _PERIOD.search(name) or _PERIOD.match(after.removeprefix(" period"))
    if not period:
        return None, None
    first, last = period[1], period[1][:2] + period[2][-2:]
    return (first, last) if int(first) < int(last) <= int(first) + 20 else (None, None)
