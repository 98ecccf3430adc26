"""Lists in the shapes of the systems that bole knows, and a site on loopback to serve them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, quote, urlsplit

#: A row of a list: address, title, day.
Row = tuple[str, str, date]


def rows_of(path: str, count: int) -> list[Row]:
    """`count` rows, the newest first; `path` holds {n}, {y}, {m}, {d}, {ym}, {day} or {hex}."""
    rows = []
    for n in range(count, 0, -1):
        day = date(2024, 1, 1) + timedelta(days=n)
        parts = {"y": day.year, "m": day.month, "d": day.day, "n": n, "ym": f"{day:%Y%m}"}
        hexes = f"{n:032x}"
        address = path.format(**parts, day=f"{day:%Y%m%d}", hex=hexes)
        rows.append((address, f"第{n}条人才工作消息", day))
    return rows


def article(title: str) -> str:
    text = f"{title}。" + "各地完善人才政策，支持青年人才创新创业，优化服务环境。" * 5
    return f"<html><head><title>{title}</title></head><body><p>{text}</p></body></html>"


def html_list(rows: Sequence[Row], css: str = "list") -> str:
    items = "".join(
        f'<li><a href="{href}" title="{title}">{title[:6]}…</a><span>{day}</span></li>\n'
        for href, title, day in rows
    )
    menu = '<div class="menu"><a href="/about.html">关于本站</a> <a href="#">首页</a></div>'
    return f'<html><body>{menu}<ul class="{css}">{items}</ul></body></html>'


def jcms_store(rows: Sequence[Row], total: int, *, head: str = "") -> str:
    records = "".join(
        f'<record><![CDATA[<li><a href="{href}" title="{title}">{title}</a>'
        f"<span>{day}</span></li>]]></record>\n"
        for href, title, day in rows
    )
    return (
        f"<datastore>{head}<totalrecord>{total}</totalrecord><totalpage>9</totalpage>"
        f"<recordset>{records}</recordset></datastore>"
    )


def jcms_column(rows: Sequence[Row], total: int, *, is_escaped: bool = False) -> str:
    query = (
        f"page=1&webid=3&path=/&columnid=78503&unitid=212860&webname={quote(quote('某市政府'))}"
        "&permissiontype=0"
    )
    link = f'<a href="/module/web/jpage/dataproxy.jsp?{query}"></a>'
    store = jcms_store(rows, total, head=f"<nextgroup><![CDATA[{link}]]></nextgroup>")
    store = escape(store) if is_escaped else store
    hot = '<a href="/art/2020/1/1/art_1_1.html">热点</a>'
    script = f'<div id="212860"><script type="text/xml">{store}</script></div>'
    return f"<html><body>{hot}{script}</body></html>"


def jcms_arrays(rows: Sequence[Row]) -> str:
    lines = "".join(
        f"urls[i]='{href}';headers[i]=\"{title}\";year[i]='{day.year}';month[i]='{day.month}';"
        f"day[i]='{day.day}';i++;\n"
        for href, title, day in rows
    )
    return f"<html><body><script>var i=0;\n{lines}</script></body></html>"


def jpaas_column(values: dict[str, str]) -> str:
    query = "{" + ",".join(f"'{name}':'{value}'" for name, value in values.items()) + "}"
    return (
        f'<html><body><script src="/a.js" url="/unit" queryData="{query}"></script></body></html>'
    )


def jpaas_unit(rows: Sequence[Row]) -> str:
    return json.dumps({"success": True, "data": {"html": html_list(rows)}}, ensure_ascii=False)


def gkmlpt(rows: Sequence[Row]) -> str:
    articles = [
        {"id": n, "title": title, "url": href, "created_at": f"{day} 09:00:00", "publisher": "厅"}
        for n, (href, title, day) in enumerate(rows)
    ]
    return json.dumps({"classify": {"id": 5, "post_count": 9999}, "articles": articles})


def ucap_info(rows: Sequence[Row]) -> str:
    infos = [{"title": t, "link": href, "pubtime": f"{day} 10:00"} for href, t, day in rows]
    return json.dumps({"infolist": infos}, ensure_ascii=False)


def nested_json(rows: Sequence[Row]) -> str:
    def moment(day: date) -> str:
        return str(int(datetime(day.year, day.month, day.day, 1, tzinfo=UTC).timestamp() * 1000))

    found = [{"data": {"title": f"<em>{t}</em>", "url": h, "cdate": moment(d)}} for h, t, d in rows]
    return json.dumps({"data": {"searchResult": {"dataResults": found}}})


def search(rows: Sequence[Row], base: str) -> str:
    found = [
        f'<div class="jcse-result-box"><a href="visit/link.do?url={quote(base + href, safe="")}'
        f'&q=x&title=y">{title}</a><span class="jcse-news-date">{day}</span></div>'
        for href, title, day in rows
    ]
    return json.dumps({"total": "99", "result": found}, ensure_ascii=False)


def rss(rows: Sequence[Row]) -> str:
    items = "".join(
        f"<item><title>{title}</title><link>{href}</link>"
        f"<pubDate>{day:%a, %d %b %Y} 02:00:00 GMT</pubDate></item>"
        for href, title, day in rows
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap(rows: Sequence[Row], base: str) -> str:
    places = "".join(
        f"<url><loc>{base}{href}</loc><lastmod>{day}</lastmod></url>" for href, _, day in rows
    )
    return f'<?xml version="1.0"?><urlset {_NAMESPACE}>{places}</urlset>'


def sitemap_index(parts: Sequence[str], base: str) -> str:
    places = "".join(f"<sitemap><loc>{base}{part}</loc></sitemap>" for part in parts)
    return f'<?xml version="1.0"?><sitemapindex {_NAMESPACE}>{places}</sitemapindex>'


def address_list(rows: Sequence[Row], base: str) -> str:
    return "# 人工维护\n" + "".join(f"{base}{href} {title}\n" for href, title, _ in rows)


@dataclass(frozen=True)
class Asked:
    """A request: method, path with query, and the fields of its query and form."""

    method: str
    path: str
    fields: dict[str, str]
    body: bytes
    referer: str | None

    @property
    def name(self) -> str:
        return urlsplit(self.path).path

    def part(self, rows: Sequence[Row], key: str, size: int) -> Sequence[Row]:
        page = int(self.fields.get(key, "1"))
        return rows[(page - 1) * size : page * size]


Maker = Callable[[Asked], str | bytes | None]


@dataclass
class KindSite:
    """Lists and articles by path; `makers` answer what depends on more than the path."""

    base: str = ""
    host: str = ""
    pages: dict[str, str | bytes] = field(default_factory=dict)
    makers: dict[str, Maker] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)

    def put_articles(self, rows: Sequence[Row], root: str = "") -> None:
        for href, title, _ in rows:
            self.pages[root + href] = article(title)

    def answer(self, asked: Asked) -> bytes | None:
        self.log.append(asked)
        made = self.makers[asked.name](asked) if asked.name in self.makers else None
        found = made if made is not None else self.pages.get(asked.path)
        return found.encode() if isinstance(found, str) else found


@contextmanager
def serve_kinds() -> Iterator[KindSite]:
    site = KindSite()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait 40 ms for each other

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
            if "form" in (self.headers.get("Content-Type") or ""):
                query |= parse_qs(body.decode(), keep_blank_values=True)
            fields = {key: values[-1] for key, values in query.items()}
            referer = self.headers.get("Referer")
            asked = Asked(self.command, self.path, fields, body, referer)
            data = site.answer(asked)
            tag = f'"{sha256(data or b"").hexdigest()[:16]}"'
            is_known = data is not None and self.headers.get("If-None-Match") == tag
            self.send_response(304 if is_known else 404 if data is None else 200)
            self.send_header("ETag", tag)
            if not is_known:
                self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            if not is_known:
                self.wfile.write(data or b"")

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            pass  # a client that went away

    server = Server(("127.0.0.1", 0), Handler)
    site.host = f"127.0.0.1:{server.server_port}"
    site.base = f"http://{site.host}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
