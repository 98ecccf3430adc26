"""Rows of the tables back into the nouns that they were made of."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crawler.article import Article, Attachment, Register
from extract.facts import Evidence, Facts, Figure, Name, Place, Policy
from store.rows import EXACT
from store.schema import FACT_TABLES
from summarize.stories import Report

Row = Mapping[str, Any]


def build_reports(articles: Iterable[Row], facts: Mapping[str, Iterable[Row]]) -> list[Report]:
    """Return reports from rows of `articles`, in their order, and rows of each table of facts.

    Rows of facts must be in the order of `position`.
    """
    built: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for table, (attribute, _) in FACT_TABLES.items():
        for row in facts[table]:
            built[row["article_id"]][attribute].append(_BUILDERS[table](row))
    return [
        Report(
            article=build_article(row),
            facts=Facts(
                article_id=row["id"],
                district=row["district"],
                grade=row["grade"],
                **{attribute: tuple(found) for attribute, found in built[row["id"]].items()},
            ),
            first_seen=row["first_seen"],
        )
        for row in articles
    ]


def build_article(row: Row) -> Article:
    """Return the article of a row of `articles`."""
    return Article(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        text=row["text"],
        body=(row["body_start"], row["body_end"]),
        published=row["published"],
        published_from=row["published_from"],
        source=row["source"],
        publisher=row["publisher"],
        author=row["author"],
        publisher_code=row["publisher_code"],
        lang=row["lang"],
        attachments=tuple(Attachment(**file) for file in row["attachments"]),
        fetched=_aware(row["fetched"]),
        sha256=row["sha256"],
        read_by=row["read_by"],
        editor=row["editor"],
        register=None if row["register"] is None else Register(**row["register"]),
    )


def _figure(row: Row) -> Figure:
    return Figure(
        value=_plain(row["value"]),
        value_max=None if row["value_max"] is None else _plain(row["value_max"]),
        unit=row["unit"],
        qualifier=row["qualifier"],
        counted=row["counted"],
        role=row["role"],
        target=row["target"],
        per=row["per"],
        cumulative=row["cumulative"],
        district=row["district"],
        policy=row["policy"],
        benefit=row["benefit"],
        tier=row["tier"],
        conditions=tuple(row["conditions"]),
        evidence=_evidence(row),
    )


def _policy(row: Row) -> Policy:
    return Policy(
        name=row["name"],
        kind=row["kind"],
        action=row["action"],
        doc_number=row["doc_number"],
        issuer=row["issuer"],
        district=row["district"],
        issued=row["issued"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        trial=row["trial"],
        evidence=_evidence(row),
    )


def _place(row: Row) -> Place:
    return Place(
        code=row["code"],
        name=row["name"],
        candidates=tuple(row["candidates"]),
        role=row["role"],
        evidence=_evidence(row),
    )


def _name(row: Row) -> Name:
    return Name(text=row["text"], label=row["label"], title=row["title"], evidence=_evidence(row))


_BUILDERS: Mapping[str, Callable[[Row], Figure | Policy | Place | Name]] = {
    "figures": _figure,
    "policy_mentions": _policy,
    "places": _place,
    "names": _name,
}


def _evidence(row: Row) -> Evidence:
    return Evidence(row["start"], row["end"], row["quote"])


def _plain(value: Decimal) -> Decimal:
    """Return `value` without the zeros that the table adds: 5, not 5.000000 nor 5E+0."""
    whole = value.to_integral_value()
    return whole if value == whole else EXACT.normalize(value)


def _aware(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.replace(tzinfo=UTC)
