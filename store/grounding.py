"""The check at the door of the store: every fact points at its words, or it does not come in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute

from crawler.article import Article
from extract.facts import Facts, Figure, Name, Place, Policy
from store.pointing import lay_out, misplaced
from store.records import Failure
from store.rows import amount
from store.schema import FACT_TABLES
from summarize.stories import Report

_Fact = TypeVar("_Fact", Figure, Policy, Place, Name)

#: Stage of the failures that the store itself reports.
STAGE = "store"
_SURROGATE = re.compile("[\ud800-\udfff]")


def check_report(report: Report) -> tuple[Report | None, Failure | None]:
    """Return what can be stored of a report, and the failure that says what cannot.

    An article that cannot be stored at all is None; of others only wrong facts are left out.
    """
    article = report.article
    trouble = _article_trouble(report)
    if trouble:
        return None, _failure(article.id, "article", f"article {article.id} is refused: {trouble}")
    facts, refused = _sound_facts(report.facts, article.text)
    if not refused:
        return report, None
    message = f"article {article.id}: {len(refused)} facts are refused: {'; '.join(refused)}"
    return replace(report, facts=facts), _failure(article.id, "ungrounded", message)


def ground_tables(tables: Mapping[str, pa.Table]) -> tuple[dict[str, pa.Table], list[Failure]]:
    """Return the rows of facts that point at their words, and the failures of the others.

    The words are looked up in the articles that come in with them.
    """
    grounded = {"articles": tables["articles"]}
    texts = lay_out(tables["articles"])
    refused: dict[str, list[str]] = {}
    for name in FACT_TABLES:
        rows = tables[name]
        wrong = misplaced(rows, texts)
        grounded[name] = rows
        if wrong:
            out = rows.take(wrong)
            for article, quote in zip(out["article_id"], out["quote"], strict=True):
                refused.setdefault(article.as_py(), []).append(f"{name} {quote.as_py()!r}")
            numbers = pa.array(range(rows.num_rows))
            is_wrong = pa.compute.is_in(numbers, pa.array(wrong))
            grounded[name] = rows.filter(pa.compute.invert(is_wrong))
    failures = [
        _failure(
            article,
            "ungrounded",
            f"article {article}: {len(rows)} facts are refused, "
            f"the text has other words there: {'; '.join(rows)}",
        )
        for article, rows in sorted(refused.items())
    ]
    return grounded, failures


def _failure(article_id: str, kind: str, message: str) -> Failure:
    shown = message.encode("utf-8", "backslashreplace").decode()
    return Failure(subject=article_id, stage=STAGE, kind=kind, message=" ".join(shown.split()))


def _article_trouble(report: Report) -> str | None:
    article = report.article
    start, end = article.body
    if report.facts.article_id != article.id:
        return f"its facts are those of {report.facts.article_id!r}"
    if not 0 <= start <= end <= len(article.text):
        return f"its body {start}-{end} does not lie in its {len(article.text)} characters"
    if article.fetched is not None and article.fetched.tzinfo is None:
        return f"its fetch at {article.fetched} has no zone"
    if any(_SURROGATE.search(words) for words in _words(article)):
        return "it holds half of a surrogate pair, which no UTF-8 can carry"
    return None


def _words(article: Article) -> Iterator[str]:
    for field in fields(article):
        value = getattr(article, field.name)
        if isinstance(value, str):
            yield value
    for file in article.attachments:
        yield from (file.url, file.name)


def _sound_facts(facts: Facts, text: str) -> tuple[Facts, list[str]]:
    """Return the facts that can be stored, and what is wrong with each of the others."""
    figures, no_figures = _split(facts.figures, "figure", text)
    policies, no_policies = _split(facts.policies, "policy", text)
    places, no_places = _split(facts.places, "place", text)
    names, no_names = _split(facts.names, "name", text)
    sound = replace(facts, figures=figures, policies=policies, places=places, names=names)
    return sound, [*no_figures, *no_policies, *no_places, *no_names]


def _split(found: Iterable[_Fact], kind: str, text: str) -> tuple[tuple[_Fact, ...], list[str]]:
    kept: dict[tuple[int, int], _Fact] = {}
    refused = []
    for fact in found:
        start, end, quote = fact.evidence
        trouble = _fact_trouble(fact, text)
        if trouble is None and (start, end) in kept:
            trouble = f"another {kind} has the same words"
        if trouble is None:
            kept[start, end] = fact
        else:
            refused.append(f"{kind} {start}-{end} {quote!r}: {trouble}")
    return tuple(kept.values()), refused


def _fact_trouble(fact: Figure | Policy | Place | Name, text: str) -> str | None:
    start, end, quote = fact.evidence
    if not 0 <= start < end <= len(text):
        return f"it does not lie in the {len(text)} characters of the text"
    if text[start:end] != quote:
        return f"the text has {text[start:end]!r} there"
    return _amount_trouble(fact) if isinstance(fact, Figure) else None


def _amount_trouble(figure: Figure) -> str | None:
    try:
        for value in (figure.value, figure.value_max):
            if value is not None:
                amount(value)
    except ValueError as error:
        return str(error)
    return None
