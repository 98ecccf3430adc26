"""Names of policies in Chinese text: marked by 《》 or “”, or standing after a verb of issuing."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from extract.lexicon import load_words
from extract.policy_patterns import HAN, Patterns, PolicyName, patterns_of

_QUOTE = re.compile(r"“([^“”\n]{2,40})”")


@cache
def _system(lang: str) -> re.Pattern[str]:
    named = f"(?:{load_words(lang, 'policies')['set'].pattern})"
    return re.compile(
        rf"""
          “\d\s?\+\s?[\dNnXx]+(?:\+[\dNnXx]+)*”的?[{HAN}]{{0,8}}?{named}
        | (?<!\d)\d\s?\+\s?[\dNnXx]+(?:\+[\dNnXx]+)*的?[{HAN}]{{0,6}}?{named}
        | “[{HAN}]{{2,10}}\d{{1,3}}条”
        | [{HAN}]{{0,6}}?(?:新政|人才)\s?\d{{1,3}}\s?条
        | [{HAN}]{{0,6}}?(?:新政|人才政策)\s?\d\.0版?
        | \d{{1,3}}条[{HAN}]{{0,6}}新政
        | “[{HAN}]{{2,8}}新政(?:\d\.0)?”
        """,
        re.VERBOSE,
    )


def find_chinese_names(text: str, lang: str) -> list[PolicyName]:
    """Return the names of policies in a reading, in its order; the same name may come again."""
    patterns = patterns_of(lang)
    found: list[PolicyName] = []
    for rule in _RULES:
        for name in rule(text, patterns):
            if not any(_clash(name, known) for known in found):
                found.append(name)
    return sorted(found, key=lambda n: (n.start, n.end))


def _clash(name: PolicyName, known: PolicyName) -> bool:
    """Whether a weaker rule found what a stronger one did; a quoted name inside 《》 may stand."""
    apart = name.end <= known.start or name.start >= known.end
    return not apart and not (
        known.kind == "document" and name.kind != "document" and _inside(name, known)
    )


def _inside(name: PolicyName, outer: PolicyName) -> bool:
    return outer.start < name.start and name.end < outer.end


def _titles(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield what stands between 《 and 》, the outer of nested ones."""
    for span in _marked(text):
        start, end = _without_stars(text, *span)
        name = text[start:end]
        if patterns.not_document.search(name) or not 4 <= len(name) <= 120:
            continue
        if re.sub("（[^（）]*）", "", name) in patterns.words["plain_title"]:
            continue
        kind = _title_kind(name, patterns)
        if kind:
            yield PolicyName(start=start, end=end, kind=kind)


