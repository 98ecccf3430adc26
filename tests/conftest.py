"""What several files of tests begin with."""

import pytest

from store import Store


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """Return a database with empty tables, to be copied: that is quicker than making them."""
    path = tmp_path_factory.mktemp("empty") / "bole.duckdb"
    Store(path).close()
    return path
