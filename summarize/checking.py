"""The number check: a page that would print an unproven number is not printed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html.parser import HTMLParser

from summarize.digest import Digest
from summarize.entries import Part, Proof, Source
from summarize.pages import ZONE_MARKS, pour
from summarize.quoting import has_qualifier
from summarize.wording import Wording, inert, load_wording, zones

#: Tables whose words an amount may be written with.
_LANGS = ("zh", "en")
_COUNTED = frozenset({"person", "count"})
#: A numeral: any digits, or Chinese ones before a word that they count.
_NUMERAL = re.compile(
    r"""
    \d+(?:[.,]\d+)*
    | [一二三四五六七八九十百千万亿两〇零]+
      (?=[元人名位个家项次年月天日周岁亩期套所支批平倍成％%])
    | [百千万亿]元
    """,
    re.VERBOSE,
)
#: A number as an amount is written: with its digits in threes, or without marks between them.
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_FACT_LINK = re.compile(r"(?<!\\)\[(?P<text>(?:\\.|[^\]\\])*)\]\(#f-(?P<id>[^)]*)\)")
_ANCHOR = re.compile(r'<a id="f-[0-9a-f]+"></a>')


class CheckError(ValueError):
    """A page holds a number that no fact of its digest proves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven:
    """What is wrong with a page: the numeral or words, where they stand, and why."""

    numeral: str
    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.numeral!r} in {self.where!r}: {self.why}"


def check_page(found: list[Unproven], name: str) -> None:
    """Raise CheckError if anything was found wrong with the page called `name`."""
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise CheckError(f"{name}: {found[0]}{more}; the page was not written")


def check_html(html: str, digest: Digest, *, lang: str = "zh") -> list[Unproven]:
    """Return every numeral of an HTML page that nothing proves, and every unsafe link."""
    words = load_wording(lang)
    texts = zones(digest, words)
    seen = _read_html(html)
    found = list(_check_digest(digest))
    for zone, text in seen.zones:
        if texts.get(zone) != inert(text):
            found.append(_difference(inert(text), texts.get(zone, "")))
    for fact, text, context in seen.links:
        found += check_link(fact, inert(text), inert(context) or inert(text), digest)
    for text in seen.loose:
        found += [
            Unproven(
                numeral=n, where=inert(text)[:60], why="neither a fact nor known to the digest"
            )
            for n in _NUMERAL.findall(text)
        ]
    found += [
        Unproven(numeral=href, where="href", why="a link that is no web address")
        for href in seen.hrefs
        if not re.match(r"#|https?://", href)
    ]
    return found


def check_markdown(markdown: str, digest: Digest, *, lang: str = "zh") -> list[Unproven]:
    """Return every numeral of a Markdown page that nothing proves."""
    words = load_wording(lang)
    found = list(_check_digest(digest))
    for line in markdown.splitlines():
        for link in _FACT_LINK.finditer(line):
            text = re.sub(r"\\(.)", r"\1", link["text"])
            found += check_link(link["id"], text, _FACT_LINK.sub(r"\g<text>", line), digest)
    wanted = _marked_numerals(digest, words)
    have = [(n, line) for line in _unlinked(markdown) for n in _NUMERAL.findall(line)]
    for i in range(max(len(wanted), len(have))):
        numeral, where = have[i] if i < len(have) else ("", "end of the page")
        expected = wanted[i] if i < len(wanted) else ""
        if numeral != expected:
            why = f"the digest has {expected!r} here" if expected else "not known to the digest"
            found.append(Unproven(numeral=numeral, where=where.strip()[:60], why=why))
            break
    return found


def _marked_numerals(digest: Digest, words: Wording) -> list[str]:
    """Return the numerals that stand in zones of a fresh page, in its order."""
    marked = pour("digest.md.j2", digest, words, marks=ZONE_MARKS)
    zone = re.compile(f"{ZONE_MARKS[0]}(.*?){ZONE_MARKS[1]}")
    numerals: list[str] = []
    for line in marked.splitlines():
        for text in zone.findall(line):
            numerals += _NUMERAL.findall(text)
    return numerals


def _unlinked(markdown: str) -> Iterator[str]:
    """Yield the lines of a page, a bar where a link to a fact stood."""
    for line in markdown.splitlines():
        yield _ANCHOR.sub("|", _FACT_LINK.sub("|", line))


def _check_digest(digest: Digest) -> Iterator[Unproven]:
    """Yield the quotes that are not word for word in their source, or lose a qualifier."""
    for item in digest.items:
        for clause in item.quote.clauses if item.quote else ():
            text = "".join(part.text for part in clause)
            body = digest.source(item.quote.source).body if item.quote else ""
            if text not in body:
                yield Unproven(numeral=text[:60], where=item.section, why="not in the article")
        for sentence in item.retold:
            yield from check_sentence(sentence, digest.source(item.source), digest)
    for proof in digest.proofs.values():
        source = digest.source(proof.source)
        if _solid(proof.shown) not in _solid(f"{source.body}\n{source.title}"):
            yield Unproven(numeral=proof.quote, where=source.title, why="not in the article")


def _solid(text: str) -> str:
    """Return `text` without blanks: a headline breaks its lines where it likes."""
    return "".join(inert(text).split())


def _difference(text: str, expected: str) -> Unproven:
    numerals, wanted = _NUMERAL.findall(text), _NUMERAL.findall(expected)
    odd = [n for n, w in zip(numerals, wanted + [""] * len(numerals), strict=False) if n != w]
    return Unproven(
        numeral=odd[0] if odd else text[:60],
        where=text[:60],
        why=f"the digest has {expected[:60]!r} here",
    )


