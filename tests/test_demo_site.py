"""The sample site: served as real sites serve, odd in the ways that real sites are odd."""

import socket
import struct
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from lxml import html

from bole.config import ConfigError
from bole.demo import SITE, serve, write_watchlist
from bole.demo.server import read_site
from crawler.article import Article
from crawler.collect import collect
from crawler.ledger import Ledger
from crawler.page import read_page
from crawler.sources import load_sources

COLUMN = "/rcgz/gzdt/"
SUZHOU = "/rcgz/gzdt/202308/t20230807_2031.html"
FORBIDDEN = "/rcgz/nbzl/202307/t20230718_2019.html"
GONE = "/rcgz/gzdt/202306/t20230607_1987.html"
MOVED = "/rcgz/gzdt/202006/t20200617_0905.html"
REPOST = "/rcgz/dfdt/202006/t20200617_0905.html"
XUZHOU = "/hhw/cygs/444392.html"
WUXI = "/watch/js/20240530-wuxi.html"
WUZHONG = "/watch/en/wuzhong-united-front.html"
CHUNAN = "/watch/en/chunan-overseas-chinese.html"
STORE = "/col/col71/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp"
HOMES, FUND, FAIR = (
    f"/art/2024/5/{day}/art_71_310{n}.html" for day, n in ((28, 3), (21, 2), (9, 1))
)
SITEMAP = "/sitemap/index.xml"
ENGINEERS = "/rcdt/2024/0530/engineers.html"
FLATS = "/rcdt/2024/0516/flats.html"
MADE_UP = (HOMES, FUND, FAIR, ENGINEERS, FLATS)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serve(SITE) as address:
        yield address


def ask(base: str, path: str, method: str = "GET", **fields: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(base).netloc, timeout=5)
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def rows(base: str, path: str, xpath: str) -> list[str]:
    """Return the paths that the links of a list page lead to."""
    tree = html.fromstring(ask(base, path)[1])
    return [urlsplit(urljoin(base + path, href)).path for href in tree.xpath(xpath)]


# ---- what a crawler meets


def test_the_site_is_on_loopback_only(base: str) -> None:
    assert urlsplit(base).hostname == "127.0.0.1"


def test_the_trs_column_has_two_pages_of_relative_links(base: str) -> None:
    items = "//ul[@class='list']/li/a/@href"
    assert rows(base, COLUMN, items) == [SUZHOU, FORBIDDEN, GONE]
    assert "/rcgz/gzdt/index_1.html" in rows(base, COLUMN, "//div[@class='page']/a/@href")
    assert rows(base, "/rcgz/gzdt/index_1.html", items) == [MOVED]
    page = html.fromstring(ask(base, COLUMN)[1])
    assert all(href.startswith(".") for href in page.xpath(items))
    assert page.xpath("//ul[@class='list']/li/span/text()")[0] == "2023-08-07"
    assert ask(base, "/rcgz/gzdt/index_2.html")[0].status == 404


def test_robots_forbids_a_page_that_is_there_and_linked(base: str) -> None:
    rules = ask(base, "/robots.txt")[1].decode().splitlines()
    assert "Disallow: /rcgz/nbzl/" in rules
    assert ask(base, FORBIDDEN)[0].status == 200, "it is the crawler that must not ask"


def test_a_linked_page_is_gone(base: str) -> None:
    response, body = ask(base, GONE)
    assert (response.status, "您访问的页面不存在" in body.decode()) == (404, True)


def test_a_linked_page_has_moved(base: str) -> None:
    response, _ = ask(base, MOVED)
    assert (response.status, response.headers["Location"]) == (301, REPOST)
    assert ask(base, REPOST)[0].status == 200


@pytest.mark.parametrize("path", [XUZHOU, "/hhw/cygs/"])
def test_gbk_pages_say_that_they_are_utf8(base: str, path: str) -> None:
    response, body = ask(base, path)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b'<meta charset="utf-8">' in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert "徐州高层次人才『云创荟』探索招才引智新路径" in body.decode("gbk")


