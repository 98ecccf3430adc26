"""The one committer: what finished shards hold comes into ledger and store, each part once."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bole.config import Settings
from bole.crawling.parts import Part, Parts
from bole.version import reader_version
from crawler.archive import SHARDS
from crawler.lease import Lease, hold
from crawler.ledger import Ledger
from crawler.merging import merge_ledger, seed_ledger
from store import PageRead, Store
from store.schema import FACT_TABLES

#: How the journal of runs names a part that was registered.
_COMMAND = "crawl "


class Committer:
    """Brings shards into the house's ledger and store; there is one, and it holds the store."""

    def __init__(self, settings: Settings, store: Store, house: Lease, *, lease: float) -> None:
        self._settings = settings
        self._store = store
        self._house = house
        self._lease = lease
        rows = store.select(
            "select distinct command from runs"
            " where outcome = 'done' and starts_with(command, $command)",
            command=_COMMAND,
        )
        self._registered = {row["command"] for row in rows}

    def folder_of(self, shard: str) -> Path:
        """Return the folder of a shard."""
        return self._settings.data / SHARDS / shard

    def seed(self, shard: str, sources: Iterable[str]) -> None:
        """Tell a shard what the house has had from sources that are new to it.

        Raises:
            HeldError: A worker is at work there.
        """
        folder = self.folder_of(shard)
        with hold(folder, seconds=self._lease, is_patient=False):
            seed_ledger(self._settings.ledger, folder / "ledger.sqlite", sources)

    def commit(self, shard: str) -> int:
        """Bring in what a shard has and the house has not; return how many parts that were.

        Raises:
            HeldError: A worker is at work there.
            LostError: Another driver has taken over the house.
        """
        self._house.check()
        folder = self.folder_of(shard)
        if not (folder / "ledger.sqlite").is_file():
            return 0
        with hold(folder, seconds=self._lease, is_patient=False):
            place = f"{SHARDS}/{shard}/warc/"
            merge_ledger(folder / "ledger.sqlite", self._settings.ledger, place=place)
            with Ledger(self._settings.ledger) as ledger:
                self._store.write_fetches(ledger.fetches(after_id=self._store.last_fetch()))
                return sum(self._register(ledger, part) for part in Parts(folder).whole())

    def _register(self, ledger: Ledger, part: Part) -> bool:
        """Register a part, unless it was; killed in between, it is done again to the same end."""
        command = _COMMAND + part.name
        if command in self._registered:
            return False
        run = self._store.start_run(command=command)
        pages = self._news(ledger, part.pages)
        urls = {page.url for page in pages}
        articles = sorted({page.article_id for page in pages if page.article_id})
        if articles:
            self._store.write_tables(_only(part.tables(), articles))
            if decided := self._store.corrections(articles):
                self._store.write_corrections(decided)
        self._store.clear_failures("read", urls)
        self._store.write_failures(one for one in part.failures if one.subject in urls)
        self._store.write_pages_read(pages)
        self._store.finish_run(run)
        self._registered.add(command)
        return True

    def _news(self, ledger: Ledger, pages: Iterable[PageRead]) -> list[PageRead]:
        """Return the pages that say this now, and that the store does not have read so."""
        given = list(pages)
        rows = self._store.select(
            "select url, sha256, reader_version from pages_read"
            " where url in (select unnest($urls::varchar[]))",
            urls=[page.url for page in given],
        )
        known = {row["url"]: (row["sha256"], row["reader_version"]) for row in rows}
        today = reader_version(self._settings.names)

        def is_news(page: PageRead) -> bool:
            newest = ledger.newest_content(page.url)
            had = {(page.sha256, page.version), (page.sha256, today)}
            return (newest is None or newest[0] == page.sha256) and known.get(page.url) not in had

        return [page for page in given if is_news(page)]


def _only(tables: Mapping[str, pa.Table], articles: list[str]) -> dict[str, pa.Table]:
    """Return the rows of these articles."""
    keys = {"articles": "id", **dict.fromkeys(FACT_TABLES, "article_id")}
    chosen = pa.array(articles, pa.string())
    return {
        name: table.filter(pc.is_in(table[keys[name]], chosen)) for name, table in tables.items()
    }
