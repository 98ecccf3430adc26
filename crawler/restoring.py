"""The ledger, written again from the archive alone."""

from hashlib import sha256
from pathlib import Path

from crawler.archive import Archive, Damage, Record
from crawler.attachments import find_documents
from crawler.errors import CrawlError
from crawler.fetches import Fetch, FetchKind, parse_listings
from crawler.ledger import Ledger
from crawler.parts import parts_named


def rebuild_ledger(archive: Archive, path: Path) -> list[Damage]:
    """Write a new ledger from the archive alone: what was had, what lists and pages named.

    What did not come is not in the archive: it is asked for again. What the archive has lost,
    the torn end of a power cut for one, is passed over and returned.

    Raises:
        CrawlError: There is a ledger already.
    """
    if path.exists():
        raise CrawlError(f"{path}: there is a ledger already; move it away to have it rebuilt")
    passed_over: list[Damage] = []
    with Ledger(path) as ledger:
        for record in archive.records(passed_over.append):
            if record.kind == "listing":
                ledger.add_listings(record.source_id, parse_listings(record.body))
            else:
                ledger.record(_fetch(record, record.kind))
            if record.kind == "article":
                files = find_documents(record.body, record.url)
                ledger.add_attachments(record.source_id, record.url, files)
            if record.kind in ("article", "part"):
                _add_parts(ledger, record)
    return passed_over


def _add_parts(ledger: Ledger, record: Record) -> None:
    """Remember which part a page is, and which later ones it names."""
    page, number = record.part or (record.url, 1)
    if record.part:
        ledger.parts.add(record.source_id, page, {number: record.asked})
    named = parts_named(record.body, record.url, number)
    if number == 1 and not named:
        ledger.parts.forget(page)
    ledger.parts.add(record.source_id, page, named)


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
