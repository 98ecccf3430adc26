"""A folder of pages as a web site on loopback, with the headers that `site.toml` tells."""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from socket import socket
from socketserver import TCPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from bole.config import ConfigError

LOOPBACK = "127.0.0.1"
_SETTINGS = "site.toml"
_KEYS = {"last_modified", "index", "types", "absolute", "redirects", "headers", "records"}
_RECORD = re.compile(rb"<record>.*?</record>", re.DOTALL)
_NAME = 100  # characters of a file name; systems take 255 bytes
_FORM = 2**16  # bytes of a form that are read
_MISSING = "<!DOCTYPE html><title>404</title><h1>您访问的页面不存在</h1>\n".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a site serves, apart from the bytes of its pages.

    Attributes:
        folder: Where the pages lie; an address is a path in it.
        last_modified: Instant told of every page: a checkout's own times would differ each time.
        index: File that is served for a folder's address.
        types: Content type by suffix; a file of another suffix is not served.
        absolute: Paths of the files in which `$base` stands for the site's own address.
        base: That address, no slash at its end.
        redirects: New address by old one, answered with 301.
        headers: Headers by the start of the path they hold for; they win over the usual ones.
        records: File with all records of a column by the address that gives some of them to a form.
    """

    folder: Traversable
    last_modified: datetime
    index: str = "index.html"
    types: Mapping[str, str] = field(default_factory=dict)
    absolute: Sequence[str] = ()
    base: str = ""
    redirects: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent for one request."""

    status: HTTPStatus
    headers: Mapping[str, str]
    body: bytes = b""


def read_site(folder: Traversable) -> Site:
    """Return the site that `folder` and its `site.toml` describe.

    Raises:
        ConfigError: `site.toml` is missing or holds what no site has.
    """
    settings = folder / _SETTINGS
    if not settings.is_file():
        raise ConfigError(f"no {_SETTINGS} in {folder}: it tells last_modified and types")
    table = tomllib.loads(settings.read_text(encoding="utf-8"))
    if unknown := sorted(table.keys() - _KEYS):
        raise ConfigError(f"{settings}: unknown key {unknown[0]!r}; keys: {sorted(_KEYS)}")
    last_modified = table.get("last_modified")
    if not isinstance(last_modified, datetime) or last_modified.tzinfo is None:
        raise ConfigError(
            f"{settings}: last_modified is {last_modified!r}; write an instant in UTC,"
            " such as 2024-06-01T00:00:00Z"
        )
    return Site(folder=folder, **table)


