"""One shard in one worker: crawl its hosts, read what is new, write it as Parquet.

All that is needed to go on lies in the folder of the shard: its ledger says what was asked for and
what is still to be had, so that any worker goes on where a dead one has stopped. The folder is held
by a lease meanwhile, and the process of the crawl lives no longer than the lease is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path

from bole.attempts import MOST_DEATHS, Attempts
from bole.crawling.parts import Parts
from bole.reading import PageReader, read_batch
from bole.shards import FATAL
from bole.version import reader_version
from crawler.archive import Archive
from crawler.away import Away, read_away
from crawler.collect import Job, Share, run_crawl
from crawler.errors import CrawlError
from crawler.lease import LEASE, TIED, Lease, hold
from crawler.ledger import Ledger, Page
from crawler.ocr import scan_reader
from crawler.progress import Progress
from extract.models import RULES
from store import Failure
from summarize.stories import Report

#: Pages that are read and written in one go: what a killed worker loses at most.
BATCH = 500
#: What page is being read now, and at which ones workers have died.
_MARKS = "reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What a worker is to do.

    Attributes:
        name: Name of the shard.
        job: What is crawled, and in which folder.
        share: What it may ask, since others crawl too.
        names: Model that finds people and organizations.
        ocr: Folder of what scanned documents say, which all shards share.
        ocr_pages: Scanned pages of one document that are read at most.
        lease: Seconds that a worker may give no sign of life.
    """

    name: str
    job: Job
    share: Share
    names: str = RULES
    ocr: str | None = None
    ocr_pages: int = 0
    lease: float = LEASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a unit: how far its sources have come, and what it left to a later crawl."""

    progress: Sequence[Progress]
    away: Sequence[Away]


def crawl_shard(unit: Unit) -> Done:
    """Crawl a shard, go on where a killed worker has stopped, and write what is new as Parquet.

    Raises:
        CrawlError: The crawl failed, or another worker holds the shard.
    """
    folder = Path(unit.job.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with hold(folder, seconds=unit.lease) as lease:
        progress = _crawl(unit, lease)
        lease.check()
        _read(unit, folder, lease)
        return Done(progress=progress, away=read_away(folder))


def _crawl(unit: Unit, lease: Lease) -> list[Progress]:
    told: dict[str, Progress] = {}

    def tell(progress: Progress) -> None:
        told[progress.source_id] = progress

    share = replace(unit.share, patience=unit.lease * TIED)
    try:
        run_crawl(replace(unit.job, share=share), tell, lease.tie)
    except CrawlError:
        lease.check()  # if it was ended because the folder is another's, that is what is told
        raise
    return [told[source] for source in sorted(told)]


def _read(unit: Unit, folder: Path, lease: Lease) -> None:
    """Read the pages that are new, or that this reader has not read yet."""
    parts, version = Parts(folder), reader_version(unit.names)
    scans = scan_reader(Path(unit.ocr) if unit.ocr else None, unit.ocr_pages)
    with Ledger(folder / "ledger.sqlite") as ledger:
        newest = {page.url: page for page in ledger.pages()}
        reader = PageReader(Archive(folder), newest, scans=scans, names=unit.names)
        left = {url for url, kind in parts.failures().items() if scans and kind == "needs_ocr"}
        due = _due(reader, newest, parts.pages_read(), left, version)
        with Attempts(folder / _MARKS) as attempts:
            report = partial(_report, reader, attempts)
            for start in range(0, len(due), BATCH):
                batch = read_batch(reader, due[start : start + BATCH], version, report=report)
                for lacking in batch.lacking:  # the next crawl asks for them
                    ledger.parts.add(lacking.source_id, lacking.url, lacking.parts)
                lease.check()
                parts.add(batch, version)
    parts.finish(version)


def _report(reader: PageReader, attempts: Attempts, page: Page) -> Report | Failure:
    """Return the report of a page, unless workers have died at it."""
    number = int.from_bytes(blake2b(page.url.encode(), digest_size=7).digest(), "little")
    if attempts.deaths(number) >= MOST_DEATHS:
        message = (
            f"{page.url}: left out, since its reader died at it {MOST_DEATHS} times (killed, or "
            "out of memory)"
        )
        return Failure(subject=page.url, stage="read", kind=FATAL, message=message)
    attempts.begin(number)
    return reader.report(page)


def _due(
    reader: PageReader,
    newest: Mapping[str, Page],
    known: Mapping[str, tuple[str, str]],
    left: set[str],
    version: str,
) -> list[Page]:
    return [
        page
        for page in newest.values()
        if page.part is None
        and (
            any(known.get(one.url) != (one.sha256, version) for one in reader.pages_of(page))
            or page.url in left
        )
    ]
