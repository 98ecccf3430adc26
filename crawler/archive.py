"""What was fetched, byte for byte: WARC files that are only ever added to.

An article page is a `response` record. What a list said about its articles is a `metadata` record,
so that the ledger can be written again from these files alone.
"""

import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from crawler.errors import CrawlError

#: Bytes after which the next record goes to a new file.
LARGEST_FILE = 512 * 2**20
#: Fast enough to keep up with the crawl; 9 is three times as slow and saves 2 %.
_LEVEL = 6
_SERIAL = re.compile(r"pages-(\d{6})(?:-\d{3})?\.warc\.gz")
_SOURCE, _ASKED, _KIND = "WARC-Bole-Source", "WARC-Bole-Asked", "WARC-Bole-Kind"
#: Headers that tell how the body travelled; it is archived unpacked.
_TRAVEL = {"content-encoding", "transfer-encoding", "content-length"}


RecordKind = Literal["article", "attachment", "listing"]


class Location(NamedTuple):
    """Where a record lies: name of the WARC file and offset of the record in it."""

    file: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of the archive.

    Attributes:
        kind: article (a page), attachment (a document that a page links to) or listing (JSON of
            the rows that a list gave).
        url: Address that the page came from, after redirects.
        asked: Address that was asked for.
        source_id: The source.
        fetched: UTC instant.
        body: The page without transfer and content encoding, or the JSON.
        status: HTTP status; 200 for a listing.
        headers: HTTP headers as sent.
        location: Where it lies; None until it is written.
    """

    kind: RecordKind
    url: str
    asked: str
    source_id: str
    fetched: datetime
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    location: Location | None = None


class Archive:
    """The WARC files in `folder/warc`. Each writing process begins a file of its own."""

    def __init__(self, folder: Path, *, largest_file: int = LARGEST_FILE) -> None:
        self.folder = folder / "warc"
        self._largest_file = largest_file
        self._out: BinaryIO | None = None
        self._name = ""

    def append(self, record: Record) -> Location:
        """Write a record and return where it lies; it is safe after the next `flush`."""
        out = self._open_output()
        location = Location(self._name, out.tell())
        out.write(zlib.compress(_serialize(record), _LEVEL, wbits=31))
        return location

    def flush(self) -> None:
        """Return once all that was appended is on the disk."""
        if self._out is not None:
            self._out.flush()
            os.fsync(self._out.fileno())

    def close(self) -> None:
        """Flush and close the file that is being written."""
        self.flush()
        if self._out is not None:
            self._out.close()
            self._out = None

    def read_record(self, location: Location) -> bytes:
        """Return the body of a page, without transfer and content encoding.

        Raises:
            CrawlError: The file is gone or damaged; names it.
        """
        path = self.folder / location.file
        if not path.is_file():
            raise CrawlError(
                f"{path}: not in the archive; put the file back, or crawl into a new folder"
            )
        with path.open("rb") as stream:
            stream.seek(location.offset)
            try:
                found = next(_read_stream(stream, location.file), None)
            except zlib.error:
                found = None
        if found is None:
            raise CrawlError(
                f"{path}: no whole record at byte {location.offset}; put back an undamaged copy"
            )
        return found.body

    def files(self) -> list[Path]:
        """Return the files in the order of writing."""
        return sorted(self.folder.glob("pages-*.warc.gz"))

    def records(self) -> Iterator[Record]:
        """Yield all whole records in the order of writing."""
        for path in self.files():
            with path.open("rb") as stream:
                yield from _read_stream(stream, path.name)

    def _open_output(self) -> BinaryIO:
        if self._out is not None and self._out.tell() >= self._largest_file:
            self.close()
        if self._out is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            serials = [int(m[1]) for p in self.folder.iterdir() if (m := _SERIAL.fullmatch(p.name))]
            self._name = f"pages-{max(serials, default=0) + 1:06}.warc.gz"
            # exclusive: never the file of another process, nor one with a torn end
            self._out = (self.folder / self._name).open("xb")
        return self._out


def _serialize(record: Record) -> bytes:
    """Return the record as WARC 1.1, not yet packed."""
    from warcio.recordbuilder import RecordBuilder
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    is_page = record.kind != "listing"
    kept = [(k, v) for k, v in record.headers if k.lower() not in _TRAVEL]
    http = StatusAndHeaders(
        f"{record.status} {'OK' if record.status == 200 else ''}".strip(),
        [*kept, ("Content-Length", str(len(record.body)))],
        protocol="HTTP/1.1",
    )
    made = RecordBuilder(warc_version="1.1").create_warc_record(
        record.url,
        "response" if is_page else "metadata",
        payload=BytesIO(record.body),
        length=len(record.body),
        warc_content_type="" if is_page else "application/json",
        http_headers=http if is_page else None,
        warc_headers_dict={
            "WARC-Date": record.fetched.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            _SOURCE: record.source_id,
            _ASKED: record.asked,
            _KIND: record.kind,
        },
    )
    out = BytesIO()
    WARCWriter(out, gzip=False, warc_version="1.1").write_record(made)
    return out.getvalue()


def record_places(path: Path) -> list[int]:
    """Return where the whole records of a file begin, and last where the last one ends."""
    with path.open("rb") as stream:
        ends = [end for _, end, _ in _members(stream)]
    return [0, *ends]


def _read_stream(stream: BinaryIO, name: str) -> Iterator[Record]:
    for offset, _, member in _members(stream):
        yield _parse(member, Location(name, offset))


def _members(stream: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Yield (start, end, unpacked bytes) of each whole gzip member from here on."""
    offset, packed = stream.tell(), b""
    while True:
        unpacker = zlib.decompressobj(wbits=31)
        parts, used = [], 0
        while not unpacker.eof:
            packed = packed or stream.read(65_536)
            if not packed:
                return  # the end, or the torn end that a killed process left
            parts.append(unpacker.decompress(packed))
            used += len(packed) - len(unpacker.unused_data)
            packed = unpacker.unused_data
        yield offset, offset + used, b"".join(parts)
        offset += used


def _parse(member: bytes, location: Location) -> Record:
    from warcio.archiveiterator import ArchiveIterator

    record = next(iter(ArchiveIterator(BytesIO(member))))
    of_record, http = record.rec_headers.get_header, record.http_headers
    return Record(
        # files of older versions do not say it, and hold no attachments
        kind=of_record(_KIND) or ("article" if http else "listing"),
        url=of_record("WARC-Target-URI"),
        asked=of_record(_ASKED),
        source_id=of_record(_SOURCE),
        fetched=datetime.fromisoformat(of_record("WARC-Date")),
        body=record.content_stream().read(),
        status=int(http.get_statuscode()) if http else 200,
        headers=tuple(http.headers) if http else (),
        location=location,
    )
