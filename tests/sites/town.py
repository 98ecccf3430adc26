"""A town's web site with a column of every kind of list, and one with all that goes wrong."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, quote, urlsplit

from crawler.sources import Source, load_presets
from tests.sites.server import Answer, Site, article_page, list_page, packed

#: Rows of a list page.
ROWS = 40
#: Articles that the page of a JCMS column holds; its proxy gives the others.
_STORE = 45
_XML = '<?xml version="1.0" encoding="utf-8"?>'


@dataclass
class Town:
    """A site, the sources that watch it, the articles that can be had, and what cannot.

    Attributes:
        site: The site.
        sources: A source for each kind of list, and those with faults.
        pages: What each reachable article holds, by address.
        faults: (source, kind of problem, end of the address) of all that goes wrong.
    """

    site: Site
    sources: list[Source] = field(default_factory=list)
    pages: dict[str, bytes] = field(default_factory=dict)
    faults: set[tuple[str, str, str]] = field(default_factory=set)

    def watch(self, name: str, path: str, preset: str, **more: object) -> None:
        """Add a source."""
        rule = load_presets()[preset]
        own = {key: more.pop(key) for key in list(more) if hasattr(rule, key)}
        values = {"max_pages": 1_000, "min_items": 1, "delay": 0.0, **more}
        self.sources.append(
            Source(
                id=name,
                name=name,
                url=self.site.base + path,
                preset=replace(rule, **own),
                level="city",
                publisher="official",
                allow_private=(self.site.host,),
                **values,
            )
        )

    def publish(self, path: str, number: int) -> None:
        """Put an article on the site."""
        body = article_page(_title(number)).encode()
        self.site.put(path, body)
        self.pages[self.site.base + path] = body

    def unknown(self, path: str, fault: str, source: str) -> None:
        """Note that what stands there cannot be had."""
        self.pages.pop(self.site.base + path, None)
        self.faults.add((source, fault, path.rpartition("/")[2]))


def build_town(site: Site, articles: int) -> Town:
    """Fill a site with so many articles, spread over columns of all kinds."""
    town = Town(site)
    share = -(-articles // len(_COLUMNS))
    for place, (name, build) in enumerate(_COLUMNS.items()):
        numbers = range(place * share, min(articles, (place + 1) * share))
        build(town, name, list(numbers))
    return town


def _title(n: int) -> str:
    return f"第{n}条人才政策消息"


def _day(n: int) -> str:
    return f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}"


def _groups(numbers: Sequence[int], size: int = ROWS) -> list[Sequence[int]]:
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def _trs(town: Town, name: str, numbers: list[int], second: int = 1) -> None:
    def path(n: int) -> str:
        return f"{_day(n)[:7].replace('-', '')}/t{_day(n).replace('-', '')}_{n}.html"

    for place, group in enumerate(_groups(numbers)):
        page = "" if place == 0 else f"index_{place - 1 + second}.html"
        rows = [(f"./{path(n)}", _title(n), _day(n)) for n in group]
        town.site.put(f"/{name}/{page}", list_page(rows))
        for n in group:
            town.publish(f"/{name}/{path(n)}", n)
    town.watch(name, f"/{name}/", "trs")


def _trs_from_two(town: Town, name: str, numbers: list[int]) -> None:
    _trs(town, name, numbers, second=2)


def _art(name: str, n: int) -> str:
    return f"/{name}/art/{_day(n).replace('-', '/')}/art_7_{n}.html"


def _jcms(town: Town, name: str, numbers: list[int]) -> None:
    def store(group: Sequence[int]) -> str:
        records = "".join(
            f'<record><![CDATA[<li><a href="{_art(name, n)}">{_title(n)}</a>'
            f"<span>{_day(n)}</span></li>]]></record>"
            for n in group
        )
        return f"<datastore><recordset>{records}</recordset></datastore>"

    head = "<script>var webid=3; var columnid='70'; var unitid=\"88\"; webname='town'</script>"
    town.site.put(f"/{name}/col/col70/index.html", head + store(numbers[:_STORE]))

    def proxy(target: str, sent: bytes) -> str | None:
        parts = urlsplit(target)
        if parts.path != "/module/web/jpage/dataproxy.jsp" or b"unitid=88" not in sent:
            return None
        asked = parse_qs(parts.query)
        return store(numbers[int(asked["startrecord"][0]) - 1 : int(asked["endrecord"][0])])

    town.site.forms.append(proxy)
    for n in numbers:
        town.publish(_art(name, n), n)
    town.watch(name, f"/{name}/col/col70/index.html", "jcms")


def _jcms_js(town: Town, name: str, numbers: list[int]) -> None:
    rows = "".join(
        f"urls[i]='{_art(name, n)}';headers[i]=\"{_title(n)}\";"
        f"year[i]='{_day(n)[:4]}';month[i]='{_day(n)[5:7]}';day[i]='{_day(n)[8:]}';i++;\n"
        for n in numbers
    )
    town.site.put(f"/{name}/", f"<script>{rows}</script>")
    for n in numbers:
        town.publish(_art(name, n), n)
    town.watch(name, f"/{name}/", "jcms_js")


def _jpaas(town: Town, name: str, numbers: list[int]) -> None:
    values = {"webId": "w1", "tplSetId": "t1", "tagId": "g1", "pageId": "p1"}
    town.site.put(f"/{name}/", f'<div queryData="{json.dumps(values).replace(chr(34), chr(39))}">')

    def interface(target: str) -> str | None:
        parts = urlsplit(target)
        if not parts.path.startswith("/api-gateway/jpaas-publish-server/"):
            return None
        wanted = json.loads(parse_qs(parts.query)["paramJson"][0])["pageNo"]
        rows = "".join(
            f'<li><a href="{_art(name, n)}">{_title(n)}</a><b>{_day(n)}</b></li>'
            for n in numbers[(wanted - 1) * ROWS : wanted * ROWS]
        )
        return json.dumps({"data": {"html": f"<ul>{rows}</ul>"}})

    town.site.made.append(interface)
    for n in numbers:
        town.publish(_art(name, n), n)
    town.watch(name, f"/{name}/", "jpaas")


def _counted(
    town: Town, name: str, numbers: list[int], preset: str, row: Callable[[int], object], key: str
) -> None:
    """A list in JSON whose pages are counted from 1."""

    def interface(target: str) -> str | None:
        parts = urlsplit(target)
        if parts.path != f"/{name}/api":
            return None
        page = int(parse_qs(parts.query)["page"][0])
        return json.dumps({key: [row(n) for n in numbers[(page - 1) * ROWS : page * ROWS]]})

    town.site.made.append(interface)
    for n in numbers:
        town.publish(f"/{name}/{n}.html", n)
    more = {"rows": f"{key}[]"} if preset == "json" else {}
    fields = {"title": "name", "url": "href", "date": "when"}
    more = {**more, "fields": fields} if preset == "json" else more
    town.watch(name, f"/{name}/api?page={{n}}", preset, **more)


def _gkmlpt(town: Town, name: str, numbers: list[int]) -> None:
    def row(n: int) -> object:
        return {"title": _title(n), "url": f"/{name}/{n}.html", "created_at": f"{_day(n)} 08:00"}

    _counted(town, name, numbers, "gkmlpt", row, "articles")


def _ucap(town: Town, name: str, numbers: list[int]) -> None:
    def row(n: int) -> object:
        return {"title": _title(n), "link": f"/{name}/{n}.html", "pubtime": _day(n)}

    _counted(town, name, numbers, "ucap_api", row, "infolist")


def _json(town: Town, name: str, numbers: list[int]) -> None:
    def row(n: int) -> object:
        return {"name": _title(n), "href": f"{n}.html", "when": _day(n)}

    _counted(town, name, numbers, "json", row, "list")


def _search(town: Town, name: str, numbers: list[int]) -> None:
    def results(target: str, sent: bytes) -> str | None:
        fields = parse_qs(sent.decode())
        if urlsplit(target).path != f"/{name}/search.do" or fields.get("q") != ["人才"]:
            return None
        page = int(fields["p"][0])
        rows = [
            f'<div><a href="visit/link.do?url={quote(town.site.base + _art(name, n), safe="")}">'
            f"{_title(n)}</a> {_day(n)}</div>"
            for n in numbers[(page - 1) * ROWS : page * ROWS]
        ]
        return json.dumps({"result": rows})

    town.site.forms.append(results)
    for n in numbers:
        town.publish(_art(name, n), n)
    town.watch(name, f"/{name}/search.do", "search_jcms", values={"q": "人才", "site": "1"})


def _rss(town: Town, name: str, numbers: list[int]) -> None:
    items = "".join(
        f"<item><title>{_title(n)}</title><link>{town.site.base}/{name}/{n}.html</link></item>"
        for n in numbers
    )
    feed = f'{_XML}<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
    town.site.put(f"/{name}/feed.xml", feed)
    for n in numbers:
        town.publish(f"/{name}/{n}.html", n)
    town.watch(name, f"/{name}/feed.xml", "rss")


def _atom(town: Town, name: str, numbers: list[int]) -> None:
    entries = "".join(
        f'<entry><title>{_title(n)}</title><link href="{n}.html"/>'
        f"<published>{_day(n)}T08:00:00+08:00</published></entry>"
        for n in numbers
    )
    feed = f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{entries}</feed>'
    town.site.put(f"/{name}/feed.xml", feed)
    for n in numbers:
        town.publish(f"/{name}/{n}.html", n)
    town.watch(name, f"/{name}/feed.xml", "rss")


def _urlset(base: str, group: Sequence[int]) -> str:
    places = "".join(f"<url><loc>{base}/{n}.html</loc></url>" for n in group)
    return f"{_XML}<urlset>{places}</urlset>"


def _sitemap(town: Town, name: str, numbers: list[int]) -> None:
    town.site.put(f"/{name}/map.xml", _urlset(f"{town.site.base}/{name}", numbers))
    for n in numbers:
        town.publish(f"/{name}/{n}.html", n)
    town.watch(name, f"/{name}/map.xml", "sitemap", item_url=r"\d+\.html$")


def _sitemap_index(town: Town, name: str, numbers: list[int]) -> None:
    base, half = f"{town.site.base}/{name}", len(numbers) // 2
    # it names itself too: a loop
    parts = "".join(
        f"<sitemap><loc>{base}/{part}</loc></sitemap>" for part in ("1.xml", "2.xml.gz", "all.xml")
    )
    town.site.put(f"/{name}/all.xml", f"{_XML}<sitemapindex>{parts}</sitemapindex>")
    town.site.put(f"/{name}/1.xml", _urlset(base, numbers[:half]))
    town.site.put(f"/{name}/2.xml.gz", packed(_urlset(base, numbers[half:])))
    for n in numbers:
        town.publish(f"/{name}/{n}.html", n)
    town.watch(name, f"/{name}/all.xml", "sitemap", item_url=r"\d+\.html$")


def _urls(town: Town, name: str, numbers: list[int]) -> None:
    lines = [f"{town.site.base}/{name}/{n}.html {_title(n)}" for n in numbers]
    town.site.put(f"/{name}/list.txt", "\n".join(["# a list", *lines]))
    for n in numbers:
        town.publish(f"/{name}/{n}.html", n)
    town.watch(name, f"/{name}/list.txt", "urls")


_COLUMNS: dict[str, Callable[[Town, str, list[int]], None]] = {
    "trs": _trs,
    "trs2": _trs_from_two,
    "jcms": _jcms,
    "jcms_js": _jcms_js,
    "jpaas": _jpaas,
    "gkmlpt": _gkmlpt,
    "ucap": _ucap,
    "search": _search,
    "json": _json,
    "rss": _rss,
    "atom": _atom,
    "sitemap": _sitemap,
    "index": _sitemap_index,
    "urls": _urls,
}


def add_faults(town: Town, elsewhere: str) -> None:
    """Add the columns in which everything goes wrong; `elsewhere` is a site nobody may ask."""
    site = town.site
    names = ["slow", "reset503", "later", "reset", "always503", "loop1", "loop2", "gbk", "lies"]
    names += ["huge", "endless", "bomb", "away", "missing", "late"]
    site.put("/odd/", _gbk(list_page([(f"{n}.html", f"{n}的标题", "2024-01-02") for n in names])))
    for n, name in enumerate(names):
        town.publish(f"/odd/{name}.html", 90_000 + n)
    site.spoil("/odd/slow.html", "slow")
    site.fail_first("/odd/reset503.html", Answer(fault="reset"), Answer(status=503))
    site.put(
        "/odd/gbk.html",
        _gbk(article_page("编码不符的消息")),
        Content_Type="text/html; charset=utf-8",
    )
    town.pages[f"{site.base}/odd/gbk.html"] = _gbk(article_page("编码不符的消息"))
    site.put(
        "/odd/lies.html",
        article_page("说是别的编码").replace("<head>", '<head><meta charset="big5">'),
        Content_Type="text/html; charset=no-such-charset",
    )
    town.pages[f"{site.base}/odd/lies.html"] = site.pages["/odd/lies.html"].body
    site.fail_first("/odd/later.html", Answer(status=503, headers={"Retry-After": "1"}))
    busy = Answer(status=503)
    site.spoil("/odd/reset.html", "reset")
    site.pages["/odd/always503.html"] = busy
    site.redirect("/odd/loop1.html", "/odd/loop2.html")
    site.redirect("/odd/loop2.html", "/odd/loop1.html")
    site.put("/odd/huge.html", bytes(21 * 2**20))
    site.put("/odd/endless.html", b"<p>")
    site.spoil("/odd/endless.html", "endless")
    site.put("/odd/bomb.html", packed(bytes(64 * 2**20)), Content_Encoding="gzip")
    site.redirect("/odd/away.html", f"{elsewhere}/secret.html")
    del site.pages["/odd/missing.html"]
    site.spoil("/odd/late.html", "drops")
    for name, fault in (
        ("reset", "unreachable"),
        ("late", "unreachable"),
        ("always503", "http_error"),
        ("loop1", "http_error"),
        ("loop2", "http_error"),
        ("huge", "too_large"),
        ("endless", "too_large"),
        ("bomb", "too_large"),
        ("away", "refused"),
        ("missing", "not_found"),
    ):
        town.unknown(f"/odd/{name}.html", fault, "odd")
    town.watch("odd", "/odd/", "html", list_item="ul.list li")
    _add_endless_paging(town)


def heal(town: Town) -> set[str]:
    """Let come what did not come for a passing reason; return its addresses."""
    names = ("reset", "always503", "late")
    for name in names:
        town.publish(f"/odd/{name}.html", 95_000)
    town.faults = {one for one in town.faults if one[2].removesuffix(".html") not in names}
    return {f"{town.site.base}/odd/{name}.html" for name in names}


def _add_endless_paging(town: Town, pages: int = 5) -> None:
    """A list that always has one page more, and one whose pages lead round in a ring."""
    site = town.site

    def more(target: str) -> str | None:
        path = urlsplit(target).path
        if path == "/endless/" or path.startswith("/endless/index_"):
            page = int("".join(filter(str.isdigit, path)) or 0)
            rows = [(f"a{n}.html", _title(n), _day(n)) for n in range(page * 3, page * 3 + 3)]
            return list_page(rows)
        if path.startswith("/endless/a"):
            return article_page(_title(int("".join(filter(str.isdigit, path)))))
        return None

    site.made.append(more)
    for n in range(pages * 3):
        town.pages[f"{site.base}/endless/a{n}.html"] = article_page(_title(n)).encode()
    town.watch(
        "endless",
        "/endless/",
        "html",
        list_item="ul.list li",
        pages="index_{n}.html",
        max_pages=pages,
    )

    def ring(target: str) -> str | None:
        if not target.startswith("/ring/") or target.endswith("x.html"):
            return None
        page = int("".join(filter(str.isdigit, target)) or 0) % 3
        return list_page([(f"{page}x.html", _title(page), "")])

    site.made.append(ring)
    for n in range(3):
        town.publish(f"/ring/{n}x.html", n)
    town.watch("ring", "/ring/", "html", list_item="ul.list li", pages="index_{n}.html")


def add_split(town: Town, parts: int = 3) -> None:
    """Add a column whose articles are printed on several pages each."""
    rows = [(f"{n}.html", _title(n), _day(n)) for n in range(80_000, 80_004)]
    town.site.put("/split/", list_page(rows))
    for href, title, _ in rows:
        names = [href, *(href.replace(".", f"_{part}.") for part in range(2, parts + 1))]
        bar = "".join(f'<a href="{name}">【{n}】</a>' for n, name in enumerate(names, 1))
        for part, name in enumerate(names, 1):
            text = f"{title}的第{part}部分，讲了人才公寓与安家补贴的办法，供各地参考。"
            body = f"<html><title>{title}</title><body><p>{text}</p><p>{bar}</p></body></html>"
            town.site.put(f"/split/{name}", body)
            town.pages[f"{town.site.base}/split/{name}"] = body.encode()
    town.watch("split", "/split/", "html", list_item="ul.list li")


def _gbk(page: str) -> bytes:
    """Return a page in GB 18030 that says that it is UTF-8."""
    return page.replace("<head>", '<head><meta charset="utf-8">').encode("gb18030")
