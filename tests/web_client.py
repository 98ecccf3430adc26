"""A client for applications in this process, and an office with rows for it to ask."""

import shutil
import warnings
from pathlib import Path

import pytest

from bole.config import Settings, load_settings, write_settings
from store import Store
from tests.store_samples import FULL, sample

with warnings.catch_warnings():
    # it asks for the successor of a client that is not in the registries of offices yet
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

__all__ = ["TestClient", "client_of", "copy_office", "make_office", "publish"]
HOME = "http://127.0.0.1"
_made: list[Path] = []


def make_office(folder: Path, articles: int = 30) -> Settings:
    """Publish some articles in a folder and return its settings."""
    folder.mkdir(parents=True, exist_ok=True)
    write_settings(folder, Settings(home="320300", issuer="示例"))
    settings = load_settings(folder, {})
    settings.data.mkdir()
    publish(settings, [FULL, *(sample(number) for number in range(1, articles))])
    return settings


def copy_office(factory: pytest.TempPathFactory, folder: Path) -> Settings:
    """Copy an office with six articles, made once for all tests, and return its settings."""
    if not _made:
        _made.append(factory.mktemp("web") / "office")
        make_office(_made[0], 6)
    shutil.copytree(_made[0], folder)
    return load_settings(folder, {})


def publish(settings: Settings, reports) -> None:
    """Write reports and publish a snapshot."""
    with Store(settings.database) as store:
        store.write_articles(reports, reader_version="1")
        store.publish()


def client_of(app, **options) -> TestClient:
    """Return a client that asks by an address in digits."""
    return TestClient(app, base_url=HOME, raise_server_exceptions=True, **options)
