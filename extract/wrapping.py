"""Text whose lines break off in the middle of sentences, as PDF files give it."""

import re

from extract.reading import Reading

_STOPS = "。；：！？”）.!?:;…"
_PAGE = re.compile(r"^[^\n。，]{0,20}(?:─|—)[^\n。，]{4,24}$|^\s*\d{1,5}\s*$", re.MULTILINE)


def unwrap(reading: Reading) -> Reading:
    """Return the reading with the line ends of a hard-wrapped text dropped, and its page marks.

    A text is hard-wrapped if most of its lines break off in the middle of a sentence, all at about
    the same width. Any other text comes back as it is.
    """
    lines = [line.rstrip() for line in reading.text.split("\n") if line.strip()]
    if len(lines) < 8:
        return reading
    width = max(len(line) for line in lines)
    broken = sum(line[-1] not in _STOPS for line in lines)
    even = sum(len(line) >= 0.7 * width for line in lines)
    if width > 60 or broken < 0.6 * len(lines) or even < 0.5 * len(lines):
        return reading
    dropped = _page_marks(reading.text)
    kept = [
        index
        for index, char in enumerate(reading.text)
        if index not in dropped and (char != "\n" or _ends_paragraph(reading.text, index))
    ]
    text = "".join(reading.text[index] for index in kept)
    offsets = (*(reading.offsets[index] for index in kept), reading.offsets[-1])
    return Reading(text, offsets, reading.raw, reading.lang)


def _page_marks(text: str) -> set[int]:
    """Return the positions of running heads and page numbers, and of the blanks around them."""
    marks: set[int] = set()
    for match in _PAGE.finditer(text):
        start, end = match.span()
        while start and text[start - 1].isspace():
            start -= 1
        while end < len(text) and text[end].isspace():
            end += 1
        marks.update(range(start, end))
    return marks


def _ends_paragraph(text: str, index: int) -> bool:
    before = text[:index].rstrip(" ")[-1:]
    after = text[index + 1 : index + 40].split("\n", 1)[0]
    return before in _STOPS or before == "\n" or not after.strip()
