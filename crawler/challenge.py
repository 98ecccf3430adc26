"""Whether an answer is the page that was asked for or a test for robots."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("data") / "challenge.toml"
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)
#: A challenge shows nearly nothing to a reader: 正在进行安全检查，请稍候 and the like.
_VISIBLE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    statuses: frozenset[int]
    largest_page: int
    words: tuple[str, ...]


def find_challenge(status: int, body: bytes) -> str | None:
    """Return why an answer is a test for robots, in a few words; None if it is a page.

    >>> find_challenge(521, b"")
    'HTTP 521'
    >>> find_challenge(200, b"<script>document.cookie='a=1';location.reload()</script>")
    'a page that only sets document.cookie'
    """
    signs = _signs()
    if status in signs.statuses:
        return f"HTTP {status}"
    if status != 200 or not 0 < len(body) <= signs.largest_page:
        return None
    text = body.decode("latin-1")
    word = next((word for word in signs.words if word in text), None)
    if word is None or "<script" not in text.lower():
        return None
    visible = "".join(_SCRIPT.sub("", text).split())
    return f"a page that only sets {word}" if len(visible) <= _VISIBLE else None


@cache
def _signs() -> _Signs:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return _Signs(
        statuses=frozenset(table["statuses"]),
        largest_page=table["largest_page"],
        words=tuple(table["words"]),
    )
