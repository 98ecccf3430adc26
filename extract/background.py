"""What is known of an article when its policies are described."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from extract.facts import Place
from extract.lexicon import Words, load_words
from extract.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What is known of the article when its policies are described.

    Attributes:
        reading: The text that the names were found in.
        places: Its places.
        district: Code of the article's district.
        published: Day of publication.
        is_guide: Whether the article explains how to use a policy.
        head: What stands between the title and the body, where a document prints its number.
        foot: The end of the body and what follows, where a notice is signed.
    """

    reading: Reading
    places: Sequence[Place] = ()
    district: str | None = None
    published: date | None = None
    is_guide: bool = False
    head: Reading | None = None
    foot: Reading | None = None


@cache
def action_words(lang: str) -> Mapping[str, Words]:
    """Return the table of what is told of policies."""
    return load_words(lang, "actions")


def raw_words(reading: Reading, start: int, end: int) -> str:
    """Return the raw characters of `reading.text[start:end]`, without the notes between them."""
    return "".join(reading.raw[offset] for offset in reading.offsets[start:end])


def is_trial(name: str, after: str, lang: str) -> bool:
    """Whether a name, or the note right after it, says 试行, 暂行, Trial."""
    words = rf"(?<![A-Za-z])(?:{action_words(lang)['trial'].pattern})(?![a-z])"
    return bool(re.search(words, name) or re.match(rf"》?[（(](?:{words})[）)]", after))
