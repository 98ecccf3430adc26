"""A digest whose lines are retold by a language model, each sentence as far as facts prove it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from crawler.article import Article
from extract.facts import Evidence, Facts, fact_id
from summarize.checking import check_sentence
from summarize.digest import Digest
from summarize.entries import Item, Part, Quote
from summarize.models import Model
from summarize.rewriting import Retold, guard, tell_all

#: Sections whose lines are retold; tables quote.
_RETOLD = ("points", "regions")

Told = Mapping[str, tuple[Article, Facts]]


def retell(digest: Digest, told: Told, model: Model, *, skip: Collection[str] = ()) -> Digest:
    """Return `digest` with its key points and districts in the words of `model`.

    A sentence that says anything but what the quotes of its line state is replaced by the quote
    that carries the fact; a line without one good sentence stays as it was.

    Args:
        digest: What `compose` gave.
        told: Articles with their facts, by the article's id; all that the digest cites.
        model: `load_transformers` or `ask_server` give one.
        skip: Languages of sources whose lines stay as they are.

    Raises:
        RewriteError: The model could not be asked.
    """
    lines = [
        i
        for i, item in enumerate(digest.items)
        if item.section in _RETOLD and item.quote and digest.source(item.source).lang not in skip
    ]
    asked = [_asked(digest, digest.items[i]) for i in lines]
    answers = tell_all(asked, model) if asked else []
    items = list(digest.items)
    for i, answer in zip(lines, answers, strict=True):
        items[i] = replace(items[i], retold=_sentences(digest, items[i], told, answer))
    return replace(digest, items=tuple(items))


def _asked(digest: Digest, item: Item) -> tuple[str, str]:
    """Return the words that a line is retold from, whose news it is first, and their language."""
    lang = digest.source(item.source).lang
    place = digest.names.get(item.district or "", "") if lang != "en" else ""
    return "\n".join(filter(None, [place, *quote_lines(item.quote)])), lang


def quote_lines(quote: Quote | None) -> list[str]:
    """Return the clauses of a quote as plain text."""
    return ["".join(part.text for part in c) for c in quote.clauses] if quote else []


def _sentences(digest: Digest, item: Item, told: Told, answer: str) -> tuple[tuple[Part, ...], ...]:
    source = digest.source(item.source)
    article, facts = told[source.article_id]
    quote = item.quote or Quote(item.source, ())
    shown = shown_facts(facts, quote)
    clauses = dict(zip(quote_lines(quote), quote.clauses, strict=True))
    sentences: list[tuple[Part, ...]] = []
    own = 0
    for one in guard(answer, article, shown, list(clauses)):
        parts = clauses[one.text] if one.quoted else tuple(_parts(one, article.id))
        if one.quoted or any(check_sentence(parts, source, digest)):
            parts = clauses[one.text] if one.quoted else ()
        else:
            own += 1
        if parts and parts not in sentences:
            sentences.append(parts)
    return tuple(sentences) if own else ()


def shown_facts(facts: Facts, quote: Quote | None) -> Facts:
    """Return the facts that a quote shows."""
    clauses = quote.clauses if quote else ()
    ids = {part.fact for clause in clauses for part in clause if part.fact}

    def is_shown(kind: str, evidence: Evidence) -> bool:
        return fact_id(facts.article_id, kind, evidence) in ids

    return replace(
        facts,
        figures=tuple(f for f in facts.figures if is_shown("figure", f.evidence)),
        policies=tuple(p for p in facts.policies if is_shown("policy", p.evidence)),
    )


def _parts(one: Retold, article_id: str) -> Iterator[Part]:
    position = 0
    for link in sorted(one.links, key=lambda link: (link.start, -link.end)):
        if link.start >= position:
            if link.start > position:
                yield Part(one.text[position : link.start])
            fact = fact_id(article_id, link.kind, link.evidence)
            yield Part(one.text[link.start : link.end], fact)
            position = link.end
    if position < len(one.text):
        yield Part(one.text[position:])


def words_of(sentences: Sequence[Sequence[Part]]) -> list[str]:
    """Return retold sentences as plain text."""
    return ["".join(part.text for part in sentence) for sentence in sentences]
