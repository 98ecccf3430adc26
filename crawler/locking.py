"""One at a time: the right to add to an archive, or to change it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.errors import CrawlError


@contextmanager
def crawl_lock(folder: Path, *, patience: float = 10.0) -> Iterator[None]:
    """Hold the lock of a folder; it goes with its process, however that ends.

    Args:
        folder: Where archive and ledger lie.
        patience: Seconds that a killed holder is given to be gone.

    Raises:
        CrawlError: Another crawl is at work there.
    """
    lock = sqlite3.connect(folder / "crawl.lock", timeout=patience)
    try:
        lock.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        lock.close()
        raise CrawlError(f"{folder}: another crawl is at work there; wait for its end") from error
    try:
        yield
    finally:
        lock.close()
