"""Tables of more than one machine: a lake of Parquet, written shard by shard and asked as a store.

A lake is a folder. Without a catalog one writer at a time keeps a list in it (`store/lake_files`);
with a catalog in PostgreSQL it is a DuckLake (`store/lake_catalog`). Either way workers write
shards of Parquet elsewhere, and one committer registers them.
"""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import duckdb
import pyarrow as pa

from store import lake_catalog, lake_files, strangers
from store.errors import StoreError
from store.lake_batches import Committed
from store.lake_errors import lake_errors
from store.lake_shards import Shard
from store.lake_views import lay_views, left_out
from store.questions import bind, load_question

_ASKED = re.compile(r"\b(?:from|join)\s+(?P<table>\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LakePlace:
    """Where a lake is.

    Attributes:
        folder: Folder of its Parquet files.
        catalog: Where PostgreSQL keeps its catalog, in libpq's words without a password
            (`host=db.office dbname=bole user=bole`); empty if the lake has none.
    """

    folder: Path
    catalog: str = ""


class Committer(Protocol):
    """The only one that writes a lake, as long as it lasts."""

    def commit(self, shards: Iterable[Shard]) -> Committed:
        """Put the rows of shards in place of what is known of them and their articles.

        Of an article that stands in two shards the one that is committed last counts. Shards that
        are registered with just this content are passed over, broken ones are refused.

        Raises:
            StoreError: The lake cannot be written; what came in before stays.
        """
        ...

    def compact(self, days: float) -> None:
        """Put small files together; delete what was replaced more than so many days ago."""
        ...


class LakeReader:
    """A lake as it stands, to be asked as a published store is.

    Raises:
        StoreError: There is no such lake, it is not reached, or another bole wrote it.
    """

    def __init__(self, place: LakePlace) -> None:
        if place.catalog:
            self._con, held = lake_catalog.open_rows(place.folder, place.catalog)
        else:
            self._con, held = lake_files.open_rows(place.folder)
        try:
            with lake_errors(f"cannot read the lake {place.folder}"):
                lay_views(self._con, held)
                self._con.commit()
                _close_in(self._con)
        except BaseException:
            self.close()
            raise

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
        """Let go of the lake."""
        self._con.close()

    def ask(self, name: str, **parameters: Any) -> pa.Table:
        """Return the answer to a named question; `store.questions` knows them.

        Raises:
            StoreError: No such question, one about what a lake has not, or a parameter that it
                does not know or cannot use.
        """
        question = load_question(name)
        given = bind(question, parameters)
        asked = next((t for t in _ASKED.findall(question.sql) if t in left_out()), None)
        if asked:
            raise StoreError(
                f"question {name!r} asks for {asked}, which a lake has not; ask the store: "
                "leave out --lake"
            )
        with lake_errors("cannot answer this question"):
            return self._con.execute(question.sql, given).to_arrow_table()

    def query(self, sql: str, *, seconds: float = 60, limit: int | None = None) -> pa.Table:
        """Return the rows of one `select`; it can read the tables and views, and nothing else.

        Raises:
            StoreError: SQL that is wrong, does more than read, or takes longer than `seconds`.
        """
        with lake_errors("cannot run this SQL"):
            return strangers.read(
                self._con, sql, seconds=seconds, limit=limit, hidden=lake_catalog.HIDDEN
            )


def committing(place: LakePlace) -> AbstractContextManager[Committer]:
    """Hold the right to commit to a lake, which is made if there is none.

    Raises:
        StoreError: Another holds it, or the lake is not reached.
    """
    if place.catalog:
        return lake_catalog.committing(place.folder, place.catalog)
    return lake_files.committing(place.folder)


def _close_in(con: duckdb.DuckDBPyConnection) -> None:
    """Take from a connection all rights but to read what its views name."""
    for setting in (
        "enable_external_access = false",
        "allow_community_extensions = false",
        "python_enable_replacements = false",
        "lock_configuration = true",
    ):
        con.execute(f"set {setting}")
