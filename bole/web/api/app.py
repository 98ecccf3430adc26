"""The API as one application, mounted at /api/v1: routes, errors, document and its page."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from bole.web.api import asking, feeds, marking, rows
from bole.web.api.answers import NotChanged, not_changed
from bole.web.api.reference import reference_page
from bole.web.questions import BusyError
from bole.web.state import Office
from store import StoreError

ADDRESS = "/api/v1"
_ROUTERS = (rows.router, asking.router, feeds.router, marking.router)
_DESCRIPTION = """What bole knows, read-only, from the newest published snapshot.

Lists come page by page: `next` is the cursor of the next page. `format=csv` and `format=parquet` give the same rows as
files. Every answer has an ETag: sent back as If-None-Match it is answered with 304 until a newer snapshot is published.
"""  # noqa: E501 - a paragraph


def make_api(office: Office) -> FastAPI:
    """Return the API over the rows of an office."""
    api = FastAPI(
        title="bole",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    api.state.office = office
    for router in _ROUTERS:
        api.include_router(router)

    @api.get("/docs", include_in_schema=False)
    def reference() -> HTMLResponse:
        return HTMLResponse(reference_page(api.openapi(), ADDRESS))

    api.add_exception_handler(NotChanged, not_changed)
    api.add_exception_handler(HTTPException, _refused)
    api.add_exception_handler(RequestValidationError, _not_valid)
    api.add_exception_handler(StoreError, _not_ready)
    return api


def _refused(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    headers = getattr(error, "headers", None)
    return JSONResponse({"status": status, "detail": detail}, status, headers)


def _not_valid(_: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    lines = [
        f"{'.'.join(map(str, one['loc'][1:])) or 'body'}: {one['msg'].lower()}" for one in found[:5]
    ]
    return JSONResponse({"status": 422, "detail": "; ".join(lines)}, 422)


def _not_ready(request: Request, error: Exception) -> Response:
    seconds = "10" if isinstance(error, BusyError) else "60"
    # readers have no business with the folders of the office
    folder = str(request.app.state.office.settings.data)
    detail = str(error).replace(folder, "the data folder")
    return JSONResponse({"status": 503, "detail": detail}, 503, {"Retry-After": seconds})