def test_the_feed_links_by_full_addresses(base: str) -> None:
    response, body = ask(base, "/feed/rss.xml")
    assert response.headers["Content-Type"].startswith("application/rss+xml")
    items = ElementTree.fromstring(body).findall("channel/item")
    assert [item.findtext("link") for item in items] == [base + WUXI, base + WUZHONG, base + CHUNAN]
    assert [item.find("pubDate") is not None for item in items] == [True, True, False]


def test_the_jcms_column_holds_two_records_and_its_proxy_the_third(base: str) -> None:
    column = ask(base, STORE)[1].decode()
    proxy = f"{PROXY}?startrecord={{}}&endrecord={{}}&perpage=15"
    assert [path for path in MADE_UP if path in column] == [HOMES, FUND]
    assert "<totalrecord>3</totalrecord>" in column
    for first, last, there in ((1, 2, [HOMES, FUND]), (3, 47, [FAIR]), (4, 48, [])):
        response, body = ask(base, proxy.format(first, last), "POST")
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert [path for path in MADE_UP if path in body.decode()] == there
        assert "<totalrecord>3</totalrecord>" in body.decode()
    assert ask(base, proxy.format("x", 2), "POST")[0].status == 400
    assert ask(base, PROXY)[0].status == 404


def test_the_sitemap_is_an_index_of_two(base: str) -> None:
    def places(path: str) -> list[str]:
        response, body = ask(base, path)
        assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
        tree = ElementTree.fromstring(body)
        return [found.text or "" for found in tree.iterfind("{*}*/{*}loc")]

    parts = places(SITEMAP)
    assert parts == [f"{base}/sitemap/{name}.xml" for name in ("news", "older")]
    linked = [place for part in parts for place in places(part.removeprefix(base))]
    assert linked == [base + path for path in ("/rcdt/", ENGINEERS, FLATS)]


@pytest.mark.parametrize("path", MADE_UP)
def test_a_page_that_is_made_up_says_so(base: str, path: str) -> None:
    page = ask(base, path)[1].decode()
    assert "文中政策与数字均属虚构" in page
    assert "（演示）" in page


def test_every_page_but_the_gone_one_is_there(base: str) -> None:
    for path in (*READINGS, "/", COLUMN, "/rcdt/", "/watch/img/1.svg"):
        assert ask(base, path)[0].status == 200, path


# ---- conditional requests


def test_an_etag_spares_the_body(base: str) -> None:
    first, _ = ask(base, SUZHOU)
    etag = first.headers["ETag"]
    again, body = ask(base, SUZHOU, If_None_Match=f'"other", W/{etag}')
    assert (again.status, again.headers["ETag"], body) == (304, etag, b"")
    assert ask(base, SUZHOU, If_None_Match='"other"')[0].status == 200
    assert ask(base, REPOST)[0].headers["ETag"] != etag


def test_a_date_spares_the_body(base: str) -> None:
    modified = ask(base, SUZHOU)[0].headers["Last-Modified"]
    assert modified == "Mon, 03 Jun 2024 01:00:00 GMT", "not the time of a checkout"
    assert ask(base, SUZHOU, If_Modified_Since=modified)[0].status == 304
    earlier = format_datetime(datetime(2024, 6, 2, tzinfo=UTC), usegmt=True)
    assert ask(base, SUZHOU, If_Modified_Since=earlier)[0].status == 200
    assert ask(base, SUZHOU, If_Modified_Since="yesterday")[0].status == 200


def test_the_etag_outweighs_the_date(base: str) -> None:
    modified = ask(base, SUZHOU)[0].headers["Last-Modified"]
    answer, _ = ask(base, SUZHOU, If_None_Match='"other"', If_Modified_Since=modified)
    assert answer.status == 200


def test_header_names_may_be_in_any_case(base: str) -> None:
    etag = ask(base, SUZHOU)[0].headers["ETag"]
    connection = HTTPConnection(urlsplit(base).netloc, timeout=5)
    connection.request("GET", SUZHOU, headers={"if-none-match": etag})
    assert connection.getresponse().status == 304
    connection.close()


