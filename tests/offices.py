"""An office after its first run, made once for all tests, and copies of it to work in."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bole.config import Settings, load_settings, write_settings
from bole.daily import run_day
from bole.demo import SITE, write_watchlist
from bole.demo.server import serve
from bole.reading import china_day
from store import Store

DAY = china_day(datetime.now(UTC))
_finished: list[Path] = []


def quiet(_: str) -> None:
    """Say nothing."""


def finished_office(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an office that nobody may change."""
    if not _finished:
        folder = factory.mktemp("office")
        with serve(SITE, port=0) as site:
            write_settings(folder, Settings(home="320300", issuer="示例", delay=0.0))
            write_watchlist(folder, site)
            run_day(load_settings(folder, {}), day=DAY, say=quiet)
        _finished.append(folder)
    return _finished[0]


def copy_office(factory: pytest.TempPathFactory, folder: Path) -> Settings:
    """Copy the finished office and return the settings of the copy."""
    shutil.copytree(finished_office(factory), folder)
    return load_settings(folder, {})


def tables(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of an office's database."""
    with Store(settings.database) as store:
        return store.dump()
