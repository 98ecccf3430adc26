"""Who issued a policy, in the words of the text."""

import re
from functools import cache
from itertools import pairwise

from extract.background import Background, action_words, raw_words
from extract.facts import Place
from extract.gazetteer import is_within, part_zones
from extract.lexicon import load_words
from extract.names import find_org_spans
from extract.places import is_dateline
from extract.reading import Reading


def find_issuer(prefix: str, first: int, action: str, background: Background) -> str | None:
    """Return who did it.

    That is the subject before the verb, the speaker for 我们, the body that the section is about,
    or the article's district.
    """
    if action not in {"issued", "planned", "revised", "solicited"}:
        return None
    subject = _subject(prefix, first, background)
    everybody = action_words(background.reading.lang)["everybody"].pattern
    if subject is None and re.search(everybody, re.split("[，：,]", prefix)[-1]):
        return None
    if subject is None and re.search("我们|我县|我区|我市", prefix):
        subject = _speaker(first, background)
    return subject or _section(first, background) or _own_words(background)


def find_lender(before: str, background: Background) -> str | None:
    """Return whose fund it is that somebody leans on: 依托高新区 ... 母基金."""
    kinds = load_words(background.reading.lang, "places")["zones"].pattern
    return _own_words(background) if re.search(rf"依托(?:{kinds})[^，]*$", before) else None


def find_owner(before: str, first: int, background: Background) -> str | None:
    """Return the X of X's Plan and of 国科会“X计划”; `before` begins at `first`."""
    match = re.search(r"((?:[A-Z][\w-]*\s?){1,4})'s\s(?:\w+\s)?\"?$", before)
    if match:
        return match[1].strip()
    reading = background.reading
    end = len(re.sub("的?[“《]?$", "", before))
    start = next((a for a, b in find_org_spans(before[:end], reading.lang) if b == end), end)
    return raw_words(reading, first + start, first + end) if start < end else None


_HAN = "[\u4e00-\u9fff]"


@cache
def _body(lang: str) -> str:
    """Return a pattern for the endings of bodies that issue policies."""
    return f"(?:{action_words(lang)['body'].pattern})"


def title_bodies(title: str, lang: str) -> str | None:
    """Return the bodies in front of 关于 or 印发 in a document's title, joined by 、."""
    match = re.match(rf"(?P<bodies>[\u4e00-\u9fff、]{{2,60}}?{_body(lang)})(?:关于|印发)", title)
    if not match:
        return None
    # 沛县人才办沛县财政局: the second begins as the first does, or with a place of its own
    place = rf"(?:(?![局厅委办会府]){_HAN}){{2,6}}?[省市县区]"
    level = re.escape(title[0]) if title[0] in "省市区县" else re.escape(title[:2])
    again = rf"{level}|{place}{_HAN}+?[局厅委办会府]"
    return "、".join(re.split(rf"(?<=[局厅部委办会府])(?={again})|、", match["bodies"]))


def _subject(prefix: str, first: int, background: Background) -> str | None:
    reading = background.reading
    for begin, end in _clauses(prefix):
        article = _ARTICLE.match(prefix, begin, end)
        start = article.end() if article else begin
        clause = prefix[start:end]
        trimmed = _without_adverbs(clause, reading.lang)
        aliases = _full_forms(trimmed, reading)
        if aliases:
            return aliases
        offset = first + start
        if office := _OFFICE.match(clause):
            return raw_words(reading, offset, offset + office.end())
        name = _body_name(trimmed, reading.lang)
        if name:
            offset += name.start()
            return raw_words(reading, offset, offset + len(name[0]))
        place = _place_in(background, first + start, first + end)
        if place:
            return _clean(place, background)
    return None


_ARTICLE = re.compile(r"第[\d一二三四五六七八九十百]+条\s*")
#: Offices that act in their own name; not those of 总统府发言人.
_OFFICE = re.compile("(?:总统|行政长官|特首|行政院|教育部|劳动部)(?![府的]|发言人)")


def _full_forms(subject: str, reading: Reading) -> str | None:
    """Return the full names of bodies that the text has given short names: 以下简称“...”."""
    short = re.split("[和、]", re.sub(r"^.*[，。、；：]|^\d+、", "", subject))
    forms = [_defined(name, reading.text) for name in short if name]
    if not forms or not all(forms):
        return None
    return "、".join(raw_words(reading, *form.span(1)) for form in forms if form)


_FULL = "(?![和与及由])([\u4e00-\u9fff]{2,24}(?:（[\u4e00-\u9fff]{1,6}）)?[\u4e00-\u9fff]{0,12})"


