"""How nouns become rows of the tables."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from decimal import Context, Decimal
from hashlib import blake2b, sha256
from typing import Any

import pyarrow as pa

from crawler.ledger import Fetch
from crawler.sources import Source
from extract.facts import Facts, Figure, Name, Place, Policy, fact_id
from store.corrections import Correction, to_text
from store.families import policy_family
from store.records import Failure, PageRead
from store.schema import FACT_TABLES, SCHEMAS, to_table
from summarize.stories import Report

_STEP = Decimal("0.000001")
#: Arithmetic with all digits of an amount; the default has 28.
EXACT = Context(prec=38)
_LIMIT = Decimal(10) ** 32


def report_tables(reports: Sequence[Report], *, reader_version: str) -> dict[str, pa.Table]:
    """Return the rows of articles and of all their facts, by table.

    Figures are sorted by district and day, because most questions are about one district.
    """
    ordered = sorted(
        reports,
        key=lambda r: (r.facts.district or "", r.article.published or r.first_seen, r.article.id),
    )
    tables = {"articles": to_table("articles", (_article_row(r, reader_version) for r in ordered))}
    for name, (attribute, kind) in FACT_TABLES.items():
        tables[name] = to_table(
            name,
            (
                (
                    fact_id(r.facts.article_id, kind, fact.evidence),
                    r.facts.article_id,
                    position,
                    *_fact_row(fact, r.facts),
                    *fact.evidence,
                    *_derived(fact, r.facts),
                )
                for r in ordered
                for position, fact in enumerate(getattr(r.facts, attribute))
            ),
        )
    return tables


def policy_id(policy: Policy) -> str:
    """Return twelve hex digits that name one policy: its name and its issuer's district."""
    key = f"{policy.name}|{policy.district or ''}"
    return blake2b(key.encode(), digest_size=6).hexdigest()


def amount(value: Decimal) -> Decimal:
    """Return `value` as the store keeps it, to six decimals.

    Raises:
        ValueError: It is no number, or has more than 32 digits before the point.
    """
    if not value.is_finite() or value.copy_abs() >= _LIMIT:
        raise ValueError(f"value {value} is no amount below 10^32")
    return EXACT.quantize(value, _STEP)


def utc(instant: datetime | None) -> datetime | None:
    """Return an aware instant as the store keeps it: in UTC, without a zone.

    Raises:
        ValueError: `instant` has no zone.
    """
    if instant is None:
        return None
    if instant.tzinfo is None:
        raise ValueError(f"instant {instant} has no zone; use an aware datetime")
    return instant.astimezone(UTC).replace(tzinfo=None)


def source_rows(sources: Iterable[Source]) -> pa.Table:
    """Return the watchlist as rows of `sources`."""
    return to_table("sources", (_pick(source, "sources") for source in sources))


def fetch_rows(fetches: Iterable[Fetch]) -> pa.Table:
    """Return rows of the ledger as rows of `fetches`."""
    names = SCHEMAS["fetches"].names
    rows = (
        [utc(fetch.fetched) if name == "fetched" else getattr(fetch, name) for name in names]
        for fetch in fetches
    )
    return to_table("fetches", rows)


def page_rows(pages: Iterable[PageRead]) -> pa.Table:
    """Return what was read as rows of `pages_read`."""
    return to_table("pages_read", (astuple(page) for page in pages))


def failure_rows(failures: Iterable[Failure]) -> pa.Table:
    """Return rows of `failures`; of several for one stage and subject the last."""
    last = {(failure.stage, failure.subject): failure for failure in failures}
    return to_table("failures", (_pick(failure, "failures") for failure in last.values()))


def correction_rows(corrections: Iterable[Correction]) -> pa.Table:
    """Return rows of `corrections`; of several for the same words the last."""
    last = {(c.article_id, c.kind, c.evidence.start): c for c in corrections}
    rows = (
        (c.article_id, c.kind, *c.evidence, c.verdict, to_text(c), c.reviewer)
        for c in last.values()
    )
    return to_table("corrections", rows)


def _pick(noun: object, table: str) -> list[Any]:
    return [getattr(noun, name) for name in SCHEMAS[table].names]


def _article_row(report: Report, reader_version: str) -> tuple[Any, ...]:
    article = report.article
    return (
        article.id,
        article.url,
        article.title,
        article.text,
        *article.body,
        article.published,
        article.published_from,
        article.source,
        article.publisher,
        article.author,
        article.publisher_code,
        article.lang,
        [{"url": file.url, "name": file.name} for file in article.attachments],
        utc(article.fetched),
        article.sha256,
        sha256(article.text.encode()).hexdigest(),
        reader_version,
        report.first_seen,
        report.facts.district,
        report.facts.grade,
        article.read_by,
        article.editor,
        None if article.register is None else asdict(article.register),
    )


def _fact_row(fact: Figure | Policy | Place | Name, facts: Facts) -> tuple[Any, ...]:
    """Return the columns between a fact's key and its evidence."""
    match fact:
        case Figure():
            return _figure_row(fact, facts)
        case Policy():
            return _policy_row(fact)
        case Place():
            return (fact.code, fact.name, list(fact.candidates), fact.role)
        case Name():
            return (fact.text, fact.label, fact.title)


def _derived(fact: Figure | Policy | Place | Name, facts: Facts) -> tuple[Any, ...]:
    """Return the columns behind a fact's evidence: what the store adds to it."""
    match fact:
        case Figure():
            policy = _granted_by(fact, facts)
            # what an article repeats is known when its story is
            return fact.district or (policy and policy.district) or facts.district, None
        case Policy():
            return (policy_family(fact.name),)
        case _:
            return ()


def _granted_by(figure: Figure, facts: Facts) -> Policy | None:
    return next((p for p in facts.policies if p.name == figure.policy), None)


def _figure_row(figure: Figure, facts: Facts) -> tuple[Any, ...]:
    granted_by = _granted_by(figure, facts)
    return (
        amount(figure.value),
        None if figure.value_max is None else amount(figure.value_max),
        figure.unit,
        figure.qualifier,
        figure.counted,
        figure.role,
        figure.target,
        figure.per,
        figure.cumulative,
        figure.district,
        figure.policy,
        policy_id(granted_by) if granted_by else None,
        figure.benefit,
        figure.tier,
        list(figure.conditions),
    )


def _policy_row(policy: Policy) -> tuple[Any, ...]:
    return (
        policy_id(policy),
        policy.name,
        policy.kind,
        policy.action,
        policy.doc_number,
        policy.issuer,
        policy.district,
        policy.issued,
        policy.valid_from,
        policy.valid_to,
        policy.trial,
    )
