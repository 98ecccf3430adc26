"""Lists that a site's own pages get as JSON: rows of fields, or pieces of HTML."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from crawler.decode import decode
from crawler.fetches import Listing
from crawler.lists.asking import Ask, ListPage, filled, find_values, missing_values
from crawler.lists.rows import article_address, clean, day_in_address, day_of_value, html_rows
from crawler.sources import Preset

_CALL = re.compile(r"[\w$.]+\s*\(")
_TAG = re.compile(r"<[^<>]*>")


def read_json(preset: Preset, ask: Ask, url: str, body: bytes, column: str) -> ListPage:
    """Read an answer of an interface, or the column's page that tells how to ask it."""
    text = decode(body)
    if preset.discover and ask.page == 1 and ask.url == column:
        return _read_column_page(preset, ask, text, column)
    try:
        answer = json.loads(_without_call(text))
    except (ValueError, RecursionError) as error:
        return ListPage(trouble=f"no JSON: {str(error)[:80]}")
    items = list(values_at(answer, preset.rows or "[]"))
    if not items and ask.page == 1 and not _is_empty_list(answer, preset.rows or "[]"):
        return ListPage(trouble=f"nothing at rows = {preset.rows!r}")
    rows = tuple(row for item in items for row in _rows(preset, url, item))
    following = replace(ask, page=ask.page + 1, had=ask.had + len(items))
    turns = filled(preset, following, column)
    return ListPage(rows=rows, more=(turns,) if turns.name != ask.name else ())


def values_at(value: object, path: str) -> Iterator[object]:
    """Yield what stands at a path of keys in JSON; `[]` goes through a list.

    >>> list(values_at({"data": {"list": [{"x": 1}, {"x": 2}]}}, "data.list[].x"))
    [1, 2]
    """
    key, _, rest = path.partition(".")
    name, is_many = key.removesuffix("[]"), key.endswith("[]")
    if name:
        if not isinstance(value, Mapping) or name not in value:
            return
        value = value[name]
    found = value if is_many and isinstance(value, list) else [] if is_many else [value]
    for one in found:
        if rest:
            yield from values_at(one, rest)
        else:
            yield one


def _is_empty_list(answer: object, path: str) -> bool:
    """Whether the rows are there, but none: the end of a list, or a column without news."""
    place = path.rpartition("[]")[0]
    return next(values_at(answer, place) if place else iter([answer]), None) == []


def _read_column_page(preset: Preset, ask: Ask, text: str, column: str) -> ListPage:
    values = find_values(preset, text, ask.values)
    if values is None:
        if rows := tuple(html_rows(preset, column, text)):  # its first rows may stand there
            return ListPage(rows=rows)
        missing = missing_values(preset, text, ask.values)
        return ListPage(is_list=False, trouble=f"the column's page does not tell {missing}")
    return ListPage(is_list=False, more=(filled(preset, replace(ask, values=values), column),))


def _rows(preset: Preset, url: str, item: object) -> Iterator[Listing]:
    if isinstance(item, str):
        is_one = (preset.rows or "[]").endswith("[]")  # else it is the whole list
        yield from html_rows(preset, url, item, is_one_row=is_one)
        return
    fields = {name: next(values_at(item, path), None) for name, path in preset.fields.items()}
    link = fields.get("url")
    address = article_address(preset, url, link) if isinstance(link, str) else None
    if address:
        title = fields.get("title")
        yield Listing(
            url=address,
            title=clean(_TAG.sub("", title)) if isinstance(title, str) else None,
            day=day_of_value(preset, fields.get("date")) or day_in_address(preset, address),
        )


def _without_call(text: str) -> str:
    """Return the JSON in `callback({...})`."""
    plain = text.strip().removesuffix(";").rstrip()
    call = _CALL.match(plain)
    return plain[call.end() : -1] if call and plain.endswith(")") else plain
