"""Figures of an English text."""

import re
from collections.abc import Sequence

from extract.amounts import Amount
from extract.amounts_en import find_amounts
from extract.cells import CellGrammar, with_cells
from extract.conditions import support_conditions
from extract.facts import Figure
from extract.lexicon import Words, load_words
from extract.outline import Outline
from extract.ranks import find_english_ranks, with_ranks
from extract.rates import join_rates
from extract.reading import Reading

_NOUNS = load_words("en", "nouns")
_SUPPORTS = load_words("en", "supports")
_RATES = load_words("en", "rates")


def _words(words: Words) -> re.Pattern[str]:
    return re.compile(rf"\b(?P<word>{words.pattern})\b", re.IGNORECASE)


_CUE = _words(_NOUNS["cues"])
_GROWTH = _words(_NOUNS["growth"])
_TOTAL = _words(_NOUNS["cumulative"])
_BENEFIT = _words(_SUPPORTS["benefit"])
_TIER = _words(_SUPPORTS["tier"])
_TARGET = _words(_SUPPORTS["target"])
_RATE = re.compile(rf"\ ?(?:(?:a|an|per|each|every)\ |/\ ?)(?P<word>{_RATES['each'].pattern})\b")
_ASIDE = re.compile(r"\ \([^()\n]{1,30}\)")

_SENTENCE_END = re.compile(r"[;!?\n]|(?<!\b[A-Z])\.(?!\w)")
_REST = re.compile(r"(?:[^,.;!?()\n]|[.,](?=\w))*")
_NP = r"(?:[A-Za-z][\w'-]*\ ){1,4}"
_OF = re.compile(rf"(?P<noun>{_NP})(?:of|at|to|with|for|:)\ (?:up\ to\ )?(?:a\ )?$")
_PURPOSE = re.compile(
    r"""
    (?:\ \([^()\n]{1,30}\))?(?:\ (?:a|per)\ \w+)?\ (?P<link>in|for|toward|towards|of|to)[ ]
    (?:the\ |a\ |its\ |their\ )?
    (?P<noun>[A-Za-z][\w'-]*
      (?:\ (?!(?:and|for|to|in|by|from|with|or|if|when|over|of)\b)[a-z][\w'-]*){0,3})
    """,
    re.VERBOSE,
)
_LISTED = re.compile(
    rf"(?:,|\ and\b)[^.;\n]{{0,160}}\d[^.;\n]{{0,24}}?\ (?:in|of)\ (?P<noun>{_NP}[a-z-]+)"
)
_BREAK = re.compile(
    r",|;|\b(?:can|will|may|could|would|should|shall|to|are|is|be|and|receive|receives|get|gets|give|gives|claim"
    r"|collect|offers?|granted|provides?|have|has|had|pays?)\b"
)
_MONEY_END = re.compile(rf"\b(?:[\w-]+\ )?(?:{_NOUNS['money'].pattern})s?\ (?:of|for|at)?.*$")
_GIVEN = re.compile(r"\ (?:to|for)\ (?P<noun>[^,.;\n]{3,60})")
_NEXT = re.compile(r"\ (?P<noun>[a-z][a-z-]*(?:\ [a-z][a-z-]*)?)")
_TOKEN = re.compile(r"[A-Za-z][\w'-]*")
_STOPS = load_words("en", "words")["stops"]
#: How a line of a list begins, and what makes its words bold.
_LEADER = re.compile(r"^\s*(?:[-•·#>]+|\d{1,2}[.)])\s+|\*\*|^\s*\|")
_LABEL = re.compile(r"\s*(?:[-•·#>]+|\d{1,2}[.)])\s+\**(?P<label>[A-Z][^:.;*\n]{2,60})\**:")
#: What changed: the headcount ratio had dropped to 0.6 percent.
_CHANGED = re.compile(
    rf"(?P<noun>{_NP})(?:(?:has|have|had|was|were|is)\ )?(?:{_NOUNS['growth'].pattern})\ "
    r"(?:(?:to|by|from|at)\ )?$"
)
_GROWN = re.compile(rf"\ (?:[a-z-]+\ )?(?:{_NOUNS['growth'].pattern})\b", re.IGNORECASE)


def find_figures(reading: Reading) -> list[Figure]:
    """Return the figures of a reading in its order."""
    text = reading.text
    figures: list[Figure] = []
    counted: str | None = None
    end = 0
    grammar = CellGrammar("en", find_amounts, _rate, " ")
    amounts = with_cells(text, with_ranks(find_amounts(text), find_english_ranks(text)), grammar)
    outline = Outline(text)
    for amount in amounts:
        if "\n" in text[end : amount.start]:
            counted = None
        end = amount.end
        counted = _counted(text, amount, _sentence(text, amount.start)) or counted
        figures.append(_figure(reading, amount, counted, outline))
    return figures


