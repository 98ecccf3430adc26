"""Who is at work in a folder on shared storage: one at a time, and no longer than it shows life.

Each holding is a file with a number of its own, one above the last: it is made only if it is not
there, so that of two who take over one folder a single one succeeds, and whoever finds a higher
number than its own has lost the folder. The holder counts on in its file. Nobody compares clocks:
a holder has lost if its count stood still as long as the lease is, by the clock of who watched; and
no lock of files is trusted, which not all network storage has. On the same machine a process that
is gone is proven to be gone, and nothing is waited for.
"""

import json
import multiprocessing
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, NamedTuple

from crawler.errors import CrawlError

#: Seconds that a holder may be silent. Network storage may show what others write a minute late.
LEASE = 90.0
#: Part of a lease in which a process that is tied to it must hear from its holder.
TIED = 1 / 2
#: Parts of a lease: between two signs of life, for one to be written, between two looks.
_BEAT, _SLOW, _LOOK = 1 / 6, 1 / 3, 1 / 30
#: Numbers behind the newest that are kept: nobody takes as long from looking to taking over.
_KEPT = 20
#: Times that somebody else may be quicker.
_TRIES = 5
_FOLDER = "lease"
_PROCESSES = Path("/proc")


class HeldError(CrawlError):
    """Another worker is at work in the folder."""


class LostError(CrawlError):
    """The folder is another's by now, or nobody knows whose."""


