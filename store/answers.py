"""What the store answers: questions, comparisons, changes, searches, exports."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from store import writing
from store.changes import Change, find_changes
from store.comparison import areas_of
from store.corrections import Kind
from store.database import Database
from store.errors import StoreError
from store.export import TABLES, Export, write_export
from store.hits import Hit, find_articles, read_bodies
from store.offers import Offers, read_offers
from store.questions import bind, load_question
from store.search import SearchIndex
from store.statements import REVIEWED, VERSIONS, offers_sql
from summarize.stories import Report

#: Tables that grow when the same run is repeated.
_JOURNALS = ("runs", "fetches")


class Answers:
    """The part of a store that is asked."""

    _db: Database
    _index: SearchIndex

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
    ) -> Offers:
        """Return what these districts, with all below them, offer: `store.comparison` lays it out.

        Args:
            districts: GB/T 2260 codes.
            benefits: What is compared; empty for everything.
            tiers: Whom it is for; empty for everyone.
        """
        known = [code for (code,) in self._db.rows("select distinct code from districts")]
        areas = areas_of(districts, known)
        if not areas:
            return Offers.of([])
        asked = {"district": areas, "benefit": benefits, "tier": tiers}
        sql = offers_sql({name: wanted for name, wanted in asked.items() if wanted})
        return read_offers(self._db.arrow(sql))

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

    def bodies(self, articles: Iterable[str]) -> dict[str, tuple[int, str]]:
        """Return by id where an article proper begins in its text, and its words as published."""
        return read_bodies(self._db, self._index, articles)

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
