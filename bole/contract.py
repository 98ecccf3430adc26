"""The JSON contract: what `bole extract --json` and `bole read --json` print for one article."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from crawler.article import DATE_CONFIDENCE, Article, Register
from extract.facts import Evidence, Facts, Figure, Name, Place, Policy
from summarize.sentences import Sentence

Row = dict[str, Any]


def facts_row(article: Article, facts: Facts, summary: list[Sentence]) -> Row:
    """Return the object of one article; offsets count code points of the text given."""
    return {
        "id": article.id,
        "url": article.url,
        "lang": article.lang,
        "title": article.title,
        "published": _day(article.published),
        "published_from": article.published_from,
        "source": article.source,
        "author": article.author,
        "district": facts.district,
        "grade": facts.grade,
        "body": {"start": article.body[0], "end": article.body[1]},
        "policies": [_policy(policy) for policy in facts.policies],
        "figures": [_figure(figure) for figure in facts.figures],
        "places": [_place(place) for place in facts.places],
        "entities": [_name(name) for name in facts.names],
        "summary": [{"text": s.text, "start": s.start, "end": s.end} for s in summary],
    }


def page_row(article: Article) -> Row:
    """Return what the reader made of one page."""
    start, end = article.body
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "date": _day(article.published),
        "date_from": article.published_from,
        "date_confidence": DATE_CONFIDENCE[article.published_from]
        if article.published_from
        else None,
        "author": article.author,
        "source": article.source,
        "editor": article.editor,
        "publisher": article.publisher,
        "publisher_code": article.publisher_code,
        "body": article.text[start:end],
        "attachments": [{"href": file.url, "text": file.name} for file in article.attachments],
        "register": _register(article.register),
    }


def _register(register: Register | None) -> Row | None:
    if register is None:
        return None
    days = {"signed": register.signed, "in_force": register.in_force, "expires": register.expires}
    return {**asdict(register), **{name: _day(day) for name, day in days.items()}}


def _figure(figure: Figure) -> Row:
    return {
        **_evidence(figure.evidence),
        "value": _number(figure.value),
        "value_max": None if figure.value_max is None else _number(figure.value_max),
        "unit": figure.unit,
        "qualifier": figure.qualifier,
        "counted": figure.counted,
        "role": figure.role,
        "target": figure.target,
        "per": figure.per,
        "cumulative": figure.cumulative,
        "district": figure.district,
        "policy": figure.policy,
        "benefit": figure.benefit,
        "tier": figure.tier,
        "conditions": list(figure.conditions),
    }


def _policy(policy: Policy) -> Row:
    return {
        **_evidence(policy.evidence),
        "name": policy.name,
        "kind": policy.kind,
        "action": policy.action,
        "doc_number": policy.doc_number,
        "issuer": policy.issuer,
        "district": policy.district,
        "issued": policy.issued,
        "valid_from": policy.valid_from,
        "valid_to": policy.valid_to,
        "trial": policy.trial,
    }


def _place(place: Place) -> Row:
    return {
        **_evidence(place.evidence),
        "name": place.name,
        "code": place.code,
        "candidates": list(place.candidates),
        "role": place.role,
    }


def _name(name: Name) -> Row:
    return {**_evidence(name.evidence), "text": name.text, "label": name.label, "title": name.title}


def _evidence(evidence: Evidence) -> Row:
    return evidence._asdict()


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
