"""Snapshots: numbered copies of a database, and a pointer file that names the newest.

Readers open a copy, so they never stop the writer nor are stopped by it. A file that somebody
holds open cannot be replaced on Windows; so each copy has a new name, the pointer is replaced
last, and old copies go when nobody holds them any more.
"""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from store.errors import StoreError

#: Folder of the snapshots, beside the database.
FOLDER = "snapshots"
_POINTER = "current"
#: Copies that stay: the newest, and the one whose name a reader may just have read.
_KEPT = 2


def publish_copy(database: Path, write: Callable[[Path, Path], None] | None = None) -> Path:
    """Copy a closed database under the next number, point at it, and return its path.

    Args:
        database: What is copied.
        write: Writes the copy of the first file to the second; None copies byte for byte.

    Raises:
        StoreError: The copy cannot be written; the snapshot before stays the newest.
    """
    folder = database.parent / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        for part in folder.glob("*.part"):
            _clear(part)
        return _copy(database, folder, write)
    except OSError as error:
        raise StoreError(
            f"cannot publish a snapshot in {folder}: {error.strerror}; free space or rights"
        ) from error


def is_published(folder: Path) -> bool:
    """Whether there is a snapshot of the database in `folder`."""
    return (folder / FOLDER / _POINTER).is_file()


def newest_snapshot(folder: Path) -> Path:
    """Return the snapshot that is pointed at, of the database in `folder`.

    Raises:
        StoreError: None was published.
    """
    pointer = folder / FOLDER / _POINTER
    if not is_published(folder):
        raise StoreError(f"no snapshot in {folder / FOLDER}; publish one: bole run")
    return folder / FOLDER / pointer.read_text("utf-8").strip()


def _copy(database: Path, folder: Path, write: Callable[[Path, Path], None] | None) -> Path:
    target = folder / f"{max(_numbers(folder), default=0) + 1:06}.duckdb"
    part = target.with_suffix(".part")
    _clear(part)
    try:
        (write or shutil.copyfile)(database, part)
        _sync(part)
        part.replace(target)
    finally:
        _clear(part)
    _point(folder, target.name)
    for number in _numbers(folder)[:-_KEPT]:
        _remove(folder / f"{number:06}.duckdb")
    return target


def _clear(part: Path) -> None:
    """Delete a copy that did not become one, with what DuckDB kept beside it."""
    shutil.rmtree(part.with_name(f"{part.name}.tmp"), ignore_errors=True)
    for beside in (".wal", ""):  # a log that is left alone would be taken for that of the next
        part.with_name(part.name + beside).unlink(missing_ok=True)


def _numbers(folder: Path) -> list[int]:
    stems = (path.stem for path in folder.glob("*.duckdb"))
    return sorted(int(stem) for stem in stems if stem.isdecimal())


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _point(folder: Path, name: str) -> None:
    part = folder / f"{_POINTER}.part"
    part.write_text(name + "\n", encoding="utf-8", newline="\n")
    for _ in range(100):
        try:
            part.replace(folder / _POINTER)
        except PermissionError:  # Windows, while a reader reads the pointer
            time.sleep(0.01)
        else:
            return
    part.replace(folder / _POINTER)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except PermissionError:  # Windows, while a reader holds it: it goes with a later one
        return
