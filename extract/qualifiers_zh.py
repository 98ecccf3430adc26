"""Words around a Chinese number that say how it is meant, and whether a duration is a term."""

import re
from functools import cache

from extract.lexicon import any_of, load_words
from extract.lookup import Lookup

#: How far a bound reaches over verbs.
_REACH = 24
#: Neither a clause nor another number lies between a bound and its number.
_BARRIER = re.compile(r"[，。；！？\n\d]")
_LINKS = "为是至达期了的，：:* "
_AFTER_WORD = Lookup(("可达", "达到", "为", "达", "至", "有", "是"))


@cache
def _lookup(table: str, section: str) -> Lookup:
    return Lookup(load_words("zh", table)[section].names)


def _name(section: str, word: str) -> str:
    return load_words("zh", "qualifiers")[section][word]


def qualifier_before(text: str, start: int) -> tuple[int, str | None]:
    """Return where the qualifier right before a number begins, and its name."""
    end = start - 1 if text[start - 1 : start] == " " else start
    if _lookup("qualifiers", "not_before").before(text, end):
        return start, None
    word = _lookup("qualifiers", "before").before(text, end)
    if word is None:
        link = _AFTER_WORD.before(text, end)
        if link:
            word = _lookup("qualifiers", "before").before(text, end - len(link))
            end -= len(link)
            if word and _lookup("qualifiers", "not_before").before(text, end):
                return start, None
    if word:
        return end - len(word), _name("before", word)
    touching = _lookup("qualifiers", "touching").before(text, end)
    return start, _name("touching", touching) if touching else None


def qualifier_after(text: str, end: int) -> tuple[int, str | None]:
    """Return where the qualifier right after a number ends, and its name."""
    start = end + (text[end : end + 1] == " ")
    word = _lookup("qualifiers", "after").at(text, start)
    if word is None or len(_lookup("qualifiers", "not_after").at(text, start) or "") > len(word):
        return end, None
    if len(word) == 1 and _lookup("qualifiers", "not_after").at(text, start):
        return end, None
    return start + len(word), _name("after", word)


def qualifier_far(text: str, start: int) -> str | None:
    """Return the bound that reaches over a verb: 最高给予100万元."""
    clause = _BARRIER.split(text[max(0, start - _REACH) : start])[-1]
    if not _far_words().search(clause):
        return None
    names = load_words("zh", "qualifiers")
    for word in names["not_far"].names:
        clause = clause.replace(word, "")
    found = [(clause.rfind(word), word) for word in names["far"].names]
    place, word = max(found)
    return _name("far", word) if place >= 0 else None


@cache
def _far_words() -> re.Pattern[str]:
    names = load_words("zh", "qualifiers")
    return re.compile(any_of([*names["far"].names, *names["not_far"].names]))


def is_term(text: str, start: int, end: int) -> bool:
    """Tell whether a bare duration states a term: 期限3年, 连续三年, not 过去三年."""
    if _lookup("terms", "right").at(text, end) or _lookup("terms", "always").before(text, end):
        return True
    left, lowest = _lookup("terms", "left"), start - 5
    while start > 0:
        if left.before(text, start):
            return True
        if text[start - 1] not in _LINKS or start < lowest:
            return False
        start -= 1
    return False
