"""Strangers' SQL on the web: little time, few rows, and few at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from store import Store, StoreError

if TYPE_CHECKING:
    import pyarrow as pa

#: Seconds that one question may take, and that it waits for those before it.
SECONDS, PATIENCE = 10.0, 2.0
#: Questions that run at once, so that pages stay quick.
AT_ONCE = 2
#: Rows of an answer, usually and at most; characters of a question.
ROWS, MOST, LONGEST = 1_000, 10_000, 10_000
_turns = BoundedSemaphore(AT_ONCE)


class BusyError(StoreError):
    """Others' questions are under way; the same may be asked in a while."""


def run_sql(store: Store, sql: str, *, limit: int = ROWS) -> "pa.Table":
    """Return the rows of one `select`, at most `limit` of them and one more that tells of others.

    Args:
        store: A reader of a snapshot, of this thread alone.
        sql: One statement that reads.
        limit: Rows.

    Raises:
        BusyError: Too many others ask at the same time.
        StoreError: SQL that is wrong, does more than read, or takes too long.
    """
    with _turn():
        return store.query(sql, seconds=SECONDS, limit=limit + 1)


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise BusyError(f"{AT_ONCE} questions in SQL are under way; ask again in {SECONDS:g} s")
    try:
        yield
    finally:
        _turns.release()
