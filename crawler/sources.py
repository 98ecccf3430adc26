"""The watchlist: which columns are watched, and how their lists are built."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.night import Hours
from crawler.presets import (
    COUNTERS,
    PLACEHOLDER,
    PRESETS,
    Kind,
    Preset,
    SourceError,
    check_column,
    check_names,
    check_preset,
    load_presets,
)
from crawler.tables import Table, build, hint, near_names, read_tables

__all__ = [
    "COUNTERS",
    "DEFAULT_WATCHLIST",
    "PLACEHOLDER",
    "PRESETS",
    "Kind",
    "Preset",
    "Source",
    "SourceError",
    "choose_sources",
    "load_presets",
    "load_sources",
]

Level = Literal["national", "province", "city", "county", "zone", "overseas"]
#: Who publishes: an office, a medium, or a site that reposts others' articles.
Publisher = Literal["official", "media", "repost"]

#: The watchlist that ships with bole.
DEFAULT_WATCHLIST = Path(__file__).with_name("data") / "sources.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A column that is watched.

    Attributes:
        id: Short name, used in commands and tables.
        name: Name for readers.
        url: First page of its list; `{n}` stands for the number of the page in interfaces that
            count them. Of a list of addresses it may be a file beside the watchlist.
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
        hours: Hours in China in which it may be asked, as 22:00-06:00; None for all day.
        max_pages: Pages of the list that are read at most.
        max_items: Articles that one reading of the list takes at most.
        browser: Whether its list is drawn by JavaScript and needs a browser (bole[browser]).
        keywords_any: Words of which a title should have one: others are fetched last.
        keywords_none: Words of titles that are noise: they are fetched last.
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
    hours: str | None = None
    max_pages: int = 5
    max_items: int = 10_000
    browser: bool = False
    keywords_any: tuple[str, ...] = ()
    keywords_none: tuple[str, ...] = ()
    topic: str | None = None
    note: str | None = None


#: Keys of a preset that a source may set for itself.
_OVERRIDES = frozenset(field.name for field in fields(Preset)) - {"name", "kind"}
_DEFAULTS = frozenset(
    {
        "min_items",
        "stale_after_days",
        "delay",
        "hours",
        "max_pages",
        "max_items",
        "keywords_any",
        "keywords_none",
    }
)
_ID = re.compile(r"[A-Za-z0-9_-]+")
_DISTRICT = re.compile(r"[1-9]\d{5}", re.ASCII)
_HOST = re.compile(r"[\w.-]+|\[[0-9a-fA-F:.]+\]", re.ASCII)
#: The form of watchlist that this code reads.
_SCHEMA = 1
_PROVINCES = Path(__file__).with_name("data") / "provinces.toml"
_TABLES = ("[defaults]", "[[source]]")


def load_sources(
    path: Path, *, districts: Collection[str] | None = None, may_be_empty: bool = False
) -> list[Source]:
    """Return the sources of a watchlist, in file order.

    Args:
        path: The watchlist.
        districts: Codes that there are; without them only the form of a code is checked, and its
            province.
        may_be_empty: A watchlist that is not begun, or not there, has no sources.

    Raises:
        SourceError: The file is malformed; names file, line, key, value and cure.
    """
    if not path.exists():
        if may_be_empty:
            return []
        raise SourceError(
            f"{path}: there is no watchlist; write the one that ships with bole: bole init, "
            "or begin your own: bole sources add URL"
        )
    try:
        found = _sources(read_tables(path), districts)
        if not found and not may_be_empty:
            raise SourceError(
                f"{path}: no [[source]] in it; add one: bole sources add URL, or move the file "
                "away and write the list that ships with bole: bole init"
            )
        return found
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


def _sources(tables: Sequence[Table], districts: Collection[str] | None) -> list[Source]:
    defaults: dict[str, object] = {}
    sources: list[Source] = []
    for table in tables:
        if not table.header:
            _check_head(table)
        elif table.header == "defaults":
            _check_defaults(table)
            defaults = dict(table.values)
        elif table.header == "source":
            sources.append(_source(table, defaults))
            _check_district(sources[-1], districts, table)
            _check_new(sources[-1], sources[:-1], table)
        else:
            cure = hint(f"[[{table.header}]]", _TABLES, "tables")
            raise SourceError(f"{table.at()}: unknown table [{table.header}]; {cure}")
    return sources


def _source(table: Table, defaults: dict[str, object]) -> Source:
    own = {key: value for key, value in table.values.items() if key in _OVERRIDES}
    rest = {
        key: value
        for key, value in table.values.items()
        if key not in _OVERRIDES and key != "preset"
    }
    preset = _preset(table, own)
    if preset.kind == "url_list" and "url" in rest:
        rest["url"] = _file_address(rest["url"], table.file)
    source = _built(replace(table, values={**defaults, **rest}), preset)
    _check_values(source, table)
    return source


def _built(table: Table, preset: Preset) -> Source:
    known = [field.name for field in fields(Source)]
    _check_keys(table, [*known, *sorted(_OVERRIDES)])
    return build(Source, table, preset=preset)


def _check_values(source: Source, table: Table) -> None:
    check_names("url", source.url, _names_in_url(source.preset), table)
    for key, is_right, cure in _checks(source):
        if not is_right:
            raise SourceError(
                f"{table.at(key)}: {key} = {getattr(source, key)!r} is impossible; {cure}"
            )


def _names_in_url(preset: Preset) -> Collection[str]:
    """Return the names in braces that a source's address may hold: only an interface fills them."""
    is_filled = preset.kind == "json_list" and not preset.endpoint and not preset.discover
    return COUNTERS | preset.values.keys() if is_filled else ()


