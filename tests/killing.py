"""What SIGKILL leaves: a copy of a folder as it stands just before each change to a file in it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "shutil.rmtree"}
_watchers: list[Callable[[str], None]] = []


def _watch(event: str, args: tuple[Any, ...]) -> None:
    """Tell the watcher of a change that is about to be made; there is no way to end an audit."""
    if not _watchers:
        return
    if event in _CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & _WRITES):
        _watchers[-1](str(args[0]))


sys.addaudithook(_watch)


@contextmanager
def kept_moments(folder: Path, into: Path, *, besides: str = "\0") -> Iterator[list[Path]]:
    """Yield a list that grows by a copy of `folder` before each change inside.

    What a process had not given to the system yet is not in the files, as if it were killed.

    Args:
        folder: What is watched.
        into: Where the copies go.
        besides: Changes to paths with this in them do not count.
    """
    kept: list[Path] = []
    is_at_work = False

    def keep(path: str) -> None:
        nonlocal is_at_work
        if is_at_work or not path.startswith(str(folder)) or besides in path:
            return
        is_at_work = True
        copy = into / f"{len(kept):03}"
        copy.mkdir(parents=True)
        if folder.is_dir():
            shutil.copytree(folder, copy, dirs_exist_ok=True)
        kept.append(copy)
        is_at_work = False

    _watchers.append(keep)
    try:
        yield kept
    finally:
        _watchers.remove(keep)
