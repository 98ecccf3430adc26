"""Rebuild, prune and backup killed at each of their moments: nothing is lost, a rerun mends all."""

from datetime import timedelta
from pathlib import Path

import pytest

from bole.backup import back_up
from bole.config import FILE, load_settings
from bole.upkeep import prune_archive, rebuild
from bole.version import reader_version
from crawler.archive import Archive, Record
from crawler.fetches import Fetch
from crawler.ledger import Ledger
from store import PageRead, Store
from tests.killing import kept_moments
from tests.offices import copy_office, quiet, tables

pytestmark = pytest.mark.slow

Pages = dict[str, bytes]


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    copy_office(tmp_path_factory, tmp_path / "office")
    return tmp_path / "office"


def contents(folder: Path) -> Pages:
    """Return what ledger and archive of an office hold, each page read."""
    settings = load_settings(folder, {})
    archive = Archive(settings.data)
    with Ledger(settings.ledger) as ledger:
        return {page.url: archive.read_record(page.location) for page in ledger.pages()}


def add_spare_page(folder: Path) -> None:
    """Put a page without any fact into the archive, among those that carry some."""
    settings = load_settings(folder, {})
    archive = Archive(settings.data)
    with Ledger(settings.ledger) as ledger, Store(settings.database) as store:
        known = next(iter(ledger.pages()))
        url, source = "http://example.cn/spare", known.source_id
        when = known.fetched - timedelta(days=9)
        record = Record(
            kind="article", url=url, asked=url, source_id=source, fetched=when, body=b"x" * 999
        )
        archive.append(record)
        place = archive.append(
            Record(
                kind="article",
                url=known.url,
                asked=known.url,
                source_id=source,
                fetched=known.fetched,
                body=archive.read_record(known.location),
            )
        )
        first = Fetch(
            url=url,
            final_url=url,
            source_id=source,
            kind="article",
            fetched=when,
            sha256="spare",
            warc_file=place.file,
            warc_offset=0,
            status=200,
        )
        again = Fetch(
            url=known.url,
            final_url=known.url,
            source_id=source,
            kind="article",
            fetched=known.fetched,
            sha256=known.sha256,
            status=200,
            warc_file=place.file,
            warc_offset=place.offset,
        )
        for fetch in (first, again):
            ledger.record(fetch)
        store.write_fetches(ledger.fetches())
        read = {"url": url, "sha256": "spare", "article_id": None}
        store.write_pages_read([PageRead(version=reader_version(), **read)])
    archive.close()


def shrink(folder: Path) -> None:
    prune_archive(load_settings(folder, {}), days=None, gigabytes=0.0, is_dry=False)


def names(folder: Path) -> set[str]:
    return {path.name for path in (folder / "data" / "warc").iterdir()}


def test_pruning_killed_at_any_moment(office: Path, tmp_path: Path) -> None:
    add_spare_page(office)
    before = contents(office)
    with kept_moments(office, tmp_path / "killed") as moments:
        shrink(office)
    whole, facts = contents(office), tables(load_settings(office, {}))
    assert before.keys() - whole.keys() == {"http://example.cn/spare"}
    assert len(moments) > 5
    for killed in moments:
        left = contents(killed)
        assert {url: left[url] for url in whole} == whole, killed.name
    for killed in moments[::4]:
        shrink(killed)
        assert contents(killed) == whole, killed.name
        assert names(killed) == names(office), killed.name
        assert tables(load_settings(killed, {})) == facts, killed.name


def test_rebuilding_killed_at_any_moment(office: Path, tmp_path: Path) -> None:
    settings = load_settings(office, {})
    before = tables(settings)
    with kept_moments(office, tmp_path / "killed", besides="rebuild/") as moments:
        rebuild(settings, quiet)
    whole = contents(office)
    assert tables(settings) == before
    assert len(moments) > 5
    for killed in moments:
        assert contents(killed) == whole, killed.name
    swapping = [one for one in moments if list(one.glob("data/rebuild/*.duckdb"))]
    for killed in swapping[-1:]:  # the new ledger is in its place, the new tables are not
        again = load_settings(killed, {})
        assert tables(again) == before
        rebuild(again, quiet)
        assert contents(killed) == whole
        assert tables(again) == before
        assert not (again.data / "rebuild").exists()


def test_a_backup_killed_at_any_moment(office: Path, tmp_path: Path) -> None:
    settings = load_settings(office, {})
    before, whole = contents(office), tables(settings)
    copy = tmp_path / "copy"
    with kept_moments(copy, tmp_path / "first") as first:
        back_up(settings, office, copy)
    with kept_moments(copy, tmp_path / "second") as second:
        back_up(settings, office, copy)
    assert len(first) > 20
    assert not any((one / FILE).exists() for one in first[:-3])  # no command opens the half copy
    for killed in second[:: len(second) // 4]:
        assert contents(killed) == before, killed.name
        assert tables(load_settings(killed, {})) == whole, killed.name
    for killed in first[:: len(first) // 4]:
        back_up(settings, office, killed)
        assert contents(killed) == before, killed.name
        assert tables(load_settings(killed, {})) == whole, killed.name
        assert not list(killed.rglob("*.part"))
