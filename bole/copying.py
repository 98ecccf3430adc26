"""Files from one place to another, whole or not at all."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path


def copy_ledger(source: Path, target: Path) -> None:
    """Copy a ledger with what its journal holds, also while it is written."""
    for journal in ("", "-wal", "-shm"):  # of one that was killed
        target.with_name(target.name + journal).unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def put(new: Path, old: Path) -> None:
    """Put a database file in the place of another, whose journals are of no more use."""
    for journal in ("-wal", "-shm", ".wal"):
        old.with_name(old.name + journal).unlink(missing_ok=True)
    new.replace(old)


def files_in(folder: Path) -> list[Path]:
    """Return the files below a folder in order, but for those that are half written."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".part")


def part_of(path: Path) -> Path:
    """Return where a file is written before it takes its place."""
    return path.with_name(f"{path.name}.part")


def is_there(source: Path, target: Path) -> bool:
    """Return whether a file was copied before; some disks keep times to two seconds only."""
    if not target.is_file():
        return False
    one, other = source.stat(), target.stat()
    return one.st_size == other.st_size and abs(one.st_mtime - other.st_mtime) <= 2


def copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all; one that is there already is not copied again."""
    if not is_there(source, target):
        copy_bytes(source, part_of(target))
        part_of(target).replace(target)


def copy_bytes(source: Path, target: Path) -> None:
    """Copy a file with its times, and see that it is on the disk."""
    shutil.copy2(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def write(path: Path, text: str) -> None:
    """Write a text, whole or not at all."""
    part = part_of(path)
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