class _Found(NamedTuple):
    """The newest holding of a folder: its number, and its file as it was found."""

    number: int
    text: str

    @property
    def values(self) -> dict[str, Any]:
        """Return what the file says; nothing if it is not whole."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def is_free(self) -> bool:
        """Whether nobody holds the folder."""
        return self.number == 0 or bool(self.values.get("is_free"))


class Lease:
    """A folder that is held; it is given back, and its count goes on, by `hold`."""

    def __init__(self, folder: Path, number: int, seconds: float) -> None:
        self.number = number
        self._place = folder / _FOLDER
        self._seconds = seconds
        self._count = 0
        self._tied: list[subprocess.Popen[bytes]] = []
        self._lost = Event()
        self._ended = Event()
        self._thread = Thread(target=self._beat, daemon=True)

    def check(self) -> None:
        """Go on only if the folder is still ours.

        Raises:
            LostError: It is not.
        """
        if self._lost.is_set() or _newest(self._place).number != self.number:
            raise LostError(
                f"{self._place.parent}: another worker has taken it over, since this one gave no "
                "sign of life; nothing is lost, that one goes on"
            )

    def tie(self, process: subprocess.Popen[bytes]) -> None:
        """Let a process hear of each sign of life on its stdin, and end it if the lease is lost."""
        self._tied.append(process)

    def begin(self) -> None:
        """Begin to give signs of life."""
        self._thread.start()

    def end(self) -> None:
        """Give the folder back."""
        self._ended.set()
        self._thread.join()
        if not self._lost.is_set():
            with suppress(OSError):  # then its silence tells
                self._write(is_free=True)

    def _beat(self) -> None:
        last = monotonic()
        while not self._ended.wait(self._seconds * _BEAT):
            began = monotonic()
            with suppress(OSError):  # the storage is away for a moment: how long is what counts
                if _newest(self._place).number != self.number or _is_orphan():
                    break
                self._count += 1
                self._write()
                last = began
            if monotonic() - last > self._seconds * _SLOW:
                break
            for process in self._tied:
                _tell(process)
        if not self._ended.is_set():
            self._lost.set()
            for process in self._tied:
                process.kill()

    def _write(self, *, is_free: bool = False) -> None:
        part = self._place / f"{self.number}.part"
        part.write_text(_text(self._count, is_free=is_free), encoding="utf-8")
        part.replace(self._place / str(self.number))


@contextmanager
def hold(folder: Path, *, seconds: float = LEASE, is_patient: bool = True) -> Iterator[Lease]:
    """Hold a folder while the block runs; a holder before that is dead or silent is taken over.

    Args:
        folder: On storage that all workers share.
        seconds: How long a holder may be silent; the same for all workers.
        is_patient: Whether a holder is watched so long; if not, only a dead one is taken over.

    Raises:
        HeldError: Another worker is alive there, as far as is known; names it.
    """
    place = folder / _FOLDER
    place.mkdir(parents=True, exist_ok=True)
    for _ in range(_TRIES):
        number = _free_number(place, seconds, is_patient=is_patient)
        if _take(place, number):
            break
    else:
        raise _held(place, _newest(place))
    for path, old in _holdings(place):
        if old < number - _KEPT:
            path.unlink(missing_ok=True)
    lease = Lease(folder, number, seconds)
    lease.begin()
    try:
        yield lease
    finally:
        lease.end()


def _free_number(place: Path, seconds: float, *, is_patient: bool) -> int:
    """Return the number of the next holding, once the one before is free, dead or silent.

    Raises:
        HeldError: Its holder counts on.
    """
    found = _newest(place)
    until = monotonic() + seconds
    while not found.is_free and not _is_dead(found.values) and monotonic() < until:
        if not is_patient:
            raise _held(place, found)
        sleep(seconds * _LOOK)
        now = _newest(place)
        if now.number == found.number and now.text != found.text and not now.is_free:
            raise _held(place, now)
        if now.number != found.number:
            until = monotonic() + seconds
        found = now
    return found.number + 1


def _take(place: Path, number: int) -> bool:
    """Make the file of a holding; False if somebody else was quicker."""
    try:
        with (place / str(number)).open("x", encoding="utf-8") as out:
            out.write(_text(0))
    except FileExistsError:
        return False
    if _newest(place).number == number:
        return True
    (place / str(number)).unlink(missing_ok=True)  # made late: others have come and gone
    return False


def _newest(place: Path) -> _Found:
    number = max((number for _, number in _holdings(place)), default=0)
    try:
        return _Found(number, (place / str(number)).read_text("utf-8") if number else "")
    except OSError:  # it is being written
        return _Found(number, "")


def _holdings(place: Path) -> list[tuple[Path, int]]:
    return [(path, int(path.name)) for path in place.iterdir() if path.name.isdecimal()]


def _held(place: Path, found: _Found) -> HeldError:
    who = found.values.get("who", "another worker")
    return HeldError(f"{place.parent}: {who} is at work there; wait for its end, or end it")


def _text(count: int, *, is_free: bool = False) -> str:
    pid = os.getpid()
    who = f"process {pid} on {socket.gethostname()}"
    values = {"who": who, "machine": _machine(), "pid": pid, "started": _started(pid)}
    return json.dumps({**values, "count": count, "is_free": is_free})


# --- who is gone ------------------------------------------------------------------------------


def _machine() -> str:
    """Return what tells this start of this machine, as its processes see it; "" if nothing does."""
    with suppress(OSError):
        boot = (_PROCESSES / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {(_PROCESSES / 'self/ns/pid').readlink()}"
    return ""


def _started(pid: int) -> str:
    """Return when a process of this machine was started, in its ticks; "" if there is none."""
    try:
        fields = (_PROCESSES / f"{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
    except OSError:
        return ""
    state, started = fields.split()[0], fields.split()[19]
    return "" if state in "ZX" else started


def _is_dead(values: dict[str, Any]) -> bool:
    """Whether a holder is proven to be gone: it was a process of this machine, and is none now."""
    machine = _machine()
    is_here = bool(machine) and values.get("machine") == machine
    return is_here and _started(int(values["pid"])) != values["started"]


def _is_orphan() -> bool:
    """Whether this is a worker process that nobody waits for any more."""
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def _tell(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with suppress(OSError, ValueError):  # it has ended
            process.stdin.write(b"\n")
            process.stdin.flush()
