"""A story retold in sentences by a language model, each of them guarded.

A model may say it shorter; it may not say anything else. Every number with its unit, qualifier and
period, every district and every policy name of a sentence must be in the words that it was told
and in their facts, else the sentence is replaced by the quote that carries the fact.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import pairwise

from crawler.article import Article
from extract import read_facts
from extract.facts import Evidence, Facts, Figure
from extract.reading import read_text
from summarize.models import Model, RewriteError
from summarize.sentences import summarise

#: A sentence of a model is made of the words it was told: so much of its pairs of characters.
_GROUNDED = 0.5
#: What is counted is named again: so much of its pairs of characters.
_NAMED_AGAIN = 1 / 3
#: Or the sentence takes so much of its words from the quote that carries the number.
_SAME_WORDS = 0.8

_SENTENCE = re.compile(r"[^。！？!?\n]+?(?:[。！？!?]+[”’」』]*|\.(?=\s|$)|$)", re.MULTILINE)
_NUMERAL = re.compile(
    r"(?:(?:\d+(?:[.,]\d+)*|[一二三四五六七八九十百千两〇零]+(?=[万亿元人名位个家项年月日％%]))"
    r"[年月日号期届条%％]?)+"
)
_NAMED = re.compile(r"《([^》]{2,80})》|“([^”]{2,40})”")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_LATIN = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words of a sentence, `text[start:end]`, and where the article states the same."""

    start: int
    end: int
    kind: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """A sentence about an article: the model's own with its facts, or a quote and why."""

    text: str
    quoted: bool = False
    why: str | None = None
    links: tuple[Link, ...] = ()


def rewrite(
    told: Sequence[tuple[Article, Facts]], model: Model, *, budget: int | None = None
) -> list[list[Retold]]:
    """Return each article retold by `model`, every sentence guarded.

    Args:
        told: Articles with their facts.
        model: `load_transformers` or `ask_server` give one.
        budget: Room of the extract that is retold, as for `summarise`.
    """
    extracts = [[s.text for s in summarise(a, f, budget=budget)] for a, f in told]
    asked = [("\n".join(e), a.lang) for e, (a, _) in zip(extracts, told, strict=True)]
    return [
        list(guard(answer, article, facts, extract))
        for answer, (article, facts), extract in zip(
            tell_all(asked, model), told, extracts, strict=True
        )
    ]


def tell_all(texts: Sequence[tuple[str, str]], model: Model) -> list[str]:
    """Return what `model` makes of each text, given with its language.

    Raises:
        RewriteError: It gave another number of answers.
    """
    return ask_all([_prompt(text, lang) for text, lang in texts], model)


def ask_all(prompts: Sequence[str], model: Model) -> list[str]:
    """Return what `model` answers to each prompt.

    Raises:
        RewriteError: It gave another number of answers.
    """
    answers = model(prompts) if prompts else []
    if len(answers) != len(prompts):
        raise RewriteError(f"the model gave {len(answers)} texts for {len(prompts)}; use another")
    return answers


def load_prompt(name: str) -> str:
    """Return a prompt of `summarize/data`; `{text}` stands where the text goes."""
    return (files("summarize") / "data" / name).read_text("utf-8")


def guard(text: str, article: Article, facts: Facts, quotes: Sequence[str]) -> Iterator[Retold]:
    """Yield the sentences of `text` that the facts prove, and quotes in place of the others.

    Args:
        text: What a model says of the article.
        article: The article.
        facts: What the quotes state.
        quotes: Sentences of the article, as the model was told them; they take the place of what
            is not proven.
    """
    used: set[str] = set()
    words = read_text("\n".join(quotes), article.lang).text
    for sentence in (s.strip() for s in _SENTENCE.findall(text)):
        if not sentence:
            continue
        claim = _Claim(sentence, article, facts, words)
        why = next(claim.faults(), None)
        if why is None:
            yield Retold(text=sentence, links=tuple(claim.links()))
            continue
        quote = _nearest(sentence, [q for q in quotes if q not in used])
        if quote is not None:
            used.add(quote)
            yield Retold(text=quote, quoted=True, why=why)


