"""What the store keeps of the work itself: what was fetched and read, what failed, which runs."""

from collections.abc import Iterable
from datetime import date

from crawler.ledger import Fetch
from crawler.sources import Source
from store import writing
from store.database import Database
from store.records import Failure, PageRead, Run
from store.rows import fetch_rows, page_rows, source_rows


class Journal:
    """The part of a store that tells what was done."""

    _db: Database

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

    # runs

    def runs(self) -> list[Run]:
        """Return the runs, the first first."""
        return [Run(*row) for row in self._db.rows("select * from runs order by id")]

    def write_runs(self, runs: Iterable[Run]) -> None:
        """Put runs of another database into this one, which has none of their numbers."""
        with self._db.transaction():
            for run in runs:
                self._db.execute(
                    "insert into runs values ($id, $command, $day, $started, $finished, $outcome)",
                    **run._asdict(),
                )

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
