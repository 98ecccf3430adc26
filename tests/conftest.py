"""What several files of tests begin with."""

import pytest

from store import Store


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """Return a database with empty tables, to be copied: that is quicker than making them."""
    path = tmp_path_factory.mktemp("empty") / "bole.duckdb"
    Store(path).close()
    return path


def pytest_collection_modifyitems(items):
    """Put the files with slow tests first: of two processes, none waits long for the other."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
