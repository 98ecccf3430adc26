"""Rows that were read once and stay as they are until a newer snapshot comes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

_Rows = TypeVar("_Rows")


class Answers:
    """The answers that were asked for last, a bounded number of them."""

    def __init__(self, most: int = 400) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _Rows]) -> _Rows:
        """Return what `make` returned for `key` before, else what it returns now.

        A key names the snapshot, the question and its parameters; who gets an answer must not
        change it.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("_Rows", self._kept[key])
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
