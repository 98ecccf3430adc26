"""Lists and feeds: which articles they name, and how more of them are asked for."""

import json
from dataclasses import replace
from datetime import date

import pytest

from crawler.challenge import find_challenge
from crawler.fetches import Listing
from crawler.keywords import judge_title
from crawler.lists import Ask, ListPage, first_ask, other_numbering, read_list
from crawler.sources import Preset, Source, load_presets
from tests.sites import kinds

TRS = load_presets()["trs"]
RSS = load_presets()["rss"]
URL = "http://www.example.cn/gzdt/index.html"
ROWS = kinds.rows_of("/art/{y}/{m}/{d}/art_9_{n}.html", 30)


def column(preset: Preset, url: str = URL, **more: object) -> Source:
    return Source(
        id="x", name="x", url=url, preset=preset, level="city", publisher="official", **more
    )


def page_of(preset: Preset, body: bytes | str, ask: Ask | None = None, url: str = URL) -> ListPage:
    data = body.encode() if isinstance(body, str) else body
    return read_list(column(preset, url), ask or first_ask(column(preset, url)), url, data)


def rows_in(preset: Preset, url: str, body: bytes) -> list[Listing]:
    return list(page_of(preset, body, url=url).rows)


def test_a_trs_list_gives_address_title_and_day_whatever_its_encoding() -> None:
    html = """<meta charset="utf-8"><ul>
    <li>[2023年06月08日]
    <a href="./202306/t20230607_1.html" title="人才新政发布会召开">人才新政…</a></li>
    <li><a href="../zcfg/202306/t20230606_2.shtml"> 政策
       解读 </a></li>
    <li><a href="./202306/t20230607_1.html">重复</a></li>
    <li><a href="javascript:void(0)">x</a><a href="/about.html">关于</a><a href="#">顶</a></li>
    <li><a href="http://other.cn:99999/t20230606_3.html">坏端口</a></li></ul>"""
    for encoding in ("utf-8", "gb18030"):
        first, second = rows_in(TRS, URL, html.encode(encoding))
        assert first.url == "http://www.example.cn/gzdt/202306/t20230607_1.html"
        assert (first.title, first.day) == ("人才新政发布会召开", date(2023, 6, 8))
        assert second.url == "http://www.example.cn/zcfg/202306/t20230606_2.shtml"
        assert (second.title, second.day) == ("政策 解读", date(2023, 6, 6))


def test_rows_are_those_of_the_selector_and_a_row_may_be_the_link_itself() -> None:
    html = '<a href="/x.html">不要</a><p class="r"><a href="/y.html">要</a></p>'.encode()
    for selector in ("p.r", "p.r a"):
        preset = replace(load_presets()["html"], list_item=selector)
        assert [row.url for row in rows_in(preset, URL, html)] == ["http://www.example.cn/y.html"]


def test_a_base_address_and_a_day_that_is_none() -> None:
    html = '<base href="http://base.cn/a/"><li><a href="t20239999_1.html">x</a> 2023-13-45</li>'
    (row,) = rows_in(TRS, URL, html.encode())
    assert (row.url, row.day) == ("http://base.cn/a/t20239999_1.html", None)


def test_what_is_no_list_names_nothing() -> None:
    for body in (b"", b"\x00\xff\xfe", b"%PDF-1.7", "只有文字".encode()):
        assert rows_in(TRS, URL, body) == []
        assert rows_in(RSS, URL, body) == []


def test_a_feed_gives_the_day_in_china() -> None:
    item = "<item><title> 人才\n周 </title><link>{}</link>{}</item>"
    late = "<pubDate>Thu, 30 May 2024 18:20:00 GMT</pubDate>"
    rows = item.format("/a.html", late) + item.format("", "") + item.format("http://b.cn/#x", "")
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'
    first, second = rows_in(RSS, URL, feed.encode())
    assert (first.url, first.title) == ("http://www.example.cn/a.html", "人才 周")
    assert first.day == date(2024, 5, 31)
    assert (second.url, second.day) == ("http://b.cn/", None)


