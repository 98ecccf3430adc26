"""Which article a worker was at when it died: so that one that kills costs no other its facts."""

from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

#: An article that its worker has died at so often is left out.
MOST_DEATHS = 2
_WIDTH = 8
_NONE = -1


class Attempts:
    """The mark of one shard: a number that says what is being read, then those of the deaths.

    It is written before each article, and outlives the process, though not the machine: losing it
    costs one more try.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._path = path
        self._file = path.open("r+b", buffering=0)
        numbers = _numbers(self._file.read())
        if numbers and numbers[0] != _NONE:  # whoever wrote it did not come to an end
            self._file.seek(0, 2)
            self._file.write(_bytes(numbers[0]))
            numbers.append(numbers[0])
        self._deaths = Counter(numbers[1:])
        self._write(_NONE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the mark; a shard that is done needs it no more."""
        if kind is not None:
            self._write(_NONE)
        self._file.close()
        if kind is None:
            self._path.unlink(missing_ok=True)

    def deaths(self, number: int) -> int:
        """Return how often a worker died at that article."""
        return self._deaths[number]

    def begin(self, number: int) -> None:
        """Note that this article is being read now."""
        self._write(number)

    def _write(self, number: int) -> None:
        self._file.seek(0)
        self._file.write(_bytes(number))


def _numbers(data: bytes) -> list[int]:
    whole = len(data) - len(data) % _WIDTH
    return [
        int.from_bytes(data[start : start + _WIDTH], "little", signed=True)
        for start in range(0, whole, _WIDTH)
    ]


def _bytes(number: int) -> bytes:
    return number.to_bytes(_WIDTH, "little", signed=True)