def _preset(table: Table, own: dict[str, object]) -> Preset:
    presets = load_presets()
    name = table.values.get("preset")
    if name not in presets:
        cure = hint(str(name), presets, "presets")
        raise SourceError(f"{table.at('preset')}: no preset {name!r}; {cure}")
    base = {"kind": presets[name].kind, **{key: getattr(presets[name], key) for key in _OVERRIDES}}
    # the preset's own values are known to be right: only what the source adds is checked
    build(Preset, replace(table, values=own), name=name, kind=presets[name].kind)
    preset = Preset(name=name, **{**base, **own})
    check_preset(preset, table)
    check_column(preset, table)
    return preset


def _checks(source: Source) -> list[tuple[str, bool, str]]:
    """Return (key, whether its value can be, cure)."""
    return [
        ("id", bool(_ID.fullmatch(source.id)), "use letters, digits, - and _"),
        ("name", bool(source.name.strip()), "write a name for readers"),
        (
            "url",
            _is_web_address(source.url) or _is_file(source),
            "write http:// or https:// and a host",
        ),
        (
            "district",
            source.district is None or _is_code(source.district),
            "write the six digits of GB/T 2260, or leave it out for the whole country",
        ),
        ("allow_private", all(map(_is_host_port, source.allow_private)), 'write "host:port"'),
        ("min_items", source.min_items >= 0, "write 0 or more"),
        ("stale_after_days", source.stale_after_days >= 1, "write 1 or more"),
        (
            "hours",
            source.hours is None or Hours.parse(source.hours) is not None,
            'write two times in China, as "22:00-06:00"',
        ),
        ("delay", 0 <= source.delay <= 600, "write seconds between 0 and 600"),
        ("max_pages", 1 <= source.max_pages <= 10_000, "write 1 to 10000"),
        ("max_items", source.max_items >= 1, "write 1 or more"),
        ("keywords_any", all(map(str.strip, source.keywords_any)), "leave out the empty word"),
        ("keywords_none", all(map(str.strip, source.keywords_none)), "leave out the empty word"),
    ]


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)


def _is_file(source: Source) -> bool:
    return source.preset.kind == "url_list" and source.url.startswith("file:")


def _file_address(url: Any, watchlist: Path) -> Any:  # noqa: ANN401 - not checked yet
    """Return the address of a list of addresses: files are meant as beside the watchlist."""
    is_path = isinstance(url, str) and url and not re.match(r"[a-z]+:", url)
    return (watchlist.parent / url).absolute().as_uri() if is_path else url


def _is_host_port(pair: str) -> bool:
    host, _, port = pair.rpartition(":")
    is_port = port.isascii() and port.isdigit() and 0 < int(port) < 65_536
    return bool(_HOST.fullmatch(host)) and is_port


def _is_code(code: str) -> bool:
    return bool(_DISTRICT.fullmatch(code)) and code[:2] in _provinces()


@cache
def _provinces() -> Mapping[str, str]:
    """Return the provinces by the first two digits of their codes."""
    names: dict[str, str] = tomllib.loads(_PROVINCES.read_text("utf-8"))["provinces"]
    return names


def _check_head(table: Table) -> None:
    _check_keys(table, ["schema"])
    schema = table.values.get("schema", _SCHEMA)
    if type(schema) is not int or schema != _SCHEMA:
        raise SourceError(
            f"{table.at('schema')}: schema = {schema!r} is a form that this bole does not read; "
            f"write schema = {_SCHEMA}, or update bole"
        )


def _check_defaults(table: Table) -> None:
    """Check what all sources share where it stands, on a source that says nothing else."""
    _check_keys(table, sorted(_DEFAULTS))
    needed = {
        "id": "any",
        "name": "any",
        "url": "http://localhost/",
        "level": "national",
        "publisher": "official",
    }
    any_preset = next(iter(load_presets().values()))
    _check_values(_built(replace(table, values={**needed, **table.values}), any_preset), table)


def _check_district(source: Source, known: Collection[str] | None, table: Table) -> None:
    if known is None or source.district is None or source.district in known:
        return
    near = get_close_matches(source.district, known, n=1)
    cure = f"did you mean {near[0]!r}? " if near else ""
    raise SourceError(
        f"{table.at('district')}: district = {source.district!r} is no district today; "
        f"{cure}Write its code in GB/T 2260, or leave it out for the whole country"
    )


def _check_keys(table: Table, known: Sequence[str]) -> None:
    for key, value in table.values.items():
        if key not in known:
            cure = hint(key, known, "keys")
            raise SourceError(f"{table.at(key)}: unknown key {key!r} = {value!r}; {cure}")


def _check_new(source: Source, before: Sequence[Source], table: Table) -> None:
    if any(other.id == source.id for other in before):
        raise SourceError(
            f"{table.at('id')}: id = {source.id!r} is used twice; give each source its own"
        )
