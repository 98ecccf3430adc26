"""What an article tells of a policy where it first names it: what was done, by whom, and when."""

import re
from dataclasses import replace
from functools import cache

from extract.background import Background, action_words, is_trial
from extract.days import find_dates, plan_period
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
    _, how = _passive(_rest(after), background.reading.lang) or ("", "")
    issuer = (
        _named_bodies(policy, text[first:start], background)
        or find_owner(text[first:start], first, background)
        or find_lender(before, background)
        or _doer(how)
        or find_issuer(before[:verb], first, action, background)
    )
    begins, ends = plan_period(policy.name, after)
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
        issued=(_day_of(_dated(how) or text[first:start], background) if is_new else None)
        or labels.get("issued"),
        valid_from=begins or labels.get("begins"),
        valid_to=ends or labels.get("ends"),
    )


def _named_bodies(policy: Policy, before: str, background: Background) -> str | None:
    """Return the bodies in the name of a document, or in front of the 关于印发 before it."""
    lang = background.reading.lang
    cover = re.search(r"(?P<bodies>[\u4e00-\u9fff、]+)关于(?:印发|发布|公布|转发)《$", before)
    if policy.kind != "document":
        return None
    return title_bodies(policy.name, lang) or (title_bodies(cover[0], lang) if cover else None)


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
    rest = _rest(after)
    later = words["after"].get(_first(words["after"], after[:16]) or _repeals(words["after"], rest))
    if later:
        return (found[-1][0] if found else len(before)), later
    passive = _passive(rest, lang)
    if passive and (not found or found[-1][1] != "mentioned"):
        return len(before), passive[0]
    if not found:
        return len(before), _unsaid(policy, background)
    if policy.kind == "document" and _is_adopted(before, lang):
        return len(before), "issued"
    return _last_verb(found, before, background)


def _last_verb(
    found: list[tuple[int, str]], before: str, background: Background
) -> tuple[int, str]:
    """Return the verb nearest to the name, as what it means there."""
    position, action = found[-1]
    if action == "mentioned" and background.is_guide:
        return position, "implemented"
    if action in _DONE and any(a == "planned" and _reaches(before, p, position) for p, a in found):
        return position, "planned"
    return position, action


_DONE = frozenset({"issued", "implemented", "revised"})


def _reaches(before: str, planned: int, verb: int) -> bool:
    """Whether 将 or 拟 rules the verb: 拟 only the next one, 将 and 建议 all of their sentence."""
    if before.startswith(("将", "建议", "will "), planned):
        return not re.match("将.{1,14}(?:纳入|列入|作为|转化|打造成)", before[planned:])
    return verb - planned <= 8


def _past_notes(after: str) -> str:
    """Return what follows a name, past its closing mark and the notes in brackets."""
    return re.sub(r"^[》”\"]*(?:（[^（）]*）|\([^()]*\))*[》”\"]?\s*", "", after)


def _rest(after: str) -> str:
    """Return what is told after a name, past its notes and the names in one row with it."""
    return _past_others(_past_notes(after))


def _past_others(after: str) -> str:
    """Return what follows a row of names of which all but the first are masked."""
    return re.sub(
        r"^(?:(?:(?:[、和与及]|以及)[^，。；：、□]{0,40})?□+(?:（[^（）]*）)*)+", "", after
    )


def _repeals(words: Words, rest: str) -> str | None:
    found = _first(words, rest[:6])
    return found if found and words[found] == "repealed" else None


_WHEN = r"[\d年月日底初中-]+起?"


def _passive(after: str, lang: str) -> tuple[str, str] | None:
    """Return what is told of a name that is the subject (《...》已于5月由甲局印发), and how."""
    words = action_words(lang)
    how = rf"(?:{words['between'].pattern}|于|自|{_WHEN}|由[^，。；、□]{{2,30}}?)*?"
    told = re.match(rf"(?P<how>{how})(?P<verb>{words['passive'].pattern})", after)
    if not told:
        return None
    action = words["passive"][told["verb"]]
    if not re.search("将|拟", told["how"]):
        return action, told["how"]
    return ("planned", told["how"]) if action in {"issued", "revised"} else None


def _dated(how: str) -> str | None:
    return how if re.search(r"\d", how) else None


def _doer(how: str) -> str | None:
    """Return who did it by a sentence whose subject is the name: 由甲局."""
    match = re.search(r"由([\u4e00-\u9fff]{2,30}?)(?:联合|正式|共同|于)?$", how)
    return match[1] if match else None


def _is_adopted(before: str, lang: str) -> bool:
    """Whether a body passes the document right here: 市政府常务会议通过《...》."""
    words = action_words(lang)
    clause = re.split("[，；]", before)[-1]
    by_whom = rf"(?:{words['body'].pattern}|会议)[^，]{{0,12}}"
    return bool(re.search(rf"{by_whom}(?:{words['adopting'].pattern})了?[《“]?$", clause))


def _first(words: Words, text: str) -> str | None:
    match = re.search(words.pattern, text)
    return match[0] if match else None


def _unsaid(policy: Policy, background: Background) -> str:
    if policy.kind == "document" and not background.is_guide:
        return "mentioned"
    return "implemented"


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
