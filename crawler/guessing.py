"""What a page of a site tells about its list: which preset fits, which rows are articles. Pure."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawler.decode import decode
from crawler.fetches import Listing
from crawler.lists import ListPage, first_ask, read_list
from crawler.lists.feeds import unpacked
from crawler.lists.rows import absolute, day_in_text, day_of_value
from crawler.presets import Preset, load_presets
from crawler.sources import Source

#: Tried in this order: formats of their own, then systems that a page shows by its scripts or by
#: the addresses of its articles.
_FORMATS = ("rss", "sitemap", "jcms_js", "jcms", "gkmlpt", "ucap_api")
_SYSTEMS = ("trs", "ucap", "chshtml", "nfcms")
#: Marks without which a format is not that format: its reader would take anything.
_MARKS = {"jcms": "<datastore", "sitemap": "<loc", "jpaas": "jpaas"}
_LEAST = 3
#: So many hexadecimal digits are no number but a digest.
_DIGEST = 16
#: A title has so many letters at least; menus have fewer.
_TITLE = 6
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_PAGE_NUMBER = re.compile(r"([?&](?:\w*page\w*|pn?)=)1(?=&|$)", re.IGNORECASE)
#: Keys of JSON that hold how many rows there are, and which page this is.
_TOTAL = re.compile(r"total(?!_?pages?)|count$|^hits$", re.IGNORECASE)
_TURN = re.compile(r"(?:cur(?:rent)?_?)?page(?:_?(?:no|num|number|index))?", re.IGNORECASE)
_PAGE_SCRIPT = re.compile(r"""createPageHTML\([^"')]*["'](\w+)["']\s*,\s*["'](\w+)["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """How a list seems to be built.

    Attributes:
        preset: Name of the preset.
        url: First page, `{n}` put where an interface counts its pages.
        keys: Keys of the preset that the source has to set, as in the watchlist.
        rows: The articles that this reading of the page yields.
        warning: What it cannot tell and a person has to add, in one line.
    """

    preset: str
    url: str
    keys: Mapping[str, object] = field(default_factory=dict)
    rows: tuple[Listing, ...] = ()
    warning: str | None = None


def guess_list(url: str, body: bytes) -> Guess | None:
    """Return how the list on a page is built; None if there is no list to be seen."""
    text = decode(unpacked(body) or body)
    for name in _FORMATS:
        guess = _try(name, _counted(url) if name in ("gkmlpt", "ucap_api") else url, body)
        if guess and _MARKS.get(name, "") in text:
            return _with_form(guess, body) if name == "sitemap" else guess
    if "<" not in text[:200].strip()[:1]:
        return _guess_json(url, text) or _try("urls", url, body)
    if _MARKS["jpaas"] in text and _read("jpaas", url, body, {}).more:
        return Guess(preset="jpaas", url=url)
    return _guess_html(url, body, text)


def _guess_html(url: str, body: bytes, text: str) -> Guess | None:
    """Return the system that finds most of the rows of the page's main list, or the list alone."""
    page = Selector(text=text.replace("\x00", "") or "<html/>", type="html")
    selector = _main_list(url, page)
    found = [guess for name in _SYSTEMS if (guess := _try(name, url, body))]
    if selector is None:
        return max(found, key=lambda guess: len(guess.rows), default=None)
    own = _try("html", url, body, {"list_item": selector})
    inside = [g for name in _SYSTEMS if (g := _try(name, url, body, {"list_item": selector}))]
    best = max(inside, key=lambda guess: len(guess.rows), default=None)
    if best and own and 5 * len(best.rows) >= 4 * len(own.rows):
        whole = next(guess for guess in found if guess.preset == best.preset)
        return whole if len(whole.rows) == len(best.rows) else best
    return replace(own, keys={**own.keys, **_paging(url, page, text)}) if own else None


def _try(
    name: str, url: str, body: bytes, keys: Mapping[str, object] | None = None
) -> Guess | None:
    rows = _read(name, url, body, keys or {}).rows
    return Guess(preset=name, url=url, keys=keys or {}, rows=rows) if len(rows) >= _LEAST else None


def _read(name: str, url: str, body: bytes, keys: Mapping[str, object]) -> ListPage:
    preset = load_presets()[name]
    preset = Preset(**{**{key: getattr(preset, key) for key in Preset.__slots__}, **keys})
    source = Source(
        id="guess", name="guess", url=url, preset=preset, level="national", publisher="official"
    )
    ask = first_ask(source)
    return read_list(source, ask, ask.url, body)


# --- lists in pages -----------------------------------------------------------------------------


def _main_list(url: str, page: Selector) -> str | None:
    """Return the CSS selector of the rows whose titles make up most of the page."""
    weights: dict[str, int] = defaultdict(int)
    links: dict[str, set[str]] = defaultdict(set)
    preset = load_presets()["html"]
    for link in page.css("a[href]"):
        title = link.attrib.get("title") or "".join(link.css("::text").getall())
        letters = len("".join(title.split()))
        address = absolute(url, link.attrib["href"])
        if letters < _TITLE or address is None:
            continue
        for row in link.xpath("ancestor::*[self::li or self::tr or self::dd or self::div][1]"):
            selector = _selector(row)
            has_day = day_in_text(preset, " ".join(row.css("::text").getall())) is not None
            weights[selector] += min(letters, 30) * (2 if has_day else 1)
            links[selector].add(address)
    best = max(weights, key=lambda selector: (weights[selector], selector), default=None)
    return best if best is not None and len(links[best]) >= _LEAST else None


def _selector(row: Selector) -> str:
    """Return a CSS selector of a row: its tag and class, in the nearest element with a name."""
    own = _named(row)
    for parent in row.xpath("ancestor::*")[::-1]:
        name = _named(parent)
        if not name.isalnum():
            return f"{name} {own}"
    return f"body {own}"


def _named(element: Selector) -> str:
    """Return tag and id or class of an element as a selector; names that count are left out."""
    tag, identity = str(element.root.tag), element.attrib.get("id", "")
    if _NAME.fullmatch(identity) and not re.search(r"\d", identity):
        return f"{tag}#{identity}"
    classes = element.attrib.get("class", "").split()
    named = [one for one in classes if _NAME.fullmatch(one) and not re.search(r"\d$", one)]
    return f"{tag}.{named[0]}" if named else tag


def _paging(url: str, page: Selector, text: str) -> dict[str, object]:
    """Return how later pages are numbered: by the system's script, or by the link to page 2."""
    if script := _PAGE_SCRIPT.search(text):
        return {"pages": f"{script[1]}_{{n}}.{script[2]}"}
    for link in page.css("a[href]"):
        if "".join(link.css("::text").getall()).strip() != "2":
            continue
        href = link.attrib["href"].strip()
        numbers = [*re.finditer(r"(?<!\d)[12](?!\d)", href)]
        if numbers and urlsplit(urljoin(url, href)).hostname == urlsplit(url).hostname:
            last = numbers[-1]
            pages = f"{href[: last.start()]}{{n}}{href[last.end() :]}"
            return {"pages": pages, "page_base": int(last[0])}
    return {}


# --- sitemaps -----------------------------------------------------------------------------------


def index_parts(url: str, body: bytes) -> list[str]:
    """Return the sitemaps that an index names, what changed last first; none if it is no index."""
    page = _read("sitemap", url, body, {})
    return [] if page.is_list else [ask.url for ask in page.more]


def _with_form(guess: Guess, body: bytes) -> Guess:
    """Return a guess of a sitemap with the form that most of its addresses have, if they do."""
    forms = Counter(filter(None, (_form(row.url) for row in guess.rows)))
    if not forms:
        return guess
    form, count = max(forms.items(), key=lambda one: (one[1], one[0]))
    return (
        _try(guess.preset, guess.url, body, {"item_url": form}) if count >= _LEAST else None
    ) or guess


def _form(url: str) -> str | None:
    r"""Return a regular expression of addresses like this one; None if it does not tell any.

    >>> print(_form("http://a.cn/news/202401/t20240113_12.html"))
    /news/\d+/t\d+_\d+\.html$
    >>> print(_form("http://a.cn/news/first-day"), _form("http://a.cn/about.html"))
    /news/[^/?]+$ None
    """
    parts = urlsplit(url)
    folder, _, leaf = parts.path.rpartition("/")
    if re.search(r"\d", leaf + parts.query):
        rest = f"{leaf}?{parts.query}" if parts.query else leaf
        return f"{_counted_form(folder)}/{_counted_form(rest)}$"
    if not folder or not leaf:
        return None
    suffix = re.search(r"\.\w+$", leaf)
    return f"{_counted_form(folder)}/[^/?]+{re.escape(suffix[0]) if suffix else ''}$"


def _counted_form(text: str) -> str:
    """Return an expression for a text in which each number, or long digest, is any other."""
    pieces = re.split(rf"([0-9a-f]{{{_DIGEST},}}|\d+)", text)
    return "".join(
        (r"\d+" if len(piece) < _DIGEST and piece.isdigit() else "[0-9a-f]+")
        if at % 2
        else _literal(piece)
        for at, piece in enumerate(pieces)
    )


def _literal(text: str) -> str:
    return re.sub(r"[.^$*+?{}\[\]\\|()]", r"\\\g<0>", text)


# --- lists in JSON ------------------------------------------------------------------------------


def _counted(url: str) -> str:
    """Return an address with `{n}` for the number of the first page."""
    return _PAGE_NUMBER.sub(r"\g<1>{n}", url, count=1)


def _guess_json(url: str, text: str) -> Guess | None:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    for path, rows in _tables(answer, "", 0):
        fields = _fields(rows)
        keys = {"rows": path, "fields": fields}
        if "title" in fields and "url" in fields:
            guess = _try("json", _counted(url), text.encode(), keys)
            if guess:
                return replace(guess, warning=_lacking(guess, answer, len(rows)))
    return None


def _lacking(guess: Guess, answer: object, rows: int) -> str | None:
    """Return a warning if an answer says that there are more rows, and the address no page."""
    counts = [(key, int(text)) for key, text in _numbers(answer, 0) if _TOTAL.search(key)]
    total = max((count for _, count in counts), default=0)
    if "{n}" in guess.url or total <= rows:
        return None
    turning = [key for key, text in _numbers(answer, 0) if _TURN.fullmatch(key) and text == "1"]
    sign = "&" if "?" in guess.url else "?"
    named = f"{guess.url}{sign}{turning[0] if turning else 'page'}={{n}}"
    return (
        f"the list has {total}, page 1 gives {rows}: add the paging by hand, "
        f'as url = "{named}", or by params, form or json_body (docs/sources.md)'
    )


def _numbers(value: object, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the whole numbers that stand beside the rows in JSON, with their keys."""
    if not isinstance(value, dict) or depth > 3:
        return
    for key, inner in value.items():
        text = str(inner) if isinstance(inner, int | str) else ""
        if re.fullmatch(r"\d{1,9}", text, re.ASCII):
            yield key, text
        yield from _numbers(inner, depth + 1)


def _tables(value: object, path: str, depth: int) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Yield (path, rows) of the lists of objects in JSON."""
    if depth > 6:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _tables(inner, f"{path}.{key}".lstrip("."), depth + 1)
    elif isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        if len(rows) >= _LEAST:
            yield f"{path}[]", rows
            inner_keys = [key for key, inner in rows[0].items() if isinstance(inner, dict)]
            for key in inner_keys:
                yield f"{path}[].{key}", [row.get(key) or {} for row in rows]


def _fields(rows: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Return which fields of the rows seem to be address, title and day."""
    found: dict[str, str] = {}
    keys = [key for key in rows[0] if re.fullmatch(r"\w+", key)]
    texts = {
        key: [str(row.get(key) or "") for row in rows if isinstance(row, dict)] for key in keys
    }
    links = [key for key in keys if all(re.match(r"https?://|/\w", t) for t in texts[key])]
    if links:
        found["url"] = min(links, key=lambda key: (key not in ("url", "link", "href"), key))
    words = [key for key in keys if key not in links and _is_words(texts[key])]
    if words:
        found["title"] = min(words, key=lambda key: ("title" not in key.lower(), key))
    preset = load_presets()["json"]
    days = [key for key in keys if all(day_of_value(preset, row.get(key)) for row in rows)]
    days = [key for key in days if key not in (found.get("title"), found.get("url"))]
    if days:
        found["date"] = days[0]
    return {key: found[key] for key in ("title", "url", "date") if key in found}


def _is_words(texts: Sequence[str]) -> bool:
    """Whether these read like titles: letters, few of them alike, none as long as an article."""
    lengths = [len(re.findall(r"[^\W\d_]", text)) for text in texts]
    return min(lengths) >= 4 and max(lengths) <= 200 and len(set(texts)) * 2 > len(texts)
