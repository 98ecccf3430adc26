"""Families of content systems: how the lists of a column are built."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from crawler.errors import CrawlError
from crawler.tables import Table, build

#: How the list of a column is published; each has its reader in crawler/lists.
Kind = Literal["html_list", "xml_records", "js_arrays", "json_list", "rss", "sitemap", "url_list"]

PRESETS = Path(__file__).with_name("data") / "presets.toml"
#: A name in braces, for which a value is put.
PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: Names that the walk itself gives values to: number of the page, rows had before it, first and
#: last row wanted, rows a page.
COUNTERS = frozenset({"n", "offset", "start", "end", "per"})
#: Keys with dots, `[]` behind those that hold a list.
_JSON_PATH = re.compile(r"(?:\[\]|[^.\[\]]+(?:\[\])?)(?:\.[^.\[\]]+(?:\[\])?)*")
_PATHS = "is no path; write keys with dots between them and [] behind a list, as data.list[]"
_SCHEMES = "is no web address; begin it with http:// or https://, or with the path"


class SourceError(CrawlError):
    """A watchlist that cannot be used: names file, line, key, value and cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """How the lists of one content system are built; a source may override each key but `kind`.

    Attributes:
        name: Its name in presets.toml.
        kind: html_list, xml_records, js_arrays, json_list, rss, sitemap, url_list.
        item_url: Regular expression that the address of an article matches; groups y, m, d give
            its day. None takes every link of `list_item`.
        item_date: Regular expression for the day in a row; groups y, m, d.
        list_item: CSS selector of a row; None takes every link of the page.
        link: CSS selector of the link in a row.
        row_date: CSS selector of the day in a row; None looks in all of the row's text.
        link_param: Parameter of a link that holds the article's own address.
        pages: Address of later pages, relative to the first, with `{n}`; None if there are none.
        page_base: Number of the second page; stock TRS says 1, some sites 2: the other is tried.
        endpoint: Address of the interface that gives the list; None is the source's own.
        params: What is asked in the address of the interface.
        form: What is sent to it as a form; none means GET.
        json_body: What is sent to it as JSON.
        per_page: Rows that it gives in one answer.
        referer: Address of the page that it wants to be asked from.
        values: What stands for the names in braces of endpoint, params, form and json_body.
        discover: Regular expression for the place in the column's page where those values stand.
        record: Regular expression of a row in a script or store; groups url, title, y, m, d, or
            the row's HTML.
        rows: Where the rows stand in JSON: keys with dots, `[]` for a list.
        fields: Where title, url and date stand in a row of JSON.
    """

    name: str
    kind: Kind
    item_url: str | None = None
    item_date: str = r"(?P<y>(?:19|20)\d{2})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})"
    list_item: str | None = None
    link: str = "a[href]"
    row_date: str | None = None
    link_param: str | None = None
    pages: str | None = None
    page_base: int = 1
    endpoint: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    json_body: str | None = None
    per_page: int = 15
    referer: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    discover: str | None = None
    record: str | None = None
    rows: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def wanted_values(self) -> set[str]:
        """Return the names in braces that the walk gives no value to."""
        texts = (
            self.endpoint or "",
            self.json_body or "",
            *self.params.values(),
            *self.form.values(),
        )
        return {name for text in texts for name in PLACEHOLDER.findall(text)} - COUNTERS


@cache
def load_presets(path: Path = PRESETS) -> dict[str, Preset]:
    """Return the families of content systems by name."""
    from crawler.tables import read_tables

    presets = {}
    for table in read_tables(path):
        family, _, name = table.header.partition(".")
        if family == "preset":
            presets[name] = build(Preset, table, name=name)
            check_preset(presets[name], table)
    return presets


def check_preset(preset: Preset, table: Table) -> None:
    """Raise SourceError if a preset cannot work; `table` is where it was written."""
    for key in ("item_url", "item_date", "discover", "record"):
        _check_expression(key, getattr(preset, key), table)
    if not {"y", "m", "d"} <= re.compile(preset.item_date).groupindex.keys():
        raise SourceError(
            f"{table.at('item_date')}: item_date = {preset.item_date!r} must have groups y, m and d"
            ", as (?P<y>...)"
        )
    check_names("pages", preset.pages or "", ("n",), table)
    for key in ("list_item", "link", "row_date"):
        _check_selector(key, getattr(preset, key), table)
    for key, value, is_right, cure in _checks(preset):
        if not is_right:
            raise SourceError(f"{table.at(key)}: {key} = {value!r} {cure}")


