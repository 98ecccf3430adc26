"""The plural noun that an English number counts."""

import re
from functools import cache

from extract.amounts import Numeral
from extract.lexicon import load_words
from extract.units_en import Unit

_TOKEN = re.compile(
    r"\ ?(?P<word>\d[A-Z]\b|Fortune\ (?:Global\ )?\d+|[A-Za-z][\w'/&.-]*(?<![.])|\"[^\"\n]{1,30}\")"
)
_AND = re.compile(r" (?:and|on) (?P<word>[A-Za-z][\w-]*)\b")
_OF = re.compile(r" of(?: the)?(?= [a-z])")
_LONGEST = 8


def noun_unit(text: str, numeral: Numeral, *, is_qualified: bool) -> Unit | None:
    """Return the plural noun that the number counts, as a unit that adds no words."""
    is_year = numeral.words.isdigit() and 1900 <= numeral.value <= 2100
    if (is_year and not is_qualified) or numeral.value.denominator != 1:
        return None
    if _compared().match(text, numeral.end):
        return Unit(numeral.end, "count", "count", "")
    if numeral.value == 1 and text.endswith("only ", 0, numeral.start):
        single = _TOKEN.match(text, numeral.end)
        return Unit(numeral.end, "count", "count", single["word"]) if single else None
    vague = _OF.match(text, numeral.end) if numeral.high is not None else None
    noun = _plural_noun(text, vague.end() if vague else numeral.end)
    if noun is None:
        return None
    head = noun.rsplit(" ", maxsplit=1)[-1].lower()
    units = load_words("en", "units")
    if units["duration"].get(head):
        return None  # three consecutive years
    follows = _AND.match(text, numeral.end + 1 + len(noun))
    if follows and _is_plural(follows["word"].lower()):
        noun += follows.group()
    kind = "person" if head in units["persons"] else "count"
    return Unit(numeral.end, kind, kind, noun)


@cache
def _compared() -> re.Pattern[str]:
    return re.compile(rf"\ (?:{load_words('en', 'words')['compared'].pattern})\b")


def _plural_noun(text: str, start: int) -> str | None:
    """Return the words up to the last plural before a verb or preposition."""
    stops = load_words("en", "words")["stops"]
    words = end = 0
    position = start
    while words < _LONGEST and (token := _TOKEN.match(text, position)):
        word = token["word"].lower()
        if word in stops and (word != "and" or end):
            break
        words += 1
        position = token.end()
        if _is_plural(word):
            end = position
    return text[start + 1 : end] if end and text[start] == " " else None


def _is_plural(word: str) -> bool:
    units = load_words("en", "units")
    if word in units["plurals"] or word in units["persons"]:
        return True
    return word.endswith("s") and not word.endswith(("ss", "us")) and word not in units["singular"]
