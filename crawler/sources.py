"""The watchlist: which columns are watched, and how their lists are built."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.tables import Table, build, near_names, read_tables

#: How the list of a column is published; each has its reader in crawler/spiders/lists.py.
Kind = Literal["html_list", "rss"]
Level = Literal["national", "province", "city", "county", "zone", "overseas"]
#: Who publishes: an office, a medium, or a site that reposts others' articles.
Publisher = Literal["official", "media", "repost"]

PRESETS = Path(__file__).with_name("data") / "presets.toml"
#: The watchlist that ships with bole.
DEFAULT_WATCHLIST = Path(__file__).with_name("data") / "sources.toml"


class SourceError(CrawlError):
    """A watchlist that cannot be used: names file, line, key, value and cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """How the lists of one content system are built; a source may override each key but `kind`.

    Attributes:
        name: Its name in presets.toml.
        kind: html_list, rss.
        item_url: Regular expression that the address of an article matches; groups y, m, d give
            its day. None takes every link of `list_item`.
        item_date: Regular expression for the day in a row; groups y, m, d.
        list_item: CSS selector of a row; None takes every link of the page.
        link: CSS selector of the link in a row.
        row_date: CSS selector of the day in a row; None looks in all of the row's text.
        pages: Address of later pages, relative to the first, with `{n}`; None if there are none.
        page_base: Number of the second page; stock TRS says 1, some sites 2: the other is tried.
    """

    name: str
    kind: Kind
    item_url: str | None = None
    item_date: str = r"(?P<y>(?:19|20)\d{2})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})"
    list_item: str | None = None
    link: str = "a[href]"
    row_date: str | None = None
    pages: str | None = None
    page_base: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A column that is watched.

    Attributes:
        id: Short name, used in commands and tables.
        name: Name for readers.
        url: First page of its list.
        preset: How its list is built, the source's own keys applied.
        district: GB/T 2260 code of the district that the column belongs to; None (left out of
            the file) for the whole country or abroad.
        level: national, province, city, county, zone or overseas.
        publisher: official, media or repost; feeds the evidence grade.
        lang: Language that its articles are in, as far as known.
        enabled: Whether `bole run` collects it.
        allow_private: Exact `host:port` pairs on this machine or network that it may ask.
        min_items: Fewer rows than this on the first page mean that the list has changed.
        stale_after_days: No new article for so long is a problem.
        delay: Seconds between two requests to its host.
        max_pages: Pages of the list that are read at most.
        topic: What it is about, in a word.
        note: What its keeper should know.
    """

    id: str
    name: str
    url: str
    preset: Preset
    level: Level
    publisher: Publisher
    district: str | None = None
    lang: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    enabled: bool = True
    allow_private: tuple[str, ...] = ()
    min_items: int = 3
    stale_after_days: int = 14
    delay: float = 3.0
    max_pages: int = 5
    topic: str | None = None
    note: str | None = None


#: Keys of a preset that a source may set for itself.
_OVERRIDES = frozenset(field.name for field in fields(Preset)) - {"name", "kind"}
_DEFAULTS = frozenset({"min_items", "stale_after_days", "delay", "max_pages"})
_ID = re.compile(r"[A-Za-z0-9_-]+")
_DISTRICT = re.compile(r"[1-9]\d{5}")


def load_sources(path: Path) -> list[Source]:
    """Return the sources of a watchlist, in file order.

    Raises:
        SourceError: The file is malformed; names file, line, key, value and cure.
    """
    try:
        return _sources(read_tables(path))
    except SourceError:
        raise
    except CrawlError as error:
        raise SourceError(str(error)) from error


def choose_sources(sources: Sequence[Source], ids: Iterable[str]) -> list[Source]:
    """Return the named sources in the order of the watchlist; without names the enabled ones.

    Raises:
        SourceError: A name is not in the watchlist; lists near names.
    """
    wanted = list(ids)
    known = [source.id for source in sources]
    for name in wanted:
        if name not in known:
            near = ", ".join(near_names(name, known)) or "none"
            raise SourceError(f"no source {name!r} in the watchlist; sources: {near}")
    return [one for one in sources if (one.id in wanted if wanted else one.enabled)]


@cache
def load_presets(path: Path = PRESETS) -> dict[str, Preset]:
    """Return the families of content systems by name."""
    presets = {}
    for table in read_tables(path):
        family, _, name = table.header.partition(".")
        if family == "preset":
            presets[name] = build(Preset, table, name=name)
            _check_preset(presets[name], table)
    return presets


def _sources(tables: Sequence[Table]) -> list[Source]:
    defaults: dict[str, object] = {}
    sources: list[Source] = []
    for table in tables:
        if not table.header:
            _check_keys(table, {"schema"})
        elif table.header == "defaults":
            _check_keys(table, _DEFAULTS)
            defaults = dict(table.values)
        elif table.header == "source":
            sources.append(_source(table, defaults))
            _check_new(sources[-1], sources[:-1], table)
        else:
            raise SourceError(
                f"{table.at()}: unknown table [{table.header}]; tables: [defaults], [[source]]"
            )
    if not sources:
        raise SourceError(
            f"{tables[0].file}: no [[source]] in it; add one, or write a new list with bole init"
        )
    return sources


def _source(table: Table, defaults: dict[str, object]) -> Source:
    own = {key: value for key, value in table.values.items() if key in _OVERRIDES}
    rest = {
        key: value
        for key, value in table.values.items()
        if key not in _OVERRIDES and key != "preset"
    }
    preset = _preset(table, own)
    source = build(Source, replace(table, values={**defaults, **rest}), preset=preset)
    for key, is_right, cure in _checks(source):
        if not is_right:
            raise SourceError(
                f"{table.at(key)}: {key} = {getattr(source, key)!r} is impossible; {cure}"
            )
    return source


def _preset(table: Table, own: dict[str, object]) -> Preset:
    presets = load_presets()
    name = table.values.get("preset")
    if name not in presets:
        near = ", ".join(near_names(str(name), list(presets)))
        raise SourceError(f"{table.at('preset')}: no preset {name!r}; presets: {near}")
    base = {"kind": presets[name].kind, **{key: getattr(presets[name], key) for key in _OVERRIDES}}
    # the preset's own values are known to be right: only what the source adds is checked
    build(Preset, replace(table, values=own), name=name, kind=presets[name].kind)
    preset = Preset(name=name, **{**base, **own})
    _check_preset(preset, table)
    if preset.kind == "html_list" and preset.list_item is None and preset.item_url is None:
        raise SourceError(
            f"{table.at('preset')}: preset {name!r} does not say which links are articles; "
            "add list_item (CSS selector of a row) or item_url (regular expression)"
        )
    return preset


def _check_preset(preset: Preset, table: Table) -> None:
    for key in ("item_url", "item_date"):
        pattern = getattr(preset, key)
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise SourceError(
                f"{table.at(key)}: {key} = {pattern!r} is no regular expression: {error}"
            ) from error
    if not {"y", "m", "d"} <= re.compile(preset.item_date).groupindex.keys():
        raise SourceError(
            f"{table.at('item_date')}: item_date = {preset.item_date!r} must have groups y, m and d"
            ", as (?P<y>...)"
        )
    for key in ("list_item", "link", "row_date"):
        _check_selector(key, getattr(preset, key), table)
    if preset.pages is not None and preset.pages.count("{n}") != 1:
        raise SourceError(
            f"{table.at('pages')}: pages = {preset.pages!r} must hold {{n}}, as index_{{n}}.html"
        )
    if preset.page_base < 0:
        raise SourceError(
            f"{table.at('page_base')}: page_base = {preset.page_base} is impossible; use 1 or 2"
        )


def _check_selector(key: str, selector: str | None, table: Table) -> None:
    from cssselect import SelectorError, parse

    try:
        parse(selector or "*")
    except SelectorError as error:
        raise SourceError(
            f"{table.at(key)}: {key} = {selector!r} is no CSS selector: {error}"
        ) from error


def _checks(source: Source) -> list[tuple[str, bool, str]]:
    """Return (key, whether its value can be, cure)."""
    return [
        ("id", bool(_ID.fullmatch(source.id)), "use letters, digits, - and _"),
        ("name", bool(source.name.strip()), "write a name for readers"),
        ("url", _is_web_address(source.url), "write http:// or https:// and a host"),
        (
            "district",
            source.district is None or bool(_DISTRICT.fullmatch(source.district)),
            "write the six digits of GB/T 2260, or leave it out for the whole country",
        ),
        ("allow_private", all(map(_is_host_port, source.allow_private)), 'write "host:port"'),
        ("min_items", source.min_items >= 0, "write 0 or more"),
        ("stale_after_days", source.stale_after_days >= 1, "write 1 or more"),
        ("delay", 0 <= source.delay <= 600, "write seconds between 0 and 600"),
        ("max_pages", 1 <= source.max_pages <= 10_000, "write 1 to 10000"),
    ]


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)


def _is_host_port(pair: str) -> bool:
    host, _, port = pair.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 0 < int(port) < 65_536


def _check_keys(table: Table, known: Iterable[str]) -> None:
    keys = ", ".join(sorted(known))
    for key, value in table.values.items():
        if key not in known:
            raise SourceError(f"{table.at(key)}: unknown key {key!r} = {value!r}; keys: {keys}")


def _check_new(source: Source, before: Sequence[Source], table: Table) -> None:
    if any(other.id == source.id for other in before):
        raise SourceError(
            f"{table.at('id')}: id = {source.id!r} is used twice; give each source its own"
        )