def check_sentence(parts: Sequence[Part], source: Source, digest: Digest) -> Iterator[Unproven]:
    """Yield what a sentence of a model shows that neither a fact nor its source has."""
    text = "".join(part.text for part in parts)
    for part in parts:
        if part.fact is not None:
            yield from check_link(part.fact, inert(part.text), inert(text), digest)
            continue
        for numeral in _NUMERAL.findall(part.text):
            if numeral not in _NUMERAL.findall(source.body):
                yield Unproven(numeral=numeral, where=text[:60], why="not in the article")


def check_link(fact: str, text: str, context: str, digest: Digest) -> Iterator[Unproven]:
    """Yield why a link to a fact that shows `text` does not show that fact."""
    proof = digest.proofs.get(fact)
    if proof is None:
        yield Unproven(numeral=text, where=context[:60], why=f"no fact {fact!r} in the digest")
    elif not proves(proof, text, context):
        yield Unproven(numeral=text, where=context[:60], why=f"the article says {proof.quote!r}")
    elif proof.figure and not _keeps_qualifier(proof, text, context):
        why = f"{proof.figure.qualifier} is left out: the article says {proof.sentence[:60]!r}"
        yield Unproven(numeral=text, where=context[:60], why=why)


def _keeps_qualifier(proof: Proof, text: str, context: str) -> bool:
    qualifier = proof.figure.qualifier if proof.figure else "exact"
    if has_qualifier(text, qualifier) or has_qualifier(context, qualifier):
        return True
    return not has_qualifier(proof.sentence, qualifier)


def proves(proof: Proof, text: str, context: str = "") -> bool:
    """Return whether a fact proves `text`: its words, or its value, unit and qualifier.

    Args:
        proof: The fact.
        text: What a link to it shows.
        context: The sentence around the link, which may state the qualifier.
    """
    tables = [load_wording(lang) for lang in _LANGS]
    if proof.policy is not None:
        names = {inert(proof.shown), inert(proof.policy.name)}
        return text in names | {w.policy(proof.policy.kind, n) for w in tables for n in names}
    if inert(proof.shown) == text:
        return True
    return any(_means(proof, text, words, f"{text} {context}") for words in tables)


def _means(proof: Proof, text: str, words: Wording, context: str) -> bool:
    """Read an amount back, without the code that wrote it, and compare it with the fact."""
    figure = proof.figure
    if figure is None:
        return False
    bare = _peel(text, words.word("qualifiers", figure.qualifier))
    bare = text if bare is None else bare
    if bare == inert(proof.shown):
        return True
    patterns = str(words.table["units"].get(figure.unit, "{} " + figure.unit)).split("|")
    between = words.word("range", "pattern").replace("{}", "")
    ends = bare.split(between) if figure.value_max is not None else [bare]
    wanted = [v for v in (figure.value, figure.value_max) if v is not None]
    # what is counted may be named behind the number: 32 people, 32 talents
    patterns += ["{}"] if figure.unit in _COUNTED else []
    scales = words.table["scales"]
    read = [[_read_value(end, one, scales) for end in ends] for one in patterns]
    return wanted in read and has_qualifier(context, figure.qualifier)


def _read_value(text: str, pattern: str, scales: Mapping[str, int]) -> Decimal | None:
    number = _peel(text, pattern)
    if number is None:
        return None
    size = 1
    for scale, scale_size in scales.items():
        if number.endswith(scale):
            number, size = number.removesuffix(scale), scale_size
            break
    return Decimal(number.replace(",", "")) * size if _NUMBER.fullmatch(number) else None


def _peel(text: str, pattern: str) -> str | None:
    """Return what stands in the gap of `pattern`; None if `text` is not made by it."""
    before, _, after = pattern.partition("{}")
    if text.startswith(before) and text.endswith(after):
        return text[len(before) : len(text) - len(after)]
    return None


@dataclass(slots=True)
class _Seen:
    zones: list[tuple[str, str]]
    links: list[tuple[str, str, str]]
    loose: list[str]
    hrefs: list[str]


class _Reader(HTMLParser):
    """Sorts the visible text of a page into zones, links to facts, and the rest."""

    _VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})
    _HIDDEN = frozenset({"style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = _Seen([], [], [], [])
        self._open: list[tuple[str, str | None, str | None, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        href = values.get("href")
        if href is not None:
            self.seen.hrefs.append(href)
        if tag in self._VOID:
            return
        fact = (href or "").removeprefix("#f-") if values.get("class") == "fact" else None
        self._open.append((tag, values.get("data-z"), fact, []))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, zone, fact, texts = self._open.pop()
            text = "".join(texts)
            if zone is not None:
                self.seen.zones.append((zone, text))
            if fact is not None:
                context = next((z for _, z, _, _ in reversed(self._open) if z), "")
                self.seen.links.append((fact, text, context))
            if name == tag:
                break

    def close(self) -> None:
        super().close()
        while self._open:
            self.handle_endtag(self._open[-1][0])

    def handle_data(self, data: str) -> None:
        for _, _, _, texts in self._open:
            texts.append(data)
        tags = {name for name, _, _, _ in self._open}
        claimed = any(zone or fact for _, zone, fact, _ in self._open)
        if not claimed and not tags & self._HIDDEN:
            self.seen.loose.append(data)


def _read_html(html: str) -> _Seen:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    texts = dict(reader.seen.zones)
    reader.seen.links = [(f, text, texts.get(zone, "")) for f, text, zone in reader.seen.links]
    return reader.seen