def test_head_tells_the_length_and_sends_nothing(base: str) -> None:
    response, body = ask(base, SUZHOU, "HEAD")
    assert (response.status, body) == (200, b"")
    assert int(response.headers["Content-Length"]) == len(ask(base, SUZHOU)[1])


def test_a_post_is_refused(base: str) -> None:
    assert ask(base, SUZHOU, "POST")[0].status == 501


# ---- what must not be served


@pytest.mark.parametrize(
    "path",
    [
        "/site.toml",
        "/../sources.toml",
        "/../server.py",
        "/rcgz/../../__init__.py",
        "/%2e%2e/server.py",
        "/rcgz/%2e%2e/index.html",
        "/..%5cserver.py",
        "/..%2f..%2fconfig.py",
        "//etc/hosts.txt",
        "/C:/index.html",
        "/index.html%00.txt",
        "/rcgz",
        "/" + "a" * 300 + ".html",
        "index.html",
        "*",
    ],
)
def test_nothing_outside_the_pages_is_served(base: str, path: str) -> None:
    assert ask(base, path)[0].status == 404


def test_the_server_is_quiet(base: str, capfd: pytest.CaptureFixture[str]) -> None:
    ask(base, SUZHOU)
    ask(base, GONE)
    assert capfd.readouterr() == ("", "")


