"""A small web site on loopback for tests: pages by path, what was asked, faults on demand."""

import gzip
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Literal

#: How an answer goes wrong: the connection is reset, the answer comes late, never ends or comes
#: by drops.
Fault = Literal["reset", "slow", "endless", "drops"]
#: Seconds that a slow answer takes, and between two drops.
SLOW = 0.3
#: Bytes that an endless answer ends after if nobody hangs up.
ENDLESS = 256 * 2**20


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None


@dataclass
class Site:
    """Pages by path, and every request in order as (path, status)."""

    pages: dict[str, Answer] = field(default_factory=dict)
    log: list[tuple[str, int]] = field(default_factory=list)
    #: Paths that were asked for with a condition.
    conditional: list[str] = field(default_factory=list)
    #: Answers to come before the page itself, by path.
    first: dict[str, list[Answer]] = field(default_factory=dict)
    #: Pages that are made when they are asked for; the first that is not None counts.
    made: list[Callable[[str], str | None]] = field(default_factory=list)
    #: The same for forms that are sent: of (path, what was sent).
    forms: list[Callable[[str, bytes], str | None]] = field(default_factory=list)
    base: str = ""
    host: str = ""
    #: The request with this number is held up until `go_on` is set: a moment to kill the client.
    hold_at: int | None = None
    held: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    closing: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def put(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Answer(data, status, names)

    def redirect(self, path: str, to: str) -> None:
        self.put(path, b"", 302, Location=to)

    def spoil(self, path: str, fault: Fault) -> None:
        """Let the page that is there come with a fault."""
        self.pages[path] = replace(self.pages[path], fault=fault)

    def fail_first(self, path: str, *answers: Answer) -> None:
        """Let these answers come before the page that is there."""
        self.first[path] = [*answers]

    def asked(self, prefix: str = "/") -> list[str]:
        return [path for path, _ in self.log if path.startswith(prefix)]

    def answer(self, path: str, etag: str | None) -> Answer:
        with self._lock:
            is_held = self.hold_at is not None and len(self.log) >= self.hold_at
            answer = self._answer(path, etag)
            if etag is not None:
                self.conditional.append(path)
            self.log.append((path, answer.status))
        if is_held:
            self.held.set()
            self.go_on.wait(60)
        return answer

    def _answer(self, path: str, etag: str | None) -> Answer:
        if self.first.get(path):
            return self.first[path].pop(0)
        found = self.pages.get(path) or self._make(path)
        if found.status != 200:
            return found
        tag = f'"{sha256(found.body).hexdigest()[:16]}"'
        if etag == tag:
            return Answer(b"", 304, {"ETag": tag})
        headers = {"ETag": tag, "Content-Type": "text/html", **found.headers}
        return replace(found, headers=headers)

    def _make(self, path: str) -> Answer:
        return _first(make(path) for make in self.made)

    def answer_form(self, path: str, sent: bytes) -> Answer:
        with self._lock:
            answer = _first(form(path, sent) for form in self.forms)
            self.log.append((path, answer.status))
        return answer


def _first(bodies: Iterable[str | None]) -> Answer:
    body = next((body for body in bodies if body is not None), None)
    return Answer(b"not here", 404) if body is None else Answer(body.encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: no Nagle delay between head and body

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(self.server.site.answer_form(self.path, sent))

    def do_GET(self):
        self._send(self.server.site.answer(self.path, self.headers.get("If-None-Match")))

    def _send(self, answer):
        if answer.fault == "reset":
            self._reset()
            return
        if answer.fault == "slow":
            self.server.site.closing.wait(SLOW)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304 and answer.fault != "endless":
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.fault in ("endless", "drops"):
            self._go_on(answer)
        else:
            self.wfile.write(answer.body)

    def _reset(self):
        """Close so that the client gets RST."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _go_on(self, answer):
        """Write without an end, as fast as can be or by drops, until the client hangs up."""
        self.close_connection = True
        if answer.fault == "endless":
            for _ in range(ENDLESS // 2**16):
                self.wfile.write(b"<p>" * (2**16 // 3))
        else:
            for drop in answer.body:
                self.wfile.write(bytes([drop]))
                if self.server.site.closing.wait(SLOW):
                    return

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a killed client


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site = site
    site.host = f"127.0.0.1:{server.server_port}"
    site.base = f"http://{site.host}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.go_on.set()
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def list_page(rows: list[tuple[str, str, str]]) -> str:
    """A column page of (href, title, day)."""
    items = "".join(
        f'<li><a href="{href}" title="{title}">{title[:4]}…</a><span>{day}</span></li>'
        for href, title, day in rows
    )
    menu = '<div class="menu"><a href="/about.html">关于本站</a> <a href="#">首页</a></div>'
    return f'<html><body>{menu}<ul class="list">{items}</ul></body></html>'


def article_page(title: str) -> str:
    return f"<html><head><title>{title}</title></head><body><p>{title}的正文。</p></body></html>"


def packed(text: str | bytes) -> bytes:
    return gzip.compress(text.encode() if isinstance(text, str) else text, mtime=0)
