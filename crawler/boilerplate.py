"""Which lines at the head and tail of a text are not the article.

The rules are regular expressions in `data/boilerplate.toml`; the functions here say where each
kind of rule applies.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from crawler.bylines import is_byline
from crawler.errors import CrawlError
from crawler.labels import has_label, is_stamp
from crawler.lines import bare, fold

#: Kinds of rules, as `data/boilerplate.toml` explains them.
KINDS = ("head", "start", "end", "close", "tail", "noise", "cuts")
#: What follows these characters of a line changes no rule's mind.
_LONGEST = 400
#: A line with at least this many words and a full stop is prose; two Chinese characters are one.
_PROSE_WORDS = 9
_WORD = re.compile(r"[A-Za-z0-9]+(?:['’.-][A-Za-z0-9]+)*|[\u3400-\u9fff]{2}")
_STOPPED = re.compile(r"[。！？；：.!?;:…][”\"’)）]*\s*$")
_PAUSED = re.compile(r"[，。；]|[,;](?!\d)")
_HEADING = re.compile(
    r"第\s*[一二三四五六七八九十百\d]+\s*[章条條节節篇编]"
    r"|[一二三四五六七八九十]+\s*[、.]|[(（][一二三四五六七八九十\d]+[)）]"
)
_BAR = re.compile(r"\s[-\u2013—]\s|\|")
_MAX_TITLE_WORDS = 45
#: Share of an article's prose that may stand below a line that closes it.
_MOST_BELOW = 0.25
#: Lines above the article that a `start` rule may skip.
_MAX_HEAD = 80
#: A longer line that repeats one of so many lines above it is a caption or a pulled quote.
_NEAR = 3


@lru_cache(maxsize=16384)  # many rules ask the same of the same line
def matches(kind: str, line: str) -> str | None:
    """Return the name of the first rule of `kind` that `line` matches.

    >>> matches("end", "责任编辑：张三"), matches("end", "各区引进人才2万人。")
    ('editor', None)
    """
    match = _patterns()[kind].match(fold(line[:_LONGEST]))
    return match.lastgroup if match else None


def is_head(line: str) -> bool:
    """Return whether `line` belongs above an article: breadcrumb, labels, buttons."""
    if is_byline(line) or matches("head", line):
        return True
    return has_label(line) and not is_long(line)


def is_long(line: str) -> bool:
    """Return whether `line` is too long to be a label line."""
    return words_in(line) > 60


def words_in(line: str) -> int:
    """Return the length of `line` in words; two Chinese characters are one."""
    return len(_WORD.findall(line))


@lru_cache(maxsize=4096)
def is_prose(line: str) -> bool:
    """Return whether `line` reads like a sentence or more."""
    count = words_in(line)
    if count < _PROSE_WORDS or is_head(line):
        return False
    return (
        _STOPPED.search(line) is not None
        or (_PAUSED.search(line) is not None and count >= 15)
        or count > 50
    )


def prose_words(lines: Iterable[str]) -> int:
    """Return how many words of `lines` stand in sentences."""
    return sum(words_in(line) for line in lines if is_prose(line))


def is_title(line: str) -> bool:
    """Return whether `line` can be a headline: short, no full stop, no list number."""
    text = fold(line)
    if not 2 <= words_in(text) <= _MAX_TITLE_WORDS or _HEADING.match(text) or is_head(line):
        return False
    if "://" in text or len(_BAR.findall(text)) >= 3:
        return False
    return "。" not in text and re.search(r"[,;、:]$|(?<!\.)\.$", text) is None


def body_of(lines: Sequence[str], *, title: str | None = None, above: int = 0) -> tuple[int, int]:
    """Return the half-open range of `lines` that is the article proper.

    Args:
        lines: Lines that are not empty.
        title: The headline, which is no part of the body where it opens the text.
        above: How many lines at the top are known to lie outside.
    """
    start = _head_end(lines, bare(title or ""), above)
    return start, _tail_start(lines, start)


def without_noise(lines: Sequence[str]) -> list[str]:
    """Return `lines` without what stands between paragraphs; a caption printed twice only once."""
    kept: list[str] = []
    keys: list[str] = []
    for line in lines:
        key = bare(line)
        again = words_in(line) >= 6 and key in keys[-_NEAR:]
        if matches("noise", line) is None and not again:
            kept.append(line)
            keys.append(key)
    return kept


def cuts(text: str) -> list[int]:
    """Return the offsets at which a text without line breaks is to be cut, ascending."""
    rules = [re.compile(rule) for rule in _tables()["cuts"].values()]
    return sorted({m.end() for rule in rules for m in rule.finditer(text)} - {0, len(text)})


def _head_end(lines: Sequence[str], title: str, above: int) -> int:
    """Return where the article begins: below the last head line above its first sentence."""
    begin = next((i for i, line in enumerate(lines[:_MAX_HEAD]) if matches("start", line)), None)
    if begin is not None:
        return begin
    end = above
    for index, line in enumerate(lines[above:], above):
        if _is_title_line(line, title) or is_head(line) or is_stamp(fold(line)):
            end = index + 1
        elif is_prose(line):
            break
    return end if end < len(lines) else above


def _is_title_line(line: str, title: str) -> bool:
    key = bare(line)
    return bool(title) and (key == title or (len(key) >= 8 and key in title and not is_prose(line)))


def _tail_start(lines: Sequence[str], start: int) -> int:
    """Return where the lines below the article begin."""
    prose = next((i for i in range(start, len(lines)) if is_prose(lines[i])), start)
    end = next((i for i in range(prose + 1, len(lines)) if matches("end", lines[i])), len(lines))
    end = next((i for i in range(prose + 1, end) if _closes(lines, i, start, end)), end)
    while end > prose + 1 and any(
        matches(kind, lines[end - 1]) for kind in ("tail", "close", "end")
    ):
        end -= 1
    return end


def _closes(lines: Sequence[str], index: int, start: int, end: int) -> bool:
    """Return whether a `close` line ends the article: little of the prose stands below it."""
    if matches("close", lines[index]) is None:
        return False
    return prose_words(lines[index:end]) <= _MOST_BELOW * prose_words(lines[start:index])


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {
        kind: re.compile(
            "|".join(f"(?P<{name}>{rule})" for name, rule in rules.items()), re.IGNORECASE
        )
        for kind, rules in _tables().items()
    }


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    tables = tomllib.loads((files("crawler") / "data" / "boilerplate.toml").read_text("utf-8"))
    if set(tables) != set(KINDS):
        raise CrawlError(
            f"crawler/data/boilerplate.toml: sections {sorted(tables)}, wanted {sorted(KINDS)}"
        )
    return tables
