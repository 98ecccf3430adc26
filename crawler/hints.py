"""What the names of elements and the scripts of known systems say of a page.

Chinese outlets mark their labels for the news search (`#source_baidu`), articles of WeChat name
account and day in a script, and HTML has `<time datetime>`.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from lxml.html import HtmlElement

from crawler.boilerplate import is_prose
from crawler.dates import find_day
from crawler.gate import Page
from crawler.labels import Labels, clean_author, clean_editor, clean_source, has_label, read_labels
from crawler.markup import lines_of
from crawler.metadata import tables

CHINA = timezone(timedelta(hours=8))
#: Longer texts are no name.
_MAX_NAME = 40
#: An instant of Greenwich: the day in China may be the next one.
_GREENWICH = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|\+00:?00)$"
)
_EPOCH = re.compile(r"1\d{9}")


def read_named(page: Page) -> Labels:
    """Return what elements say that are named for source, author, editor or day."""
    given = {field: _named(page, field) for field in ("source", "author", "editor", "date")}
    labelled = read_labels([text for text in given.values() if text])
    found = {field: text for field, text in given.items() if text and not has_label(text)}
    return labelled.or_else(
        Labels(
            published=find_day(found.get("date", "")) or _script_day(page) or _time_day(page.root),
            source=clean_source(found.get("source", "")),
            author=clean_author(found.get("author", "")),
            editor=clean_editor(found.get("editor", "")),
        )
    )


def read_account(page: Page) -> str | None:
    """Return the account that published the page, on platforms of many accounts."""
    return _named(page, "account")


def china_day(value: str, printed: date | None) -> date | None:
    """Return the day in `value`; of an instant of Greenwich the day in China if that is printed.

    >>> china_day("2024-03-01T22:12:00Z", date(2024, 3, 2))
    datetime.date(2024, 3, 2)
    """
    instant = _GREENWICH.match(value.strip())
    if instant is not None and printed is not None:
        try:
            moment = datetime.fromisoformat(f"{instant['day']}T{instant['time']}+00:00")
        except ValueError:  # 30 February
            return None
        if moment.astimezone(CHINA).date() == printed:
            return printed
    return find_day(value)


def _named(page: Page, field: str) -> str | None:
    """Return the text of the first short element that has a name for `field`."""
    # a name that the page does not hold at all needs no search of its tree
    for name in (name for name in tables()["named"][field] if name[1:] in page.html):
        kind, value = ("id", name[1:]) if name.startswith("#") else ("class", name[1:])
        for element in page.root.xpath(f"//*[contains(concat(' ', @{kind}, ' '), ' {value} ')]"):
            text = " ".join(lines_of(element))
            if text and len(text) <= _MAX_NAME:
                return text
    return None


def _script_day(page: Page) -> date | None:
    """Return the day that a script of a known system holds."""
    for mark, pattern in zip(tables()["scripts"]["mark"], tables()["scripts"]["day"], strict=True):
        for value in re.findall(pattern, page.html) if mark in page.html else ():
            if _EPOCH.fullmatch(value):
                return datetime.fromtimestamp(int(value), UTC).astimezone(CHINA).date()
            if day := find_day(value):
                return day
    return None


def _time_day(root: HtmlElement) -> date | None:
    """Return the day of the first `<time>` between headline and text."""
    below = False
    for element in root.iter("h1", "p", "time"):
        if element.tag == "h1":
            below = True
        elif below and element.tag == "time" and (day := find_day(element.get("datetime") or "")):
            return day
        elif below and element.tag == "p" and is_prose(" ".join(lines_of(element))):
            return None
    return None
