"""Lists that are web pages: page after page of links, and the systems of Hanweb."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from crawler.decode import decode
from crawler.fetches import Listing
from crawler.lists.asking import (
    Ask,
    ListPage,
    filled,
    find_values,
    missing_values,
    page_of_files,
)
from crawler.lists.rows import article_address, clean, day_of, html_rows
from crawler.sources import Preset


def read_html(preset: Preset, ask: Ask, url: str, body: bytes, column: str) -> ListPage:
    """Read a page of links; the next one stands beside it under a number."""
    rows = tuple(html_rows(preset, url, decode(body)))
    if preset.pages is None:
        return ListPage(rows=rows)
    following = replace(ask, page=ask.page + 1, had=ask.had + len(rows))
    return ListPage(rows=rows, more=(page_of_files(preset, following, column),))


def read_records(preset: Preset, ask: Ask, url: str, body: bytes, column: str) -> ListPage:
    """Read the records of a JCMS column; its proxy gives more of them by number."""
    text = decode(body)
    records = _records(preset, text)
    rows = tuple(
        row for record in records for row in html_rows(preset, url, record, is_one_row=True)
    )
    # the column's page tells the values that its proxy wants; the proxy's answers do not
    values = find_values(preset, text, ask.values) if ask.page == 1 else ask.values
    if values is None:
        rows = rows or tuple(html_rows(preset, url, text))
        missing = missing_values(preset, text, ask.values)
        return ListPage(rows=rows, trouble=None if rows else f"no record, and no {missing}")
    following = replace(ask, page=ask.page + 1, had=ask.had + len(records), values=values)
    is_list = bool(records) or ask.page > 1
    return ListPage(rows=rows, more=(filled(preset, following, column),), is_list=is_list)


def read_arrays(preset: Preset, _ask: Ask, url: str, body: bytes, _column: str) -> ListPage:
    """Read the rows of an old JCMS column, which stand in a script; there are no more pages."""
    return ListPage(rows=tuple(_array_rows(preset, url, decode(body))))


def _records(preset: Preset, text: str) -> list[str]:
    """Return the HTML of each record; some sites escape the whole store once more."""
    pattern = re.compile(preset.record or r"(?!)", re.DOTALL)
    found = [match[1] for match in pattern.finditer(text)]
    return found or [match[1] for match in pattern.finditer(unescape(text))]


def _array_rows(preset: Preset, url: str, text: str) -> Iterator[Listing]:
    for match in re.finditer(preset.record or r"(?!)", text):
        groups = match.groupdict()
        address = article_address(preset, url, _unescape_script(groups.get("url") or ""))
        if address:
            title = unescape(_unescape_script(groups.get("title") or ""))
            yield Listing(url=address, title=clean(title), day=day_of(groups))


def _unescape_script(text: str) -> str:
    r"""Return what a string of a script means.

    >>> _unescape_script(r"\u4eba\u624d \"A\"")
    '人才 "A"'
    """
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"\\(.)", r"\1", text)
