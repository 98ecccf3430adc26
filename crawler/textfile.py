"""A text as a person saved it -> Article; its `body` is where the article proper stands."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from crawler.article import Article, PublishedFrom
from crawler.boilerplate import body_of, cuts, matches
from crawler.dates import find_addresses, find_day, find_day_in_address
from crawler.labels import Labels, read_dateline, read_labels
from crawler.language import detect_language
from crawler.lines import Line, split_lines
from crawler.titles import RUNNING_HEAD, clean_title, find_title, is_proceedings

#: A longer line may be a page saved without its line breaks.
_LONG = 300
#: Number of an item in a digest.
_NUMBER = re.compile(r"^\d{1,3}[.、]\s*(?!\d)")
#: "<headline> - <site> <menu> ... <headline> ( agency ) 10:08, November 19, 2020 <text>"
_SAVED_TITLE = re.compile(r"(?P<title>[^\n]{15,200}?) - [A-Z]")


def read_text(text: str, *, id: str, sha256: str, url: str | None = None) -> Article:  # noqa: A002
    """Return the article in `text`, with `body` where the article proper stands."""
    segments = _segments(text)
    lines = [segment.text for segment in segments]
    title = find_title(lines)
    first, last = (
        (0, len(lines))
        if is_proceedings(lines)
        else body_of(
            lines,
            title=lines[title] if title is not None else None,
            above=title + 1 if title is not None else 0,
        )
    )
    labels, where = _labels(lines, first, last)
    return Article(
        id=id,
        url=url,
        title=_NUMBER.sub("", clean_title(lines[title])).strip() if title is not None else None,
        text=text,
        body=(segments[first].start, segments[last - 1].end) if first < last else (0, len(text)),
        published=labels.published,
        published_from=where,
        source=labels.source,
        author=labels.author,
        lang=detect_language(text),
        sha256=sha256,
    )


def _segments(text: str) -> list[Line]:
    """Return the lines of `text`; a page in one line is cut into its parts."""
    segments = []
    for line in split_lines(text):
        points = (
            [0, *_cut_points(line.text), len(line.text)]
            if len(line.text) > _LONG
            else [0, len(line.text)]
        )
        for start, end in pairwise(points):
            part = line.text[start:end]
            if start == 0 and end < len(line.text):
                part = part.rstrip("。 ")  # the headline of a document in one line
            if part.strip():
                segments.append(
                    Line(part.strip(), line.start + start + len(part) - len(part.lstrip()))
                )
    return segments


def _cut_points(line: str) -> list[int]:
    points = set(cuts(line))
    saved = _SAVED_TITLE.match(line)
    if saved is not None and (again := line.find(saved["title"], saved.end())) > 0:
        points |= {again, again + len(saved["title"])}
    return sorted(points - {0, len(line)})


def _labels(lines: Sequence[str], first: int, last: int) -> tuple[Labels, PublishedFrom | None]:
    """Return what head and tail lines say, and where the day was found."""
    head, tail = lines[:first], lines[last:]
    found = read_labels(head)
    where: PublishedFrom | None = "label" if found.published else None
    running = next((m for line in lines if (m := RUNNING_HEAD.match(line))), None)
    if running is not None:
        return Labels(find_day(running["day"]), running["name"], found.author), "label"
    below = read_labels([line for line in tail if matches("end", line) != "copyright"])
    day = found.published or below.published or _day_in_addresses(tail)
    found = found.or_else(Labels(source=below.source, author=below.author))
    found = found.or_else(read_dateline(lines[first]) if first < last else Labels())
    return found.or_else(Labels(day)), where or ("footer" if day else None)


def _day_in_addresses(lines: Sequence[str]) -> date | None:
    days = (find_day_in_address(url) for line in lines for url in find_addresses(line))
    return next((day for day in days if day), None)
