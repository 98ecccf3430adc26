"""Names of policies in Chinese text: marked by 《》 or “”, or standing after a verb of issuing."""

import re
from collections.abc import Callable, Iterator

from extract.policy_patterns import HAN, Patterns, PolicyName, patterns_of

_SET = "(?:政策体系|系列文件|人才政策|人才新政|政策|体系|文件|措施|方案|新政)"
_QUOTE = re.compile(r"“([^“”\n]{2,40})”")
_SYSTEM = re.compile(
    rf"""
      “\d\s?\+\s?[\dNnXx]+(?:\+[\dNnXx]+)*”的?[{HAN}]{{0,8}}?{_SET}
    | (?<!\d)\d\s?\+\s?[\dNnXx]+(?:\+[\dNnXx]+)*的?[{HAN}]{{0,6}}?{_SET}
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
    for start, end in _marked(text):
        name = text[start:end]
        if patterns.not_document.search(name) or not 4 <= len(name) <= 120:
            continue
        if name in patterns.words["plain_title"]:
            continue
        kind = _title_kind(name, patterns)
        if kind:
            yield PolicyName(start=start, end=end, kind=kind)


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
    for match in _SYSTEM.finditer(text):
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
    if _ALIAS.search(before) or _NO_NAME.search(match[1]):
        return None
    tail = patterns.tail.match(text, match.end())
    if tail and tail.lastgroup:
        end = tail.end()
        kind: str | None = tail.lastgroup
        is_other = patterns.not_tail.fullmatch(text, match.end(), end)
    else:
        end, kind = match.end(), _kind_inside(text, match, patterns)
        is_other = patterns.not_tail.match(text, end)
        if is_other and text.startswith("人才", end):
            is_other = None
    if kind and not is_other and _is_topical(text, match.start(), end, kind, patterns):
        return PolicyName(start=_with_year(text, match.start()), end=end, kind=kind)
    merged = _MERGED.match(text, match.end())
    if merged:
        return PolicyName(start=match.start(), end=merged.end(), kind="programme")
    return None


#: What stands before an abbreviation (以下简称“...”), what no name has in it, two names in one.
_ALIAS = re.compile("简称|称为|下称|又称|名为")
_NO_NAME = re.compile("[，。；：！？]|没有|怎么|多少|哪|吗|什么|推出")
_MERGED = re.compile(rf"[{HAN}]{{2,8}}“[^“”\n]{{2,12}}(?:计划|工程|行动)”")


def _kind_inside(text: str, match: re.Match[str], patterns: Patterns) -> str | None:
    """Return the kind that the words between the quotation marks end with."""
    inner = match[1]
    for kind, pattern in patterns.kinds.items():
        if pattern.search(inner) and (inner[-1] not in _LOOSE or _is_offered(text, match.start())):
            return kind
    return None


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


#: Endings that many other names have too: they need a verb of offering before them.
_LOOSE = frozenset("保投险证包通码奖")


def _is_offered(text: str, start: int) -> bool:
    before = text[max(0, start - 8) : start]
    return bool(re.search("开发|推出|发放|上线|首创|设立|打造|创新", before))


def _with_year(text: str, start: int) -> int:
    """Return where a name begins whose year or round stands before the quotation mark."""
    before = re.search(
        rf"(?:新一轮|\d{{4}}年(?:度)?[{HAN}]{{0,8}}|第[一二三四五六七八九十\d]+期)$",
        text[max(0, start - 16) : start],
    )
    return start - len(before[0]) if before else start


def _chains(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield quoted names in one row with a product of policy: “人才贷”“人才投”等金融产品."""
    row = re.compile(
        rf"(?:“[^“”\n]{{2,14}}”[、和及]?){{2,}}等?[{HAN}]{{0,4}}(?:产品|服务|政策|保障|举措)"
    )
    for match in row.finditer(text):
        names = list(_QUOTE.finditer(text, match.start(), match.end()))
        if any(patterns.kinds["instrument"].search(name[1]) for name in names):
            for name in names:
                yield PolicyName(start=name.start(), end=name.end(), kind="instrument")


def _set_up(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    del patterns
    for match in re.finditer(
        r"(?:设立|增设|创设)“[^“”\n]{2,14}”(?:[及和、]“[^“”\n]{2,14}”)*", text
    ):
        for name in _QUOTE.finditer(text, match.start(), match.end()):
            if not re.search(
                "中心|专窗|窗口|办公室|站|基地|平台|岗|室|日|周|节|园|点|库|院|会|班|部|厅|组|板|-",
                name[1][-4:],
            ):
                yield PolicyName(start=name.start(), end=name.end(), kind="programme")


def _unmarked(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    if _is_statute(text):
        return  # a law speaks of plans and measures to be made, and names none
    for match in patterns.unmarked.finditer(text):
        if _is_name(match["name"], patterns, least=7) and not _DESCRIBES.search(match["name"]):
            yield PolicyName(start=match.start("name"), end=match.end("name"), kind="document")


#: 促进青年创业的措施 describes; 加快建设人才高地的意见 is a title.
_DESCRIBES = re.compile(
    r"^(?:的|有利于)|的(?:政策措施|若干政策|措施|政策|办法|规划|方案|细则|行动计划|规定)$"
)


def _programmes(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    if _is_statute(text):
        return
    for match in patterns.programme.finditer(text):
        name = _OPENING.sub("", match["name"])
        is_other = _PHRASE.search(name) or patterns.listed["not_programme"].search(name)
        if _is_name(name, patterns, least=6) and not is_other:
            end = match.end("name")
            yield PolicyName(start=end - len(name), end=end, kind="programme")


_COUNTED = re.compile(r"[\d一二三四五六七八九十]+[项个条份]")


#: What may stand between the verb and the name; what only a phrase has in it.
_OPENING = re.compile(
    "^(?:继续|深入|顺利|并|由|和|着|以|实施|整合|启动|推出|开展|组织|规范|推进|打造|落实)+"
)
_PHRASE = re.compile("的|等|若干|并|和|制定|启动|有利于")


def _is_name(name: str, patterns: Patterns, *, least: int) -> bool:
    generic = patterns.listed["generic"].match(name) or _COUNTED.match(name)
    topical = patterns.listed["topic"].search(name)
    return len(name) >= least and not generic and bool(topical)


def _funds(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    for match in patterns.fund.finditer(text):
        name = match[0]
        name = name[len(_leading(name, patterns)) :]
        own = name[: _fund_ending(name, patterns)]
        if not patterns.listed["fund_plain"].sub("", own):
            continue
        if patterns.listed["not_fund"].search(name):
            continue
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


def _plain_instruments(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    for match in patterns.plain.finditer(text):
        yield PolicyName(start=match.start(), end=match.end(), kind="instrument")


_STATUTE = re.compile(r"^第\s?[\d一二三四五六七八九十百]+\s?条", re.MULTILINE)
_LAW = re.compile(
    rf"""
    (?:依|依据|依照|适用|、|及|^（[一二三四五六七八九十]+）)
    (?P<name>[{HAN}]{{3,30}}?(?:法|条例|办法|标准|准则))
    (?=第[\d一二三四五六七八九十]|、|及|所定|规定|之规定|立案)
    """,
    re.VERBOSE | re.MULTILINE,
)


def _is_statute(text: str) -> bool:
    return len(_STATUTE.findall(text)) >= 3


def _laws(text: str, patterns: Patterns) -> Iterator[PolicyName]:
    """Yield laws that a statute cites without marks (依 X法第七条); other texts mark theirs."""
    if len(_STATUTE.findall(text)) < 3:
        return
    for match in _LAW.finditer(text):
        name = match["name"]
        if not re.search(
            rf"^(?:本|其他|前|该|相关)|有关|从事|之|(?:{patterns.words['not_document'].pattern})$",
            name,
        ):
            start, end = match.span("name")
            yield PolicyName(start=start, end=end, kind="document", is_cited=True)


#: Stronger rules first: what one has found, the next leave alone.
_RULES: tuple[Callable[[str, Patterns], Iterator[PolicyName]], ...] = (
    _titles, _systems, _quoted, _chains, _set_up, _unmarked, _funds, _programmes, _strategies,
    _headings, _plain_instruments, _laws,
)  # fmt: skip
