"""The lists of columns: what a list says about its articles, and how to ask for more of it. Pure.

One module a family of kinds: columns (web pages), interfaces (JSON), feeds (made for programs).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from crawler.fetches import Listing
from crawler.lists.asking import Ask, ListPage, first_ask, other_numbering
from crawler.lists.columns import read_arrays, read_html, read_records
from crawler.lists.feeds import read_addresses, read_feed, read_sitemap
from crawler.lists.interfaces import read_json
from crawler.sources import Kind, Preset, Source

__all__ = ["Ask", "ListPage", "first_ask", "other_numbering", "read_list"]

_Reader = Callable[[Preset, Ask, str, bytes, str], ListPage]

_READERS: Mapping[Kind, _Reader] = {
    "html_list": read_html,
    "xml_records": read_records,
    "js_arrays": read_arrays,
    "json_list": read_json,
    "rss": read_feed,
    "sitemap": read_sitemap,
    "url_list": read_addresses,
}


def read_list(source: Source, ask: Ask, url: str, body: bytes) -> ListPage:
    """Return what a page of a source's list says.

    Args:
        source: The source.
        ask: What was asked for.
        url: Address that answered, after redirects.
        body: The answer.
    """
    page = _READERS[source.preset.kind](source.preset, ask, url, body, source.url)
    rows: dict[str, Listing] = {}
    for row in page.rows:
        known = rows.setdefault(row.url, row)
        if known.title is None:  # a picture links there before the words do
            rows[row.url] = replace(row, day=row.day or known.day)
    return replace(page, rows=tuple(rows.values()))
