"""What the text of a document tells of itself: its number, its days, its term, who explains it."""

import re
from dataclasses import replace

from extract.background import Background, action_words, is_trial, raw_words
from extract.days import day_before, find_dates, plan_period, plus_years
from extract.facts import Policy
from extract.formalities import find_formality, is_at_once, labels_in, own_number
from extract.issuers import title_bodies
from extract.lexicon import any_of
from extract.reading import Reading


def describe_own(policy: Policy, background: Background) -> Policy:
    """Return the policy with what its own text tells: number, days, term and who explains it."""
    reading = background.reading
    heads = [head for head in (background.head, reading) if head]
    made = find_formality(heads, background)
    head = background.head
    labels = labels_in(head, 0, len(head.text), background) if head else {}
    signed = made.office if made else None
    issued = (made.issued if made else None) or labels.get("issued")
    begins, ends = in_force(reading.text, background, issued=issued)
    period = plan_period(policy.name)
    return replace(
        policy,
        action="revised" if made and made.revises else "issued",
        issuer=title_bodies(policy.name, reading.lang)
        or signed
        or labels.get("issuer")
        or _explains(reading),
        doc_number=(made.number if made else None) or labels.get("number") or own_number(heads),
        issued=issued,
        valid_from=(made.begins if made else None) or begins or labels.get("begins") or period[0],
        valid_to=ends or labels.get("ends") or period[1],
        trial=is_trial(policy.name, "", reading.lang),
    )


_SPAN = re.compile(
    r"(?:期限|年限|有效期限?|实施期)(?:为|：|是|自)*"
    r"(?P<first>(?:19|20)\d\d[^，。；\n至到]{0,7})[至到—-]+(?P<last>(?:19|20)\d\d[^，。；\n]{1,7})"
)


def in_force(
    text: str, background: Background, *, issued: str | None = None
) -> tuple[str | None, str | None]:
    """Return the first and the last day in force that a text states.

    `issued` is the day from which a document is in force that says so of its issue.
    """
    if span := _SPAN.search(text):
        first, last = span["first"], span["last"]
        days = find_dates(first if "年" in first else f"{first}年", text, background.published)
        ends = find_dates(last, text, background.published)
        return days[0] if days else None, ends[0] if ends else None
    begins = _force_day(text, background, "from")
    if begins is None and is_at_once(text):
        begins = issued
    return begins, _force_day(text, background, "to") or _term(text, begins)


def _force_day(text: str, background: Background, which: str) -> str | None:
    words = action_words(background.reading.lang)["force"]
    phrases = any_of(w for w in words.names if words[w] == which)
    for match in reversed(list(re.finditer(phrases, text))):
        window = (
            text[match.end() : match.end() + 24]
            if which == "to"
            else text[max(0, match.start() - 26) : match.start()]
        )
        dates = find_dates(window, text, background.published)
        if dates:
            return dates[0] if which == "to" else dates[-1]
    return None


def _term(text: str, begins: str | None) -> str | None:
    match = re.search(r"有效期(?:限)?(?:为|是)?\s?([\d一二三四五六七八九十])\s?年", text)
    if not match or not begins or len(begins) != 10:
        return None
    years = int(match[1]) if match[1].isdigit() else "一二三四五六七八九十".index(match[1]) + 1
    return day_before(plus_years(begins, years))


def _explains(reading: Reading) -> str | None:
    match = re.search(r"由([\u4e00-\u9fff（）]{2,40}?)(?:负责|承担)(?:具体)?解释", reading.text)
    return raw_words(reading, match.start(1), match.end(1)) if match else None