def _figure(reading: Reading, amount: Amount, counted: str | None, outline: Outline) -> Figure:
    text = reading.text
    sentence = _sentence(text, amount.start)
    role = _role(text, amount, counted or "", sentence)
    target = _target(text, amount, sentence) if role == "support" else None
    if role == "other" and amount.kind == "money" and outline.is_item(amount.start):
        grant = _titled_grant(outline.titles(amount.start))
        if grant and not head_role("money", counted or ""):
            role, counted, target = "support", grant, _labelled(outline.label(amount.start))
    return Figure(
        value=amount.value,
        value_max=amount.value_max,
        unit=amount.unit,
        qualifier=amount.qualifier,
        counted=counted,
        role=role,
        target=target,
        per=amount.per or _rate(text, amount),
        cumulative=_is_running_total(amount, role, sentence),
        benefit=_benefit(text, amount, counted or "", sentence) if role == "support" else None,
        tier=_tier(target or sentence) if role == "support" else None,
        conditions=(
            support_conditions(text, amount.start, amount.end, reading.lang)
            if role == "support"
            else ()
        ),
        evidence=reading.evidence(amount.start, amount.end),
    )


def _titled_grant(titles: Sequence[str]) -> str | None:
    """Return what the titles call the sums under them: Housing subsidies."""
    for title in titles:
        noun = _last_noun(title, ("money",))
        if noun and head_role("money", noun) == "support":
            return noun
    return None


def _labelled(label: str) -> str | None:
    """Return who gets the sums of a line: 1. **Doctors**."""
    words = _LEADER.sub("", label).split(":")[0].strip()
    return words if _TARGET.search(words) or _TIER.search(words) else None


def _sentence(text: str, end: int) -> str:
    start = max(0, end - 300)
    for match in _SENTENCE_END.finditer(text, start, end):
        start = match.end()
    return text[start:end]


def _counted(text: str, amount: Amount, sentence: str) -> str | None:
    if amount.noun or amount.kind == "duration":
        return amount.noun
    match = _OF.search(text, max(0, amount.start - 60), amount.start)
    left = _noun_at_end(match["noun"]) if match else None
    purpose = _PURPOSE.match(text, amount.end)
    right = _noun_at_start(purpose["noun"]) if purpose else None
    if amount.kind == "area" and left:
        return left
    if amount.kind == "percent" and (given := _given_share(text, amount)):
        return given
    if amount.kind == "percent" and purpose and purpose["link"] == "of":
        return right
    if amount.kind == "money":
        return _counted_money(text, amount, sentence, (left, right))
    changed = _CHANGED.search(sentence[-80:]) if amount.kind == "percent" else None
    subject = _noun_at_end(changed["noun"]) if changed else None
    return _last_noun(sentence, ("money", "heads")) or right or subject or left


def _counted_money(
    text: str, amount: Amount, sentence: str, beside: tuple[str | None, str | None]
) -> str | None:
    left, right = beside
    follows = _NEXT.match(text, amount.end)
    following = follows["noun"] if follows and follows["noun"].split()[0] not in _STOPS else None
    granted = [noun for noun in (left, right, following) if noun and head_role("money", noun)]
    granted = granted or ([] if right or following else _later(text, amount, sentence))
    if granted:
        return granted[0]
    return _last_noun(sentence, ("money",)) or right or _last_noun(sentence, ("heads",)) or left


def _given_share(text: str, amount: Amount) -> str | None:
    """Return the noun of a share that is granted: a 20 percent discount."""
    noun = _NEXT.match(text, amount.end)
    word = noun["noun"].split()[0] if noun else ""
    return word if head_role("money", word) == "support" else None


def _later(text: str, amount: Amount, sentence: str) -> list[str]:
    """Return what the sums of a list are, as its last says: 2 million, and 1 million in grants."""
    listed = _LISTED.match(text, amount.end)
    if listed is None or _last_noun(sentence, ("money",)):
        return []
    noun = _noun_at_start(listed["noun"])
    return [noun] if noun and head_role("money", noun) == "support" else []


def _noun_at_end(words: str) -> str | None:
    """Return the last words that no verb or preposition interrupts."""
    noun: list[str] = []
    for word in reversed(words.split()):
        if word.lower() in _STOPS:
            break
        noun.insert(0, word)
    return " ".join(noun) or None


