"""Rows that were read once and stay as they are until a newer snapshot comes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar, cast

_Rows = TypeVar("_Rows")


class Answers:
    """The answers that were asked for last, a bounded number of them."""

    def __init__(self, most: int = 400) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _Rows]) -> _Rows:
        """Return what `make` returned for `key` before, else what it returns now.

        Of several that ask for the same at once one makes it, the others wait: after a
        publication many readers come for the same rows. A key names the snapshot, the question
        and its parameters; who gets an answer must not change it.
        """
        with self._lock:
            known = self._kept.get(key)
            answer: Future[Any] = known or Future()
            self._kept[key] = answer
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        if known is None:
            self._make(key, make, answer)
        return cast("_Rows", answer.result())

    def _make(self, key: Hashable, make: Callable[[], object], answer: Future[Any]) -> None:
        """Give an answer its value; what went wrong goes to all that wait, and is not kept."""
        try:
            answer.set_result(make())
        except BaseException as error:
            with self._lock:
                if self._kept.get(key) is answer:
                    del self._kept[key]
            answer.set_exception(error)
            raise