def answer(site: Site, target: str, conditions: Mapping[str, str]) -> Answer:
    """Return the answer to a GET of `target`, path and query as sent.

    `conditions` are the request's header fields, named as in `If-None-Match`.
    """
    path = unquote(urlsplit(target).path)
    if new := site.redirects.get(path):
        return Answer(status=HTTPStatus.MOVED_PERMANENTLY, headers={"Location": new})
    name = path + site.index if path.endswith("/") else path
    page = _find_page(site, name)
    if page is None:
        return Answer(
            status=HTTPStatus.NOT_FOUND,
            headers={"Content-Type": "text/html; charset=utf-8"},
            body=_MISSING,
        )
    body = page.read_bytes()
    if name in site.absolute:
        body = body.replace(b"$base", site.base.encode())
    headers = {
        "Content-Type": site.types[PurePosixPath(name).suffix],
        "ETag": f'"{sha256(body).hexdigest()[:16]}"',
        "Last-Modified": format_datetime(site.last_modified, usegmt=True),
    }
    for start, own in site.headers.items():
        if path.startswith(start):
            headers |= own
    if _is_unchanged(headers["ETag"], site.last_modified, conditions):
        del headers["Content-Type"]
        return Answer(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Answer(status=HTTPStatus.OK, headers=headers, body=body)


def answer_form(site: Site, target: str) -> Answer:
    """Return the answer to a form sent to `target`: its records from `startrecord` to `endrecord`.

    A column of JCMS holds its newest records; a proxy beside it gives the others in this way.
    """
    parts = urlsplit(target)
    page = _find_page(site, site.records.get(unquote(parts.path), ""))
    if page is None:
        return Answer(status=HTTPStatus.NOT_IMPLEMENTED, headers={"Content-Type": "text/plain"})
    asked = parse_qs(parts.query)
    first, last = (asked.get(name, [""])[0] for name in ("startrecord", "endrecord"))
    if not (first.isdecimal() and last.isdecimal()):
        return Answer(status=HTTPStatus.BAD_REQUEST, headers={"Content-Type": "text/plain"})
    records = _RECORD.findall(page.read_bytes())
    part = b"\n".join(records[max(0, int(first) - 1) : int(last)])
    total = f"<totalrecord>{len(records)}</totalrecord>".encode()
    body = b"<datastore>%b<recordset>\n%b\n</recordset></datastore>\n" % (total, part)
    return Answer(
        status=HTTPStatus.OK, headers={"Content-Type": "text/xml; charset=utf-8"}, body=body
    )


def _find_page(site: Site, name: str) -> Traversable | None:
    """Return the file behind a decoded path; None for what the site does not serve."""
    parts = name.split("/")[1:]
    if not parts or any(_is_unsafe(part) for part in parts):
        return None
    if PurePosixPath(name).suffix not in site.types:
        return None
    page = site.folder.joinpath(*parts)
    return page if page.is_file() else None


def _is_unsafe(part: str) -> bool:
    """Return whether a part of a path could lead out of the folder, or be no name at all."""
    return part[:1] in ("", ".") or len(part) > _NAME or any(mark in part for mark in "\\:\0")


def _is_unchanged(etag: str, modified: datetime, conditions: Mapping[str, str]) -> bool:
    """Return whether the client has the page: by ETag if it names one, else by date (RFC 9110)."""
    known = conditions.get("If-None-Match")
    if known is not None:
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return bool(tags & {etag, "*"})
    since = conditions.get("If-Modified-Since")
    if since is None:
        return False
    try:
        instant = parsedate_to_datetime(since)
    except ValueError:  # a date that is none is no condition, says the RFC
        return False
    return instant.tzinfo is not None and modified <= instant


class _Server(ThreadingHTTPServer):
    """A server that looks up no name and says nothing of clients that hang up."""

    # on Windows this flag would let two servers share a port, elsewhere it frees a port at once
    allow_reuse_address = sys.platform != "win32"

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own asks a resolver for the host's full name
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _fields(request: BaseHTTPRequestHandler) -> dict[str, str]:
    """Return the header fields of a request; clients may write their names in any case."""
    return {name.title(): value for name, value in request.headers.items()}


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers requests to `site`; http.server wants one, not a function."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(answer(site, self.path, _fields(self)), with_body=True)

        def do_HEAD(self) -> None:
            self._send(answer(site, self.path, _fields(self)), with_body=False)

        def do_POST(self) -> None:
            # what a client has sent must be read: closing on it resets the connection
            self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _FORM))
            self._send(answer_form(site, self.path), with_body=True)

        def _send(self, reply: Answer, *, with_body: bool) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status is not HTTPStatus.NOT_MODIFIED:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if with_body:
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Say nothing: stderr belongs to the run."""

    return Handler


@contextmanager
def serve(folder: Traversable, *, port: int = 0) -> Iterator[str]:
    """Serve `folder` on loopback while the block runs; yields its address, no slash at the end.

    Port 0 takes a free one.

    Raises:
        ConfigError: `site.toml` cannot be read, or the port is taken.
    """
    site = read_site(folder)
    try:
        server = _Server((LOOPBACK, port), BaseHTTPRequestHandler)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        reason = f"cannot serve on port {port} of {LOOPBACK}: {why}"
        raise ConfigError(f"{reason}; name a free one with --port") from error
    base = f"http://{LOOPBACK}:{server.server_port}"
    server.RequestHandlerClass = _handler(replace(site, base=base))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
