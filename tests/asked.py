"""A base in which every named question finds something, and what its parts are made of."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from crawler.ledger import Fetch
from crawler.sources import Preset, Source
from store import Failure, PageRead, Store
from store.corrections import Correction, fields_of
from tests.store_samples import BARE, FIRST, FULL, SECOND, sample, story


def fetch(number, source, report=None, **changes):
    url = (report and report.article.url) or changes.pop("url", f"http://{source}.example/{number}")
    values = {"fetched": datetime(2024, 3, number, tzinfo=UTC), "kind": "article"}
    values["sha256"] = report.article.sha256 if report else None
    return Fetch(id=number, url=url, final_url=url, source_id=source, **{**values, **changes})


def page_of(report, url=None, **changes):
    article = report.article
    values = {"sha256": article.sha256, "version": "1", "article_id": article.id, **changes}
    return PageRead(url=url or article.url, **values)


def source(name):
    return Source(
        id=name,
        name=name.title(),
        url=f"http://{name}.example/",
        preset=Preset(name="any", kind="html_list"),
        level="city",
        publisher="official",
        district="320300",
    )


def reports():
    """FULL; an article of 淳安 with a measure of 100 m2; one that only cites; two that differ."""
    local = sample(1, figures=1)
    flat = replace(local.facts.figures[0], value=Decimal(100), unit="m2", district="330127")
    local = replace(local, facts=replace(local.facts, district="330127", figures=(flat,)))
    cites = sample(2, figures=0, day=SECOND, action="mentioned")
    cites = replace(cites, article=replace(cites.article, published=date(2024, 3, 2)))
    return [FULL, BARE, local, cites, *differing()]


def differing():
    """Two articles on one measure of a policy of 广州 with different amounts, and a headcount."""
    told = []
    for number, day in ((3, FIRST), (4, SECOND)):
        report = sample(number, figures=2, day=day, action="mentioned")
        policy = replace(report.facts.policies[0], name="羊城办法", district="440100")
        measure, people = report.facts.figures
        measure = replace(measure, policy="羊城办法", district="440100", benefit="rent", unit="USD")
        people = replace(
            people, role="talent", unit="person", counted="博士", district="440100", policy=None
        )
        facts = replace(
            report.facts, district="440100", policies=(policy,), figures=(measure, people)
        )
        told.append(replace(report, facts=facts))
    return told


def fill(folder):
    """Write and publish the base in a folder, and return the folder."""
    first, _, second, *_ = reports()
    with Store(folder / "bole.duckdb") as store:
        store.write_sources([source("city"), source("silent")])
        store.write_fetches(
            [
                fetch(1, "city", kind="list"),
                fetch(2, "city", first),
                fetch(3, "city", second),
                fetch(4, "city", problem="not_found", status=404),
                fetch(5, "city", first),
            ]
        )
        store.write_articles(reports(), reader_version="1")
        store.write_pages_read([page_of(first), page_of(second)])
        store.write_stories([story("s", first), *(story(r.article.id, r) for r in differing())])
        policy = first.facts.policies[0]
        store.write_corrections(
            [
                Correction(
                    article_id="full",
                    kind="policy",
                    evidence=policy.evidence,
                    fields=fields_of(policy),
                    reviewer="王五",
                )
            ]
        )
        store.write_failures([Failure(subject="u", stage="read", kind="no_body", message="u: x")])
        store.publish()
    return folder


def ask(store, name, *columns, **parameters):
    """Return these columns of the answer to a named question."""
    rows = store.ask(name, **parameters).to_pylist()
    return [tuple(row[column] for column in columns) for row in rows]