def check_column(preset: Preset, table: Table) -> None:
    """Raise SourceError if a preset does not say enough to read a column with."""
    is_open = preset.kind == "html_list" and preset.list_item is None and preset.item_url is None
    if is_open:
        raise SourceError(
            f"{table.at('preset')}: preset {preset.name!r} does not say which links are articles; "
            "add list_item (CSS selector of a row) or item_url (regular expression)"
        )
    if preset.kind == "json_list" and preset.rows is None:
        raise SourceError(
            f"{table.at('preset')}: preset {preset.name!r} does not say where the rows stand; "
            'add rows, as rows = "data.list[]", and fields = { title = "...", url = "..." }'
        )
    missing = preset.wanted_values() - preset.values.keys()
    if missing and not preset.discover and preset.kind == "json_list":
        name = min(missing)
        raise SourceError(
            f"{_place_of(name, table)}: preset {preset.name!r} wants a value for {{{name}}}; "
            f'add values = {{ {name} = "..." }}, or write one of {_in_braces(COUNTERS)}'
        )


def check_names(key: str, address: str, known: Collection[str], table: Table) -> None:
    """Raise SourceError if an address holds a name in braces that nothing stands for."""
    for name in PLACEHOLDER.findall(address):
        if name not in known:
            cure = f"write one of {_in_braces(known)}" if known else "write the address in full"
            raise SourceError(
                f"{table.at(key)}: {key} = {address!r}: nothing stands for {{{name}}}; {cure}"
            )


def _in_braces(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _place_of(name: str, table: Table) -> str:
    """Return where a source writes a name in braces; its preset, if that does."""
    keys = (key for key, value in table.values.items() if f"{{{name}}}" in str(value))
    return table.at(next(keys, "preset"))


def _checks(preset: Preset) -> list[tuple[str, object, bool, str]]:
    """Return (key, value, whether it can be, cure)."""
    fields = set(preset.fields) - {"title", "url", "date"}
    return [
        *(
            (key, getattr(preset, key), _may_be_asked(getattr(preset, key)), _SCHEMES)
            for key in ("pages", "endpoint", "referer")
        ),
        (
            "pages",
            preset.pages,
            preset.pages is None or preset.pages.count("{n}") == 1,
            "must hold {n}, as index_{n}.html",
        ),
        ("page_base", preset.page_base, preset.page_base >= 0, "is impossible; use 1 or 2"),
        ("per_page", preset.per_page, 1 <= preset.per_page <= 1000, "is impossible; use 1 to 1000"),
        ("fields", dict(preset.fields), not fields, "is impossible; fields: title, url, date"),
        ("rows", preset.rows, preset.rows is None or _is_path(preset.rows), _PATHS),
        ("fields", dict(preset.fields), all(map(_is_path, preset.fields.values())), _PATHS),
        (
            "form",
            dict(preset.form),
            not (preset.form and preset.json_body),
            "and json_body cannot both be sent; leave one out",
        ),
    ]


def _is_path(path: str) -> bool:
    return _JSON_PATH.fullmatch(path) is not None


def _may_be_asked(address: str | None) -> bool:
    """Whether an address is relative, begins with a name in braces, or is one of the web."""
    return not re.match(r"(?!https?:)[a-z][a-z0-9+.-]*:", address or "", re.IGNORECASE)


def _check_expression(key: str, pattern: str | None, table: Table) -> None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise SourceError(
            f"{table.at(key)}: {key} = {pattern!r} is no regular expression: {error}"
        ) from error


def _check_selector(key: str, selector: str | None, table: Table) -> None:
    from cssselect import SelectorError, parse

    try:
        parse(selector or "*")
    except SelectorError as error:
        raise SourceError(
            f"{table.at(key)}: {key} = {selector!r} is no CSS selector: {error}"
        ) from error
