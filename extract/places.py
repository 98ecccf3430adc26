"""Districts and zones that an article names, and the district that it is about."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from crawler.article import Article
from extract.english_mentions import find_english
from extract.facts import Place
from extract.gazetteer import ancestors, current_code, district_name, districts_by_code, is_within
from extract.lexicon import FOLDERS, Words, load_words
from extract.mentions import Mention, find_chinese
from extract.reading import Reading, read_text

_FINDERS = MappingProxyType({"zh": find_chinese, "en": find_english})


def find_places(reading: Reading) -> list[Place]:
    """Return the districts and zones that a text names, in its order.

    A name that can mean several districts has no `code`, only `candidates`, unless the name above
    stands beside it (南通通州区).
    """
    folder = FOLDERS[reading.lang]
    return [_place(reading, mention) for mention in _FINDERS[folder](reading.text, folder)]


def _place(reading: Reading, mention: Mention) -> Place:
    evidence = reading.evidence(mention.start, mention.end)
    code = mention.candidates[0] if len(mention.candidates) == 1 else None
    words = reading.text[mention.start : mention.end]
    name = mention.zone or (_official(code) if code else words)
    return Place(name=name, evidence=evidence, code=code, candidates=mention.candidates)


def _official(code: str) -> str:
    return districts_by_code()[code].name


def settle_places(places: Sequence[Place], *, context: Collection[str] = ()) -> list[Place]:
    """Give a code to each place whose surroundings leave one candidate.

    Surroundings are the codes in `context` (publisher, title), then the other places of the text:
    the candidate itself, the city above it, the province above it, in this order.
    """
    near = Counter(code for place in places if (code := place.code))
    return [place if place.code else _settled(place, context, near) for place in places]


def _settled(place: Place, context: Collection[str], near: Mapping[str, int]) -> Place:
    for known in (set(context), set(near)):
        code = _only_one(place.candidates, known)
        if code:
            return replace(place, code=code, name=_official(code))
    return place


def _only_one(candidates: Iterable[str], known: Collection[str]) -> str | None:
    """Return the one candidate that is known, or lies in or over what is known, if it is one."""
    codes = list(candidates)
    chains = {above for code in known for above in ancestors(code)}
    for supported in (
        [c for c in codes if c in known],
        [c for c in codes if any(is_within(k, c) for k in known)],
        [c for c in codes if _city(c) in chains],
        [c for c in codes if ancestors(c)[-1] in chains],
    ):
        if supported:
            return supported[0] if len(supported) == 1 else None
    return None


def _city(code: str) -> str:
    chain = ancestors(code)
    return chain[-2] if len(chain) > 2 else chain[-1] + " "


def own_district(word: str, district: str | None, lang: str) -> str | None:
    """Return the code that 我区, 全市, the province mean in an article about `district`.

    None if `word` is no such word, or if the article's district is above the level it names.

    >>> own_district("全市", "320322", "zh-Hans")
    '320300'
    """
    level = load_words(lang, "places")["own"].get(word)
    if level is None or district is None:
        return None
    chain = ancestors(district)
    known = districts_by_code()
    same = [code for code in chain if known[code].level == level]
    if same:
        return same[0]
    # 我区 in a city's paper is a district that the text must name; 全市 in Shanghai is Shanghai
    return chain[-1] if level == "city" and known[chain[-1]].name.endswith("市") else None


def article_district(article: Article, places: Sequence[Place]) -> str | None:
    """Return the code of the lowest district that covers the whole article.

    The title decides; then the body, by what most of its names lie in; then the publisher. None
    for articles about many places, about the country or about abroad.
    """
    publisher = current_code(article.publisher_code or "")
    context = [publisher] if publisher else []
    settled = settle_places(places, context=context)
    named = [p for p in settled if p.code and not is_dateline(p, article.text)]
    body = [p.code for p in named if p.code]
    title = _title_codes(article, body, context)
    if title:
        return _covering(title, body)
    return (
        _of_body(article, named) or _named_source(article, context) or publisher or _hinted(article)
    )


def _of_body(article: Article, named: Sequence[Place]) -> str | None:
    """Return the district that the body is about, by its names alone."""
    words = load_words(article.lang, "places")
    text = article.text[slice(*article.body)]
    own = len(re.findall(words["own"].pattern, text))  # 本市 speaks for the city as its name does
    least = len(text) / int(next(iter(words["reach"].names))) - own
    lines = _by_line(article, named)
    chosen = _dominant([code for codes in lines.values() for code in codes], least)
    is_meant = chosen and not _is_aside(chosen, lines)
    return chosen if is_meant else _leading(lines, least / 2)


def _by_line(article: Article, named: Sequence[Place]) -> dict[int, list[str]]:
    """Return the codes that each line of the body names; lines without words do not count."""
    ends = [match.end() for match in re.finditer(r"[^\n]*\S[^\n]*", article.text) if match.end()]
    lines: dict[int, list[str]] = {}
    first = bisect_left(ends, article.body[0] + 1)
    for place in named:
        if place.code:
            line = bisect_left(ends, place.evidence.end) - first
            lines.setdefault(line, []).append(place.code)
    return lines


_LEAD = 2


def _is_aside(code: str, lines: Mapping[int, Sequence[str]]) -> bool:
    """Whether a text names a place only in passing: in one of its lines, not the first ones."""
    named = [line for line, codes in lines.items() if any(is_within(c, code) for c in codes)]
    return len(named) == 1 and named[0] >= _LEAD


_MOST_LINES = 3


def _leading(lines: Mapping[int, Sequence[str]], least: float) -> str | None:
    """Return the district of the first line that names one, if most lines speak of it alone."""
    regions = [{ancestors(code)[-1] for code in codes} for _, codes in sorted(lines.items())]
    first = regions[0] if regions else set()
    own = [region for region in regions if region == first]
    if len(first) != 1 or len(own) < _MOST_LINES or 2 * len(own) <= len(regions):
        return None
    (region,) = first
    inside = [c for codes in lines.values() for c in codes if is_within(c, region)]
    return _dominant(inside, least)


def _title_codes(article: Article, body: Sequence[str], context: Sequence[str]) -> list[str]:
    title = read_text(article.title or "", article.lang)
    places = find_places(title)
    zone = _bare_zone(title, body)
    if all(
        z.evidence.end > p.evidence.end or z.evidence.start < p.evidence.start
        for z in zone
        for p in places
    ):
        places += zone
    settled = settle_places(places, context=[*context, *body])
    return [place.code for place in settled if place.code]


def _bare_zone(title: Reading, body: Sequence[str]) -> list[Place]:
    """Return the place that 高新区 in a title means: the district that most of the body names."""
    kinds = load_words(title.lang, "places")["zones"]
    word = next((w for w in sorted(kinds.names) if w in title.text and w.endswith("区")), None)
    counties = [c for c in body if districts_by_code()[c].level == "county"]
    if word is None or not counties:
        return []
    start = title.text.index(word)
    code = Counter(counties).most_common(1)[0][0]
    evidence = title.evidence(start, start + len(word))
    return [Place(name=word, evidence=evidence, code=code, candidates=(code,))]


def _covering(title: Sequence[str], body: Sequence[str]) -> str | None:
    """Return the lowest of nested codes; of codes apart, the one that the body is about.

    None if it is about several that nothing but the country holds.
    """
    lowest = [c for c in dict.fromkeys(title) if not any(is_within(o, c) and o != c for o in title)]
    weight = {c: sum(is_within(b, c) for b in body) for c in lowest}
    best = max(lowest, key=lambda c: (weight[c], -lowest.index(c)))
    others = [weight[c] for c in lowest if c != best]
    if 2 * max(others, default=-1) >= weight[best]:
        return _common(lowest)
    if others and 2 * sum(others) >= weight[best]:
        return _common(lowest) or best
    return best


def _common(codes: Sequence[str]) -> str | None:
    """Return the lowest code that holds all of `codes`."""
    chains = [ancestors(code) for code in codes]
    return next((code for code in chains[0] if all(code in chain for chain in chains)), None)


_SHARE = 0.5
_LEAST = 2
_DATELINE = re.compile(r"(?:\d{1,2}月)?\d{1,2}日\s*[电電讯訊]|,?\s[A-Z][a-z]+\.? \d{1,2} \(")


def is_dateline(place: Place, text: str) -> bool:
    """Whether a place only tells where the reporter writes: 新华社北京2月22日电."""
    is_region = place.code in _REGIONS  # whose own outlets write of them
    return not is_region and bool(_DATELINE.match(text, place.evidence.end))


_REGIONS = frozenset({"710000", "810000", "820000"})


def _dominant(body: Sequence[str], least: float) -> str | None:
    """Return the lowest district that holds most of the names, and at least so many."""
    chosen: str | None = None
    for level in ("province", "city", "county"):
        inside = Counter(
            above
            for code in body
            for above in ancestors(code)
            if districts_by_code()[above].level == level and (not chosen or is_within(code, chosen))
        )
        wanted = _SHARE * sum(_counts(code, chosen) for code in body)
        best = min(inside, key=lambda c: (-inside[c], c), default=None)
        if best is None or inside[best] <= wanted or (inside[best] < _LEAST and len(body) > 1):
            break
        if chosen is None and inside[best] < least:
            return None
        chosen = best
    return chosen


def _hinted(article: Article) -> str | None:
    """Return the region whose institutions or money the text names; None if abroad is the title."""
    words = load_words(article.lang, "places")
    title = read_text(article.title or "", article.lang).text
    if re.search(words["foreign"].pattern, title):
        return None
    body = read_text(article.text[: article.body[1]], article.lang).text
    found = Counter(words["hints"][word] for word in re.findall(words["hints"].pattern, body))
    found.update(_of_schools(body, words))
    return found.most_common(1)[0][0] if len(found) == 1 else None


def _of_schools(body: str, words: Mapping[str, Words]) -> list[str]:
    """Return the regions whose state schools a text names: 国立...大学, but not 日本国立...大学."""
    state = words.get("state_school")
    if state is None:
        return []
    named = rf"({state.pattern})[\u4e00-\u9fff]{{1,8}}(?:{words['school'].pattern})"
    abroad = re.compile(rf"(?:{words['foreign'].pattern})$")
    return [
        state[match[1]]
        for match in re.finditer(named, body)
        if not abroad.search(body, max(0, match.start() - 6), match.start())
    ]


def _counts(code: str, chosen: str | None) -> float:
    """Return how much a name speaks against going below `chosen`: the name itself half."""
    if code == chosen:
        return 0.5
    return 1 if chosen is None or is_within(code, chosen) else 0


def _named_source(article: Article, context: Sequence[str]) -> str | None:
    for name in (article.source, article.publisher, article.author):
        places = settle_places(find_places(read_text(name or "", article.lang)), context=context)
        codes = [place.code for place in places if place.code]
        if codes:
            return _covering(codes, [])
    return None


__all__ = [
    "article_district",
    "district_name",
    "find_places",
    "own_district",
    "settle_places",
]
