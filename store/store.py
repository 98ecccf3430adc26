"""The store: articles, facts, stories and digests in the tables of schema.sql."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from crawler.health import SourceHealth
from crawler.ledger import Fetch
from crawler.sources import Source
from store.database import Database
from store.grounding import STAGE, check_report
from store.questions import bind, load_question
from store.records import Failure, PageRead
from store.reports import build_reports
from store.schema import (
    FACT_TABLES,
    district_rows,
    failure_rows,
    fetch_rows,
    page_rows,
    report_tables,
    source_rows,
    to_table,
    utc,
)
from store.snapshots import newest_snapshot
from store.standing import from_text, to_text
from store.statements import MERGE_FAILURES, NEXT_NUMBERS, REFRESH_POLICIES, REFRESH_STORIES
from summarize.stories import Report, Story

#: An item of a digest: position, section, id of its story, ids of the facts that it tells.
DigestItem = tuple[int, str, str | None, Sequence[str]]

#: Tables that grow when the same run is repeated.
_JOURNALS = ("runs", "fetches")


class Store:
    """What bole keeps: a single process writes it, any number read its published copies.

    Raises:
        StoreError: Another process writes it, it is no database of bole, or one of a newer bole.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._db = Database(path, read_only=read_only)
        if not read_only:
            self._write_districts()

    @classmethod
    def open_snapshot(cls, folder: Path) -> Self:
        """Return the newest published copy of the database in `folder`, read-only.

        Raises:
            StoreError: None was published.
        """
        path, before = newest_snapshot(folder), None
        while not path.is_file() and path != before:  # newer ones came since its name was read
            path, before = newest_snapshot(folder), path
        return cls(path, read_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let the next writer in."""
        self._db.close()

    def publish(self) -> Path:
        """Publish a copy for readers, in `snapshots` beside the database, and return its path.

        Raises:
            StoreError: It cannot be written; the copy before stays the newest.
        """
        return self._db.publish()

    # articles and their facts

    def write_articles(self, reports: Sequence[Report], *, reader_version: str) -> None:
        """Put articles and their facts in place of what is known of the same articles.

        A fact that does not point at its words is left out and lands in `failures`; so does an
        article that cannot be stored. Of several reports of one article the last counts.
        """
        newest = {report.article.id: report for report in reports}
        checked = [check_report(report) for report in newest.values()]
        failures = [failure for _, failure in checked if failure]
        with self._db.transaction():
            known = self._days_of(newest)
            first = _earliest([(r.article.id, r.first_seen) for r in reports], known)
            sound = [replace(r, first_seen=first[r.article.id]) for r, _ in checked if r]
            # deleting scans whole tables: spare it where all articles are new
            touched = self._forget_articles([r.article.id for r in sound if r.article.id in known])
            tables = report_tables(sound, reader_version=reader_version)
            for table, rows in tables.items():
                self._db.insert(table, rows)
            touched |= set(tables["policy_mentions"]["policy_id"].to_pylist())
            self._refresh("policies", touched, REFRESH_POLICIES)
            self._forget_failures(STAGE, newest)
            self._keep_failures(failures)

    def read_reports(self, *, until: date, since: date | None = None) -> list[Report]:
        """Return the articles first seen up to `until` with their facts, by first_seen and id.

        Args:
            until: Last day.
            since: First day; None for all.
        """
        chosen = "from articles where first_seen between $since and $until"
        days = {"since": since or date.min, "until": until}
        articles = self._db.arrow(f"select * {chosen} order by first_seen, id", **days)
        facts = {
            table: self._db.arrow(
                f"select * from {table} where article_id in (select id {chosen}) "  # noqa: S608
                "order by article_id, position",
                **days,
            ).to_pylist()
            for table in FACT_TABLES
        }
        return build_reports(articles.to_pylist(), facts)

    def known_pages(self) -> dict[str, tuple[str, str]]:
        """Return by article id the digest of the bytes that it was read from, and the reader."""
        rows = self._db.rows("select id, sha256, reader_version from articles order by id")
        return {article: (digest, version) for article, digest, version in rows}

    # what the crawl did

    def write_sources(self, sources: Iterable[Source]) -> None:
        """Write the watchlist; a source that has left it stays as one that is not enabled."""
        with self._db.transaction():
            self._db.execute("update sources set enabled = false where enabled")
            self._db.replace("sources", source_rows(sources), key="id")

    def write_fetches(self, fetches: Iterable[Fetch]) -> None:
        """Write rows of the ledger; those that are known already are replaced."""
        with self._db.transaction():
            self._db.replace("fetches", fetch_rows(fetches), key="id")

    def last_fetch(self) -> int:
        """Return the highest ledger number that was written; 0 if there is none."""
        return int(self._db.one("select coalesce(max(id), 0) from fetches")[0])

    def write_pages_read(self, pages: Iterable[PageRead]) -> None:
        """Write which content of pages was read, in place of what was read of them before."""
        with self._db.transaction():
            self._db.replace("pages_read", page_rows(pages), key="url")

    def pages_read(self) -> dict[str, tuple[str, str]]:
        """Return by address the digest of the bytes that were read last, and the reader."""
        rows = self._db.rows("select url, sha256, reader_version from pages_read order by url")
        return {url: (digest, version) for url, digest, version in rows}

    def article_pages(self) -> list[str]:
        """Return the addresses of pages that became articles, in alphabetic order."""
        sql = "select url from pages_read where article_id is not null order by url"
        return [url for (url,) in self._db.rows(sql)]

    # what went wrong

    def write_failures(self, failures: Iterable[Failure]) -> None:
        """Write failures, each in place of the one with the same stage and subject."""
        with self._db.transaction():
            self._keep_failures(failures)

    def clear_failures(self, stage: str, subjects: Iterable[str]) -> None:
        """Forget the failures of subjects for which `stage` went well now."""
        with self._db.transaction():
            self._forget_failures(stage, subjects)

    def failures(self) -> list[Failure]:
        """Return what failed and has not gone well since, by stage and subject."""
        rows = self._db.arrow("select * exclude (since) from failures order by stage, subject")
        return [Failure(**row) for row in rows.to_pylist()]

    # stories and digests

    def write_stories(self, stories: Sequence[Story]) -> None:
        """Write which articles tell which story, canonical first.

        Articles of a story that are not named now stay in it, behind those that are; an article
        that is named in another story than before leaves the earlier one.
        """
        told = [(story.id, report.article.id) for story in stories for report in story.reports]
        same_article = "article_id in (select article_id from told)"
        with self._db.transaction():
            with self._db.incoming(told=to_table("story_articles", _numbered(told))):
                left = self._db.rows(
                    f"select distinct story_id from story_articles where {same_article}"  # noqa: S608
                )
                self._db.delete("story_articles", same_article)
                kept = self._db.rows(
                    "select story_id, article_id from story_articles "
                    "where story_id in (select story_id from told) order by position"
                )
            rows = to_table("story_articles", _numbered([*told, *kept]))
            self._db.replace("story_articles", rows, key="story_id")
            touched = {story for (story,) in left} | {story.id for story in stories}
            self._refresh("stories", touched, REFRESH_STORIES)

    def known_stories(self) -> dict[str, str]:
        """Return by article id the story that it tells."""
        return dict(self._db.rows("select article_id, story_id from story_articles order by all"))

    def digest_numbers(self, day: date) -> tuple[int, int]:
        """Return the issue's number within its year and in all; for a written issue its own."""
        sql = "select number_in_year, number_in_all from digests where day = $day"
        for in_year, in_all in self._db.rows(sql, day=day):
            return in_year, in_all
        in_year, in_all = self._db.one(NEXT_NUMBERS, day=day)
        return in_year, in_all

    def issue_before(self, day: date) -> date | None:
        """Return the day of the last issue before `day`; None if there is none."""
        found: date | None
        (found,) = self._db.one("select max(day) from digests where day < $day", day=day)
        return found

    def digest_health(self, day: date) -> list[SourceHealth] | None:
        """Return how the sources stood when the issue of `day` was written; None without one."""
        for (text,) in self._db.rows("select health from digests where day = $day", day=day):
            return from_text(text)
        return None

    def write_digest(
        self,
        day: date,
        numbers: tuple[int, int],
        health: Iterable[SourceHealth],
        items: Iterable[DigestItem],
    ) -> None:
        """Write the issue of `day` in place of the one that was there.

        Args:
            day: Day in China.
            numbers: Its number within the year and in all, from `digest_numbers`.
            health: How the sources stand, as the issue prints it.
            items: What it tells: position, section, id of the story, ids of the facts.
        """
        in_year, in_all = numbers
        rows = [(day, at, section, story, list(facts)) for at, section, story, facts in items]
        with self._db.transaction():
            self._db.delete("digests", "day = $day", day=day)
            self._db.delete("digest_items", "day = $day", day=day)
            self._db.execute(
                "insert into digests values ($day, $in_year, $in_all, $health)",
                day=day,
                in_year=in_year,
                in_all=in_all,
                health=to_text(health),
            )
            self._db.insert("digest_items", to_table("digest_items", rows))

    def told_facts(self, before: date) -> set[str]:
        """Return the ids of the facts that issues before that day told."""
        sql = "select distinct unnest(fact_ids) from digest_items where day < $before"
        return {fact for (fact,) in self._db.rows(sql, before=before)}

    # runs

    def start_run(self, day: date | None = None, *, command: str = "run") -> int:
        """Note that a run has begun, and return its number."""
        with self._db.transaction():
            number = int(self._db.one("select coalesce(max(id), 0) + 1 from runs")[0])
            self._db.execute(
                "insert into runs values ($number, $command, $day, $now, null, null)",
                number=number,
                command=command,
                day=day,
                now=_now(),
            )
        return number

    def finish_run(self, number: int, *, outcome: str = "done") -> None:
        """Note that a run has ended, and how: done, partly or failed."""
        with self._db.transaction():
            self._db.execute(
                "update runs set finished = $now, outcome = $outcome where id = $number",
                now=_now(),
                outcome=outcome,
                number=number,
            )

    # questions

    def ask(self, name: str, **parameters: Any) -> pa.Table:
        """Return the answer to a named question; `store.questions` knows them.

        Raises:
            StoreError: No such question, or a parameter that it does not know or cannot use.
        """
        question = load_question(name)
        return self._db.arrow(question.sql, **bind(question, parameters))

    def query(self, sql: str, *, seconds: float = 60) -> pa.Table:
        """Return the rows of one `select`; it can read this snapshot's tables and nothing else.

        Raises:
            StoreError: SQL that is wrong, does more than read, or takes longer than `seconds`;
                or a store that is open for writing.
        """
        return self._db.read(sql, seconds=seconds)

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        return {
            table: int(self._db.one(f"select count(*) from {table}")[0])  # noqa: S608
            for table in self._db.tables()
        }

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows that do not depend on when they were written, in a fixed order.

        Left out are runs, fetches and every instant. Two stores that were fed the same articles
        on the same days are equal here, however often their runs were killed and repeated.
        """
        kept = "columns(c -> c not in ('since', 'fetched'))"
        return {
            table: self._db.rows(f"select {kept} from {table} order by all")  # noqa: S608
            for table in self._db.tables()
            if table not in _JOURNALS
        }

    def _days_of(self, ids: Iterable[str]) -> dict[str, date]:
        """Return the day on which each of the articles that are known was first seen."""
        with self._db.incoming(ids=_texts(ids)):
            sql = "select id, first_seen from articles where id in (select id from ids)"
            return dict(self._db.rows(sql))

    def _forget_articles(self, ids: Sequence[str]) -> set[str]:
        """Delete articles with their facts, and return the policies that they mentioned."""
        if not ids:
            return set()
        with self._db.incoming(ids=_texts(ids)):
            facts_of = "article_id in (select id from ids)"
            mentioned = self._db.rows(
                f"select distinct policy_id from policy_mentions where {facts_of}"  # noqa: S608
            )
            self._db.delete("articles", "id in (select id from ids)")
            for table in FACT_TABLES:
                self._db.delete(table, facts_of)
        return {policy for (policy,) in mentioned}

    def _refresh(self, table: str, touched: Collection[str], sql: str) -> None:
        """Make the rows of a table that sums up others anew, for the ids that were touched."""
        if not touched:
            return
        with self._db.incoming(touched=_texts(touched)):
            self._db.delete(table, "id in (select id from touched)")
            self._db.execute(sql)

    def _keep_failures(self, failures: Iterable[Failure]) -> None:
        rows = failure_rows(failures)
        if rows.num_rows:
            with self._db.incoming(failed=rows):
                self._db.execute(MERGE_FAILURES, now=_now())

    def _forget_failures(self, stage: str, subjects: Iterable[str]) -> None:
        with self._db.incoming(well=_texts(subjects)):
            self._db.delete(
                "failures", "stage = $stage and subject in (select id from well)", stage=stage
            )

    def _write_districts(self) -> None:
        rows = district_rows()
        names = ", ".join(rows.schema.names)
        if not self._db.arrow(f"select {names} from districts").equals(rows):  # noqa: S608
            with self._db.transaction():
                self._db.delete("districts", "true")
                self._db.insert("districts", rows)


def _earliest(days: Iterable[tuple[str, date]], known: Mapping[str, date]) -> dict[str, date]:
    """Return the first day of each article, of those given and those known."""
    first = dict(known)
    for article, day in days:
        first[article] = min(first.get(article, day), day)
    return first


def _numbered(told: Iterable[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Return (story, article) pairs with the place of each article in its story."""
    places: Counter[str] = Counter()
    rows = []
    for story, article in told:
        rows.append((story, article, places[story]))
        places[story] += 1
    return rows


def _texts(values: Iterable[str]) -> pa.Table:
    """Return `values` as a table with the column `id`."""
    return pa.table({"id": pa.array(list(values), pa.string())})


def _now() -> datetime | None:
    return utc(datetime.now(UTC))
