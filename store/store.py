"""The store: articles, facts, stories and digests in the tables of schema.sql."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from crawler.health import SourceHealth
from store import telling, writing
from store.answers import Answers
from store.corrections import Correction
from store.database import Database
from store.journal import Journal
from store.reference import write_reference
from store.search import FOLDER as SEARCH
from store.search import SearchIndex
from store.snapshots import FOLDER as SNAPSHOTS
from store.snapshots import newest_snapshot
from store.telling import DigestItem
from summarize.stories import Report, Story


class Store(Journal, Answers):
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