def test_a_client_that_hangs_up_is_no_news(base: str, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection((urlsplit(base).hostname, urlsplit(base).port)) as client:
        # linger 0: closing resets the connection instead of ending it
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(b"GET /robots.txt HTTP/1.1\r\n")
    ask(base, SUZHOU)
    assert capfd.readouterr().err == ""


# ---- starting it


def test_a_taken_port_is_named_with_its_cure(base: str) -> None:
    port = urlsplit(base).port
    assert port is not None
    with (
        pytest.raises(ConfigError, match=rf"port {port} of 127\.0\.0\.1.*--port"),
        serve(SITE, port=port),
    ):
        pass


def test_an_impossible_port_is_named() -> None:
    with pytest.raises(ConfigError, match=r"port 70000 .*--port"), serve(SITE, port=70000):
        pass


def test_a_port_is_free_again_after_the_block() -> None:
    with serve(SITE) as address:
        port = urlsplit(address).port
        assert port is not None
        ask(address, "/")
    with serve(SITE, port=port) as address:
        assert ask(address, "/")[0].status == 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no site.toml"),
        ("last_modifed = 2024-06-01T00:00:00Z", "unknown key 'last_modifed'"),
        ("last_modified = 2024-06-01T00:00:00", "last_modified is .*2024-06-01T00:00:00Z"),
        ("index = 'index.html'", "last_modified is None"),
    ],
)
def test_a_wrong_description_is_named(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_site(tmp_path)


# ---- the watchlist


def test_the_watchlist_names_columns_of_each_sort_that_are_there(base: str, tmp_path: Path) -> None:
    path = write_watchlist(tmp_path, base)
    assert path == tmp_path / "sources.toml"
    sources = tomllib.loads(path.read_text("utf-8"))["source"]
    assert [source["preset"] for source in sources] == ["trs", "html", "rss", "jcms", "sitemap"]
    for source in sources:
        assert source["allow_private"] == [urlsplit(base).netloc]
        assert ask(base, urlsplit(source["url"]).path)[0].status == 200


def test_the_watchlist_is_one(base: str, tmp_path: Path) -> None:
    sources = load_sources(write_watchlist(tmp_path, base))
    assert [source.publisher for source in sources] == [
        *("official", "media", "repost", "official", "official")
    ]
    assert all(source.enabled for source in sources)


@pytest.mark.slow
def test_a_crawl_has_every_page_it_may_have_once(base: str, tmp_path: Path) -> None:
    sources = load_sources(write_watchlist(tmp_path, base))
    for _ in range(2):
        collect(sources, tmp_path, user_agent="bole/0.1 (test)", delay=0)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        pages = sorted(page.url.removeprefix(base) for page in ledger.pages())
        fetches = list(ledger.fetches(after_id=0))
    assert pages == sorted(READINGS)
    asked = {f.url.removeprefix(base): (f.status, f.problem) for f in fetches}
    assert asked[FORBIDDEN] == (None, "forbidden")
    assert asked[GONE] == (404, "not_found")
    assert {asked[path][0] for path in (SUZHOU, XUZHOU, WUXI, FAIR, FLATS)} == {304}, (
        "the second run is spared"
    )


# ---- what a reader must make of its pages

NOW = datetime(2024, 6, 3, tzinfo=UTC)
READINGS = {
    SUZHOU: {
        "title": "江苏省留学回国人员服务十大创新案例发布 高新区占两席",
        "published": (date(2023, 8, 7), "meta"),
        "source": "苏州高新区(虎丘区)宣传部",
        "publisher": "江苏引才工作网",
        "publisher_code": "320000",
        "lang": "zh-Hans",
        "starts": "近日,江苏省人社厅联合安徽省人社厅",
        "ends": "与这里共同成长、共赴未来。",
    },
    REPOST: {
        "title": "徐州高层次人才“云创荟”探索招才引智新路径",
        "published": (date(2020, 6, 17), "meta"),
        "source": "徐报融媒",
        "publisher": "江苏引才工作网",
        "publisher_code": "320000",
        "lang": "zh-Hans",
        "starts": "本网讯 以网为媒、以屏相约",
        "ends": "海内外高层次人才项目资源的重点活动。",
    },
    XUZHOU: {
        "title": "徐州高层次人才『云创荟』探索招才引智新路径",
        "published": (date(2020, 6, 15), "footer"),
        "source": "徐报融媒",
        "publisher_code": "320311",
        "lang": "zh-Hans",
        "starts": "以网为媒、以屏相约",
        "ends": "提供坚强的智力支撑。",
    },
    WUXI: {
        "title": "無錫高新區(qū)2024年產(chǎn)業(yè)科技創(chuàng)新人才服務(wù)周啟幕",
        "published": (date(2024, 5, 30), "label"),
        "source": "中新網(wǎng)江蘇",
        "publisher": "僑才觀察 Overseas Talent Watch",
        "publisher_code": None,
        "lang": "zh-Hant",
        "starts": "中新網(wǎng)江蘇新聞5月30日電",
        "ends": "科普講座等系列活動將陸續(xù)舉行。(完)",
    },
    WUZHONG: {
        "title": (
            "Wuzhong District, Suzhou City: Gathering the United Front forces to create a new"
            " highland for overseas talent innovation and entrepreneurship"
        ),
        "published": (date(2022, 8, 4), "label"),
        "source": "Xinhua Daily",
        "publisher": "僑才觀察 Overseas Talent Watch",
        "publisher_code": None,
        "lang": "en",
        "starts": "In order to achieve talents, karma is talented.",
        "ends": "it has cultivated high -level scientific and technological talents.",
    },
    CHUNAN: {
        "title": (
            "Chun'an County of Hangzhou gives full play to overseas Chinese in attracting talents"
        ),
        "published": (None, None),
        "source": "Website of United Front Work Department of the CPC Central Committee",
        "publisher": "僑才觀察 Overseas Talent Watch",
        "publisher_code": None,
        "lang": "en",
        "starts": "Chun 'an County of Hangzhou adopts the",
        "ends": "the practical experience sample of overseas talent attracting work.",
    },
    HOMES: {
        "title": "新北区出台青年人才安居十条 博士购房最高补贴40万元",
        "published": (date(2024, 5, 28), "meta"),
        "source": "新北区委人才办",
        "publisher": "新北人才网（演示）",
        "publisher_code": "320411",
        "lang": "zh-Hans",
        "starts": "5月28日，常州市新北区发布",
        "ends": "在青年人才驿站免费入住7天。",
    },
    FUND: {
        "title": "新北区设立12亿元人才科创基金",
        "published": (date(2024, 5, 21), "meta"),
        "source": "新北区委人才办",
        "publisher": "新北人才网（演示）",
        "publisher_code": "320411",
        "lang": "zh-Hans",
        "starts": "近日，常州市新北区设立",
        "ends": "其中博士960人。",
    },
    FAIR: {
        "title": "新北区春季引才活动走进六所高校",
        "published": (date(2024, 5, 9), "meta"),
        "source": "新北区人社局",
        "publisher": "新北人才网（演示）",
        "publisher_code": "320411",
        "lang": "zh-Hans",
        "starts": "4月以来，常州市新北区组织",
        "ends": "新北区给予每家最高10万元引才补贴。",
    },
    ENGINEERS: {
        "title": "嘉善县支持企业引进卓越工程师 最高补贴200万元",
        "published": (date(2024, 5, 30), "meta"),
        "source": "嘉善县委人才办",
        "publisher": "嘉善招才引智（演示）",
        "publisher_code": "330421",
        "lang": "zh-Hans",
        "starts": "5月30日，嘉善县印发",
        "ends": "计划新引进卓越工程师800名。",
    },
    FLATS: {
        "title": "嘉善县首批人才公寓交付 1260套房源面向青年人才",
        "published": (date(2024, 5, 16), "meta"),
        "source": "嘉善县融媒体中心",
        "publisher": "嘉善招才引智（演示）",
        "publisher_code": "330421",
        "lang": "zh-Hans",
        "starts": "5月16日，嘉善县首批",
        "ends": "已有430名青年人才提交申请。",
    },
}


@pytest.fixture(scope="module")
def articles(base: str) -> dict[str, Article]:
    return {path: read_page(ask(base, path)[1], url=base + path, fetched=NOW) for path in READINGS}


def body(article: Article) -> str:
    return article.text[slice(*article.body)]


@pytest.mark.parametrize("path", READINGS)
def test_the_head_of_each_page_is_read(articles: dict[str, Article], path: str) -> None:
    article, wanted = articles[path], READINGS[path]
    assert article.title == wanted["title"]
    assert (article.published, article.published_from) == wanted["published"]
    assert article.source == wanted["source"]
    assert article.lang == wanted["lang"]


@pytest.mark.parametrize("path", [path for path in READINGS if path != XUZHOU])
def test_the_publisher_is_read_where_a_tag_names_it(
    articles: dict[str, Article], path: str
) -> None:
    assert articles[path].publisher == READINGS[path]["publisher"]


@pytest.mark.parametrize("path", READINGS)
def test_the_publishers_district_is_read(articles: dict[str, Article], path: str) -> None:
    assert articles[path].publisher_code == READINGS[path]["publisher_code"]


@pytest.mark.parametrize("path", READINGS)
def test_the_body_is_the_article_and_nothing_else(articles: dict[str, Article], path: str) -> None:
    text = body(articles[path])
    assert text.startswith(READINGS[path]["starts"])
    assert text.endswith(READINGS[path]["ends"])


# strangers of every page: neighbours, related lists, notices, footers
STRANGERS = [
    *("临湖", "云港", "滨江县", "臨湖", "雲港", "Linhu", "Yungang", "Zhaojue", "Nanhua"),
    *("靖江", "浏览次数", "责任编辑", "版权", "公网安备", "8660990", "85752568", "18013384110"),
    *("Editor in charge", "All rights reserved", "ICP", "font-family", "虚构", "打印本页"),
]


@pytest.mark.parametrize("path", READINGS)
def test_no_body_holds_a_stranger(articles: dict[str, Article], path: str) -> None:
    assert [word for word in STRANGERS if word in body(articles[path])] == []


def test_each_stranger_is_on_some_page() -> None:
    pages = "".join(
        (SITE / path[1:]).read_text("gbk" if path == XUZHOU else "utf-8") for path in READINGS
    )
    assert [word for word in STRANGERS if word not in pages] == []


def test_the_day_of_a_row_is_taken_where_the_page_tells_none(base: str) -> None:
    page = ask(base, CHUNAN)[1]
    day = date(2022, 11, 9)
    article = read_page(page, url=base + CHUNAN, fetched=NOW, list_date=day)
    assert (article.published, article.published_from) == (day, "list")