def test_an_atom_feed_is_read_too() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>News</title>
    <link href="http://e.cn/1"/><published>2024-05-30T18:20:00+08:00</published>
    <updated>2024-06-30T18:20:00+08:00</updated></entry></feed>"""
    (row,) = rows_in(RSS, URL, feed.encode())
    assert (row.url, row.day) == ("http://e.cn/1", date(2024, 5, 30))


def test_a_test_for_robots_is_told_from_a_page() -> None:
    script = b"<html><script>document.cookie='a=1';location.reload()</script></html>"
    assert find_challenge(200, script) == "a page that only sets document.cookie"
    assert find_challenge(200, script + "<p>很长的正文。</p>".encode() * 50) is None
    assert find_challenge(200, script + b" " * 9000) is None
    assert find_challenge(404, script) is None
    assert find_challenge(200, b"") is None
    assert [find_challenge(status, b"") for status in (412, 202)] == ["HTTP 412", "HTTP 202"]


def test_the_second_page_is_counted_from_one_or_from_two() -> None:
    source = column(TRS)
    (second,) = page_of(TRS, kinds.html_list(ROWS)).more
    assert second.url == "http://www.example.cn/gzdt/index_1.html"
    other = other_numbering(source, second)
    assert other is not None
    assert other.url == "http://www.example.cn/gzdt/index_2.html"
    assert other_numbering(source, other) is None
    (third,) = page_of(TRS, kinds.html_list(ROWS), other).more
    assert third.url == "http://www.example.cn/gzdt/index_3.html"
    assert other_numbering(source, third) is None


@pytest.mark.parametrize("is_escaped", [False, True])
def test_jcms_records_and_the_form_of_its_proxy(is_escaped: bool) -> None:
    page = page_of(load_presets()["jcms"], kinds.jcms_column(ROWS[:12], 30, is_escaped=is_escaped))
    assert [(row.title, row.day) for row in page.rows] == [(t, d) for _, t, d in ROWS[:12]]
    (proxy,) = page.more
    address = "http://www.example.cn/module/web/jpage/dataproxy.jsp?startrecord=13&endrecord=57"
    assert proxy.url == f"{address}&perpage=15"
    assert proxy.form is not None
    told = {"webid": "3", "columnid": "78503", "unitid": "212860", "webname": "某市政府"}
    assert told.items() <= proxy.form.items()
    later = page_of(load_presets()["jcms"], kinds.jcms_store(ROWS[12:27], 30), proxy)
    assert (len(later.rows), later.more[0].had) == (15, 27)


def test_a_jcms_page_without_store_is_read_as_links_or_asked_by_its_script() -> None:
    jcms = load_presets()["jcms"]
    assert len(page_of(jcms, kinds.html_list(ROWS)).rows) == 30
    script = "<script>jpage({webid:3, 'columnid':'7', unitid:\"8\", webname:'市'})</script>"
    lead = page_of(jcms, script)
    assert (lead.is_list, lead.rows) == (False, ())
    assert lead.more[0].url.endswith("startrecord=1&endrecord=45&perpage=15")


def test_of_many_parts_of_a_jpaas_page_the_one_that_the_source_names_is_asked() -> None:
    jpaas = load_presets()["jpaas"]
    values = {"webId": "w", "pageId": "p", "tplSetId": "t"}
    html = kinds.jpaas_column({**values, "tagId": "导航"}) + kinds.jpaas_column(
        {**values, "tagId": "列表"}
    )
    (first,) = page_of(jpaas, html).more
    assert first.values["tagId"] == "导航"
    (named,) = page_of(replace(jpaas, values={"tagId": "列表"}), html).more
    assert "tagId=%E5%88%97%E8%A1%A8" in named.url
    assert named.referer == URL
    assert page_of(replace(jpaas, values={"tagId": "无"}), html).trouble is not None


def test_a_script_may_escape_its_strings() -> None:
    script = (
        r"""urls[i]='\/art\/1.html';headers[i]="\u4eba\u624d&quot;新政&quot;";"""
        "year[i]='2024';month[i]='2';day[i]='30';"
    )
    (row,) = page_of(load_presets()["jcms_js"], script).rows
    assert (row.url, row.title) == ("http://www.example.cn/art/1.html", '人才"新政"')
    assert row.day is None


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-05-30 10:00:00", date(2024, 5, 30)),
        ("2024年5月30日", date(2024, 5, 30)),
        ("20240530", date(2024, 5, 30)),
        (1717000200, date(2024, 5, 30)),  # 16:30 UTC the day before
        ("1717000200000", date(2024, 5, 30)),
        (10**30, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_days_in_json_are_text_or_moments(value: object, day: date | None) -> None:
    body = json.dumps({"articles": [{"title": "a", "url": "/1.html", "created_at": value}]})
    (row,) = page_of(load_presets()["gkmlpt"], body).rows
    assert row.day == day


def test_an_interface_may_answer_as_a_call_and_be_asked_by_number() -> None:
    url = "http://www.example.cn/gkmlpt/api/all/5?page={n}&sid=2"
    gkmlpt = load_presets()["gkmlpt"]
    ask = first_ask(column(gkmlpt, url))
    assert ask.url == "http://www.example.cn/gkmlpt/api/all/5?page=1&sid=2"
    page = page_of(gkmlpt, f"jsonp_1({kinds.gkmlpt(ROWS)});", ask, url)
    assert len(page.rows) == 30
    assert page.more[0].url.endswith("page=2&sid=2")
    fixed = page_of(gkmlpt, kinds.gkmlpt(ROWS), url="http://www.example.cn/all")
    assert fixed.more == ()


def test_a_search_hides_the_address_behind_a_counter() -> None:
    preset = replace(load_presets()["search_jcms"], values={"q": "人才", "site": "33"})
    ask = first_ask(column(preset))
    assert ask.form is not None
    assert (ask.form["word"], ask.form["p"], ask.form["websiteid"]) == ("人才", "1", "33")
    page = page_of(preset, kinds.search(ROWS[:2], "http://other.cn"))
    assert [(r.url, r.day) for r in page.rows] == [
        (f"http://other.cn{h}", d) for h, _, d in ROWS[:2]
    ]


def test_a_sitemap_tells_days_of_news_but_not_of_changes() -> None:
    xml = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>
    <urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>http://a.cn/1.html</loc><lastmod>2024-01-01</lastmod></url>
    <url><loc> /2.html </loc><lastmod>2024-02-01</lastmod><news:news><news:title>人才
     周</news:title><news:publication_date>2024-01-30T09:00:00+08:00</news:publication_date>
    </news:news></url><url><loc>&e;</loc></url><url/></urlset>"""
    first, second = page_of(load_presets()["sitemap"], xml).rows
    assert (first.url, first.title) == ("http://www.example.cn/2.html", "人才 周")
    assert (first.day, second.day) == (date(2024, 1, 30), None)


