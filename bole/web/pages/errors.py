"""What a reader sees when something is not there or cannot be answered."""

import os

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse, Response

from bole.config import ConfigError
from bole.web.state import office_of
from bole.web.templating import page
from store import StoreError

#: Below this path programs ask, and get JSON.
API = "/api/"


def show_errors(app: FastAPI) -> None:
    """Let expected errors become pages; a bug stays a trace in the log of the server."""
    app.add_exception_handler(StoreError, _unanswered)
    app.add_exception_handler(ConfigError, _unanswered)
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misasked)


def missing(what: str) -> HTTPException:
    """Return the error for something that is not in the snapshot."""
    return HTTPException(404, what)


async def _unanswered(request: Request, error: Exception) -> Response:
    # nothing is published yet: it will be; anything else is in the question
    status = 503 if "no snapshot in" in str(error) else 400
    return _shown(request, status, without_paths(request, str(error)))


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, StarletteHTTPException) else 500
    detail = error.detail if isinstance(error, StarletteHTTPException) else ""
    headers = error.headers if isinstance(error, StarletteHTTPException) else None
    answer = _shown(request, status, detail)
    answer.headers.update(headers or {})
    return answer


async def _misasked(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    lines = [f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in found]
    return _shown(request, 422, "; ".join(lines))


def without_paths(request: Request, words: str) -> str:
    """Return a message without the folder of the office: readers have no business with it."""
    data = office_of(request).settings.data
    for folder in (data, data.parent):
        words = words.replace(f"{folder}{os.sep}", "").replace(str(folder), "")
    return words


def _shown(request: Request, status: int, detail: str) -> Response:
    if request.url.path.startswith(API):
        return JSONResponse({"detail": detail}, status)
    kind = str(status) if status in (404, 503) else "other"
    return page(request, "error", status=status, kind=kind, detail=detail)
