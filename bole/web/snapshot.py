"""The door to the newest published snapshot, for many requests at once.

A snapshot is opened once and shared; each request reads through a cursor of its own. When a newer
one is published the next request opens it, and the old one is closed when its last reader is done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from store import Store
from store.snapshots import newest_snapshot

#: Name, instant and size of a file: what tells a snapshot from another of the same name.
Stamp = tuple[str, int, int]


@dataclass(slots=True)
class Opened:
    """A snapshot that is open, and how many requests read it."""

    store: Store
    stamp: Stamp
    readers: int = 0


class Door:
    """Gives readers of the newest snapshot in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._newest: Opened | None = None

    @contextmanager
    def reader(self) -> Iterator[Store]:
        """Give a reader of the newest snapshot, for one thread.

        Raises:
            StoreError: None was published, or it is not of this bole.
        """
        with self.stamped() as (store, _):
            yield store

    @contextmanager
    def stamped(self) -> Iterator[tuple[Store, Stamp]]:
        """Give a reader of the newest snapshot and what tells this snapshot from others.

        Raises:
            StoreError: None was published, or it is not of this bole.
        """
        opened = self._take()
        try:
            with opened.store.reader() as store:
                yield store, opened.stamp
        finally:
            self._give_back(opened)

    def stamp(self) -> str:
        """Return what changes whenever a newer snapshot is published.

        Raises:
            StoreError: None was published.
        """
        _, stamp = _newest(self._folder)
        return "-".join(map(str, stamp))

    def close(self) -> None:
        """Close the snapshot; readers that are still at work keep theirs until they end."""
        with self._lock:
            self._retire()

    def _take(self) -> Opened:
        with self._lock:
            path, stamp = _newest(self._folder)
            if self._newest is None or self._newest.stamp != stamp:
                store = Store(path, read_only=True)
                self._retire()
                self._newest = Opened(store, stamp)
            self._newest.readers += 1
            return self._newest

    def _give_back(self, opened: Opened) -> None:
        with self._lock:
            opened.readers -= 1
            if opened is not self._newest and not opened.readers:
                opened.store.close()

    def _retire(self) -> None:
        old, self._newest = self._newest, None
        if old is not None and not old.readers:
            old.store.close()


def _newest(folder: Path) -> tuple[Path, Stamp]:
    """Return the newest snapshot and its stamp.

    Raises:
        StoreError: None was published.
    """
    path, before = newest_snapshot(folder), None
    while not path.is_file() and path != before:  # newer ones came since its name was read
        path, before = newest_snapshot(folder), path
    found = path.stat()
    return path, (path.name, found.st_mtime_ns, found.st_size)
