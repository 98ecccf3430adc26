"""Every kind of list, walked on loopback: complete, once, and to an end whatever the site does."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from crawler.collect import collect
from crawler.health import source_health
from crawler.ledger import Ledger
from crawler.lists import first_ask, read_list
from crawler.sources import Source, load_presets
from tests.sites import kinds
from tests.sites.kinds import KindSite, Row, rows_of, serve_kinds

pytestmark = pytest.mark.slow

JCMS = "/art/{y}/{m}/{d}/art_9_{n}.html"
KEYS = {"item_url", "list_item", "pages", "rows", "fields", "values", "json_body", "form"}


def source(site: KindSite, name: str, preset: str, url: str, **more: object) -> Source:
    own = {key: more.pop(key) for key in KEYS & more.keys()}
    own |= {key: more.pop(key) for key in {"page_base", "endpoint"} & more.keys()}
    values = {"delay": 0.0, "max_pages": 10, "allow_private": (site.host,), **more}
    return Source(
        id=name,
        name=name,
        url=site.base + url if url.startswith("/") else url,
        preset=replace(load_presets()[preset], **own),
        level="city",
        publisher="official",
        **values,
    )


def crawl(sources: list[Source], folder: Path) -> None:
    collect(sources, folder, user_agent="bole/test (tests)")


def had(folder: Path, site: KindSite) -> dict[str, list[str]]:
    """Source -> paths of the articles that were had, each as often as it is archived."""
    found: dict[str, list[str]] = {}
    with Ledger(folder / "ledger.sqlite") as ledger:
        for page in ledger.pages():
            found.setdefault(page.source_id, []).append(page.url.removeprefix(site.base))
    return found


def problems(folder: Path, sources: list[Source]) -> dict[str, list[tuple[str, str | None]]]:
    with Ledger(folder / "ledger.sqlite") as ledger:
        health = source_health(ledger, sources)
    return {one.source_id: [(p.kind, p.detail) for p in one.problems] for one in health}


def put_jcms(site: KindSite) -> list[Row]:
    rows = rows_of(JCMS, 40)
    site.pages["/col/col9/index.html"] = kinds.jcms_column(rows[:12], 40)

    def proxy(asked: kinds.Asked) -> str | None:
        start, end = int(asked.fields["startrecord"]), int(asked.fields["endrecord"])
        wanted = {"webid": "3", "columnid": "78503", "unitid": "212860", "webname": "某市政府"}
        assert asked.method == "POST"
        is_right = wanted.items() <= asked.fields.items()
        return kinds.jcms_store(rows[start - 1 : end], 40) if is_right else None

    site.makers["/module/web/jpage/dataproxy.jsp"] = proxy
    return rows


def put_jpaas(site: KindSite) -> list[Row]:
    rows = rows_of("/art/{y}/{m}/{d}/art_8_{hex}.html", 56)
    values = {"webId": "w1", "pageId": "p1", "tplSetId": "t1", "tagId": "列表", "parseType": "x"}
    site.pages["/col/col8/index.html"] = kinds.jpaas_column(values)

    def unit(asked: kinds.Asked) -> str | None:
        wanted = {"webId": "w1", "pageId": "p1", "tplSetId": "t1", "tagId": "列表"}
        page = int(asked.fields["paramJson"].split('"pageNo":')[1].split(",")[0])
        is_right = wanted.items() <= asked.fields.items()
        assert asked.referer == f"{site.base}/col/col8/index.html"
        return kinds.jpaas_unit(rows[(page - 1) * 50 : page * 50]) if is_right else None

    site.makers["/api-gateway/jpaas-publish-server/front/page/build/unit"] = unit
    return rows


def put_posted(site: KindSite) -> list[Row]:
    rows = rows_of("/posted/{n}.html", 12)

    def answer(asked: kinds.Asked) -> str:
        page = int(asked.body.decode().partition('"page":')[2].partition("}")[0])
        assert (asked.method, b'"list":["5144"]' in asked.body) == ("POST", True)
        return kinds.nested_json(rows[(page - 1) * 5 : page * 5])

    site.makers["/api/affair"] = answer
    return rows


def put_maps(site: KindSite) -> list[Row]:
    rows = rows_of("/content/post_{n}.html", 30)
    packed = gzip.compress(kinds.sitemap(rows[:20], site.base).encode(), mtime=0)
    site.pages |= {
        "/sitemap.xml": kinds.sitemap_index(
            ["/sitemap.xml", "/map2.xml", "/map1.xml.gz", "/gone.xml"], site.base
        ),
        "/map1.xml.gz": packed,
        "/map2.xml": kinds.sitemap([*rows[18:], ("/about.html", "关于", rows[0][2])], site.base),
    }
    return rows


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    folder = tmp_path_factory.mktemp("walks")
    with serve_kinds() as site:
        rows = {
            "trs": rows_of("/trs/{ym}/t{day}_{n}.html", 25),
            "jcms": put_jcms(site),
            "arrays": rows_of("/old/art_{n}.html", 9),
            "jpaas": put_jpaas(site),
            "gkmlpt": rows_of("/gkmlpt/content/{n}.html", 23),
            "ucap": rows_of("/szinf/{hex}.shtml", 23),
            "posted": put_posted(site),
            "search": rows_of("/found/{n}.html", 23),
            "rss": rows_of("/feed/{n}.html", 7),
            "map": put_maps(site),
            "page": rows_of("/one/{n}.html", 5),
            "file": rows_of("/two/{n}.html", 5),
        }
        for found in rows.values():
            site.put_articles(found)
        for page in range(3):
            name = "/trs/" + (f"index_{page}.html" if page else "")
            site.pages[name] = kinds.html_list(rows["trs"][page * 10 : page * 10 + 10])
        site.pages["/old/index.html"] = kinds.jcms_arrays(rows["arrays"])
        site.makers["/gkmlpt/api/all/5"] = lambda a: kinds.gkmlpt(a.part(rows["gkmlpt"], "page", 9))
        site.makers["/info"] = lambda a: kinds.ucap_info(a.part(rows["ucap"], "currpage", 9))
        site.makers["/jsearchfront/cateSearch.do"] = lambda a: (
            kinds.search(a.part(rows["search"], "p", 10), site.base)
            if (a.fields["word"], a.fields["websiteid"]) == ("人才", "33")
            else None
        )
        site.pages["/rss.xml"] = kinds.rss(rows["rss"])
        site.pages["/urls.txt"] = kinds.address_list(rows["page"], site.base)
        urls = folder / "urls.txt"
        urls.write_text(kinds.address_list(rows["file"], site.base), encoding="utf-8")
        nested = {"title": "data.title", "url": "data.url", "date": "data.cdate"}
        sources = [
            source(site, "trs", "trs", "/trs/"),
            source(site, "jcms", "jcms", "/col/col9/index.html"),
            source(site, "arrays", "jcms_js", "/old/index.html"),
            source(site, "jpaas", "jpaas", "/col/col8/index.html"),
            source(site, "gkmlpt", "gkmlpt", "/gkmlpt/api/all/5?page={n}&sid=2"),
            source(site, "ucap", "ucap_api", "/info?currpage={n}&channelid=9"),
            source(
                site,
                "posted",
                "json",
                "/api/affair",
                rows="data.searchResult.dataResults[]",
                fields=nested,
                json_body='{"list":["5144"],"page":{n}}',
            ),
            source(
                site,
                "search",
                "search_jcms",
                "/jsearchfront/cateSearch.do",
                values={"q": "人才", "site": "33"},
            ),
            source(site, "rss", "rss", "/rss.xml"),
            source(site, "map", "sitemap", "/sitemap.xml", item_url=r"post_\d+"),
            source(site, "page", "urls", "/urls.txt"),
            source(site, "file", "urls", urls.as_uri()),
        ]
        crawl(sources, folder)
        first = [*site.log]
        site.log.clear()
        found = had(folder, site)
        crawl(sources, folder)
        yield {
            "rows": rows,
            "had": found,
            "again": had(folder, site),
            "first": first,
            "second": [*site.log],
            "problems": problems(folder, sources),
            "folder": folder,
            "base": site.base,
        }


NAMES = ("trs", "jcms", "arrays", "jpaas", "gkmlpt", "ucap", "posted", "search", "rss", "map")


@pytest.mark.parametrize("name", [*NAMES, "page", "file"])
def test_each_kind_is_walked_to_its_end(world: dict, name: str) -> None:
    assert sorted(world["had"][name]) == sorted(href for href, _, _ in world["rows"][name])
    assert world["problems"][name] == []


def test_no_page_of_a_list_is_asked_for_twice(world: dict) -> None:
    asked = [(one.method, one.path, one.body) for one in world["first"]]
    assert len(asked) == len(set(asked))


def test_a_list_tells_titles_and_days_in_every_shape(world: dict) -> None:
    silent = {"map", "page", "file"}  # these tell no day
    with Ledger(world["folder"] / "ledger.sqlite") as ledger:
        for page in ledger.pages():
            rows = {
                world["base"] + href: (title, day)
                for href, title, day in world["rows"][page.source_id]
            }
            title, day = rows[page.url]
            assert page.list_date == (None if page.source_id in silent else day)
            assert page.list_title == (None if page.source_id == "map" else title)


def test_a_second_walk_stops_at_what_is_known(world: dict) -> None:
    assert world["again"] == world["had"]
    asked = [one.path for one in world["second"]]
    lists = [
        path for path in asked if path not in {h for r in world["rows"].values() for h, _, _ in r}
    ]
    assert not [path for path in lists if "index_" in path or "dataproxy" in path]
    assert not [path for path in lists if "page=2" in path or '"pageNo":2' in path]


# --- sites that do not play by the rules --------------------------------------------------------


def walk(folder: Path, *sources: Source) -> dict[str, list[tuple[str, str | None]]]:
    crawl([*sources], folder)
    return problems(folder, [*sources])


def test_endless_lists_end(tmp_path: Path) -> None:
    numbers = count()
    with serve_kinds() as site:

        def fresh(_: kinds.Asked) -> str:
            return kinds.gkmlpt([(f"/x/{next(numbers)}.html", "新", rows_of("", 1)[0][2])] * 3)

        same = rows_of("/same/{n}.html", 4)
        site.makers |= {
            "/fresh": fresh,
            "/same": lambda _: kinds.gkmlpt(same),
            "/maps.xml": lambda _: kinds.sitemap_index(
                [f"/m/{next(numbers)}.xml" for _ in range(3)], site.base
            ),
        }
        site.put_articles(same)
        sources = [
            source(site, "fresh", "gkmlpt", "/fresh?page={n}", max_pages=4, min_items=1),
            source(site, "same", "gkmlpt", "/same?page={n}"),
            source(site, "maps", "sitemap", "/maps.xml", max_pages=2),
        ]
        walk(tmp_path, *sources)
        asked = [one.name for one in site.log]
        assert asked.count("/fresh") == 4
        assert asked.count("/same") == 2
        assert len([path for path in asked if path.startswith("/m/")]) == 3
        assert sorted(had(tmp_path, site)["same"]) == sorted(href for href, _, _ in same)


def test_an_index_of_indexes_without_end_is_left(tmp_path: Path) -> None:
    numbers = count()
    with serve_kinds() as site:

        class Any(dict):
            def __contains__(self, key: object) -> bool:
                return str(key).endswith(".xml")

            def __getitem__(self, key: object) -> kinds.Maker:
                return lambda _: kinds.sitemap_index([f"/{next(numbers)}.xml"], site.base)

        site.makers = Any()
        found = walk(tmp_path, source(site, "maps", "sitemap", "/maps.xml", max_pages=2))
        assert len(site.log) < 30
        assert found["maps"] == [("no_rows", "0 rows, at least 3 expected")]


@pytest.mark.parametrize(
    ("preset", "body", "detail"),
    [
        ("gkmlpt", "", "no JSON"),
        ("gkmlpt", '{"articles": [{"title"', "no JSON"),
        ("gkmlpt", "[" * 100_000, "no JSON"),
        ("gkmlpt", '{"articles": "维护中"}', "nothing at rows"),
        ("gkmlpt", '{"articles": []}', "0 rows"),
        ("gkmlpt", '{"articles": [7, null, {"url": 5}]}', "0 rows"),
        ("jpaas", "<html><body>没有参数</body></html>", "does not tell"),
        ("jcms", "<html><body>没有记录</body></html>", "no record"),
        ("jcms_js", "<script>urls[i]='x", "0 rows"),
        ("sitemap", "not xml", "no XML"),
        ("sitemap", b"\x1f\x8b broken", "packed"),
        ("sitemap", "<sitemapindex/>", "names no list"),
        ("sitemap", "<urlset/>", "0 rows"),
        ("urls", "", "0 rows"),
        ("rss", "<rss", "0 rows"),
    ],
)
def test_a_list_that_says_nothing_is_told(preset: str, body: str | bytes, detail: str) -> None:
    """The reader's part; the spider turns it into the problem `no_rows`."""
    one = source(KindSite(base="http://a.cn", host="a.cn:80"), "x", preset, "/list")
    data = body.encode() if isinstance(body, str) else body
    page = read_list(one, first_ask(one), one.url, data)
    assert page.rows == ()
    told = "0 rows" if page.is_list else "names no list"
    assert detail in (page.trouble or told)


