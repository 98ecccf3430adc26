"""What an article tells of a policy where it first names it: what was done, by whom, and when."""

import re
from dataclasses import replace
from functools import cache

from extract.background import Background, action_words, is_trial
from extract.days import find_dates
from extract.documents import in_force
from extract.facts import Policy
from extract.formalities import number_after, read_labels
from extract.issuers import find_issuer, find_lender, find_owner, title_bodies
from extract.lexicon import Words, any_of
from extract.policy_patterns import PolicyName

_SENTENCE = re.compile(r"[。！？\n]|[.!?](?=\s)")


def describe(policy: Policy, name: PolicyName, background: Background) -> Policy:
    """Return the policy with what is told of it where it is first named."""
    if name.is_cited:
        return replace(policy, action="mentioned")
    start, end = name.start, name.end
    text = background.reading.text
    first = _sentence_start(text, start)
    last = _sentence_end(text, end)
    before = _masked(text[first:start])
    after = _masked(text[end:last])
    verb, action = _action(before, after, policy, background)
    issuer = (
        find_owner(text[first:start], first, background)
        or find_lender(before, background)
        or find_issuer(before[:verb], first, action, background)
        or title_bodies(policy.name, background.reading.lang)
    )
    begins, ends = _period(policy, after)
    if begins is None:
        begins, ends = in_force(after, background)
    is_new = action in {"issued", "revised"}
    labels = read_labels(background.reading, end, background) if policy.kind == "document" else {}
    return replace(
        policy,
        action=action,
        issuer=issuer or labels.get("issuer"),
        doc_number=number_after(background.reading, end) or labels.get("number"),
        trial=is_trial(policy.name, after, background.reading.lang),
        issued=(_day_of(text[first:start], background) if is_new else None) or labels.get("issued"),
        valid_from=begins or labels.get("begins"),
        valid_to=ends or labels.get("ends"),
    )


def _sentence_start(text: str, position: int) -> int:
    start = 0
    for match in _SENTENCE.finditer(text, max(0, position - 400), position):
        if not _is_open(text[match.end() : position]):
            start = match.end()
    return max(start, text.rfind("\n", 0, position) + 1)


def _is_open(text: str) -> bool:
    """Whether a 《 or “ that began before `text` closes in it: the mark stood inside a name."""
    return text.count("》") > text.count("《")


def _sentence_end(text: str, position: int) -> int:
    match = _SENTENCE.search(text, position)
    return match.start() if match else len(text)


def _masked(text: str) -> str:
    """Return the text with the names in it blanked, so that their verbs tell nothing."""
    return re.sub(r"《[^《》]*》|“[^“”]{1,30}”", lambda m: "□" * len(m[0]), text)


@cache
def _verb(lang: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of(action_words(lang)['action'].names)})")


def _action(before: str, after: str, policy: Policy, background: Background) -> tuple[int, str]:
    """Return where the deciding verb begins in `before`, and what was done."""
    lang = background.reading.lang
    words = action_words(lang)
    found = [(m.start(), words["action"][m[0]]) for m in _verb(lang).finditer(before)]
    later = words["after"].get(_first(words["after"], after[:16]))
    if later:
        return (found[-1][0] if found else len(before)), later
    passive = words["passive"].get(_match(words["passive"], _past_notes(after)))
    if passive and (not found or found[-1][1] != "mentioned"):
        return len(before), passive
    if not found:
        return len(before), _unsaid(policy, background)
    position, action = found[-1]
    if action == "mentioned" and background.is_guide:
        return position, "implemented"
    if action in _DONE and any(a == "planned" and _reaches(before, p, position) for p, a in found):
        return position, "planned"
    return position, action


_DONE = frozenset({"issued", "implemented", "revised"})


def _reaches(before: str, planned: int, verb: int) -> bool:
    """Whether 将 or 拟 rules the verb: 拟 only the next one, 将 all of its sentence."""
    if before.startswith(("将", "will "), planned):
        return not re.match("将.{1,14}(?:纳入|列入|作为|转化|打造成)", before[planned:])
    return verb - planned <= 8


def _past_notes(after: str) -> str:
    """Return what follows a name, past its closing mark and the notes in brackets."""
    return re.sub(r"^[》”\"]*(?:（[^（）]*）|\([^()]*\))*[》”\"]?\s*", "", after)


def _match(words: Words, text: str) -> str | None:
    match = re.match(words.pattern, text)
    return match[0] if match else None


def _first(words: Words, text: str) -> str | None:
    match = re.search(words.pattern, text)
    return match[0] if match else None


def _unsaid(policy: Policy, background: Background) -> str:
    if policy.kind == "document" and not background.is_guide:
        return "mentioned"
    return "implemented"


def _period(policy: Policy, after: str) -> tuple[str | None, str | None]:
    """Return the years that a plan's name covers (2021-25)."""
    period = _PERIOD.search(policy.name) or _PERIOD.match(after.removeprefix(" period"))
    if not period:
        return None, None
    first, last = period[1], period[1][:2] + period[2][-2:]
    return (first, last) if int(first) < int(last) <= int(first) + 20 else (None, None)


_PERIOD = re.compile(r"\"?[》\s]*[（(]?((?:19|20)\d\d)年?\s?[-—~至]+\s?((?:20)?\d\d)(?!\d)年?")


def _day_of(before: str, background: Background) -> str | None:
    """Return the last day named before the name, or that of the occasion the article reports."""
    reading = background.reading
    dates = find_dates(before, reading.text, background.published)
    if dates:
        return dates[-1]
    occasion = action_words(reading.lang)["occasion"].pattern
    if re.search(occasion, before):
        lead = find_dates(reading.text[:160], reading.text, background.published)
        days = [day for day in lead if len(day) == 10]
        return days[-1] if days else None
    return None
