"""The tables as Arrow schemas, and how nouns become their rows."""

from collections.abc import Iterable, Mapping, Sequence
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
from summarize.stories import Report

#: Form of the tables in schema.sql; a file with a higher number was written by a newer bole.
VERSION = 3

#: Money, areas and people alike: 32 digits before the point, 6 behind it.
_AMOUNT = pa.decimal128(38, 6)
_STEP = Decimal("0.000001")
#: Arithmetic with all digits of an amount; the default has 28.
EXACT = Context(prec=38)
_LIMIT = Decimal(10) ** 32
_TEXT, _INT, _DAY, _FLAG = pa.string(), pa.int32(), pa.date32(), pa.bool_()
_LONG, _INSTANT, _TEXTS = pa.int64(), pa.timestamp("us"), pa.list_(pa.string())
_FILES = pa.list_(pa.struct([("url", pa.string()), ("name", pa.string())]))
_REGISTER = pa.struct(
    [
        ("number", pa.string()),
        ("issuer", pa.string()),
        ("index", pa.string()),
        ("signed", pa.date32()),
        ("in_force", pa.date32()),
        ("expires", pa.date32()),
        ("status", pa.string()),
        ("validity", pa.string()),
    ]
)
_FACT = {"fact_id": _TEXT, "article_id": _TEXT, "position": _INT}
_SPAN = {"start": _INT, "end": _INT, "quote": _TEXT}

#: Columns of each table in the order of its rows; schema.sql says what they mean.
SCHEMAS: Mapping[str, pa.Schema] = {
    name: pa.schema(list(columns.items()))
    for name, columns in {
        "sources": {
            "id": _TEXT,
            "name": _TEXT,
            "url": _TEXT,
            "district": _TEXT,
            "level": _TEXT,
            "publisher": _TEXT,
            "lang": _TEXT,
            "enabled": _FLAG,
        },
        "fetches": {
            "id": _LONG,
            "url": _TEXT,
            "final_url": _TEXT,
            "source_id": _TEXT,
            "kind": _TEXT,
            "fetched": _INSTANT,
            "status": _INT,
            "etag": _TEXT,
            "last_modified": _TEXT,
            "sha256": _TEXT,
            "warc_file": _TEXT,
            "warc_offset": _LONG,
            "items": _INT,
            "problem": _TEXT,
            "detail": _TEXT,
            "list_title": _TEXT,
            "list_date": _DAY,
        },
        "pages_read": {
            "url": _TEXT,
            "sha256": _TEXT,
            "reader_version": _TEXT,
            "article_id": _TEXT,
        },
        "articles": {
            "id": _TEXT,
            "url": _TEXT,
            "title": _TEXT,
            "text": _TEXT,
            "body_start": _INT,
            "body_end": _INT,
            "published": _DAY,
            "published_from": _TEXT,
            "source": _TEXT,
            "publisher": _TEXT,
            "author": _TEXT,
            "publisher_code": _TEXT,
            "lang": _TEXT,
            "attachments": _FILES,
            "fetched": _INSTANT,
            "sha256": _TEXT,
            "text_sha256": _TEXT,
            "reader_version": _TEXT,
            "first_seen": _DAY,
            "district": _TEXT,
            "grade": _TEXT,
            "read_by": _TEXT,
            "editor": _TEXT,
            "register": _REGISTER,
        },
        "figures": {
            **_FACT,
            "value": _AMOUNT,
            "value_max": _AMOUNT,
            "unit": _TEXT,
            "qualifier": _TEXT,
            "counted": _TEXT,
            "role": _TEXT,
            "target": _TEXT,
            "per": _TEXT,
            "cumulative": _FLAG,
            "district": _TEXT,
            "policy": _TEXT,
            "policy_id": _TEXT,
            "benefit": _TEXT,
            "tier": _TEXT,
            "conditions": _TEXTS,
            **_SPAN,
            "in_district": _TEXT,
            "repeats": _TEXT,
        },
        "policy_mentions": {
            **_FACT,
            "policy_id": _TEXT,
            "name": _TEXT,
            "kind": _TEXT,
            "action": _TEXT,
            "doc_number": _TEXT,
            "issuer": _TEXT,
            "district": _TEXT,
            "issued": _TEXT,
            "valid_from": _TEXT,
            "valid_to": _TEXT,
            "trial": _FLAG,
            **_SPAN,
            "family": _TEXT,
        },
        "places": {
            **_FACT,
            "code": _TEXT,
            "name": _TEXT,
            "candidates": _TEXTS,
            "role": _TEXT,
            **_SPAN,
        },
        "names": {**_FACT, "text": _TEXT, "label": _TEXT, "title": _TEXT, **_SPAN},
        "districts": {
            "code": _TEXT,
            "name": _TEXT,
            "parent": _TEXT,
            "level": _TEXT,
            "short": _TEXT,
            "is_word": _FLAG,
            "pinyin": _TEXT,
            "english": _TEXT,
            "valid_from": _INT,
            "valid_to": _INT,
            "successor": _TEXT,
        },
        "zones": {
            "name": _TEXT,
            "code": _TEXT,
            "city": _TEXT,
            "hosts": _TEXTS,
            "same_as": _TEXT,
            "district": _TEXT,
            "aliases": _TEXTS,
            "english": _TEXTS,
        },
        "story_articles": {"story_id": _TEXT, "article_id": _TEXT, "position": _INT},
        "digest_items": {
            "day": _DAY,
            "position": _INT,
            "section": _TEXT,
            "story_id": _TEXT,
            "fact_ids": _TEXTS,
        },
        "corrections": {
            "article_id": _TEXT,
            "kind": _TEXT,
            **_SPAN,
            "verdict": _TEXT,
            "fields": _TEXT,
            "reviewer": _TEXT,
        },
        "failures": {"stage": _TEXT, "subject": _TEXT, "kind": _TEXT, "message": _TEXT},
    }.items()
}

#: Tables of facts: the attribute of `Facts` and the word that their ids are made with.
FACT_TABLES: Mapping[str, tuple[str, str]] = {
    "figures": ("figures", "figure"),
    "policy_mentions": ("policies", "policy"),
    "places": ("places", "place"),
    "names": ("names", "name"),
}


def to_table(name: str, rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Return `rows` as an Arrow table with the columns of table `name`."""
    schema = SCHEMAS[name]
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return pa.table(arrays, schema=schema)


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