def test_what_is_wrong_with_a_list_reaches_the_health(tmp_path: Path) -> None:
    with serve_kinds() as site:
        site.pages |= {
            "/broken": "{",
            "/empty": "<urlset/>",
            "/index.xml": kinds.sitemap_index(["/empty"], site.base),
            "/column": "<html></html>",
        }
        found = walk(
            tmp_path,
            source(site, "broken", "gkmlpt", "/broken?page={n}"),
            source(site, "parts", "sitemap", "/index.xml"),
            source(site, "jpaas", "jpaas", "/column"),
            source(site, "gone", "urls", (tmp_path / "none.txt").as_uri()),
        )
        assert found["parts"] == [("no_rows", "0 rows, at least 3 expected")]
        assert found["jpaas"][0][0] == "no_rows"
        assert "pageId, tagId" in found["jpaas"][0][1]
        assert found["gone"] == [("not_found", "no file none.txt beside the watchlist")]
        assert found["broken"] == [("not_found", "HTTP 404")]


def test_only_so_many_articles_are_taken_as_a_source_says(tmp_path: Path) -> None:
    with serve_kinds() as site:
        rows = rows_of("/p/{n}.html", 20)
        site.pages["/map.xml"] = kinds.sitemap(rows[::-1], site.base)
        site.put_articles(rows)
        walk(tmp_path, source(site, "map", "sitemap", "/map.xml", max_items=6))
        newest = [href for href, _, _ in rows[:6]]
        assert sorted(had(tmp_path, site)["map"]) == sorted(newest)