def _without_stars(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the stars that set its words in bold: 《**甲办法**》."""
    while start < end and text[start] in "* ":
        start += 1
    while start < end and text[end - 1] in "* ":
        end -= 1
    return start, end


def _marked(text: str) -> list[tuple[int, int]]:
    """Return the spans between 《 and 》 that lie in no other; a mark without its pair is none."""
    opened: list[int] = []
    spans: list[tuple[int, int]] = []
    for mark in re.finditer(r"[《》\n]", text):
        if mark[0] == "《":
            opened.append(mark.end())
        elif mark[0] == "\n":
            opened.clear()
        elif opened:
            start = opened.pop()
            spans = [span for span in spans if span[0] < start]
            spans.append((start, mark.start()))
    return spans


def _title_kind(name: str, patterns: Patterns) -> str | None:
    if patterns.document.search(name):
        return "document"
    return next((kind for kind in ("fund", "programme") if patterns.kinds[kind].search(name)), None)


def _systems(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    for match in _system(patterns.lang).finditer(text):
        cut = 0
        if "\u4e00" <= match[0][0] <= "\u9fff":
            verbs = [verb.end() for verb in patterns.verb.finditer(match[0])]
            cut = max([len(_leading(match[0], patterns)), *verbs])
        yield PolicyName(start=match.start() + cut, end=match.end(), kind="system")


def _quoted(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield “X计划”, “X”投资基金, “人才强市”战略, and 新一轮“X计划”."""
    end = 0
    for match in _QUOTE.finditer(text):
        if match.start() < end:
            continue
        named = _quoted_name(text, match, patterns)
        if named:
            end = named.end
            yield named


def _quoted_name(text: str, match: re.Match[str], patterns: Patterns) -> PolicyName | None:
    before = text[max(0, match.start() - 4) : match.start()]
    if patterns.listed["alias"].search(before) or patterns.listed["no_name"].search(match[1]):
        return None
    if patterns.listed["typed"].search(before[-2:]):
        return None
    tail = patterns.tail.match(text, match.end())
    if tail and tail.lastgroup:
        end = tail.end()
        kind = _tail_kind(text, match, tail, patterns)
        is_other = patterns.not_tail.fullmatch(text, match.end(), end)
    else:
        end, kind = match.end(), _kind_inside(text, match, patterns)
        is_other = patterns.not_tail.match(text, end)
        if is_other and text.startswith("人才", end):
            is_other = None
    if kind and not is_other and _is_topical(text, match.start(), end, kind, patterns):
        return PolicyName(start=_with_year(text, match.start(), patterns), end=end, kind=kind)
    merged = _MERGED.match(text, match.end())
    if merged:
        return PolicyName(start=match.start(), end=merged.end(), kind="programme")
    return None


def _tail_kind(
    text: str, match: re.Match[str], tail: re.Match[str], patterns: Patterns
) -> str | None:
    """Return the kind that the words after the quotation marks tell.

    A project is named by what it is for (“飞鹤计划”卓越工程师项目), not by a mere 项目.
    """
    if tail.lastgroup != "project":
        return tail.lastgroup
    if patterns.listed["not_project"].search(tail[0]):
        return None
    is_programme = patterns.kinds["programme"].search(match[1])
    named = patterns.listed["topic"].search(text[match.start() : tail.end()])
    return "programme" if is_programme or named else None


#: Two quoted names in one.
_MERGED = re.compile(rf"[{HAN}]{{2,8}}“[^“”\n]{{2,12}}(?:计划|工程|行动)”")


def _kind_inside(text: str, match: re.Match[str], patterns: Patterns) -> str | None:
    """Return the kind that the words between the quotation marks end with."""
    inner = match[1]
    for kind, pattern in patterns.kinds.items():
        if not pattern.search(inner):
            continue
        if kind == "document":
            return kind if _is_ruled(text, match.start(), patterns) else None
        if inner[-1] not in patterns.words["loose"] or _is_offered(text, match.start(), patterns):
            return kind
    return None


def _is_ruled(text: str, start: int, patterns: Patterns) -> bool:
    """Whether a quoted name stands after 修正, 依 ...: 预告修正“甲规则”及“乙规则”."""
    before = re.sub(rf"(?:“[^“”]{{2,40}}”[{HAN}、]{{0,6}})+$", "", text[max(0, start - 60) : start])
    return bool(patterns.listed["ruling"].search(before[-8:]))


def _is_topical(text: str, start: int, end: int, kind: str, patterns: Patterns) -> bool:
    """Whether a strategy's name, or the sentence around a programme's, speaks of talent."""
    name = text[start:end]
    if patterns.listed["topic"].search(name):
        return True
    if kind == "strategy":
        return bool(re.search("[强兴立][市省县区州国]", name))
    if kind != "programme":
        return True
    low = max(text.rfind(mark, 0, start) for mark in "。！？\n") + 1
    high = min(
        (i for i in (text.find(mark, end) for mark in "。！？\n") if i >= 0), default=len(text)
    )
    around = text[low:start] + text[end:high]
    common = patterns.listed["not_programme"].search(name)
    return not common and bool(patterns.listed["topic"].search(around))


def _is_offered(text: str, start: int, patterns: Patterns) -> bool:
    return bool(patterns.listed["offering"].search(text, max(0, start - 8), start))


def _with_year(text: str, start: int, patterns: Patterns) -> int:
    """Return where a name begins whose year or round stands before the quotation mark."""
    before = re.search(
        rf"(?:新一轮|\d{{4}}年(?:度)?(?P<work>[{HAN}]{{0,8}})|第[一二三四五六七八九十\d]+期)$",
        text[max(0, start - 16) : start],
    )
    if not before or (before["work"] and not patterns.listed["topic"].search(before["work"])):
        return start
    return start - len(before[0])


def _chains(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield quoted names in one row with a product of policy: “人才贷”“人才投”等金融产品."""
    row = re.compile(
        rf"(?:“[^“”\n]{{2,14}}”[、和及]?){{2,}}等?[{HAN}]{{0,4}}(?:{patterns.words['row'].pattern})"
    )
    for match in row.finditer(text):
        names = list(_QUOTE.finditer(text, match.start(), match.end()))
        if any(patterns.kinds["instrument"].search(name[1]) for name in names):
            for name in names:
                yield PolicyName(start=name.start(), end=name.end(), kind="instrument")


def _set_up(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    verbs = patterns.words["set_up"].pattern
    quoted = r"“[^“”\n]{2,14}”"
    for match in re.finditer(rf"(?:{verbs}){quoted}(?:[及和、]{quoted})*", text):
        for name in _QUOTE.finditer(text, match.start(), match.end()):
            if not patterns.listed["not_set_up"].search(name[1][-4:]):
                yield PolicyName(start=name.start(), end=name.end(), kind="programme")


def _unmarked(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    if _is_statute(text):
        return  # a law speaks of plans and measures to be made, and names none
    for match in patterns.unmarked.finditer(text):
        name = match["name"].removesuffix("的通知")  # 印发X方案的通知 names X
        name = name if patterns.document.search(name) else match["name"]
        if _is_name(name, patterns, least=7) and not _describes(name, patterns):
            start = match.start("name")
            yield PolicyName(start=start, end=start + len(name), kind="document")


def _describes(name: str, patterns: Patterns) -> bool:
    """Whether it is no title: 促进青年创业的措施; but 加快建设人才高地的意见 is one."""
    ending = re.search(rf"(?:{patterns.words['described'].pattern})$", name)
    return bool(ending) or name.startswith(("的", "有利于"))


def _programmes(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    if _is_statute(text):
        return
    for match in patterns.programme.finditer(text):
        name = re.sub(rf"^(?:{patterns.words['opening'].pattern})+", "", match["name"])
        is_other = patterns.listed["phrase"].search(name) or patterns.listed[
            "not_programme"
        ].search(name)
        if _is_name(name, patterns, least=6) and not is_other:
            end = match.end("name")
            yield PolicyName(start=end - len(name), end=end, kind="programme")


_COUNTED = re.compile(r"[\d一二三四五六七八九十]+[项个条份]")


def _is_name(name: str, patterns: Patterns, *, least: int) -> bool:
    generic = patterns.listed["generic"].match(name) or _COUNTED.match(name)
    topical = patterns.listed["topic"].search(name)
    return len(name) >= least and not generic and bool(topical)


def _funds(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    is_statute = _is_statute(text)
    for match in patterns.fund.finditer(text):
        name = match[0]
        name = name[len(_leading(name, patterns)) :]
        own = name[: _fund_ending(name, patterns)]
        if not patterns.listed["fund_plain"].sub("", own):
            continue
        if patterns.listed["not_fund"].search(name):
            continue
        if is_statute and not patterns.listed["topic"].search(own):
            continue  # a law speaks of funds to be made; it names those of talent
        if patterns.listed["generic"].match(name):
            continue
        yield PolicyName(start=match.end() - len(name), end=match.end(), kind="fund")


def _fund_ending(name: str, patterns: Patterns) -> int:
    """Return where the ending begins (人才发展 | 专项资金); in other names, their last four."""
    ending = patterns.kinds["fund"].search(name)
    return ending.start() if ending else max(0, len(name) - 4)


def _leading(name: str, patterns: Patterns) -> str:
    """Return what of the match stands before the name: up to the last verb, amount or 的."""
    least = _fund_ending(name, patterns)
    cut = 0
    for boundary in patterns.boundary.finditer(name):
        if boundary.end() <= least:
            cut = boundary.end()
    return name[:cut]


def _strategies(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    for match in patterns.strategy.finditer(text):
        yield PolicyName(start=match.start(), end=match.end(), kind="strategy")


def _headings(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    found = list(patterns.heading.finditer(text))
    if len(found) >= 3:
        for match in found:
            yield PolicyName(start=match.start("name"), end=match.end("name"), kind="instrument")
    for match in patterns.titled.finditer(text):
        if _is_name(match["name"], patterns, least=6):
            yield PolicyName(start=match.start("name"), end=match.end("name"), kind="programme")


def _plain_instruments(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    for match in patterns.plain.finditer(text):
        yield PolicyName(start=match.start(), end=match.end(), kind="instrument")


_STATUTE = re.compile(r"^第\s?[\d一二三四五六七八九十百]+\s?条", re.MULTILINE)


def _is_statute(text: str) -> bool:
    return len(_STATUTE.findall(text)) >= 3


def _laws(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield laws that a statute cites without marks (依 X法第七条); other texts mark theirs."""
    if not _is_statute(text) or "《" in text:
        return
    for match in patterns.law.finditer(text):
        name = match["name"]
        for word in patterns.listed["not_law"].finditer(match["name"]):
            if not patterns.listed["law_word"].match(match["name"], word.start() - 1):
                name = match["name"][word.end() :]
        is_phrase = patterns.listed["not_law_opening"].match(name)
        is_phrase = is_phrase or re.search("[本该](?:法|条例|办法|标准|准则|规则)$", name)
        if len(name) < 4 or is_phrase or name in patterns.words["plain_title"]:
            continue
        if not patterns.not_document.search(name):
            end = match.end("name")
            yield PolicyName(start=end - len(name), end=end, kind="document", is_cited=True)


def _known(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield programmes that are known by name wherever they stand."""
    for match in patterns.known.finditer(text):
        yield PolicyName(start=match.start(), end=match.end(), kind="programme")


def _bracketed(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield a programme in brackets: 生活补贴（青年人才托举行动）."""
    for match in patterns.bracketed.finditer(text):
        if _is_name(match["name"], patterns, least=6):
            yield PolicyName(start=match.start("name"), end=match.end("name"), kind="programme")


def _bold(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield benefits that a list sets in bold: **高校毕业生住房租赁补贴**."""
    for match in patterns.bold.finditer(text):
        if _is_name(match["name"], patterns, least=6):
            yield PolicyName(start=match.start("name"), end=match.end("name"), kind="instrument")


def _cards(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield cards that somebody holds: 持南沙人才卡."""
    for match in patterns.card.finditer(text):
        held = list(patterns.listed["holding"].finditer(match["name"]))
        start = match.start("name") + (held[-1].end() if held else 0)
        if not patterns.listed["generic"].match(text, start):
            yield PolicyName(start=start, end=match.end("name"), kind="instrument")


#: Stronger rules first: what one has found, the next leave alone.
_RULES: tuple[Callable[[str, Patterns], Iterator[PolicyName]], ...] = (
    _titles, _systems, _quoted, _chains, _set_up, _unmarked, _funds, _known, _programmes,
    _bracketed, _strategies, _headings, _cards, _plain_instruments, _bold, _laws,
)  # fmt: skip
