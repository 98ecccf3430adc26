"""The API of an office that tests share, and of offices of their own."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from bole.config import Settings
from bole.web.api.app import ADDRESS, make_api
from bole.web.safety import Guard, Rules
from bole.web.snapshot import Door
from bole.web.state import Office
from store import Store
from tests.store_samples import FULL, sample, story
from tests.web_client import TestClient, client_of, copy_office, make_office

__all__ = ["ADDRESS", "ask_api", "open_api", "own_api", "shared_app"]
ARTICLES = 30
_made: list[ASGIApp] = []


def open_api(settings: Settings, **rules) -> ASGIApp:
    """Return the API of an office behind the rules, as it is served."""
    door = Door(settings.data)
    app = FastAPI(openapi_url=None)
    office = Office(folder=settings.data.parent, settings=settings, door=door)
    app.mount(ADDRESS, make_api(office))
    return Guard(app, Rules(**rules))


def ask_api(app: ASGIApp) -> TestClient:
    """Return a client whose addresses begin behind that of the API."""
    asked = client_of(app)
    asked.base_url = f"http://127.0.0.1{ADDRESS}"
    return asked


def shared_app(factory: pytest.TempPathFactory) -> ASGIApp:
    """Return the API of an office with thirty articles and two stories, made once."""
    if not _made:
        office = make_office(factory.mktemp("api") / "office", ARTICLES)
        with Store(office.database) as store:
            store.write_stories([story("s", sample(1), sample(2)), story("t", FULL)])
            store.publish()
        _made.append(open_api(office, names=frozenset({"testserver"})))
    return _made[0]


def own_api(factory: pytest.TempPathFactory, folder: Path) -> tuple[Settings, TestClient]:
    """Return an office and a client of its own, for what changes it."""
    made = copy_office(factory, folder)
    return made, ask_api(open_api(made))
