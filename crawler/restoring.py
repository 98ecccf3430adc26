"""The ledger, written again from the archive alone."""

from hashlib import sha256
from pathlib import Path

from crawler.archive import Archive, Record
from crawler.attachments import find_documents
from crawler.errors import CrawlError
from crawler.fetches import Fetch, FetchKind, parse_listings
from crawler.ledger import Ledger


def rebuild_ledger(archive: Archive, path: Path) -> None:
    """Write a new ledger from the archive alone: what was had, what lists and pages named.

    What did not come is not in the archive: it is asked for again.

    Raises:
        CrawlError: There is a ledger already.
    """
    if path.exists():
        raise CrawlError(f"{path}: there is a ledger already; move it away to have it rebuilt")
    with Ledger(path) as ledger:
        for record in archive.records():
            if record.kind == "listing":
                ledger.add_listings(record.source_id, parse_listings(record.body))
            else:
                ledger.record(_fetch(record, record.kind))
            if record.kind == "article":
                files = find_documents(record.body, record.url)
                ledger.add_attachments(record.source_id, record.url, files)


def _fetch(record: Record, kind: FetchKind) -> Fetch:
    headers = {name.lower(): value for name, value in record.headers}
    return Fetch(
        url=record.asked,
        final_url=record.url,
        source_id=record.source_id,
        kind=kind,
        fetched=record.fetched,
        status=record.status,
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        sha256=sha256(record.body).hexdigest(),
        warc_file=record.location.file if record.location else None,
        warc_offset=record.location.offset if record.location else None,
    )