def _defined(name: str, text: str) -> re.Match[str] | None:
    """Return where a text gives a full form its short name, the full form as the first group."""
    mark = f"（以下简称“{name}”）"
    # few names are defined: a pattern is only made of these
    return re.search(_FULL + re.escape(mark), text) if mark in text else None


_OPENS_SECTION = re.compile(
    r"^\s*(?P<name>[\u4e00-\u9fff]{4,24}(?:园|院|中心|公司|大学|集团|基地))[A-Za-z ]*"
    r"(?:是|成立于|位于|创建于|始建于|坐落)",
    re.MULTILINE,
)


def _section(first: int, background: Background) -> str | None:
    """Return the body that a paragraph before has introduced: X成立于1998年."""
    reading = background.reading
    verb = re.compile(action_words(reading.lang)["task"].pattern)
    opened = [
        match
        for match in _OPENS_SECTION.finditer(reading.text, 0, first)
        if not verb.match(match["name"])
    ]
    return raw_words(reading, *opened[-1].span("name")) if opened else None


def _clauses(prefix: str) -> list[tuple[int, int]]:
    """Return the clauses of a sentence so far, the last first."""
    cuts = [0, *(m.end() for m in re.finditer("[，：,]", prefix)), len(prefix) + 1]
    spans = [(a, b - 1 if b <= len(prefix) else len(prefix)) for a, b in pairwise(cuts)]
    return [(a, min(b, len(prefix))) for a, b in reversed(spans) if b > a]


def _without_adverbs(clause: str, lang: str) -> str:
    words = action_words(lang)
    adverb = re.compile(rf"(?:{words['between'].pattern}|{words['action'].pattern}|并|{_WHEN})$")
    while match := adverb.search(clause):
        clause = clause[: match.start()]
    return clause


#: When it was done, between the subject and its verb: 港府在2022年底推出.
_WHEN = (
    r"(?<=[\u4e00-\u9fff])\s?(?:在|于)?(?:19|20)\d\d\s?年\s?(?:\d{1,2}\s?月\s?(?:\d{1,2}\s?日)?)?[底初中末]?"
    r"|等\s?[\d一二三四五六七八九十]+\s?个?部门\s?"
)


def _body_name(clause: str, lang: str) -> re.Match[str] | None:
    """Return the bodies at the end of a clause: 宁波市住房保障和房产管理局, 科技部、财政部."""
    one = rf"[\u4e00-\u9fff（）]{{1,24}}{_body(lang)}"
    return re.search(
        rf"(?:^(?!并|根据|依据|按照)|(?<=[日年月，、])|(?<=宣布|根据|依据|按照))(?:[省市]、(?=[市区县]))*(?:{one}、)*{one}$",
        clause,
    )


def _place_in(background: Background, start: int, end: int) -> Place | None:
    offsets = background.reading.offsets
    low, high = offsets[start], offsets[min(end, len(offsets) - 1)]
    raw = background.reading.raw
    places = [p for p in background.places if low <= p.evidence.start < high]
    inside = [p for p in places if not is_dateline(p, raw)]
    return inside[0] if inside else None


def _speaker(first: int, background: Background) -> str | None:
    """Return the place in the title of who says it: ”沛县县委常委张毅表示."""
    reading = background.reading
    says = action_words(reading.lang)["says"].pattern
    match = re.compile(rf"”([^”\n]{{2,40}}?)(?:{says})").search(reading.text, first, first + 400)
    if not match:
        return None
    place = _place_in(background, match.start(1), match.end(1))
    return _clean(place, background) if place else None


def _own_words(background: Background) -> str | None:
    """Return the article's district in the words of the text: its full name, else the first."""
    text = background.reading.raw
    own = [
        p
        for p in background.places
        if p.code and p.code == background.district and not is_dateline(p, text)
        if p.name not in part_zones()
    ]
    full = [p for p in own if p.evidence.quote[-1] not in "县縣州" and _is_full(p)]
    place = next(iter(full), next(iter(own), None))
    return _clean(place, background) if place else None


def _is_full(place: Place) -> bool:
    return place.name[-1:] == place.evidence.quote[-1:] or place.evidence.quote[-1] in "省市区區"


def _clean(place: Place, background: Background) -> str:
    """Return the words of a place, with the names that go on from it, without notes in them."""
    reading = background.reading
    end = place.evidence.end
    for other in background.places:
        if other.evidence.start == end and _lies_below(other, place):
            end = other.evidence.end
    start_index = reading.place_of(place.evidence.start)
    end_index = reading.place_of(end)
    return raw_words(reading, start_index, end_index)


def _lies_below(place: Place, above: Place) -> bool:
    return bool(place.code and above.code and is_within(place.code, above.code))
