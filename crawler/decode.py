"""Bytes of a page or a file -> str, judged by the bytes alone.

HTTP headers and `<meta charset>` are not asked: they often lie (GBK pages that say UTF-8), and
the bytes are enough.
"""

import codecs
import re
from functools import cache

#: Byte order marks; a page that begins with one is believed.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Lead bytes of the everyday characters: level 1 of GB2312 (by pinyin) and Big5 (by strokes).
_EVERYDAY = {"gb18030": ("gb2312", range(0xB0, 0xD8)), "big5hkscs": ("big5", range(0xA4, 0xC7))}
_WIDE = re.compile(r"[^\x00-\x7f]")
#: A UTF-8 page with a few bad bytes (a cut character, a GBK comment) has far fewer than this share.
_BROKEN = 0.1


def decode(data: bytes) -> str:
    r"""Return `data` as text; bytes that fit no encoding become U+FFFD.

    >>> decode("人才".encode("gb18030")), decode("\ufeff人才".encode())
    ('人才', '人才')
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if not bad or bad <= _BROKEN * len(_WIDE.findall(text)):
        return text
    return max((data.decode(codec, "replace") for codec in _EVERYDAY), key=_everyday_share)


def _everyday_share(text: str) -> float:
    """Return how much of the wide text is made of everyday Chinese characters."""
    wide = _WIDE.findall(text)
    everyday = _everyday()
    return sum(char in everyday for char in wide) / max(1, len(wide))


@cache
def _everyday() -> frozenset[str]:
    return frozenset(
        char
        for codec, leads in _EVERYDAY.values()
        for lead in leads
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
        for char in bytes((lead, trail)).decode(codec, "ignore")
        if char > "\x7f"
    )
