"""How the pages of a list are asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import pairwise
from urllib.parse import unquote, urlencode, urljoin

from crawler.fetches import Listing
from crawler.sources import PLACEHOLDER, Preset, Source

#: Signs that end a value which stands without quotes: webid=1&..., columnid: 33718, ...
_VALUE = r"""\s*[:=]\s*(?:'([^'<>]*)'|"([^"<>]*)"|([^\s,;&'"<>{}()]+))"""
#: How far behind the mark of `discover` the values may stand.
_REACH = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request for one page of a list, and what the page after it is worked out from.

    Attributes:
        url: Address.
        page: Number of the page in the list, from 1.
        base: Number that page 2 has in the site's addresses.
        had: Rows that the pages before it gave.
        values: What stands for the names in braces of a preset's addresses and forms.
        form: Fields of a form, to be sent by POST.
        json_body: JSON to be sent by POST.
        referer: Address of the page that a browser would come from.
        is_part: Whether the list is in parts that stand in no order, so that none may be left out.
    """

    url: str
    page: int = 1
    base: int = 2
    had: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json_body: str | None = None
    referer: str | None = None
    is_part: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether an address is all there is to it: then it can be asked conditionally."""
        return self.form is None and self.json_body is None

    @property
    def name(self) -> str:
        """What tells it from every other request: the address, and what is sent with it."""
        sent = urlencode(self.form) if self.form is not None else self.json_body
        return self.url if sent is None else f"{self.url}#{sent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """What one page of a list says.

    Attributes:
        rows: The articles that it names, in its order, each once.
        more: Pages to ask for next, if the walk goes on.
        is_list: False for a page that only tells how to ask for the list.
        trouble: Why it could not be read, in one line.
    """

    rows: tuple[Listing, ...] = ()
    more: tuple[Ask, ...] = ()
    is_list: bool = True
    trouble: str | None = None


def first_ask(source: Source) -> Ask:
    """Return the request that begins the list of a source."""
    preset = source.preset
    ask = Ask(url=source.url, base=preset.page_base, values=preset.values, referer=preset.referer)
    if preset.discover or preset.kind == "xml_records":
        return ask  # the column page, which tells how to ask for the list
    return filled(preset, ask, source.url)


def filled(preset: Preset, ask: Ask, column: str) -> Ask:
    """Return `ask` as the preset's interface wants it: address and form with their values.

    `column` is the address of the source: the interface's own may be relative to it.
    """
    if preset.kind not in ("json_list", "xml_records"):
        return ask
    counts = {
        "n": str(ask.base + ask.page - 2),
        "offset": str(ask.had),
        "start": str(ask.had + 1),
        "end": str(ask.had + 3 * preset.per_page),
        "per": str(preset.per_page),
    }
    values = {**ask.values, **counts}
    url = urljoin(column, _fill(preset.endpoint or column, values))
    if preset.params:
        query = urlencode({key: _fill(text, values) for key, text in preset.params.items()})
        url += ("&" if "?" in url else "?") + query
    return replace(
        ask,
        url=url,
        form={key: _fill(text, values) for key, text in preset.form.items()}
        if preset.form
        else None,
        json_body=_fill(preset.json_body, values) if preset.json_body else None,
        referer=preset.referer or (column if preset.endpoint else None),
    )


def other_numbering(source: Source, ask: Ask) -> Ask | None:
    """Return the second page by the other way of counting: index_2 for index_1 and back.

    None if there is no other: for later pages, and for lists that count otherwise.
    """
    preset = source.preset
    is_second = preset.kind == "html_list" and ask.page == 2 and ask.base in (1, 2)
    if not is_second or ask.base != preset.page_base:
        return None
    return page_of_files(preset, replace(ask, base=3 - ask.base), source.url)


def page_of_files(preset: Preset, ask: Ask, column: str) -> Ask:
    """Return `ask` with the address that its page has by the pattern of `pages`."""
    number = str(ask.base + ask.page - 2)
    return replace(ask, url=urljoin(column, (preset.pages or "").replace("{n}", number)))


def find_values(preset: Preset, text: str, given: Mapping[str, str]) -> Mapping[str, str] | None:
    """Return the values that the preset's interface wants, read in the column's page.

    What the source gives stands; a part of the page that says otherwise is another list. None if
    a value is nowhere to be found.
    """
    wanted = preset.wanted_values()
    plain = unescape(text)
    for part in _parts(preset, plain):
        found = {name: value for name in sorted(wanted) if (value := _value(name, part))}
        fits = all(found.get(name, value) == value for name, value in given.items())
        if fits and wanted <= found.keys() | given.keys():
            return {**found, **given}
    return None


def missing_values(preset: Preset, text: str, given: Mapping[str, str]) -> str:
    """Return the names that `find_values` missed, for a message."""
    missing = {name for name in preset.wanted_values() - given.keys() if not _value(name, text)}
    return ", ".join(sorted(missing)) or "a part with all values"


def _parts(preset: Preset, text: str) -> list[str]:
    if preset.discover is None:
        return [text]
    starts = [match.start() for match in re.finditer(preset.discover, text)]
    pairs = pairwise([*starts, len(text)])
    return [text[a : min(b, a + _REACH)] for a, b in pairs]


def _value(name: str, text: str) -> str | None:
    match = re.search(rf"(?<![\w-])['\"]?{re.escape(name)}['\"]?{_VALUE}", text)
    if match is None:
        return None
    value = next(group for group in match.groups() if group is not None)
    return unquote(unquote(value)).strip() or None  # some pages escape it twice


def _fill(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)
