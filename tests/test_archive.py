"""The archive: what goes in comes out, byte for byte, and a torn end harms nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archive import Archive, Damage, Location, Record, record_spans
from crawler.errors import CrawlError

PAGE = Record(
    kind="article",
    url="http://example.cn/新/a.html",
    asked="http://example.cn/old.html",
    source_id="xz",
    fetched=datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
    body="人才\r\n\x00".encode("gb18030") * 50_000,
    headers=(("Content-Type", "text/html"), ("ETag", '"1"')),
)
ROWS = replace(PAGE, kind="listing", body=b"[1]", headers=())


def fill(folder: Path, *records: Record, largest_file: int = 2**20) -> list[Location]:
    archive = Archive(folder, largest_file=largest_file)
    places = [archive.append(record) for record in records]
    archive.close()
    return places


def test_records_come_back_as_they_went_in(tmp_path: Path) -> None:
    places = fill(tmp_path, PAGE, ROWS)
    first, second = Archive(tmp_path).records()
    length = ("Content-Length", str(len(PAGE.body)))
    assert first == replace(PAGE, headers=(*PAGE.headers, length), location=places[0])
    assert second == replace(ROWS, location=places[1])
    assert Archive(tmp_path).read_record(places[0]) == PAGE.body
    assert Archive(tmp_path).read_record(places[1]) == b"[1]"


def test_how_a_page_travelled_is_not_told_of_its_unpacked_body(tmp_path: Path) -> None:
    headers = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    fill(tmp_path, replace(PAGE, headers=headers))
    (record,) = Archive(tmp_path).records()
    assert record.headers == (("Content-Length", str(len(PAGE.body))),)
    assert record.body == PAGE.body


def test_other_tools_can_read_it(tmp_path: Path) -> None:
    fill(tmp_path, PAGE)
    with (tmp_path / "warc" / "pages-000001.warc.gz").open("rb") as stream:
        (found,) = [
            (r.rec_type, r.http_headers.get_statuscode(), r.content_stream().read())
            for r in ArchiveIterator(stream, check_digests="raise")
        ]
    assert found == ("response", "200", PAGE.body)


def test_a_file_that_is_large_enough_is_followed_by_another(tmp_path: Path) -> None:
    places = fill(tmp_path, PAGE, PAGE, PAGE, largest_file=1)
    assert [place.file for place in places] == [f"pages-00000{n}.warc.gz" for n in (1, 2, 3)]
    assert fill(tmp_path, PAGE)[0] == ("pages-000004.warc.gz", 0)


@pytest.mark.parametrize("left", [1, 20, -1])
def test_the_torn_end_of_a_killed_crawl_is_passed_over(tmp_path: Path, left: int) -> None:
    places = fill(tmp_path, PAGE, ROWS)
    path = tmp_path / "warc" / places[1].file
    data = path.read_bytes()
    path.write_bytes(data[: places[1].offset + left] if left > 0 else data[:left])
    fill(tmp_path, ROWS)
    lost: list[Damage] = []
    found = [record.kind for record in Archive(tmp_path).records(lost.append)]
    assert found == ["article", "listing"]
    assert lost == [Damage(path.name, places[1].offset, path.stat().st_size)]
    assert str(lost[0]).startswith(f"{path.name}: no whole record in the ")
    with pytest.raises(CrawlError, match="no whole record at byte"):
        Archive(tmp_path).read_record(places[1])


def test_a_lost_or_damaged_file_is_named(tmp_path: Path) -> None:
    (place,) = fill(tmp_path, PAGE)
    path = tmp_path / "warc" / place.file
    path.write_bytes(b"\x00" * 100)
    with pytest.raises(CrawlError, match=r"pages-000001\.warc\.gz: no whole record at byte 0"):
        Archive(tmp_path).read_record(place)
    path.unlink()
    with pytest.raises(CrawlError, match=r"pages-000001\.warc\.gz: not in the archive"):
        Archive(tmp_path).read_record(place)


@pytest.mark.parametrize("junk", [bytes(200_000), b"\x1f\x8b\x08" * 70_000, b"", None])
def test_what_lies_behind_damage_is_still_read(tmp_path: Path, junk: bytes | None) -> None:
    """Zeros that a power cut left, another's gzip, and a record that a disk has spoiled."""
    places = fill(tmp_path, ROWS, PAGE, ROWS)
    path = tmp_path / "warc" / places[0].file
    data = path.read_bytes()
    start, end = places[1].offset, places[2].offset
    spoiled = data[start : start + 40] + bytes(9) + data[start + 49 : end]
    middle = spoiled if junk is None else junk
    path.write_bytes(data[:start] + middle + data[end:] + (junk or b""))
    lost: list[Damage] = []
    records = [*Archive(tmp_path).records(lost.append)]
    assert [(one.kind, one.body) for one in records] == [("listing", b"[1]")] * 2
    assert [one.location.offset for one in records] == [0, start + len(middle)]
    wanted = [(start, start + len(middle))] if middle else []
    wanted += [(path.stat().st_size - len(junk), path.stat().st_size)] if junk else []
    assert [(one.start, one.end) for one in lost] == wanted
    again = start + len(middle)
    assert record_spans(path) == [(0, start), (again, again + len(data) - end)]
    assert Archive(tmp_path).read_record(records[1].location) == b"[1]"
