"""Where all of it is kept: tables that answer questions."""

from typing import TYPE_CHECKING

from store.errors import StoreError
from store.questions import named_queries
from store.records import Failure, PageRead

if TYPE_CHECKING:  # Store loads DuckDB and Arrow: at run time only when it is asked for
    from store.store import Store

__all__ = ["Failure", "PageRead", "Store", "StoreError", "named_queries"]


def __getattr__(name: str) -> object:
    if name != "Store":
        raise AttributeError(f"module 'store' has no attribute {name!r}")
    from store.store import Store

    return Store
