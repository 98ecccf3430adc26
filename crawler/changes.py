"""Whether a page says something new, or only its counters have gone on. Pure."""

import re
import tomllib
from functools import cache
from pathlib import Path

from crawler.decode import decode

_TABLE = Path(__file__).with_name("data") / "changes.toml"
#: What may stand between a word and its number; a bare digit right behind it is text.
_GAP = r"(?:\s|&nbsp;|[:：（(\[]|<[^<>]*>)+"
_CLOCK = r"[\d\s:：/.,\-年月日星期周一二三四五六七八九十天上下午]+"
#: A script that shows text of its own, or data about the page, is part of what the page says.
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_SAYS = re.compile(r"[\u3400-\u9fff]|\\u[0-9a-fA-F]{4}|%u[0-9a-fA-F]{4}|&#")


def is_same_content(old: bytes, new: bytes) -> bool:
    """Whether two copies of a page differ in counters, clocks and keys of a session only.

    >>> is_same_content(b"<p>20 posts</p> views: <b>7</b>", b"<p>20 posts</p> views: <b>8</b>")
    True
    >>> is_same_content(b"<p>20 posts</p> views: <b>7</b>", b"<p>30 posts</p> views: <b>7</b>")
    False
    """
    return old == new or _lasting(old) == _lasting(new)


def _lasting(body: bytes) -> str:
    """Return the source of a page without what changes by itself."""
    text = re.sub(r"<!--.*?-->", "", decode(body), flags=re.DOTALL)
    text = _SCRIPT.sub(_keep_speaking, text)
    for pattern, put in _patterns():
        text = pattern.sub(put, text)
    return " ".join(text.split())


def _keep_speaking(script: re.Match[str]) -> str:
    is_kept = "ld+json" in script[1].lower() or _SAYS.search(script[2])
    return script[0] if is_kept else ""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    counters, clocks, keys, busters = (
        "|".join(map(re.escape, sorted(table[name], key=len, reverse=True)))
        for name in ("counters", "clocks", "keys", "busters")
    )
    number = r"\d[\d,]*(?!\d|\.\d|\s*[万亿%％])"
    return (
        (re.compile(rf"((?:{counters}){_GAP}){number}", re.IGNORECASE), r"\1"),
        (re.compile(rf"((?:{clocks})(?:{_GAP})?){_CLOCK}", re.IGNORECASE), r"\1"),
        (
            re.compile(
                rf"<(?:input|meta)\b[^<>]*\b(?:name|id)\s*=\s*[\"']?[^\"'<>]*(?:{keys})[^<>]*>",
                re.IGNORECASE,
            ),
            "",
        ),
        (re.compile(r"\bnonce\s*=\s*([\"'])[^\"'<>]*\1", re.IGNORECASE), ""),
        (
            re.compile(
                rf"(<(?:script|link|img)\b[^<>]*?)[?&](?:amp;)?(?:{busters})=[\w.\-]*",
                re.IGNORECASE,
            ),
            r"\1",
        ),
    )
