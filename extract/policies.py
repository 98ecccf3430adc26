"""Named policy instruments of an article, each at its first mention."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from extract.background import Background
from extract.documents import describe_own
from extract.english_policy_names import find_english_names
from extract.facts import Policy
from extract.lexicon import FOLDERS, load_words
from extract.lifecycle import describe
from extract.policy_names import find_chinese_names
from extract.policy_patterns import PolicyName
from extract.reading import Reading
from extract.standing import policy_district

_FINDERS: Mapping[str, Callable[[str, str], list[PolicyName]]] = MappingProxyType(
    {"zh": find_chinese_names, "en": find_english_names}
)


def find_policies(background: Background, title: Reading | None = None) -> list[Policy]:
    """Return the policies that an article names, in its order.

    What only `title` names comes first. `background` holds the reading of the article proper.
    """
    found = _find(background, title)
    return [replace(p, district=policy_district(p, background)) for p in found]


def _find(background: Background, title: Reading | None) -> list[Policy]:
    if title is None:
        return _distinct(background, _names(background.reading))
    background = replace(background, is_guide=_is_guide(title))
    body = _distinct(background, _names(background.reading))
    own = own_title(title)
    if own:
        policy = describe_own(_policy(title, own), background)
        return [policy, *(p for p in body if not _same(p, policy))]
    named = _distinct(replace(background, reading=title), _names(title))
    return [*(p for p in named if not _is_known(p, body)), *body]


def _is_guide(title: Reading) -> bool:
    guide = load_words(title.lang, "policies")["guide"]
    return any(word in title.text for word in guide.names)


def _names(reading: Reading) -> list[PolicyName]:
    folder = FOLDERS[reading.lang]
    return _FINDERS[folder](reading.text, folder)


def _distinct(background: Background, names: list[PolicyName]) -> list[Policy]:
    found: list[Policy] = []
    for name in names:
        policy = _policy(background.reading, name)
        if fold(policy.name) and not _is_known(policy, found):
            found.append(describe(policy, name, background))
    return found


def _is_known(policy: Policy, known: list[Policy]) -> bool:
    return any(_same(policy, other) for other in known)


def _same(policy: Policy, known: Policy) -> bool:
    """Whether a name repeats or shortens (“双一工程”) one that came before."""
    short, long = fold(policy.name), fold(known.name)
    if short == long:
        return True
    return len(short) >= 4 and short in long and policy.kind == known.kind


def own_title(title: Reading) -> PolicyName | None:
    """Return the title as a name if it is that of the document that the article gives."""
    words = load_words(title.lang, "policies")
    text = title.text.strip(" 。")
    marked = re.fullmatch("《([^《》]+)》(?:（[^（）]*）)?", text)
    text = marked[1] if marked else text
    if (
        not text
        or re.search("[《！？：，]", text)
        or any(text.endswith(w) for w in words["guide"].names)
    ):
        return None
    if any(text.endswith(w) for w in words["not_document"].names):
        return None
    ending = re.compile(rf"(?:{words['own'].pattern})(?:[（(][^（）()]*[）)])*$")
    if not ending.search(text):
        return None
    start = title.text.index(text)
    return PolicyName(start=start, end=start + len(text), kind="document")


def _policy(reading: Reading, name: PolicyName) -> Policy:
    words = reading.text[name.start : name.end]
    return Policy(
        name=clean_name(words),
        kind=name.kind,
        action="mentioned",
        evidence=reading.evidence(name.start, name.end),
    )


def clean_name(words: str) -> str:
    """Return a name as it is compared: blanks folded, marks around it dropped."""
    words = re.sub(r"\s+", " ", words).strip()
    if words[:1] in '“"' and words[-1:] in '”"' and not re.search('[“”"]', words[1:-1]):
        words = words[1:-1]
    return words


def fold(name: str) -> str:
    """Return the letters and digits of a name, for comparison."""
    return "".join(char for char in name.lower() if char.isalnum())
