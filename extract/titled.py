"""What the titles above a sum say of it, in Chinese text: what it is, who gets it."""

import re
from collections.abc import Sequence

from extract.amounts import Amount
from extract.lexicon import any_of, load_words
from extract.targets import trimmed

#: What a title above can grant.
TITLED = frozenset(("money", "percent"))

_SUPPORTS = load_words("zh", "supports")
_GENERIC = frozenset(load_words("zh", "words")["generic"].names)
_MONEY = re.compile(load_words("zh", "nouns")["money"].pattern)

_GRANT = _SUPPORTS["titles"].pattern
#: 生活补贴 says both what it is for and that it is given; 购房 is followed by 补贴.
_WHOLE = any_of(word for word in _SUPPORTS["benefit"].names if re.search(_GRANT, word))
_SPECIAL = re.compile(
    rf"(?:{_WHOLE})|(?:{_SUPPORTS['benefit'].pattern})\w{{0,4}}?(?:{_GRANT})|(?:{_GRANT})"
)
_WHOM = re.compile(
    rf"""
    (?:对|支持|给予|引进|关于)?(?P<target>[^，。；：！？]{{0,20}}?
      (?:{_SUPPORTS["tier"].pattern}|{_SUPPORTS["target"].pattern}|[A-F]类))
    (?:（[^）]{{1,12}}）)?(?:$|(?=\w{{0,4}}(?:{_GRANT})))
    """,
    re.VERBOSE,
)
_RECEIVER = re.compile(_SUPPORTS["tier"].pattern)
#: What a condition says, and a sum that is granted does not.
_OF_CONDITIONS = frozenset(("at_least", "more_than"))


def titled_grant(titles: Sequence[str]) -> str | None:
    """Return what the titles call the sums under them: 购房补贴; None if they do not."""
    named = [match.group() for title in titles if (match := _SPECIAL.search(title))]
    return next((name for name in named if name not in _GENERIC), named[0] if named else None)


def titled_target(titles: Sequence[str]) -> str | None:
    """Return who gets the sums under the titles: 一、顶尖人才; None if none of them says."""
    matches = (_WHOM.match(title) for title in titles)
    return next((trimmed(match["target"]) for match in matches if match), None)


def is_named(noun: str) -> bool:
    """Tell whether a sum has a noun that says more of it than who gets it: 车价, no 博士."""
    return not _WHOM.fullmatch(noun) and not _RECEIVER.search(noun)


def is_granted(amount: Amount, noun: str | None, label: str) -> bool:
    """Tell whether the title above a sum can say what it is.

    It cannot where the sum has a noun of its own (年收入), or bounds what is asked for. A share
    must stand beside who gets it: 博士：5%.
    """
    if amount.kind not in TITLED or amount.qualifier in _OF_CONDITIONS:
        return False
    if noun and _MONEY.search(noun):
        return False
    return amount.kind == "money" or _RECEIVER.search(label) is not None
