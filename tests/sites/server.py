"""A small web site on loopback for tests: pages by path, what was asked, faults on demand."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """Pages by path, and every request in order as (path, status)."""

    pages: dict[str, Answer] = field(default_factory=dict)
    log: list[tuple[str, int]] = field(default_factory=list)
    base: str = ""
    host: str = ""
    #: The request with this number is held up until `go_on` is set: a moment to kill the client.
    hold_at: int | None = None
    held: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def put(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Answer(data, status, names)

    def redirect(self, path: str, to: str) -> None:
        self.put(path, b"", 302, Location=to)

    def asked(self, prefix: str = "/") -> list[str]:
        return [path for path, _ in self.log if path.startswith(prefix)]

    def answer(self, path: str, etag: str | None) -> Answer:
        with self._lock:
            is_held = self.hold_at is not None and len(self.log) >= self.hold_at
            answer = self._answer(path, etag)
            self.log.append((path, answer.status))
        if is_held:
            self.held.set()
            self.go_on.wait(60)
        return answer

    def _answer(self, path: str, etag: str | None) -> Answer:
        found = self.pages.get(path, Answer(b"not here", 404))
        if found.status != 200:
            return found
        tag = f'"{sha256(found.body).hexdigest()[:16]}"'
        if etag == tag:
            return Answer(b"", 304, {"ETag": tag})
        return Answer(found.body, 200, {"ETag": tag, "Content-Type": "text/html", **found.headers})


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            answer = site.answer(self.path, self.headers.get("If-None-Match"))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            pass  # a killed client

    server = Server(("127.0.0.1", 0), Handler)
    site.host = f"127.0.0.1:{server.server_port}"
    site.base = f"http://{site.host}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.go_on.set()
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
