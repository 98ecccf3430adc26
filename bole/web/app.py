"""The application: routes, static files, and what an error looks like."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from bole.config import Settings
from bole.web.api.app import ADDRESS, make_api
from bole.web.pages import (
    articles,
    compare,
    districts,
    facts,
    policies,
    query,
    search,
    sources,
    today,
)
from bole.web.pages.errors import show_errors
from bole.web.snapshot import Door
from bole.web.state import Desk, Office
from bole.web.templating import load_all
from store.errors import StoreError

#: What the pages are; other routers are added beside them.
PAGES = (today, facts, articles, compare, policies, districts, search, sources, query)
STATIC = Path(__file__).parent / "static"


def create_app(folder: Path, settings: Settings) -> FastAPI:
    """Return the application of a working folder; it reads published snapshots only.

    Args:
        folder: Working folder: where corrections and saved questions are put down.
        settings: Its settings.
    """
    door = Door(settings.data)
    office = Office(folder=folder, settings=settings, door=door)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        load_all()
        # no tables yet, or no index beside them, is what the pages say
        with suppress(StoreError), door.stamped() as (store, stamp):
            desk = Desk(store=store, stamp=stamp, office=office)
            facts.prepare(desk)
            search.prepare(desk)
        yield
        door.close()

    app = FastAPI(title="bole", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.office = office
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    app.mount(ADDRESS, make_api(office))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    show_errors(app)
    return app
