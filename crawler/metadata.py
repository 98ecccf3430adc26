"""What a page says about itself: `<meta>` tags and JSON-LD."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from lxml.html import HtmlElement

#: Types of JSON-LD nodes that describe an article.
_ARTICLE = re.compile(r"Article$|^BlogPosting$|^Report$|^GovernmentDocument$")
_MAX_JSON_DEPTH = 6


@cache
def tables() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the sections of `data/containers.toml`."""
    data = tomllib.loads((files("crawler") / "data" / "containers.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            name: {key: tuple(words) for key, words in section.items()}
            for name, section in data.items()
        }
    )


def read_meta(root: HtmlElement) -> dict[str, str]:
    """Return the `<meta>` tags of a page by lower-case name; the first of a name holds."""
    found: dict[str, str] = {}
    for tag in root.iter("meta"):
        name = tag.get("name") or tag.get("property") or tag.get("itemprop") or ""
        content = " ".join((tag.get("content") or "").split())
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def pick(meta: Mapping[str, str], field: str) -> str | None:
    """Return the best tag's value for `field`: title, date, source, author, site or site_code."""
    return next((meta[name] for name in tables()["meta"][field] if meta.get(name)), None)


def read_jsonld(root: HtmlElement) -> Mapping[str, Any]:
    """Return the first JSON-LD node that describes an article; empty if there is none."""
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            for node in _nodes(_parse(script.text_content()), 0):
                kinds = node.get("@type")
                if any(
                    _ARTICLE.search(str(kind))
                    for kind in (kinds if isinstance(kinds, list) else [kinds])
                ):
                    return node
    return {}


def names_in(value: object) -> str | None:
    """Return the names in a JSON-LD author or publisher."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Mapping):
        return names_in(value.get("name"))
    if isinstance(value, list):
        return ", ".join(name for item in value if (name := names_in(item))) or None
    return None


def _parse(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except ValueError:  # comments, missing commas: then the page says nothing here
        return None
    except RecursionError:  # brackets without end
        return None


def _nodes(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > _MAX_JSON_DEPTH:
        return
    if isinstance(value, Mapping):
        yield value
        yield from _nodes(value.get("@graph"), depth + 1)
        yield from _nodes(value.get("mainEntity"), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
