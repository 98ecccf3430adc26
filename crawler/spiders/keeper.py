"""Where the spider puts what it fetched: archive first, then ledger, in batches."""

from pathlib import Path
from time import monotonic
from typing import Self

from crawler.archive import Archive, Location, Record
from crawler.fetches import Fetch
from crawler.ledger import Ledger
from crawler.progress import Progress, Tell

#: Fetches and seconds after which a batch is made to last. A killed crawl loses no more than this.
_BATCH = 100
_SECONDS = 1.0


class Keeper:
    """Archive and ledger of one crawl: no row is committed before its page is on the disk.

    After each batch `tell` hears how far the sources have come from which something was kept.
    """

    def __init__(self, folder: Path, tell: Tell = lambda _: None) -> None:
        self._archive = Archive(folder)
        self.ledger = Ledger(folder / "ledger.sqlite")
        self._tell = tell
        self._progress: dict[str, Progress] = {}
        self._untold: set[str] = set()
        #: Where content lies that was archived just now, and whose fetch is still to come.
        self._fresh: set[Location] = set()
        self._waiting = 0
        self._last = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.commit()
        self._archive.close()
        self.ledger.close()

    def archive(self, record: Record) -> Location:
        """Put a record into the archive and return where it lies."""
        place = self._archive.append(record)
        self._fresh.add(place)
        return place

    def read(self, location: Location) -> bytes:
        """Return the body of a record, also of one that was put there just now."""
        self._archive.flush()
        return self._archive.read_record(location)

    def keep(self, fetch: Fetch) -> None:
        """Put a fetch into the ledger."""
        self.ledger.record(fetch)
        source = fetch.source_id
        is_new = self._is_new(fetch)
        known = self._progress.get(source, Progress(source_id=source))
        self._progress[source] = known.plus(fetch, is_new=is_new)
        self._untold.add(source)
        self._waiting += 1
        if self._waiting >= _BATCH or monotonic() - self._last >= _SECONDS:
            self.commit()

    def _is_new(self, fetch: Fetch) -> bool:
        """Whether a fetch brought content that no earlier one had."""
        if fetch.warc_file is None or fetch.warc_offset is None:
            return False
        place = Location(fetch.warc_file, fetch.warc_offset)
        is_new = place in self._fresh
        self._fresh.discard(place)
        return is_new

    def commit(self) -> None:
        """Make all that was kept last."""
        self._archive.flush()
        self.ledger.commit()
        for source in sorted(self._untold):
            self._tell(self._progress[source])
        self._untold.clear()
        self._fresh.clear()
        self._waiting = 0
        self._last = monotonic()
