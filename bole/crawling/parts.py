"""What a shard has yielded so far: Parquet of articles with their facts, part after part.

    SHARD/parts/manifest.json          the parts that are whole
    SHARD/parts/articles/NAME.parquet  and so for figures, policy_mentions, places, names
    SHARD/parts/receipts/NAME.json     written last: which pages were read, and what failed

The name of a part holds the shard, a number and a digest of the content that was read. It is the
form that `bole extract --to parquet` writes too. What is half-written has no receipt, is not
counted, and goes with the next part.
"""

import json
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa

from bole.reading import BatchRead
from bole.receipts import (
    RECEIPTS,
    DeadLetter,
    Receipt,
    read_receipt,
    read_tables,
    write_manifest,
    write_shard,
)
from crawler.errors import CrawlError
from store import Failure, PageRead
from store.rows import report_tables

_FOLDER = "parts"
#: Under what a receipt notes the pages that were read.
_PAGES = "pages"


class Part:
    """One whole part."""

    def __init__(self, folder: Path, receipt: Receipt) -> None:
        self._folder = folder
        self._receipt = receipt

    @property
    def name(self) -> str:
        """Return its name."""
        return self._receipt.name

    @property
    def pages(self) -> list[PageRead]:
        """Return which content of which page was read."""
        rows = self._receipt.notes[_PAGES]
        return [PageRead(url=u, sha256=s, version=v, article_id=a) for u, s, v, a in rows]

    @property
    def failures(self) -> list[Failure]:
        """Return what could not be read."""
        return [letter.failure for letter in self._receipt.dead]

    def tables(self) -> dict[str, pa.Table]:
        """Return the rows of articles and of their facts.

        Raises:
            CrawlError: A file is broken; names it.
        """
        try:
            return read_tables(self._folder, self.name)
        except (OSError, pa.ArrowException) as error:
            said = " ".join(str(error).split())
            raise CrawlError(
                f"{self._folder}: the Parquet of part {self.name} cannot be read ({said}); delete "
                "its receipt, and the next crawl writes it again from the archive"
            ) from error


class Parts:
    """The parts of the shard in a folder; one process adds to them at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / _FOLDER
        self._shard = folder.name
        paths = sorted((self.folder / RECEIPTS).glob("*.json"))
        found = [read_receipt(self.folder, path.stem) for path in paths]
        self._receipts = [receipt for receipt in found if receipt is not None]

    def whole(self) -> list[Part]:
        """Return the parts that are whole, oldest first."""
        return [Part(self.folder, receipt) for receipt in self._receipts]

    def pages_read(self) -> dict[str, tuple[str, str]]:
        """Return by address the digest of the bytes that were read last, and the reader."""
        read = (page for part in self.whole() for page in part.pages)
        return {page.url: (page.sha256, page.version) for page in read}

    def failures(self) -> dict[str, str]:
        """Return the kind of failure of each page that could not be read the last time."""
        failed: dict[str, str] = {}
        for part in self.whole():
            for page in part.pages:
                failed.pop(page.url, None)
            failed |= {failure.subject: failure.kind for failure in part.failures}
        return failed

    def add(self, batch: BatchRead, version: str) -> None:
        """Write what came of some pages as one more part."""
        number = self._receipts[-1].first + 1 if self._receipts else 1
        pages = sorted((p.url, p.sha256, p.version, p.article_id) for p in batch.outcomes)
        digest = blake2b(json.dumps(pages).encode(), digest_size=8).hexdigest()
        name = f"{self._shard}-{number:06}-{digest}"
        receipt = Receipt(
            name=name,
            source=self._shard,
            first=number,
            dead=tuple(_letter(name, failure) for failure in batch.failures),
            notes={_PAGES: pages},
        )
        tables = report_tables(batch.reports, reader_version=version)
        self._receipts.append(write_shard(self.folder, receipt, tables))

    def finish(self, version: str) -> None:
        """Make the list of the parts, and take away what a killed worker has left half-written."""
        write_manifest(self.folder, version, self._receipts, ())


def _letter(part: str, failure: Failure) -> DeadLetter:
    return DeadLetter(
        shard=part,
        subject=failure.subject,
        stage=failure.stage,
        kind=failure.kind,
        reason=failure.message,
        tries=1,
    )
