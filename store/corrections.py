"""What people decided about facts, and how it goes over what was read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar

from extract.facts import Evidence, Facts, Figure, Policy
from store.errors import StoreError
from summarize.stories import Report

Kind = Literal["figure", "policy"]
Fact = Figure | Policy
_AnyFact = TypeVar("_AnyFact", Figure, Policy)

#: What can be corrected: the class of the fact.
KINDS: Mapping[str, type[Figure] | type[Policy]] = {"figure": Figure, "policy": Policy}
_AMOUNTS = ("value", "value_max")
_FLAGS = ("cumulative", "trial")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A person's word on one fact.

    Attributes:
        article_id: Article that it is about.
        kind: figure or policy.
        evidence: The words that it is about.
        fields: What the fact says, as `fields_of` gives it; None if there is no such fact.
        reviewer: Who decided; None if nobody is named.
    """

    article_id: str
    kind: Kind
    evidence: Evidence
    fields: Mapping[str, Any] | None
    reviewer: str | None = None

    @property
    def verdict(self) -> str:
        """Return right or wrong."""
        return "wrong" if self.fields is None else "right"


def fields_of(fact: Fact) -> dict[str, Any]:
    """Return the fields of a fact but for its evidence, as JSON can say them."""
    plain = {f.name: getattr(fact, f.name) for f in fields(fact) if f.name != "evidence"}
    return {name: _to_plain(value) for name, value in plain.items()}


def build_fact(kind: Kind, given: Mapping[str, Any], evidence: Evidence) -> Fact:
    """Return the fact that `given` describes.

    Raises:
        StoreError: An unknown field, a missing one, or a value that is none.
    """
    wanted = {f.name: f for f in fields(KINDS[kind]) if f.name != "evidence"}
    unknown = sorted(set(given) - set(wanted))
    if unknown:
        raise StoreError(f"a {kind} has no field {unknown[0]!r}; fields: {', '.join(wanted)}")
    values: dict[str, Any] = {
        name: _from_plain(name, value) for name, value in given.items() if value is not None
    }
    for name, field in wanted.items():
        if field.default is MISSING and name not in values:
            raise StoreError(f"{kind} {evidence.quote!r} has no {name}; give it one")
    return KINDS[kind](**values, evidence=evidence)


def apply_corrections(
    report: Report, corrections: Iterable[Correction]
) -> tuple[Report, list[str]]:
    """Return the report as people decided, and what of it can no longer be said of its text.

    A correction replaces whatever was read of the same kind in the words that it is about. If the
    text has changed, it holds for the nearest place with the same words.
    """
    figures, policies = report.facts.figures, report.facts.policies
    lost = []
    for correction in corrections:
        evidence = _find(report.article.text, correction.evidence)
        if evidence is None:
            quote = correction.evidence.quote
            lost.append(f"{correction.kind} {quote!r}: the text has these words no more")
            continue
        fact = (
            None
            if correction.fields is None
            else build_fact(correction.kind, correction.fields, evidence)
        )
        if correction.kind == "figure":
            figures = _put(figures, evidence, fact if isinstance(fact, Figure) else None)
        else:
            policies = _put(policies, evidence, fact if isinstance(fact, Policy) else None)
    facts: Facts = replace(report.facts, figures=figures, policies=policies)
    return replace(report, facts=facts), lost


def to_text(correction: Correction) -> str | None:
    """Return the fields of a correction as the table keeps them."""
    if correction.fields is None:
        return None
    return json.dumps(correction.fields, ensure_ascii=False, sort_keys=True)


def from_row(row: Mapping[str, Any]) -> Correction:
    """Return the correction that a row of the table holds."""
    return Correction(
        article_id=row["article_id"],
        kind=row["kind"],
        evidence=Evidence(row["start"], row["end"], row["quote"]),
        fields=None if row["fields"] is None else json.loads(row["fields"]),
        reviewer=row["reviewer"],
    )


def _put(
    facts: Sequence[_AnyFact], evidence: Evidence, fact: _AnyFact | None
) -> tuple[_AnyFact, ...]:
    apart = [
        f for f in facts if f.evidence.end <= evidence.start or f.evidence.start >= evidence.end
    ]
    if fact is not None:
        apart.append(fact)
    return tuple(sorted(apart, key=lambda f: f.evidence))


def _find(text: str, evidence: Evidence) -> Evidence | None:
    start, end, quote = evidence
    if text[start:end] == quote:
        return evidence
    before, after = text.rfind(quote, 0, start + len(quote)), text.find(quote, start)
    found = [place for place in (before, after) if place >= 0]
    if not quote or not found:
        return None
    nearest = min(found, key=lambda place: (abs(place - start), place))
    return Evidence(nearest, nearest + len(quote), quote)


def _to_plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    return list(value) if isinstance(value, tuple) else value


def _from_plain(name: str, value: object) -> object:
    if name in _AMOUNTS:
        try:
            return Decimal(str(value))
        except InvalidOperation as error:
            raise StoreError(f"{name} {value!r} is no number; write it in digits") from error
    if name in _FLAGS:
        return bool(value)
    if name == "conditions":
        return tuple(value) if isinstance(value, list | tuple) else (str(value),)
    return str(value)
