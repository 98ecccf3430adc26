"""What was fetched, byte for byte: WARC files that are only ever added to.

An article page is a `response` record. What a list said about its articles is a `metadata` record,
so that the ledger can be written again from these files alone.
"""

import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from crawler.errors import CrawlError

#: Bytes after which the next record goes to a new file.
LARGEST_FILE = 512 * 2**20
#: Folder of the shards, of which each has an archive and a ledger of its own.
SHARDS = "shards"
_FOLDER, _FILES = "warc", "pages-*.warc.gz"
#: Fast enough to keep up with the crawl; 9 is three times as slow and saves 2 %.
_LEVEL = 6
_SERIAL = re.compile(r"pages-(\d{6})(?:-\d{3})?\.warc\.gz")
_SOURCE, _ASKED, _KIND = "WARC-Bole-Source", "WARC-Bole-Asked", "WARC-Bole-Kind"
_PAGE, _NUMBER = "WARC-Bole-Page", "WARC-Bole-Part"
#: Headers that tell how the body travelled; it is archived unpacked.
_TRAVEL = {"content-encoding", "transfer-encoding", "content-length"}
#: How a packed record begins, and what it begins with when it is unpacked.
_PACKED, _UNPACKED = b"\x1f\x8b\x08", b"WARC/"
#: Bytes read at a time, and bytes of a record that show what it is.
_CHUNK, _PROBE = 65_536, 512

RecordKind = Literal["article", "part", "attachment", "listing"]


class Location(NamedTuple):
    """Where a record lies: name of the WARC file, as `Archive.path_of` knows it, and offset."""

    file: str
    offset: int


class Damage(NamedTuple):
    """Bytes of a WARC file that are no whole record: a torn end, or what a bad disk made of it."""

    file: str
    start: int
    end: int

    def __str__(self) -> str:
        size = self.end - self.start
        return f"{self.file}: no whole record in the {size} bytes from {self.start} on; passed over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of the archive.

    Attributes:
        kind: article (a page), part (a further page of one), attachment (a document that a page
            links to) or listing (JSON of the rows that a list gave).
        url: Address that the page came from, after redirects.
        asked: Address that was asked for.
        source_id: The source.
        fetched: UTC instant.
        body: The page without transfer and content encoding, or the JSON.
        status: HTTP status; 200 for a listing.
        headers: HTTP headers as sent.
        part: Of a part the address of the article's first page, and its number.
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
    part: tuple[str, int] | None = None
    location: Location | None = None


class Archive:
    """The WARC files in `folder/warc`. Each writing process begins a file of its own.

    What shards have crawled lies in theirs, `folder/shards/*/warc`, and is read from there.
    """

    def __init__(self, folder: Path, *, largest_file: int = LARGEST_FILE) -> None:
        self.folder = folder / _FOLDER
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
        path = self.path_of(location.file)
        if not path.is_file():
            raise CrawlError(
                f"{path}: not in the archive; put the file back from a backup, or do without "
                "its pages and ask for them again: bole rebuild"
            )
        with path.open("rb") as stream:
            stream.seek(location.offset)
            member, _ = _unpack(stream, b"")
        if not member:
            raise CrawlError(
                f"{path}: no whole record at byte {location.offset}; put the file back from a "
                "backup, or do without the page and ask for it again: bole rebuild"
            )
        return _parse(member, location).body

    def files(self) -> list[Path]:
        """Return the files in the order of writing, those of shards by shard."""
        shards = self.folder.parent.glob(f"{SHARDS}/*/{_FOLDER}/{_FILES}")
        return [*sorted(self.folder.glob(_FILES)), *sorted(shards)]

    def path_of(self, name: str) -> Path:
        """Return the file of a name: one in `warc`, or below the folder of archive and ledger."""
        return self.folder.parent / name if "/" in name else self.folder / name

    def name_of(self, path: Path) -> str:
        """Return the name of a file, as locations have it."""
        if path.parent == self.folder:
            return path.name
        return path.relative_to(self.folder.parent).as_posix()

    def records(self, tell: Callable[[Damage], None] = lambda _: None) -> Iterator[Record]:
        """Yield all whole records in the order of writing; `tell` hears what is passed over."""
        for path in self.files():
            with path.open("rb") as stream:
                for start, end, member in _members(stream):
                    if member:
                        yield _parse(member, Location(self.name_of(path), start))
                    else:
                        tell(Damage(self.name_of(path), start, end))

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
            **({_PAGE: record.part[0], _NUMBER: str(record.part[1])} if record.part else {}),
        },
    )
    out = BytesIO()
    WARCWriter(out, gzip=False, warc_version="1.1").write_record(made)
    return out.getvalue()


def record_spans(path: Path) -> list[tuple[int, int]]:
    """Return where each whole record of a file begins and ends."""
    with path.open("rb") as stream:
        return [(start, end) for start, end, member in _members(stream) if member]


def _members(stream: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Yield (start, end, unpacked bytes) of each record from here on; b"" for what is none."""
    start, lost, packed = stream.tell(), None, b""
    while packed := packed or stream.read(_CHUNK):
        member, unused = _unpack(stream, packed)
        if member:
            if lost is not None:
                yield lost, start, b""
            end = stream.tell() - len(unused)
            yield start, end, member
            start, lost, packed = end, None, unused
        else:
            lost = start if lost is None else lost
            start, packed = _seek_record(stream, start + 1), b""
    if lost is not None:
        yield lost, stream.tell(), b""


def _unpack(stream: BinaryIO, packed: bytes) -> tuple[bytes, bytes]:
    """Return a record unpacked, and what was read behind it; b"" if it is torn or damaged.

    Args:
        stream: The rest of it.
        packed: How it begins, as far as it was read.
    """
    unpacker, parts = zlib.decompressobj(wbits=31), []
    while not unpacker.eof:
        packed = packed or stream.read(_CHUNK)
        if not packed:
            return b"", b""
        try:
            parts.append(unpacker.decompress(packed))
        except zlib.error:
            return b"", b""
        packed = unpacker.unused_data
    member = b"".join(parts)
    return (member, packed) if member.startswith(_UNPACKED) else (b"", b"")


def _seek_record(stream: BinaryIO, start: int) -> int:
    """Go to the first place from `start` on where a record begins, else to the end."""
    while True:
        stream.seek(start)
        window = stream.read(_CHUNK)
        at = window.find(_PACKED)
        if at >= 0:
            place = stream.seek(start + at)
            if _begins_record(stream.read(_PROBE)):
                return stream.seek(place)
            start = place + 1
        elif len(window) < _CHUNK:
            return stream.seek(0, os.SEEK_END)
        else:
            start += _CHUNK - len(_PACKED) + 1


def _begins_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(wbits=31).decompress(packed).startswith(_UNPACKED)
    except zlib.error:
        return False


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
        part=(of_record(_PAGE), int(of_record(_NUMBER))) if of_record(_PAGE) else None,
        location=location,
    )
