"""Lists and feeds: which articles they name."""

from dataclasses import replace
from datetime import date

from crawler.challenge import find_challenge
from crawler.sources import load_presets
from crawler.spiders.lists import read_list

TRS = load_presets()["trs"]
RSS = load_presets()["rss"]
URL = "http://www.example.cn/gzdt/index.html"


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
        first, second = read_list(TRS, URL, html.encode(encoding))
        assert first.url == "http://www.example.cn/gzdt/202306/t20230607_1.html"
        assert (first.title, first.day) == ("人才新政发布会召开", date(2023, 6, 8))
        assert second.url == "http://www.example.cn/zcfg/202306/t20230606_2.shtml"
        assert (second.title, second.day) == ("政策 解读", date(2023, 6, 6))


def test_rows_are_those_of_the_selector_and_a_row_may_be_the_link_itself() -> None:
    html = '<a href="/x.html">不要</a><p class="r"><a href="/y.html">要</a></p>'.encode()
    for selector in ("p.r", "p.r a"):
        preset = replace(load_presets()["html"], list_item=selector)
        assert [row.url for row in read_list(preset, URL, html)] == ["http://www.example.cn/y.html"]


def test_a_base_address_and_a_day_that_is_none() -> None:
    html = '<base href="http://base.cn/a/"><li><a href="t20239999_1.html">x</a> 2023-13-45</li>'
    (row,) = read_list(TRS, URL, html.encode())
    assert (row.url, row.day) == ("http://base.cn/a/t20239999_1.html", None)


def test_what_is_no_list_names_nothing() -> None:
    for body in (b"", b"\x00\xff\xfe", b"%PDF-1.7", "只有文字".encode()):
        assert read_list(TRS, URL, body) == []
        assert read_list(RSS, URL, body) == []


def test_a_feed_gives_the_day_in_china() -> None:
    item = "<item><title> 人才\n周 </title><link>{}</link>{}</item>"
    late = "<pubDate>Thu, 30 May 2024 18:20:00 GMT</pubDate>"
    rows = item.format("/a.html", late) + item.format("", "") + item.format("http://b.cn/#x", "")
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'
    first, second = read_list(RSS, URL, feed.encode())
    assert (first.url, first.title) == ("http://www.example.cn/a.html", "人才 周")
    assert first.day == date(2024, 5, 31)
    assert (second.url, second.day) == ("http://b.cn/", None)


def test_an_atom_feed_is_read_too() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>News</title>
    <link href="http://e.cn/1"/><published>2024-05-30T18:20:00+08:00</published>
    <updated>2024-06-30T18:20:00+08:00</updated></entry></feed>"""
    (row,) = read_list(RSS, URL, feed.encode())
    assert (row.url, row.day) == ("http://e.cn/1", date(2024, 5, 30))


def test_a_test_for_robots_is_told_from_a_page() -> None:
    script = b"<html><script>document.cookie='a=1';location.reload()</script></html>"
    assert find_challenge(200, script) == "a page that only sets document.cookie"
    assert find_challenge(200, script + "<p>很长的正文。</p>".encode() * 50) is None
    assert find_challenge(200, script + b" " * 9000) is None
    assert find_challenge(404, script) is None
    assert find_challenge(200, b"") is None
    assert [find_challenge(status, b"") for status in (412, 202)] == ["HTTP 412", "HTTP 202"]
