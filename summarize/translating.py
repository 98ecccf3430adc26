"""An English issue whose Chinese quotes and names a language model has translated, guarded.

What is translated must state the same numbers with the same units and qualifiers as the words that
it stands for, no other number, and no place that the article does not tell of; else it stays as it
was published. It is marked as machine translation, and its numbers lead to the same evidence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from crawler.article import Article
from extract import read_facts
from extract.facts import Facts, Figure, fact_id
from extract.reading import read_text
from summarize.checking import check_sentence, proves
from summarize.digest import Digest
from summarize.entries import Item, Part
from summarize.models import Model
from summarize.quoting import has_qualifier
from summarize.retelling import Told, quote_lines, shown_facts
from summarize.rewriting import ask_all, load_prompt
from summarize.wording import inert, load_wording

#: The language of an issue that wants it.
TRANSLATED = "en"
#: What it is translated from.
CHINESE = ("zh-Hans", "zh-Hant")
#: Sections whose lines are translated; tables quote.
_SECTIONS = ("points", "regions")
_HAN = re.compile(r"[\u3400-\u9fff]")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
#: Units that one language names and the other does not: 32位人才, 32 talents.
_COUNTED = frozenset({"person", "count"})
#: A name that grows to more than so many times its characters is explained, not translated.
_LONGEST = 12


def translate(digest: Digest, told: Told, model: Model) -> Digest:
    """Return `digest` with the quotes, titles and policy names of Chinese sources in English.

    Args:
        digest: What `compose` gave.
        told: Articles with their facts, by the article's id; all that the digest cites.
        model: `load_transformers` or `ask_server` give one.

    Raises:
        RewriteError: The model could not be asked.
    """
    places = [
        i
        for i, item in enumerate(digest.items)
        if item.section in _SECTIONS and item.quote and _is_chinese(digest, item)
    ]
    names = list(dict.fromkeys(_names(digest)))
    texts = [_joined(digest.items[i]) for i in places] + names
    answers = ask_all([_prompt(text) for text in texts], model)
    items = list(digest.items)
    for i, answer in zip(places, answers, strict=False):
        items[i] = _translated(digest, items[i], told, answer)
    called = zip(names, (inert(answer) for answer in answers[len(places) :]), strict=True)
    return replace(
        digest,
        items=tuple(items),
        translations=MappingProxyType({n: t for n, t in called if _names_the_same(n, t)}),
    )


def _is_chinese(digest: Digest, item: Item) -> bool:
    return digest.source(item.source).lang in CHINESE


def _names(digest: Digest) -> Iterator[str]:
    """Yield the titles and the names of policies that are Chinese."""
    for source in digest.sources:
        if _HAN.search(source.title):
            yield source.title
    for proof in digest.proofs.values():
        if proof.policy and _HAN.search(proof.policy.name):
            yield proof.policy.name


def _joined(item: Item) -> str:
    return "\n".join(quote_lines(item.quote))


def _prompt(text: str) -> str:
    return load_prompt("translate.en.txt").replace("{text}", text)


def _names_the_same(name: str, answer: str) -> bool:
    """Return whether a translated name has the numerals of the Chinese one, all in digits."""
    if not answer or _HAN.search(answer) or len(answer) > _LONGEST * len(name):
        return False
    wanted = _read(name, "zh-Hans")
    have = _read(answer, "en")
    rest, left = _without(name, wanted), _without(answer, have)
    return _meanings(wanted) == _meanings(have) and _numerals(rest) == _numerals(left)


def _translated(digest: Digest, item: Item, told: Told, answer: str) -> Item:
    """Return a line in English; as it was if the answer does not say the same."""
    source = digest.source(item.source)
    article, facts = told[source.article_id]
    text = inert(answer)
    shown = shown_facts(facts, item.quote)
    stated = _read(text, "en")
    original = read_text(_joined(item), article.lang).text
    pairs = _pairs(stated, shown.figures)
    if pairs is None or not text or _HAN.search(text):
        return item
    if not _numerals(_without(text, stated)) <= _numerals(original):
        return item
    if not {p.code for p in stated.places if p.code} <= _places(facts):
        return item
    parts = tuple(_parts(digest, text, article, pairs))
    if any(check_sentence(parts, source, digest)):
        return item
    return replace(item, retold=(parts,), translated=True)


def _read(text: str, lang: str) -> Facts:
    """Return what a line states, read like an article."""
    line = Article(
        id="line",
        text=text,
        body=(0, len(text)),
        lang="en" if lang == "en" else "zh-Hans",
        sha256="0" * 64,
    )
    return read_facts(line)


def _pairs(stated: Facts, shown: Sequence[Figure]) -> list[tuple[Figure, Figure]] | None:
    """Return each stated figure with the fact that it is; None if they are not the same ones."""
    left = list(shown)
    pairs = []
    for figure in stated.figures:
        same = next((held for held in left if _meaning(held) == _meaning(figure)), None)
        if same is None:
            return None
        left.remove(same)
        pairs.append((figure, same))
    return None if left else pairs


def _meaning(figure: Figure) -> tuple[object, ...]:
    unit = "count" if figure.unit in _COUNTED else figure.unit
    return figure.value, figure.value_max, unit, figure.qualifier


def _meanings(facts: Facts) -> list[str]:
    return sorted(str(_meaning(figure)) for figure in facts.figures)


def _without(text: str, facts: Facts) -> str:
    """Return a text without the words of its figures."""
    for figure in sorted(facts.figures, key=lambda f: -f.evidence.start):
        text = f"{text[: figure.evidence.start]} {text[figure.evidence.end :]}"
    return text


def _numerals(text: str) -> set[str]:
    return {numeral.replace(",", "") for numeral in _DIGITS.findall(text)}


def _places(facts: Facts) -> set[str | None]:
    codes = {place.code for place in facts.places} | {facts.district}
    codes |= {figure.district for figure in facts.figures}
    return (
        codes | {code[:4] + "00" for code in codes if code} | {c[:2] + "0000" for c in codes if c}
    )


def _parts(
    digest: Digest, text: str, article: Article, pairs: Sequence[tuple[Figure, Figure]]
) -> Iterator[Part]:
    """Yield a text, its numbers as links: in our own words where the check cannot read them."""
    position = 0
    for said, held in sorted(pairs, key=lambda pair: pair[0].evidence.start):
        start, end, quote = said.evidence
        fact = fact_id(article.id, "figure", held.evidence)
        if start > position:
            yield Part(text[position:start])
        if not proves(digest.proofs[fact], quote, text):
            own = has_qualifier(quote, held.qualifier)
            quote = load_wording("en").value(held if own else replace(held, qualifier="exact"))
        yield Part(quote, fact)
        position = end
    if position < len(text):
        yield Part(text[position:])