def _noun_at_start(words: str) -> str | None:
    """Return the first words that no verb or preposition interrupts."""
    noun: list[str] = []
    for word in words.split():
        if noun and word.lower() in _STOPS:
            break
        noun.append(word)
    return " ".join(noun) or None


def _last_noun(sentence: str, sections: tuple[str, ...]) -> str | None:
    """Return the last known noun of the sentence with the word before it."""
    words = _TOKEN.findall(sentence)
    for at in range(len(words) - 1, -1, -1):
        if any(_role_of(section, words[at]) for section in sections):
            return _noun_at_end(" ".join(words[max(0, at - 1) : at + 1]))
    return None


def head_role(section: str, noun: str) -> str | None:
    """Return the role that a noun phrase gives: its last known noun decides."""
    words = _TOKEN.findall(noun.partition(" on ")[0])
    for end in range(len(words), 0, -1):
        for size in (3, 2, 1):
            role = _role_of(section, " ".join(words[max(0, end - size) : end]))
            if role:
                return role
    return None


def _role_of(section: str, noun: str) -> str | None:
    """Return the role of a noun in singular or plural."""
    word = noun.lower()
    forms = [word, word.removesuffix("s"), word.removesuffix("es")]
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    return next((role for form in forms if (role := _NOUNS[section].get(form))), None)


def _role(text: str, amount: Amount, counted: str, sentence: str) -> str:
    if amount.kind == "area":
        return "support" if _grants(sentence) else "space"
    if amount.kind in ("percent", "ratio"):
        near = " ".join(sentence.split()[-5:])
        if _GROWTH.search(near) or _GROWN.match(text, amount.end):
            return "growth"
        is_given = amount.kind == "percent" and (_grants(sentence) or _given_share(text, amount))
        return "support" if is_given else "other"
    if amount.kind == "money":
        role = _money_role(counted, sentence)
        # no fund is up to so much
        return "support" if role == "fund" and amount.qualifier == "up_to" else role
    if amount.kind in ("person", "count"):
        return head_role("heads", counted) or "other"
    return "rank" if amount.kind == "rank" else "other"


def _grants(sentence: str) -> bool:
    cue = next(_CUE.finditer(sentence), None)
    return cue is not None and _NOUNS["cues"][cue["word"].lower()] == "support"


def _money_role(counted: str, sentence: str) -> str:
    role = head_role("money", counted)
    if role:
        return role
    cues = [_NOUNS["cues"][match["word"].lower()] for match in _CUE.finditer(sentence)]
    return cues[-1] if cues else head_role("money", sentence) or "other"


def _is_running_total(amount: Amount, role: str, sentence: str) -> bool:
    if amount.kind not in ("person", "count", "money", "area") or role in ("support", "rank"):
        return False
    return _TOTAL.search(sentence) is not None


def _rate(text: str, amount: Amount) -> str | None:
    aside = _ASIDE.match(text, amount.end)
    end = aside.end() if aside else amount.end
    found = set()
    while match := _RATE.match(text, end):
        found.add(_RATES["each"][match["word"]])
        end = match.end()
    return join_rates(found)


def _target(text: str, amount: Amount, sentence: str) -> str | None:
    """Return the noun phrase with a receiver's noun that stands nearest before the sum."""
    start = text.rfind("\n", max(0, amount.start - 200), amount.start)
    label = (
        _LABEL.match(text, start + 1, amount.start) if start >= 0 or amount.start < 200 else None
    )
    if label and _TARGET.search(label["label"]) and not head_role("money", label["label"]):
        return label["label"]
    if amount.row and (_TARGET.search(amount.row) or _TIER.search(amount.row)):
        return amount.row
    for phrase in reversed(_BREAK.split(sentence)):
        words = _LEADER.sub("", phrase).split(":")[0].strip()
        if _TARGET.search(words):
            return _MONEY_END.sub("", words).strip() or None
    given = _GIVEN.match(text, amount.end)
    return given["noun"] if given else None


def _benefit(text: str, amount: Amount, counted: str, sentence: str) -> str:
    rest = _REST.match(text, amount.end)
    clause = sentence.rsplit(",", 1)[-1] + (rest.group() if rest else "")
    for words in (counted, clause, sentence):
        kinds = [_SUPPORTS["benefit"][match["word"].lower()] for match in _BENEFIT.finditer(words)]
        if kinds:
            return kinds[-1]
    return "other"


def _tier(words: str) -> str:
    tier = "other"
    for match in _TIER.finditer(words):
        tier = _SUPPORTS["tier"][match["word"].lower()]
    return tier