class _Claim:
    """A sentence of a model, read like an article and held against what it was told."""

    def __init__(self, sentence: str, article: Article, facts: Facts, words: str) -> None:
        said = replace(article, text=sentence, body=(0, len(sentence)), title=None, attachments=())
        self._sentence = sentence
        self._stated = read_facts(said)
        self._facts, self._words = facts, words
        self._lang = article.lang
        self._clean = self._read(sentence)

    def faults(self) -> Iterator[str]:
        """Yield what of the sentence the facts do not hold."""
        yield from self._figure_faults()
        yield from self._place_faults()
        yield from self._name_faults()
        yield from self._numeral_faults()
        if not any(self.links()):
            yield "it states no fact"
        if _share(_grams(self._clean), _grams(self._words)) < _GROUNDED:
            yield "its words are not those of the article"

    def links(self) -> Iterator[Link]:
        """Yield the facts that the sentence states, where their words stand in it."""
        for figure in self._stated.figures:
            for same in self._alike(figure)[:1]:
                start, end, _ = figure.evidence
                yield Link(start=start, end=end, kind="figure", evidence=same.evidence)
        for policy in self._facts.policies:
            for shown in (policy.name, self._read(policy.evidence.quote)):
                start = self._sentence.find(shown)
                if start >= 0:
                    end = start + len(shown)
                    yield Link(start=start, end=end, kind="policy", evidence=policy.evidence)
                    break

    def _alike(self, figure: Figure) -> list[Figure]:
        """Return the facts that a figure of the sentence can be: same value, unit, qualifier."""
        return [held for held in self._facts.figures if _meaning(held) == _meaning(figure)]

    def _figure_faults(self) -> Iterator[str]:
        named = {place.code for place in self._stated.places if place.code}
        for figure in self._stated.figures:
            quote, alike = figure.evidence.quote, self._alike(figure)
            if not alike:
                yield f"{quote} ({figure.qualifier}) is not in the facts"
                continue
            owners = {held.district or self._facts.district for held in alike}
            if len(named) == 1 and None not in owners and not named & owners:
                yield f"{quote} is that of another district"
            if not any(self._is_of_same(figure, held) for held in alike):
                yield f"{quote} is for something else"

    def _is_of_same(self, figure: Figure, held: Figure) -> bool:
        if figure.tier and held.tier:
            return figure.tier == held.tier
        counted = _grams(self._read(held.counted or ""))
        if not counted or _share(counted, _grams(self._clean)) >= _NAMED_AGAIN:
            return True
        shown = self._read(held.evidence.quote)
        beside = [line for line in self._words.splitlines() if shown in line]
        return any(_share(_grams(self._clean), _grams(line)) >= _SAME_WORDS for line in beside)

    def _place_faults(self) -> Iterator[str]:
        codes = {place.code for place in self._facts.places} | {self._facts.district}
        codes |= {figure.district for figure in self._facts.figures}
        for place in self._stated.places:
            if place.code not in codes and self._read(place.evidence.quote) not in self._words:
                yield f"{place.evidence.quote} is not in the facts"

    def _name_faults(self) -> Iterator[str]:
        names = [policy.name for policy in self._stated.policies]
        names += [a or b for a, b in _NAMED.findall(self._clean)]
        known = self._words + "\n".join(policy.name for policy in self._facts.policies)
        yield from (f"{name} is not in the article" for name in names if name not in known)

    def _numeral_faults(self) -> Iterator[str]:
        rest = self._clean
        for figure in self._stated.figures:
            rest = rest.replace(self._read(figure.evidence.quote), " ")
        known = set(_NUMERAL.findall(self._words))
        for numeral in _NUMERAL.findall(rest):
            if numeral not in known:
                yield f"{numeral} is not in the article"

    def _read(self, words: str) -> str:
        return read_text(words, self._lang).text


def _meaning(figure: Figure) -> tuple[object, ...]:
    return figure.value, figure.value_max, figure.unit, figure.qualifier, figure.per


def _share(grams: set[str], others: set[str]) -> float:
    return len(grams & others) / len(grams) if grams else 1.0


def _grams(text: str) -> set[str]:
    """Return the pairs of characters of Chinese words, and the long words of Latin ones."""
    pairs = {a + b for a, b in pairwise(text) if a >= "\u3400" and b >= "\u3400"}
    return {p for p in pairs if p.isalnum()} | set(_LATIN.findall(text.lower()))


def _nearest(sentence: str, quotes: Iterable[str]) -> str | None:
    """Return the quote that has most numerals of a sentence, and of its pairs of characters."""
    numerals, pairs = set(_DIGITS.findall(sentence)), set(pairwise(sentence))
    return max(
        quotes,
        key=lambda q: (len(numerals & set(_DIGITS.findall(q))), len(pairs & set(pairwise(q)))),
        default=None,
    )


def _prompt(text: str, lang: str) -> str:
    name = "rewrite.en.txt" if lang == "en" else "rewrite.zh.txt"
    return load_prompt(name).replace("{text}", text)
