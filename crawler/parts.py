"""Articles that a site prints on several pages: their addresses, and whether a page names others.

Nearly no page does, so it costs little to know that; `crawler/paging.py` reads those that may.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

#: Parts of an article that are fetched and read at most.
MOST_PARTS = 20

_TABLE = Path(__file__).with_name("data") / "parts.toml"
#: xxx_2.html, xxx-2.shtml; and xxx/2. Longer numbers are names of articles.
_FILE = re.compile(r"(?P<stem>.*[^/])[_\-](?P<at>\d{1,2})(?P<suffix>\.\w{2,5})")
_FOLDER = re.compile(r"(?P<stem>.*[^/])/(?P<at>\d{1,2})/?")


@dataclass(frozen=True, slots=True)
class PartWords:
    """The tables of `data/parts.toml`.

    Attributes:
        next: Labels of the link to the next part.
        back: Labels of links to the part before, or to the first.
        param: A parameter that counts parts, with its value.
        counted: The same in the source of a page.
        fence: In a class or id: what is paged there is not the article.
    """

    next: frozenset[str]
    back: frozenset[str]
    param: re.Pattern[str]
    counted: re.Pattern[bytes]
    fence: re.Pattern[str]


def parts_named(data: bytes, url: str, number: int = 1) -> dict[int, str]:
    """Return the later parts that a page names, by number; nothing in what is no page.

    Args:
        data: The page.
        url: Its address.
        number: Which part of its article it is.
    """
    if not _may_name_later(data, url):
        return {}
    from crawler.paging import find_parts

    try:
        return find_parts(data, url, number)
    except Exception:  # noqa: BLE001 - the reading asks the same of the page, and tells of it
        return {}


def first_named(data: bytes, url: str) -> tuple[str, int] | None:
    """Return (address of the first page, number of this one) if a page is a later part."""
    if not _may_name_first(data, url):
        return None
    from crawler.paging import find_first_part

    try:
        return find_first_part(data, url)
    except Exception:  # noqa: BLE001 - the reading asks the same of the page, and tells of it
        return None


def whole(url: str) -> str:
    """Return an address as stems are written: without scheme, fragment and last slash."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"


def split(url: str) -> tuple[str, int | None]:
    """Return an address without the number of its part, and that number.

    >>> split("http://a.cn/t1_2.html"), split("http://a.cn/t?page=3&id=7")
    (('a.cn/t1.html', 2), ('a.cn/t?id=7', 3))
    """
    parts = urlsplit(url)
    pairs = [pair for pair in parts.query.split("&") if pair]
    counting = [pair for pair in pairs if words().param.fullmatch(pair)]
    if counting:
        rest = "&".join(pair for pair in pairs if pair not in counting)
        return whole(parts._replace(query=rest).geturl()), int(counting[-1].rpartition("=")[2])
    if not pairs:
        for form in (_FILE, _FOLDER):
            match = form.fullmatch(parts.path)
            if match:
                stem = match["stem"] + match.groupdict().get("suffix", "")
                return whole(parts._replace(path=stem).geturl()), int(match["at"])
    return whole(url), None


def _may_name_later(data: bytes, url: str) -> bool:
    """Whether it is worth a look: nearly all pages hold no address like that of a part."""
    if b"createPageHTML" in data or words().counted.search(data):
        return True
    folder, _, name = urlsplit(url).path.rstrip("/").rpartition("/")
    own = re.sub(r"\.\w{2,5}$", "", name)
    names = {name, own, re.sub(r"[_\-]\d{1,2}$", "", own)}
    if name.isdigit():  # xxx/2
        names.add(folder.rpartition("/")[2])
    starts = [f"{name}{mark}".encode() for name in sorted(names - {""}) for mark in "_-/"]
    # most names stand nowhere else: a plain search first
    return any(start in data and _is_numbered(start, data) for start in starts)


def _is_numbered(start: bytes, data: bytes) -> bool:
    return re.search(rb"[/\"'=\s]" + re.escape(start) + rb"\d{1,2}[./\"'\s>]", data) is not None


def _may_name_first(data: bytes, url: str) -> bool:
    stem, at = split(url)
    name = re.sub(r"\.\w{2,5}$", "", stem.rpartition("/")[2])
    return at is not None and ("?" in url or name.encode() in data)


@cache
def words() -> PartWords:
    """Return the words for parts and what is around them."""
    table: Mapping[str, list[str]] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    params = "|".join(sorted(table["params"]))
    return PartWords(
        next=frozenset(table["next"]),
        back=frozenset(table["back"]),
        param=re.compile(rf"(?:{params})=\d{{1,2}}", re.IGNORECASE),
        counted=re.compile(rf"[?&;](?:{params})=\d{{1,2}}\b".encode(), re.IGNORECASE),
        fence=re.compile("|".join(sorted(table["fenced"])), re.IGNORECASE),
    )
