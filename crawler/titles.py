"""Headlines: which line of a text is one, and what of a `<title>` is the site's name."""

import re
from collections.abc import Iterable, Sequence

from crawler.boilerplate import is_head, is_prose, is_title, matches, words_in
from crawler.labels import is_stamp
from crawler.lines import bare, fold

#: What stands between a headline and the names of column and site.
_SEPARATOR = re.compile(
    r"""
    \s* [_|\uff5c\u2013—丨»«]+ \s*                          # 标题_栏目|网站
    | \s+ [-\u2013—·:@]+ \s+ | \s+ ::\s*                     # Headline - Site :: Blog
    | \s* --+ \s* | -(?=[^-]*$)                            # 标题--网站, 标题-网站
    | (?<=[\u4e00-\u9fff”》）？！]) - (?=[\u4e00-\u9fff])        # 标题-栏目-网站
    """,
    re.VERBOSE,
)
_MARKS = re.compile(r"^#+\s*|^(?:主题|标\s*题|题\s*目|題\s*目)\s*[:：]\s*\|?\s*|[。\s]+$")
#: Menus before the headline of a page saved as text.
_MAX_MENU = 200


def prefixes(title: str) -> list[str]:
    """Return what is left of `title` when names of column and site are cut off, longest first.

    >>> prefixes("人才新政发布 - 要闻 - 某区政府")
    ['人才新政发布 - 要闻 - 某区政府', '人才新政发布 - 要闻', '人才新政发布']
    """
    ends = [m.start() for m in _SEPARATOR.finditer(title) if m.start() > 0]
    return [title.strip(), *(title[:end].strip() for end in reversed(ends))]


def pieces(title: str) -> list[str]:
    """Return each run of parts of `title` that can be the headline alone, longest first."""
    marks = [
        (0, 0),
        *((m.start(), m.end()) for m in _SEPARATOR.finditer(title)),
        (len(title), len(title)),
    ]
    runs = {
        title[a_end:b].strip()
        for i, (_, a_end) in enumerate(marks[:8])
        for b, _ in marks[i + 1 : 9]
    }
    return sorted((run for run in runs if run), key=lambda run: (-len(run), run))


def without_name(title: str, names: Iterable[str]) -> str:
    """Return `title` without the name of its site at the end.

    >>> without_name("Talent policy - updates - Lake Daily", ["Lake Daily"])
    'Talent policy - updates'
    """
    keys = {bare(name) for name in names}
    cut = next((p for p in prefixes(title)[1:] if bare(title[len(p) :]) in keys), None)
    return cut or title


def clean_title(title: str) -> str:
    """Return a headline without its label, heading mark and full stop."""
    return _MARKS.sub("", title.strip()).strip()


def find_title(lines: Sequence[str]) -> int | None:
    """Return which of `lines` is the headline; None if the text begins without one."""
    if is_proceedings(lines):
        return None
    again = _repeated(lines)
    if again is not None:
        return again
    first = _after_breadcrumb(lines)
    for index in range(first, min(len(lines), first + 12)):
        line = lines[index]
        if is_title(line) and not matches("end", line):
            return index if index + 1 < len(lines) and _is_apart(lines, index) else None
        if is_prose(line):
            return None
    return None


def find_lone_title(above: Sequence[str], *, labelled: bool) -> str | None:
    """Return the headline among the lines above a text, of which nothing else tells.

    Args:
        above: The lines above the text.
        labelled: Whether only a line with labels right below it is sure enough.
    """
    for index in range(len(above) - 1, -1, -1):
        line = above[index]
        if (
            is_title(line)
            and len(bare(line)) >= 6
            and line[0] not in "(（[【|"
            and not is_stamp(fold(line))
        ):
            below = above[index + 1] if index + 1 < len(above) else ""
            if not labelled or is_head(below) or is_stamp(fold(below)):
                return line
    return None


def is_proceedings(lines: Sequence[str]) -> bool:
    """Return whether running heads (council, day) show that the text is a cut from minutes."""
    return any(RUNNING_HEAD.match(line) for line in lines)


#: 立法會 ─ 2013年 5月 23日
RUNNING_HEAD = re.compile(
    r"^(?P<name>[\u4e00-\u9fff]{2,12})\s+[─—\u2013-]+\s+(?P<day>\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)$"
)


def _repeated(lines: Sequence[str]) -> int | None:
    """Return the line that repeats the first one: a `<title>` with the site's name."""
    for prefix in prefixes(lines[0])[1:] if lines else ():
        key = bare(prefix)
        for index, line in enumerate(lines[1:_MAX_MENU], 1):
            if len(key) >= 4 and bare(line) == key:
                return index
    return None


def _after_breadcrumb(lines: Sequence[str]) -> int:
    """Return the line below the last breadcrumb or menu line above the first sentence."""
    after = 0
    for index, line in enumerate(lines[:_MAX_MENU]):
        if matches("head", line) in {"breadcrumb", "channel", "navigation"}:
            after = index + 1
        elif is_prose(line) and not is_title(line):
            break
    while after < len(lines) and is_head(lines[after]):
        after += 1
    return after


def _is_apart(lines: Sequence[str], index: int) -> bool:
    """Return whether a headline is no part of the sentence below it (hard line breaks)."""
    line, following = lines[index], lines[index + 1]
    same_width = (
        abs(len(line) - len(following)) <= 2 and len(line) >= 20 and not is_prose(following)
    )
    return words_in(line) >= 3 and not same_width
