"""One writer at a time: a lock that dies with its process and says who holds it since when.

DuckDB locks its file too, but lets go of it while a snapshot is copied, lets a second writer of
the same process in, and does not say since when. The system keeps this lock, not the file's
existence: when a process dies, however it dies, the next one gets it.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from store.errors import StoreError

if sys.platform == "win32":
    import msvcrt

    #: Windows forbids others to read locked bytes: lock one far behind the words.
    _FAR = 1 << 30

    def _take(file: IO[str]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

    def _release(file: IO[str]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[str]) -> None:
        # lockf, not flock: worker processes that were forked must not hold it after the writer
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(file: IO[str]) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN)


#: Locks of this process. The system would grant it a second one, and closing that would free both.
_held: dict[Path, str] = {}


class WriteLock:
    """The right to write one database, from `acquire` to `release`."""

    def __init__(self, database: Path) -> None:
        resolved = database.resolve()
        self._path = resolved.with_name(f"{resolved.name}.lock")
        self._database = database
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            StoreError: Another writer holds it; names its process and since when.
        """
        if self._path in _held:
            raise self._refusal(_held[self._path])
        try:
            file = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise StoreError(
                f"cannot write in {self._path.parent}: {error.strerror}; make the folder, or mend "
                "its rights"
            ) from error
        try:
            _take(file)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip()
            file.close()
            raise self._refusal(holder) from error
        holder = f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        file.truncate(0)
        file.write(holder + "\n")
        file.flush()
        _held[self._path] = holder
        self._file = file

    def release(self) -> None:
        """Let go of the lock, if it is held; the file stays, so that nobody locks a deleted one."""
        if self._file is not None:
            self._file.truncate(0)
            _release(self._file)
            self._file.close()
            self._file = None
            del _held[self._path]

    def _refusal(self, holder: str) -> StoreError:
        return StoreError(
            f"{self._database} is being written by {holder or 'another process'}; "
            "wait until it has ended, or read a published snapshot"
        )
