"""A disk that is full and a folder that cannot be written are said, and nothing is harmed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from store import Store, StoreError
from store.review import write_sheet
from tests.store_samples import THIRD, sample

ROOT = Path(__file__).parent.parent
FORMS = ("csv", "jsonl", "xlsx", "parquet")
#: Reports that take more room than is left.
MANY = [sample(number, figures=9) for number in range(2, 1_500)]
COLUMNS = {"figure": ["quote"], "policy": ["quote"]}
_NO_DISK = 77


def fill_house(house: Path) -> None:
    """Make a house with one article that readers find, and with its tables as files."""
    with Store(house / "bole.duckdb") as store:
        store.write_articles([sample(1)], reader_version="1")
        store.publish()
        for form in FORMS:
            store.export("articles", house / "files", form=form)


def attempts(house: Path) -> dict[str, str]:
    """Return what is said to each attempt to write in a house where there is no room."""
    rows = {"figure": [{"quote": f"{n}"} for n in range(30_000)], "policy": []}
    said = {}
    with Store(house / "bole.duckdb") as store:
        actions = {
            "review": lambda: write_sheet(house / "r.xlsx", rows, lang="zh", columns=COLUMNS),
            "write": lambda: store.write_articles(MANY, reader_version="2"),
            "publish": store.publish,
            "search": lambda: store._index.refresh(store._db),
        }
        for form in FORMS:
            actions[form] = lambda form=form: store.export("articles", house / "files", form=form)
        for name, action in actions.items():
            try:
                action()
            except StoreError as error:
                said[name] = str(error)
    return said


def check_unharmed(house: Path) -> None:
    """Check that a house, now that there is room, holds what it held and goes on."""
    with Store.open_snapshot(house) as reader:
        assert reader.counts()["articles"] == 1
        assert [hit.article_id for hit in reader.search("英才办法")] == ["article-00001"]
    assert [path for path in house.rglob("*") if path.name.endswith(".part")] == []
    lines = (house / "files" / "articles.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    with Store(house / "bole.duckdb") as store:
        assert store.read_reports(until=THIRD) == [sample(1)]
        store.write_articles([sample(2)], reader_version="1")
        store.publish()
        for form in FORMS:
            store.export("articles", house / "files", form=form)
    with Store.open_snapshot(house) as reader:
        assert len(reader.search("英才办法")) == 2


def on_full_disk(disk: Path) -> dict[str, str]:
    fill_house(disk)
    with Store(disk / "bole.duckdb") as store:  # what the search index has not yet
        store._index.clear()
        room = os.statvfs(disk)
        filler = disk / "filler"
        filler.write_bytes(b"x" * (room.f_bavail * room.f_frsize - 30_000))
    said = attempts(disk)
    filler.unlink()
    with Store(disk / "bole.duckdb") as store:
        store._index.refresh(store._db)
    check_unharmed(disk)
    return said


def on_read_only_disk(disk: Path) -> dict[str, str]:
    fill_house(disk)
    before = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    said = {}
    with Store.open_snapshot(disk) as reader:  # readers need no rights to write
        assert reader.query("select id from articles").to_pylist() == [{"id": "article-00001"}]
        actions = {
            "search": lambda: reader.search("英才办法"),  # the index marks that it is being read
            "open": lambda: Store(disk / "bole.duckdb"),
            "new": lambda: Store(disk / "other.duckdb"),
            "review": lambda: write_sheet(
                disk / "r.xlsx", {"figure": [], "policy": []}, lang="zh", columns=COLUMNS
            ),
        }
        for form in FORMS:
            actions[form] = lambda form=form: reader.export("articles", disk / "files", form=form)
        for name, action in actions.items():
            try:
                action()
            except StoreError as error:
                said[name] = str(error)
    assert {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()} == before
    return said


def work_on_a_disk() -> None:
    """Run what the command line names on a small disk; print as JSON what was said."""
    work, folder = sys.argv[1:]
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        sys.exit(_NO_DISK)
    print(
        "\n"
        + json.dumps({"full": on_full_disk, "read-only": on_read_only_disk}[work](Path(folder)))
    )


def said_on_a_disk(work: str, folder: Path) -> dict[str, str]:
    """Return what was said on a disk that only another process sees, so that it ends with it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root of a Linux can make a disk")
    code = "from tests.test_store_disk import work_on_a_disk; work_on_a_disk()"
    command = ["unshare", "--mount", sys.executable, "-c", code, work, str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode == _NO_DISK or done.stderr.startswith("unshare:"):
        pytest.skip("this system makes no disks")
    assert done.returncode == 0, done.stderr
    assert "Exception ignored" not in done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_full_disk_is_said_and_harms_nothing(tmp_path):
    said = said_on_a_disk("full", tmp_path)
    assert list(said) == ["review", "write", "publish", "search", *FORMS]
    for name, words in said.items():
        assert words.startswith("cannot "), name
        assert "No space left" in words, name
        assert "free space" in words, name
        assert str(tmp_path) in words, name


def test_a_read_only_disk_is_read_and_said_and_not_harmed(tmp_path):
    said = said_on_a_disk("read-only", tmp_path)
    assert list(said) == ["search", "open", "new", "review", *FORMS]
    for name, words in said.items():
        assert words.startswith("cannot "), name
        assert "Read-only file system" in words, name
        assert "right" in words, name
        assert str(tmp_path) in words, name


# where no disk can be made: a limit on the size of files, and a refusal that is made here

_LIMITED = """
import json, resource, signal, sys
from pathlib import Path
from tests.test_store_disk import attempts

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
print("\\n" + json.dumps(attempts(Path(sys.argv[1]))))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX")
def test_files_that_may_grow_no_more_are_said_and_harm_nothing(tmp_path):
    fill_house(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path), "50000"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert {"review", "write", "publish"} <= set(said)
    for name, words in said.items():
        assert "File too large" in words or "EFBIG" in words, name
        assert "free space" in words, name
    check_unharmed(tmp_path)


def test_a_folder_without_rights_is_said(tmp_path, monkeypatch):
    # rights do not bind root, who runs tests in containers: the refusal is made here
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "bole.duckdb"
    Store(path).close()
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        with pytest.raises(StoreError, match=r"cannot write in .*Permission denied; .*rights"):
            Store(path)
    with Store(path) as store, monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", refuse)
        with pytest.raises(StoreError, match=r"cannot publish .*Permission denied.*rights"):
            store.publish()
    assert path.read_bytes() == before