def test_a_plain_list_holds_addresses_and_titles() -> None:
    text = "\ufeff# 注释\r\nhttp://a.cn/1.html 人才 新政\r\n\r\nftp://a.cn/2\r\nhttp://a.cn/3\r\n乱写\r\n"
    rows = page_of(load_presets()["urls"], text).rows
    assert [(row.url, row.title) for row in rows] == [
        ("http://a.cn/1.html", "人才 新政"),
        ("http://a.cn/3", None),
    ]


def test_a_picture_and_the_words_beside_it_are_one_row() -> None:
    html = (
        '<li><a href="t20240530_1.html"><img src="x"></a><a href="t20240530_1.html">人才</a></li>'
    )
    (row,) = page_of(TRS, html).rows
    assert (row.title, row.day) == ("人才", date(2024, 5, 30))


def test_keywords_say_why_a_title_comes_first_or_last() -> None:
    source = column(TRS, keywords_any=("人才", "引才"), keywords_none=("体检",))
    assert judge_title(source, "引才新政聚人才").wanted == ("人才", "引才")
    assert judge_title(source, "人才体检公告").noise == ("体检",)
    titles = ["引才", "人才体检", "天气", None]
    assert [judge_title(source, t).is_demoted for t in titles] == [False, True, True, False]
    assert not judge_title(column(TRS), "天气").is_demoted


@pytest.mark.parametrize(
    ("preset", "body"),
    [
        ("jcms", "<record>" * 60_000),
        ("jcms", "<record>" + " " * 400_000),
        ("jcms_js", "urls[i]='" * 60_000),
        ("jcms_js", "urls[i]='a';headers[i]=\"" * 20_000),
        ("gkmlpt", "f(" + ")" + " " * 400_000 + "x"),
        ("gkmlpt", '{"articles": [' + "1" * 9000 + "]}"),
        ("jpaas", "queryData='webId" * 20_000),
        ("trs", "<p>" + "<a href=/t20240101_1.html>x</a>" * 8_000),
        ("sitemap", "<urlset>" + "<url>" * 60_000),
    ],
)
def test_a_page_made_to_be_slow_is_read_in_time(preset: str, body: str) -> None:
    """Each of these took minutes by a rule that looks ahead to the end at every place."""
    assert len(page_of(load_presets()[preset], body).rows) <= 1


def test_a_jpaas_page_may_hold_its_first_rows() -> None:
    page = page_of(load_presets()["jpaas"], kinds.html_list(ROWS))
    assert (len(page.rows), page.more) == (30, ())
