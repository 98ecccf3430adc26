"""What stands before every page and every answer: who may ask, how often, and what browsers obey.

A page of an office network can be asked by any page that a colleague has open. So a request must
name this host (a name that an attacker points at it is refused), must not come from another site,
and is answered with headers that let a browser run nothing but our own files.
"""

import asyncio
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bole.web.login import Login
from bole.web.rate import RateLimit

#: Longest address, largest body, and the seconds in which a body must come.
LONGEST_URL, LARGEST_BODY, BODY_SECONDS = 16_000, 65_536, 10.0
#: Scope key that tells pages whether somebody is signed in, and so can sign out.
SIGNED_IN = "bole.signed_in"
API = "/api/"
_READING = ("GET", "HEAD", "OPTIONS")
#: Parts of a minute's requests that may come at once.
_AT_ONCE = 5
#: Attempts to sign in that a client has each minute.
_ATTEMPTS = 10

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
#: On every answer, whatever it is.
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: browsers would call the origin of our own forms null
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who may ask, and how much.

    Attributes:
        names: Names of this host beside `localhost` and addresses in digits.
        token: What a reader must know; None where every reader on this machine may read.
        requests: Requests a minute of one client; 0 for no bound.
        clock: Seconds that never go back, for counting requests.
        now: Seconds since 1970, for sessions.
    """

    names: frozenset[str] = frozenset()
    token: str | None = None
    requests: int = 0
    clock: Callable[[], float] = field(default=time.monotonic)
    now: Callable[[], float] = field(default=time.time)


class Guard:
    """An application behind the rules."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._names = rules.names | {"localhost"}
        self._limit = None
        if rules.requests:
            at_once = max(1, rules.requests // _AT_ONCE)
            self._limit = RateLimit(rules.requests, at_once=at_once, clock=rules.clock)
        self._login = None
        if rules.token is not None:
            attempts = RateLimit(_ATTEMPTS, at_once=_ATTEMPTS, clock=rules.clock)
            self._login = Login(rules.token, attempts, rules.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # answered as GET, of which uvicorn sends the head alone
            scope = {**scope, "method": "GET"}
        await self._answer(scope, receive, _dressed(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        refusal = self._refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        body = b"" if request.method in _READING else await _body(request, receive)
        if isinstance(body, Response):
            await body(scope, receive, send)
            return
        answer = self._login.answer(request, body) if self._login else None
        if answer is not None:
            await answer(scope, receive, send)
            return
        scope[SIGNED_IN] = self._login is not None and self._login.has_session(request)
        await self._app(scope, _replayed(body, receive), send)

    def _refusal(self, request: Request) -> Response | None:
        """Return why a request is not answered; None if it is."""
        if not self._is_ours(request.headers.getlist("host")):
            named = ", ".join(request.headers.getlist("host"))[:100] or "none"
            cure = "ask by an address in digits, or name it in bole.toml: web_names"
            return refuse(request, 421, f"this server has no name {named!r}; {cure}")
        if any(ord(sign) < 0x20 for sign in request.scope["path"]):
            return refuse(request, 404, "an address holds no line breaks or tabs; leave them out")
        address = (request.scope.get("raw_path") or b"") + request.scope["query_string"]
        if len(address) > LONGEST_URL:
            return refuse(request, 414, f"an address has at most {LONGEST_URL} characters")
        if not _comes_from_here(request):
            return refuse(request, 403, "asked by a page of another site; open it from here")
        wait = self._limit.wait(_client(request)) if self._limit else 0.0
        if wait:
            seconds = str(max(1, round(wait)))
            answer = refuse(request, 429, f"too many requests; wait {seconds} s")
            answer.headers["Retry-After"] = seconds
            return answer
        return None

    def _is_ours(self, hosts: list[str]) -> bool:
        """Whether a request names this host, so that no name set up elsewhere leads here."""
        if len(hosts) != 1:
            return False
        try:
            name = urlsplit(f"//{hosts[0]}").hostname or ""
        except ValueError:
            return False
        return name.rstrip(".") in self._names or _is_address(name)


def refuse(request: Request, status: int, words: str) -> Response:
    """Return an answer that says in one line why there is no other."""
    if request.url.path.startswith(API):
        return JSONResponse({"status": status, "detail": words}, status)
    return PlainTextResponse(f"{words}\n", status)


def _comes_from_here(request: Request) -> bool:
    """Whether a request was made here: by a person, a program, or a page of ours.

    Pages of other sites may lead here, as a link does, and no more.
    """
    headers = request.headers
    site = headers.get("sec-fetch-site", "none")
    leads = request.method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if site not in ("same-origin", "none") and not leads:
        return False
    origin = headers.get("origin")
    if origin is None or request.method in _READING:
        return True
    return origin != "null" and urlsplit(origin).netloc == headers.get("host")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


async def _body(request: Request, receive: Receive) -> bytes | Response:
    """Return the whole body, or why it is not taken."""
    said = request.headers.get("content-length", "0")
    too_large = refuse(request, 413, f"a body has at most {LARGEST_BODY} bytes")
    if not said.isdecimal() or int(said) > LARGEST_BODY:
        return too_large
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                body += bytes(message.get("body", b""))
                if len(body) > LARGEST_BODY:
                    return too_large
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return body
    except TimeoutError:
        return refuse(request, 408, f"the body did not come within {BODY_SECONDS:g} s; send again")


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body that was read already, then what comes."""
    given: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body}]

    async def again() -> Message:
        return given.pop() if given else await receive()

    return again


def _dressed(send: Send) -> Send:
    """Return a `send` that puts the headers on every answer."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "private, no-cache")
        await send(message)

    return dressed
