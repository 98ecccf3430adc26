"""Days as they are printed in labels, addresses and metadata."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = "|".join(_MONTHS)
_DAY = re.compile(
    rf"""
    (?<!\d)(?P<y>(?:19|20)\d\d) \s* [-/.年\u2013] \s*  # 2023年8月7日, 2022.08.04
        (?P<m>1[0-2]|0?[1-9]) \s* [-/.月\u2013] \s* (?P<d>3[01]|[12]\d|0?[1-9]) (?!\d)
    | 民[國国]\s*(?P<roc>\d{{2,3}}) \s* [年.] \s*                           # 民國113年5月30日
        (?P<rm>1[0-2]|0?[1-9]) \s* [月.] \s* (?P<rd>3[01]|[12]\d|0?[1-9]) (?!\d)
    | (?<!\d)(?P<cy>(?:19|20)\d\d)(?P<cm>0[1-9]|1[0-2])                     # 20210707
        (?P<cd>0[1-9]|[12]\d|3[01]) (?!\d)
    | \b(?P<en1>{_NAMES})[a-z]*\.?\s+(?P<ed1>\d{{1,2}})(?:st|nd|rd|th)?       # November 19, 2020
        \s*,?\s+(?P<ey1>(?:19|20)\d\d)\b
    | \b(?P<ed2>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?P<en2>{_NAMES})[a-z]*\.?    # 19 November 2020
        [\s,-]+(?P<ey2>(?:19|20)\d\d)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: Groups of year, month and day for each way of writing.
_GROUPS = (
    ("y", "m", "d"),
    ("roc", "rm", "rd"),
    ("cy", "cm", "cd"),
    ("ey1", "en1", "ed1"),
    ("ey2", "en2", "ed2"),
)
#: Month first where a clock of twelve hours follows, day first where it cannot be a month;
#: a year of the Republic; a year of two digits.
_LABELLED = re.compile(
    r"""
    ^\s*(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])/(?P<y>(?:19|20)\d\d)(?=\s[\d:]+\s?[AP]M)
    | ^\s*(?P<dd>1[3-9]|2\d|3[01])/(?P<dm>1[0-2]|0?[1-9])/(?P<dy>(?:19|20)\d\d)
    | ^\s*(?P<roc>1[01]\d)(?P<sep>[-/.])(?P<rm>1[0-2]|0?[1-9])(?P=sep)  # 113-03-02
        (?P<rd>3[01]|[12]\d|0?[1-9])(?![\d.])
    | ^\s*(?P<sy>[012]\d)-(?P<sm>0[1-9]|1[0-2])-(?P<sd>0[1-9]|[12]\d|3[01])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LABELLED_GROUPS = (
    ("y", "m", "d"),
    ("dy", "dm", "dd"),
    ("roc", "rm", "rd"),
    ("sy", "sm", "sd"),
)
#: Days in the path of an address: /2020-06-15/, /2024/0510/, /202306/t20230607_1.html, /240423/
_IN_PATH = re.compile(
    r"""
    [/_t-] (?P<y>(?:19|20)\d\d) [/_-] (?P<m>1[0-2]|0?[1-9]) [/_-]
        (?P<d>3[01]|[12]\d|0?[1-9]) (?=[/_.-])
    | [/_t=-] (?P<cy>(?:19|20)\d\d) [/_-]? (?P<cm>0[1-9]|1[0-2]) [/_-]?
        (?P<cd>0[1-9]|[12]\d|3[01]) (?!\d)
    | / (?P<sy>[012]\d)(?P<sm>0[1-9]|1[0-2])(?P<sd>0[1-9]|[12]\d|3[01]) /
    """,
    re.VERBOSE,
)
_PATH_GROUPS = (("y", "m", "d"), ("cy", "cm", "cd"), ("sy", "sm", "sd"))
_ADDRESS = re.compile(r"https?://[^\s\"'<>，。）)\]]+")


def find_day(text: str) -> date | None:
    """Return the first whole day printed in `text`.

    >>> find_day("发布时间:2023年8月7日"), find_day("November 19, 2020")
    (datetime.date(2023, 8, 7), datetime.date(2020, 11, 19))
    """
    return next((day for day, _, _ in find_days(text)), None)


def find_labelled_day(value: str) -> date | None:
    """Return the day in the value of a date label, where shorter forms are days too.

    >>> find_labelled_day("7/5/2005 9:23:57 PM"), find_labelled_day("18-03-08 23:16")
    (datetime.date(2005, 7, 5), datetime.date(2018, 3, 8))
    """
    return find_day(value) or next(
        (day for m in _LABELLED.finditer(value) if (day := _day(m, _LABELLED_GROUPS))), None
    )


def find_days(text: str) -> list[tuple[date, int, int]]:
    """Return each whole day printed in `text` with its offsets."""
    if not any(map(str.isdigit, text)):
        return []
    return [(day, m.start(), m.end()) for m in _DAY.finditer(text) if (day := _day(m, _GROUPS))]


def find_day_in_address(url: str) -> date | None:
    """Return the day that the path of an address names.

    >>> find_day_in_address("http://example.cn/zt/202306/t20230607_123.html")
    datetime.date(2023, 6, 7)
    """
    path = "/" + re.sub(r"^\w+://", "", url).partition("/")[2]
    return next((day for m in _IN_PATH.finditer(path) if (day := _day(m, _PATH_GROUPS))), None)


def find_addresses(text: str) -> list[str]:
    """Return the web addresses printed in `text`."""
    return _ADDRESS.findall(text)


def _day(match: re.Match[str], groups: tuple[tuple[str, str, str], ...]) -> date | None:
    year, month, day = next((y, m, d) for y, m, d in groups if match[y])
    first = int(match[year]) + {"roc": 1911, "sy": 2000}.get(year, 0)
    name = match[month].lower()
    number = int(name) if name.isdigit() else _MONTHS.index(name[:3]) + 1
    try:
        return date(first, number, int(match[day]))
    except ValueError:  # 30 February
        return None
