"""Articles with their facts in the tables, and back: replaced as a whole, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pyarrow as pa

from store.corrections import Correction, apply_corrections, build_fact, from_row
from store.database import Database
from store.errors import StoreError
from store.grounding import STAGE, check_report, ground_tables
from store.policies import add_policies, refresh_policies
from store.records import Failure
from store.reports import build_reports
from store.rows import correction_rows, failure_rows, report_tables, utc
from store.schema import FACT_TABLES
from store.statements import MERGE_CORRECTIONS, MERGE_FAILURES
from store.telling import refresh_repeats, stories_of, texts
from summarize.stories import Report

#: Stage of the failures that corrections cause.
CORRECTING = "correct"


def write_reports(db: Database, reports: Sequence[Report], *, reader_version: str) -> None:
    """Put articles and their facts, as people decided, in place of what is known of them."""
    newest = {report.article.id: report for report in reports}
    decided, failures = _decide(newest, read_corrections(db, newest))
    checked = [check_report(report) for report in decided]
    failures += [failure for _, failure in checked if failure]
    with db.transaction():
        known = _days_of(db, newest)
        first = _earliest([(r.article.id, r.first_seen) for r in reports], known)
        sound = [replace(r, first_seen=first[r.article.id]) for r, _ in checked if r]
        tables = report_tables(sound, reader_version=reader_version)
        _put_facts(db, tables, _put_articles(db, tables["articles"], known))
        for stage in (STAGE, CORRECTING):
            forget_failures(db, stage, newest)
        keep_failures(db, failures)


def write_tables(db: Database, tables: Mapping[str, pa.Table]) -> None:
    """Put rows of articles and facts in place of what is known of the same articles.

    Raises:
        StoreError: An article stands twice among the rows; nothing is written then.
    """
    articles = tables["articles"]
    ids = articles["id"].to_pylist()
    if len(set(ids)) < len(ids):
        twice = next(one for one, times in Counter(ids).items() if times > 1)
        raise StoreError(f"article {twice!r} stands twice among the rows; give each once")
    with ThreadPoolExecutor(1) as beside:
        checking = beside.submit(ground_tables, tables)  # while the rows are packed
        try:
            with db.transaction():
                _put_tables(db, tables, ids)
                if checking.result()[1]:
                    raise _RefusedError
        except (_RefusedError, StoreError):
            grounded, failures = checking.result()
            if not failures:
                raise
        else:
            return
    with db.transaction():
        _put_tables(db, grounded, ids)
        keep_failures(db, failures)


class _RefusedError(Exception):
    """Rows were written that do not point at their words: nothing of them is kept."""


def _put_tables(db: Database, tables: Mapping[str, pa.Table], ids: Sequence[str]) -> None:
    known = _days_of(db, ids)
    articles = with_first_days(tables["articles"], known)
    _put_facts(db, tables, _put_articles(db, articles, known))
    forget_failures(db, STAGE, ids)


def read_reports(db: Database, chosen: str, **values: object) -> list[tuple[Report, str]]:
    """Return articles with their facts by first_seen and id, each with its reader's version.

    Args:
        db: The database.
        chosen: SQL that chooses articles.
        values: Its parameters.
    """
    picked = f"from articles where {chosen}"
    articles = db.arrow(f"select * {picked} order by first_seen, id", **values).to_pylist()
    facts = {
        table: db.arrow(
            f"select * from {table} where article_id in (select id {picked}) "  # noqa: S608
            "order by article_id, position",
            **values,
        ).to_pylist()
        for table in FACT_TABLES
    }
    versions = [row["reader_version"] for row in articles]
    return list(zip(build_reports(articles, facts), versions, strict=True))


def write_corrections(db: Database, corrections: Sequence[Correction]) -> None:
    """Keep what people decided, and put it over what was read of the same articles.

    Raises:
        StoreError: A correction that makes no fact; nothing is kept then.
    """
    for one in corrections:
        if one.fields is not None:
            build_fact(one.kind, one.fields, one.evidence)
    with db.transaction(), db.incoming(given=correction_rows(corrections)):
        db.execute(MERGE_CORRECTIONS, now=now())
    ids = sorted({one.article_id for one in corrections})
    versions: dict[str, list[Report]] = defaultdict(list)
    for report, version in read_reports(db, "list_contains($ids, id)", ids=ids):
        versions[version].append(report)
    for version, reports in versions.items():
        write_reports(db, reports, reader_version=version)


def read_corrections(db: Database, articles: Collection[str] | None = None) -> list[Correction]:
    """Return what people decided, about these articles or about all."""
    with db.incoming(asked=texts(articles or ())):
        rows = db.arrow(
            "select * from corrections where $everything or article_id in (select id from asked) "
            'order by article_id, kind, "start"',
            everything=articles is None,
        )
    return [from_row(row) for row in rows.to_pylist()]


def keep_failures(db: Database, failures: Iterable[Failure]) -> None:
    """Write failures, each in place of the one with the same stage and subject."""
    rows = failure_rows(failures)
    if rows.num_rows:
        with db.incoming(failed=rows):
            db.execute(MERGE_FAILURES, now=now())


def forget_failures(db: Database, stage: str, subjects: Iterable[str]) -> None:
    """Delete the failures of subjects for which `stage` went well now."""
    with db.incoming(well=texts(subjects)):
        db.delete("failures", "stage = $stage and subject in (select id from well)", stage=stage)


def now() -> datetime | None:
    """Return this instant as the store keeps it."""
    return utc(datetime.now(UTC))


def _decide(
    newest: Mapping[str, Report], corrections: Iterable[Correction]
) -> tuple[list[Report], list[Failure]]:
    """Return the reports as people decided, and what no longer fits a changed text."""
    about: dict[str, list[Correction]] = defaultdict(list)
    for one in corrections:
        about[one.article_id].append(one)
    reports, failures = [], []
    for name, report in newest.items():
        decided, lost = apply_corrections(report, about[name])
        reports.append(decided)
        if lost:
            message = f"article {name}: {len(lost)} corrections are lost: {'; '.join(lost)}"
            failures.append(Failure(subject=name, stage=CORRECTING, kind="lost", message=message))
    return reports, failures


@dataclass(frozen=True, slots=True)
class _Old:
    """What was known of articles that are written anew, and is no longer in the tables."""

    articles: Sequence[str]
    policies: set[str]


def _put_articles(db: Database, rows: pa.Table, known: Collection[str]) -> _Old:
    """Write rows of articles; of those `known` the rows and facts before them are deleted."""
    old = [one for one in rows["id"].to_pylist() if one in known]
    # deleting scans whole tables: spare it where all articles are new
    policies = _forget(db, old) if old else set()
    db.insert("articles", rows)
    return _Old(old, policies)


def _put_facts(db: Database, tables: Mapping[str, pa.Table], old: _Old) -> None:
    """Write rows of facts, and anew what is summed up of them."""
    for table in FACT_TABLES:
        db.insert(table, tables[table])
    mentions = tables["policy_mentions"]
    if old.articles:
        touched = old.policies | set(mentions["policy_id"].to_pylist())
        refresh_policies(db, touched)
        refresh_repeats(db, stories_of(db, old.articles))
    else:
        add_policies(db, mentions, tables["articles"])


def _forget(db: Database, ids: Sequence[str]) -> set[str]:
    """Delete articles with their facts, and return the policies that they mentioned."""
    with db.incoming(ids=texts(ids)):
        facts_of = "article_id in (select id from ids)"
        mentioned = db.rows(
            f"select distinct policy_id from policy_mentions where {facts_of}"  # noqa: S608
        )
        db.delete("articles", "id in (select id from ids)")
        for table in FACT_TABLES:
            db.delete(table, facts_of)
    return {policy for (policy,) in mentioned}


def _days_of(db: Database, ids: Iterable[str]) -> dict[str, date]:
    """Return the day on which each of the articles that are known was first seen."""
    with db.incoming(ids=texts(ids)):
        sql = "select id, first_seen from articles where id in (select id from ids)"
        return dict(db.rows(sql))


def with_first_days(articles: pa.Table, known: Mapping[str, date]) -> pa.Table:
    """Return rows of articles; those known were first seen when they were."""
    if not known:
        return articles
    ids, days = (articles[name].to_pylist() for name in ("id", "first_seen"))
    first = _earliest(zip(ids, days, strict=True), known)
    at = articles.schema.get_field_index("first_seen")
    return articles.set_column(at, "first_seen", pa.array([first[one] for one in ids], pa.date32()))


def _earliest(days: Iterable[tuple[str, date]], known: Mapping[str, date]) -> dict[str, date]:
    """Return the first day of each article, of those given and those known."""
    first = dict(known)
    for article, day in days:
        first[article] = min(first.get(article, day), day)
    return first
