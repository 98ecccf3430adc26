"""The copy of a whole house: made beside a writer, worked in at once, never taken for another."""

import errno
import json
import shutil
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import pytest

from bole.backup import NOTE, BackupError, back_up
from bole.cli import main
from bole.config import FILE, ConfigError, Settings, load_settings
from bole.upkeep import prune_archive, rebuild
from crawler.archive import Archive, Record
from crawler.fetches import Fetch
from crawler.ledger import Ledger
from crawler.locking import crawl_lock
from store import Store
from tests.offices import DAY, copy_office, quiet, tables

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    copy_office(tmp_path_factory, tmp_path / "office")
    return tmp_path / "office"


def settings_of(folder: Path) -> Settings:
    return load_settings(folder, {})


def copy(home: Path, to: Path) -> Settings:
    back_up(settings_of(home), home, to)
    return settings_of(to)


def test_a_copy_is_a_home_of_its_own(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = copy(home, tmp_path / "copy")
    before = tables(settings_of(home))
    shutil.rmtree(home)
    assert tables(copied) == before
    with pytest.raises(SystemExit) as end:
        main(["query", "select count(*) as n from figures", "-C", str(tmp_path / "copy"), "--json"])
    assert end.value.code == 0
    assert json.loads(capsys.readouterr().out) == {"n": len(before["figures"])}
    with pytest.raises(SystemExit) as end:
        main(["search", "人才", "-C", str(tmp_path / "copy")])
    assert end.value.code == 0
    rebuild(copied, quiet)
    assert tables(copied) == before


def test_what_people_wrote_and_read_is_copied(home: Path, tmp_path: Path) -> None:
    (home / "delivery.toml").write_text(
        '[[to]]\nkind = "wecom"\nurl = "env:HOOK"\n[[to]]\nkind = "stdout"\n', "utf-8"
    )
    (home / "data" / "delivered.json").write_text("[]", "utf-8")
    result = back_up(settings_of(home), home, tmp_path / "copy")
    for name in ("sources.toml", "delivery.toml", "data/delivered.json", f"digests/{DAY}.json"):
        assert (tmp_path / "copy" / name).read_bytes() == (home / name).read_bytes()
    assert result.left_out == ["the secret at env:HOOK: set it where the copy is used"]
    assert result.files == len([p for p in (tmp_path / "copy").rglob("*") if _counts(p)])


def _counts(path: Path) -> bool:
    made = {"snapshots", "search", "index"}
    return path.is_file() and path.name != NOTE and path.parent.name not in made


def test_a_delivery_list_with_a_secret_in_it_is_left_out(home: Path, tmp_path: Path) -> None:
    (home / "delivery.toml").write_text(
        '[[to]]\nkind = "wecom"\nurl = "https://example.cn/hook?key=geheim"\n', "utf-8"
    )
    result = back_up(settings_of(home), home, tmp_path / "copy")
    assert "is a secret and must not stand here" in result.left_out[0]
    assert not (tmp_path / "copy" / "delivery.toml").exists()


def test_a_copy_never_points_at_the_folders_of_its_office(home: Path, tmp_path: Path) -> None:
    text = (home / FILE).read_text("utf-8").replace('data = "data"', f'data = "{home / "data"}"')
    (home / FILE).write_text(f"{text}# the office's own words\n", "utf-8")
    copied = copy(home, tmp_path / "copy")
    assert copied.data == tmp_path / "copy" / "data"
    assert (copied.home, copied.issuer) == ("320300", "示例")
    assert "# the office's own words" in (tmp_path / "copy" / FILE).read_text("utf-8")
    kept = {f.name for f in fields(Settings) if isinstance(getattr(copied, f.name), Path)}
    assert kept == {"watchlist", "data", "digests", "delivery"}  # another wants copying too


def test_lists_beside_the_watchlist_come_along(home: Path, tmp_path: Path) -> None:
    (home / "mine.txt").write_text("http://example.cn/a.html\n", "utf-8")
    with (home / "sources.toml").open("a", encoding="utf-8") as watchlist:
        watchlist.write(
            '\n[[source]]\nid = "mine"\nname = "自选"\nlevel = "city"\npublisher = "official"\n'
            'preset = "urls"\nurl = "mine.txt"\n'
        )
    copy(home, tmp_path / "copy")
    assert (tmp_path / "copy" / "mine.txt").read_text("utf-8") == "http://example.cn/a.html\n"


def test_a_copy_is_made_while_pages_come_in(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, archive = settings_of(home), Archive(home / "data")
    real, count = shutil.copy2, 0

    def copy2(source: Path, target: Path) -> None:  # before each file the crawl brings a page
        nonlocal count
        count += 1
        url = f"http://example.cn/{count}"
        with Ledger(settings.ledger) as ledger:
            page = next(iter(ledger.pages()))
            place = archive.append(
                Record(
                    kind="article",
                    url=url,
                    asked=url,
                    source_id=page.source_id,
                    fetched=page.fetched,
                    body=url.encode(),
                )
            )
            archive.flush()
            values = {"warc_file": place.file, "warc_offset": place.offset, "sha256": str(count)}
            values |= {"fetched": page.fetched, "source_id": page.source_id, "status": 200}
            ledger.record(Fetch(url=url, final_url=url, kind="article", **values))
        real(source, target)

    monkeypatch.setattr("shutil.copy2", copy2)
    with Store(settings.database), crawl_lock(settings.data), Ledger(settings.ledger) as writing:
        writing.begin_walk("x", "y")
        writing.commit()
        copied = copy(home, tmp_path / "copy")
    archive.close()
    monkeypatch.undo()
    assert count > 3
    held = Archive(copied.data)
    with Ledger(copied.ledger) as ledger:
        assert all(held.read_record(page.location) for page in ledger.pages())
    again = copy(home, tmp_path / "copy")  # what came meanwhile comes with the next
    with Ledger(again.ledger) as ledger, Ledger(settings.ledger) as old:
        assert list(ledger.pages()) == list(old.pages())


def test_pruning_meanwhile_makes_it_begin_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(home)
    real, file = Archive.files, Archive(settings.data).files()[0]
    moved = file.with_name("pages-000001-001.warc.gz")

    def files(archive: Archive) -> list[Path]:  # the ledger was copied, the archive was not
        if archive.folder == file.parent and file.is_file() and ledger_part.is_file():
            with Ledger(settings.ledger) as ledger:
                places = {one.location.offset for one in ledger.held()}
                file.rename(moved)
                ledger.move(file.name, {at: type(one)(moved.name, at) for at in places})
        return real(archive)

    with Ledger(settings.ledger) as ledger:
        one = next(iter(ledger.held())).location
    ledger_part = tmp_path / "copy" / "data" / "ledger.sqlite.part"
    monkeypatch.setattr(Archive, "files", files)
    copied = copy(home, tmp_path / "copy")
    monkeypatch.undo()
    assert [path.name for path in Archive(copied.data).files()] == [moved.name]
    with Ledger(copied.ledger) as ledger:
        assert ledger.files() == {moved.name}


def test_a_second_copy_copies_what_is_new_and_drops_what_went(home: Path, tmp_path: Path) -> None:
    copied = copy(home, tmp_path / "copy")
    kept = Archive(copied.data).files()[0]
    before = kept.stat().st_ino
    kept.with_name("pages-000000-001.warc.gz").write_bytes(b"of a pruned edition")
    copy(home, tmp_path / "copy")
    assert kept.stat().st_ino == before
    assert Archive(copied.data).files() == [kept]


def test_what_the_house_has_lost_is_named_and_stays_in_its_copy(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = copy(home, tmp_path / "copy")
    (file,) = Archive(home / "data").files()
    file.unlink()
    with pytest.raises(SystemExit) as end:
        main(["backup", str(tmp_path / "new"), "-C", str(home)])
    assert end.value.code == 3
    assert f"{file.name}: the ledger tells of it" in capsys.readouterr().err
    assert back_up(settings_of(home), home, tmp_path / "copy").missing == []
    assert [path.name for path in Archive(copied.data).files()] == [file.name]


def test_without_a_published_database_the_rest_is_copied(home: Path, tmp_path: Path) -> None:
    shutil.rmtree(home / "data" / "snapshots")
    result = back_up(settings_of(home), home, tmp_path / "copy")
    assert result.left_out == ["the database: no run has published it yet"]
    assert (result.has_database, result.has_pages) == (False, True)
    assert not (tmp_path / "copy" / "data" / "bole.duckdb").exists()
    with Ledger(tmp_path / "copy" / "data" / "ledger.sqlite") as ledger:
        assert list(ledger.pages())


def test_what_is_advised_about_a_copy_works(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def advised(name: str) -> list[str]:
        with suppress(SystemExit):
            main(["-C", str(home), "backup", str(tmp_path / name)])
        (line,) = [one for one in capsys.readouterr().err.splitlines() if "files" in one]
        assert str(tmp_path / name) in line
        return line.rpartition(": bole ")[2].split()

    words = [*advised("whole")[:-1], "district_summary"]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert not end.value.code
    shutil.rmtree(home / "data" / "snapshots")
    words = advised("early")
    with pytest.raises(SystemExit) as end:
        main(words)
    assert not end.value.code
    assert (tmp_path / "early" / "data" / "bole.duckdb").is_file()


def test_folders_that_are_no_place_for_a_copy(home: Path, tmp_path: Path) -> None:
    def refuses(to: Path, why: str) -> None:
        with pytest.raises(ConfigError, match=why):
            back_up(settings_of(home), home, to)

    refuses(home / "data" / "copy", "name a folder elsewhere")
    refuses(home / "digests" / "copy", "name a folder elsewhere")
    refuses(home, "holds other things than a copy")
    refuses(home / FILE, "is a file")
    copied = copy(home, tmp_path / "copy")
    other = shutil.copytree(home, tmp_path / "other")
    with pytest.raises(ConfigError, match=r"is a copy of .*office, not of .*other"):
        back_up(settings_of(other), other, tmp_path / "copy")
    (tmp_path / "copy" / NOTE).write_text("{}", "utf-8")
    refuses(tmp_path / "copy", "not written by bole")
    shutil.rmtree(tmp_path / "copy")
    copy(home, tmp_path / "copy")
    prune_archive(copied, days=9, gigabytes=None, is_dry=False)
    refuses(tmp_path / "copy", "has been worked in")
    empty = replace(settings_of(home), data=tmp_path / "nothing")
    with pytest.raises(ConfigError, match="nothing to copy yet"):
        back_up(empty, home, tmp_path / "x")


@pytest.mark.parametrize(
    ("number", "cure"), [(errno.ENOSPC, "free space there"), (errno.EROFS, "mend the rights")]
)
def test_a_disk_that_takes_no_more_leaves_no_copy_that_looks_whole(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, cure: str
) -> None:
    def fail(_: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(number, "no more")

    to, settings = tmp_path / "copy", settings_of(home)
    monkeypatch.setattr("shutil.copy2", fail)
    with pytest.raises(BackupError, match=f"{cure}.*is not whole"):
        back_up(settings, home, to)
    with pytest.raises(ConfigError, match="bole init"):
        load_settings(to, {})
    assert not list(to.rglob("*.part"))
    monkeypatch.undo()
    copied = copy(home, to)
    with monkeypatch.context() as patch:
        patch.setattr("shutil.copy2", fail)
        with pytest.raises(BackupError, match="is as it was"):
            back_up(settings, home, to)
    assert tables(copied) == tables(settings)


def test_a_disk_that_is_too_small_is_named_before_anything_is_written(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    with pytest.raises(BackupError, match=r"takes \d+ MB, 0 MB are free"):
        back_up(settings_of(home), home, tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").iterdir()] == [NOTE]