def test_what_a_source_wants_less_comes_last(tmp_path: Path) -> None:
    with serve_kinds() as site:
        day = rows_of("", 1)[0][2]
        titles = ["体检通知", "天气预报", "人才新政", "人才招聘公告", "引才计划"]
        rows = [(f"/k/{n}.html", title, day) for n, title in enumerate(titles)]
        site.pages["/rss.xml"] = kinds.rss(rows)
        site.put_articles(rows)
        words = {"keywords_any": ("人才", "引才"), "keywords_none": ("招聘公告", "体检")}
        walk(tmp_path, source(site, "rss", "rss", "/rss.xml", **words))
        asked = [one.path for one in site.log if one.path.startswith("/k/")]
        assert {*asked[:2]} == {"/k/2.html", "/k/4.html"}
        assert sorted(asked) == [href for href, _, _ in rows]


def test_a_check_asks_for_one_list_and_no_article(tmp_path: Path) -> None:
    with serve_kinds() as site:
        rows = put_jpaas(site)
        site.put_articles(rows)
        one = source(site, "jpaas", "jpaas", "/col/col8/index.html")
        collect([one], tmp_path, user_agent="bole/test (tests)", only_lists=True)
        assert [one.name for one in site.log] == [
            "/robots.txt",
            "/col/col8/index.html",
            "/api-gateway/jpaas-publish-server/front/page/build/unit",
        ]
