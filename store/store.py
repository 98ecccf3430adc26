"""The store: articles, facts, stories and digests in the tables of schema.sql."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from crawler.health import SourceHealth
from crawler.ledger import Fetch
from crawler.sources import Source
from store import telling, writing
from store.changes import Change, find_changes
from store.comparison import Offer, areas_of, read_offers
from store.corrections import Correction, Kind
from store.database import Database
from store.errors import StoreError
from store.export import TABLES, Export, write_export
from store.hits import Hit, find_articles
from store.questions import bind, load_question
from store.records import Failure, PageRead
from store.reference import write_reference
from store.rows import fetch_rows, page_rows, source_rows
from store.search import FOLDER as SEARCH
from store.search import SearchIndex
from store.snapshots import FOLDER as SNAPSHOTS
from store.snapshots import newest_snapshot
from store.statements import REVIEWED, VERSIONS, offers_sql
from store.telling import DigestItem
from summarize.stories import Report, Story

#: Tables that grow when the same run is repeated.
_JOURNALS = ("runs", "fetches")


class Store:
    """What bole keeps: a single process writes it, any number read its published copies.

    Raises:
        StoreError: Another process writes it, it is no database of bole, or one of a newer bole.
    """

    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        path = Path(path)
        folder = path.parent
        data = folder.parent if folder.name == SNAPSHOTS else folder
        self._index = SearchIndex(data / SEARCH, snapshot=path.name)
        self._db = Database(path, read_only=read_only)
        if not read_only:
            write_reference(self._db)

    @classmethod
    def open_snapshot(cls, folder: Path | str) -> Self:
        """Return the newest published copy of the database in `folder`, read-only.

        Raises:
            StoreError: None was published.
        """
        folder = Path(folder)
        path, before = newest_snapshot(folder), None
        while not path.is_file() and path != before:  # newer ones came since its name was read
            path, before = newest_snapshot(folder), path
        return cls(path, read_only=True)

    def reader(self) -> Self:
        """Return another reader of the same open snapshot, for one more thread; close it alone."""
        other = copy(self)
        other._db = self._db.cursor()  # noqa: SLF001 - a copy of this very store
        return other

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

        The search index is brought up to date with it.

        Raises:
            StoreError: It cannot be written; the copy before stays the newest.
        """
        path = self._db.publish()
        self._index.refresh(self._db, snapshot=path.name)
        return path

    # articles and their facts

    def write_articles(self, reports: Sequence[Report], *, reader_version: str) -> None:
        """Put articles and their facts in place of what is known of the same articles.

        A fact that does not point at its words is left out and lands in `failures`; so does an
        article that cannot be stored. Of several reports of one article the last counts.
        """
        writing.write_reports(self._db, reports, reader_version=reader_version)

    def write_tables(self, tables: Mapping[str, pa.Table]) -> None:
        """Put articles and facts that are rows already in place of what is known of them.

        For bulk: what `report_tables` made elsewhere, in another process or on another machine,
        comes in at the speed of Arrow. Facts that do not point at their words, or whose article
        is not among the rows, are left out and land in `failures`. Corrections are not applied.
        """
        writing.write_tables(self._db, tables)

    def read_reports(self, *, until: date, since: date | None = None) -> list[Report]:
        """Return the articles first seen up to `until` with their facts, by first_seen and id.

        Args:
            until: Last day.
            since: First day; None for all.
        """
        days = {"since": since or date.min, "until": until}
        chosen = "first_seen between $since and $until"
        return [report for report, _ in writing.read_reports(self._db, chosen, **days)]

    def known_pages(self) -> dict[str, tuple[str, str]]:
        """Return by article id the digest of the bytes that it was read from, and the reader."""
        rows = self._db.rows("select id, sha256, reader_version from articles order by id")
        return {article: (digest, version) for article, digest, version in rows}

    def write_corrections(self, corrections: Sequence[Correction]) -> None:
        """Keep what people decided about facts, and put it over what was read of their articles.

        Raises:
            StoreError: A correction that makes no fact; nothing is kept then.
        """
        writing.write_corrections(self._db, corrections)

    def corrections(self, articles: Collection[str] | None = None) -> list[Correction]:
        """Return what people decided about facts, of these articles or of all."""
        return writing.read_corrections(self._db, articles)

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

    def undated_pages(self) -> set[str]:
        """Return the addresses of pages whose article has no day of publication."""
        sql = (
            "select p.url from pages_read p join articles a on a.id = p.article_id"
            " where a.published is null"
        )
        return {url for (url,) in self._db.rows(sql)}

    # what went wrong

    def write_failures(self, failures: Iterable[Failure]) -> None:
        """Write failures, each in place of the one with the same stage and subject."""
        with self._db.transaction():
            writing.keep_failures(self._db, failures)

    def clear_failures(self, stage: str, subjects: Iterable[str]) -> None:
        """Forget the failures of subjects for which `stage` went well now."""
        with self._db.transaction():
            writing.forget_failures(self._db, stage, subjects)

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
        telling.write_stories(self._db, stories)

    def known_stories(self) -> dict[str, str]:
        """Return by article id the story that it tells."""
        return dict(self._db.rows("select article_id, story_id from story_articles order by all"))

    def digest_numbers(self, day: date) -> tuple[int, int]:
        """Return the issue's number within its year and in all; for a written issue its own."""
        return telling.digest_numbers(self._db, day)

    def first_day(self) -> date | None:
        """Return the day on which the first article was seen; None without any."""
        found: date | None
        (found,) = self._db.one("select min(first_seen) from articles")
        return found

    def issue_before(self, day: date) -> date | None:
        """Return the day of the last issue before `day`; None if there is none."""
        found: date | None
        (found,) = self._db.one("select max(day) from digests where day < $day", day=day)
        return found

    def digest_health(self, day: date) -> list[SourceHealth] | None:
        """Return how the sources stood when the issue of `day` was written; None without one."""
        return telling.digest_health(self._db, day)

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
        telling.write_digest(self._db, day, numbers, health, items)

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
                now=writing.now(),
            )
        return number

    def finish_run(self, number: int, *, outcome: str = "done") -> None:
        """Note that a run has ended, and how: done, partly or failed."""
        with self._db.transaction():
            self._db.execute(
                "update runs set finished = $now, outcome = $outcome where id = $number",
                now=writing.now(),
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

    def select(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Return the rows of a question of this program's own, with values for its `$names`."""
        return self._db.dicts(sql, **values)

    def query(self, sql: str, *, seconds: float = 60, limit: int | None = None) -> pa.Table:
        """Return the rows of one `select`; it can read this snapshot's tables and nothing else.

        Args:
            sql: One statement that reads.
            seconds: Time that it may take.
            limit: Rows that are returned at most; None for all.

        Raises:
            StoreError: SQL that is wrong, does more than read, or takes longer than `seconds`;
                or a store that is open for writing.
        """
        return self._db.read(sql, seconds=seconds, limit=limit)

    def compare(
        self,
        districts: Sequence[str],
        *,
        benefits: Sequence[str] = (),
        tiers: Sequence[str] = (),
    ) -> list[Offer]:
        """Return what these districts, with all below them, offer: `store.comparison` lays it out.

        Args:
            districts: GB/T 2260 codes.
            benefits: What is compared; empty for everything.
            tiers: Whom it is for; empty for everyone.
        """
        known = [code for (code,) in self._db.rows("select distinct code from districts")]
        areas = areas_of(districts, known)
        if not areas:
            return []
        asked = {"district": areas, "benefit": benefits, "tier": tiers}
        sql = offers_sql({name: wanted for name, wanted in asked.items() if wanted})
        return read_offers(self._db.dicts(sql))

    def changes(self, policy: str, *, district: str | None = None) -> list[Change]:
        """Return what each version of policies whose name holds `policy` changed, oldest first."""
        rows = self._db.arrow(VERSIONS, policy=policy, district=district).to_pylist()
        return find_changes(rows)

    def export(self, table: str, folder: Path, *, form: str, lang: str | None = None) -> Path:
        """Write a table of `store.export.TABLES` to `folder` and return its path.

        Args:
            table: Its name.
            folder: Where its file, or for parquet its folder with one a month, goes.
            form: parquet, csv, xlsx or jsonl.
            lang: Language of the headers of csv and xlsx, zh or en; None for the columns' names.

        Raises:
            StoreError: No such table or form, or the folder cannot be written.
        """
        if table not in TABLES:
            raise StoreError(f"no table {table!r} to export; tables: {', '.join(TABLES)}")
        rows = self._db.batches(TABLES[table])
        return write_export(Export(name=table, rows=rows, lang=lang), folder, form)

    def facts_to_review(self, kind: Kind, **chosen: Any) -> pa.Table:
        """Return figures or policies with their words and articles, as a review sheet has them.

        Args:
            kind: figure or policy.
            chosen: district, since and article, each None for any; limit.
        """
        return self._db.arrow(REVIEWED[kind], **chosen)

    def reports_of(self, articles: Collection[str]) -> list[Report]:
        """Return these articles with their facts, by first_seen and id; none for unknown ids."""
        chosen = "list_contains($ids, id)"
        found = writing.read_reports(self._db, chosen, ids=sorted(articles))
        return [report for report, _ in found]

    def search(self, words: str, *, limit: int = 10) -> list[Hit]:
        """Return the articles that hold all of these words, best first.

        Raises:
            StoreError: There is no index yet.
        """
        return find_articles(self._db, self._index, words, limit=limit)

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
        kept = "columns(c -> c not in ('since', 'fetched', 'decided'))"
        return {
            table: self._db.rows(f"select {kept} from {table} order by all")  # noqa: S608
            for table in self._db.tables()
            if table not in _JOURNALS
        }
