"""Web pages of each shape -> Articles, and what is no article is told by its kind."""

import json
import time
from dataclasses import asdict
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.article import Register, article_id
from crawler.errors import CrawlError
from crawler.page import PageError, read_page

PAGES = sorted(path.parent for path in Path(__file__).parent.glob("pages/*/page.html"))
SENTENCE = "区里今年安排专项资金，支持企业引进急需的工程师和博士，按月发放租房补贴。"
TITLE = "我区出台人才办法"
ARTICLE = f"<title>{TITLE}</title><h1>{TITLE}</h1><p>{SENTENCE * 3}</p><p>{SENTENCE}</p>"


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_a_page_is_read_as_expected(folder: Path) -> None:
    data = (folder / "page.html").read_bytes()
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    article = read_page(data, url=expected["url"])
    assert article.text.split("\n") == expected["text"]
    assert article.body == (0, len(article.text))
    assert article.published == date.fromisoformat(expected["published"])
    assert [[file.url, file.name] for file in article.attachments] == expected["attachments"]
    for name in (
        "title",
        "published_from",
        "source",
        "author",
        "publisher",
        "publisher_code",
        "lang",
    ):
        assert (name, getattr(article, name)) == (name, expected[name])
    assert article.editor == expected.get("editor")
    assert _register(article.register) == expected.get("register")
    assert article.id == article_id(expected.get("id_url", expected["url"]))
    assert article.sha256 == sha256(data).hexdigest()


def test_an_article_keeps_what_the_crawler_knows() -> None:
    instant = datetime(2024, 5, 1, 3, tzinfo=UTC)
    article = read_page(
        ARTICLE.encode(), url="http://a.cn/1.html", fetched=instant, list_date=date(2024, 4, 30)
    )
    assert article.fetched == instant
    assert (article.published, article.published_from) == (date(2024, 4, 30), "list")
    assert article.url == "http://a.cn/1.html"


def test_the_row_of_the_column_names_a_page_without_a_headline() -> None:
    html = f"<p>我区出台人才办法</p><p>{SENTENCE * 3}</p>"
    assert (
        read_page(html.encode(), url=None, list_title="我区出台人才办法").title
        == "我区出台人才办法"
    )


def test_a_bare_year_and_the_crawl_day_are_no_day() -> None:
    html = ARTICLE + "<p>Copyright © 2009 - 2019 云湖网</p>"
    article = read_page(html.encode(), url="http://a.cn/1.html", fetched=datetime.now(UTC))
    assert (article.published, article.published_from) == (None, None)


def test_a_day_in_a_related_list_is_no_day() -> None:
    html = ARTICLE + "<ul><li>2019-01-02 <a href='b'>邻区引进博士五百名并且给予奖励</a></li></ul>"
    assert read_page(html.encode(), url=None).published_from in (None, "htmldate")


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ("<p>来源：本网</p>", None),
        ("<p>来源：</p><p>云湖日报</p>", "云湖日报"),
        ("<p>来源：区人社局 区就业中心</p>", "区人社局 区就业中心"),
        ("<p>2024-01-02 10:00 来源：云湖日报 作者：王一</p>", "云湖日报"),
        ("<p>本报记者 王一 李二</p>", None),
    ],
)
def test_the_source_is_what_its_label_says(html: str, source: str | None) -> None:
    page = ARTICLE.replace("</h1>", f"</h1>{html}")
    assert read_page(page.encode(), url=None).source == source


@pytest.mark.parametrize(
    "mark",
    [
        '<meta name="SiteIDCode" content="3205060001">',
        "<p>政府网站标识码：3205060001</p>",
        "<p>網站標識碼：3205060001</p>",
        "<p>苏公网安备 32050602000001号</p>",
        "<p>苏公网安备32050602000001号</p>",
    ],
)
def test_each_registry_number_tells_the_district(mark: str) -> None:
    page = read_page((ARTICLE + mark).encode(), url=None)
    assert page.publisher_code == "320506"


def test_a_ministry_has_no_district() -> None:
    page = (
        '<meta name="SiteIDCode" content="bm12000001">'
        + ARTICLE
        + "<p>京公网安备 11010202000001号</p>"
    )
    assert read_page(page.encode(), url=None).publisher_code is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!-- nothing -->", "empty"),
        (b"%PDF-1.7 ...", "binary"),
        (bytes(range(256)) * 20, "binary"),
        (b"<html><script>document.cookie='a=1';location.reload()</script></html>", "challenge"),
        ("<title>安全验证</title><p>请完成人机验证</p>".encode(), "challenge"),
        ("<title>404</title><p>您访问的页面不存在</p>".encode(), "error_page"),
        (
            (
                "<ul>"
                + "<li><a href='a'>某区引进人才团队的消息一则</a> 2024-01-02</li>" * 30
                + "</ul>"
            ).encode(),
            "list",
        ),
        (
            ("<div>" + "<a href='a'>首页</a> <a href='b'>政务</a> " * 40 + "</div>").encode(),
            "navigation",
        ),
        ("<title>我区出台办法</title><img src='a.jpg'>".encode(), "no_body"),
    ],
)
def test_what_is_no_article_is_told_by_its_kind(data: bytes, kind: str) -> None:
    with pytest.raises(PageError, match=r"^http://a\.cn/x: .+; .+") as caught:
        read_page(data, url="http://a.cn/x")
    assert caught.value.kind == kind
    assert isinstance(caught.value, CrawlError)
    assert "\n" not in str(caught.value)


def _register(register: Register | None) -> dict[str, str] | None:
    if register is None:
        return None
    return {name: str(value) for name, value in asdict(register).items() if value}


SEEDS = [(folder / "page.html").read_bytes() for folder in PAGES]
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 400),
        st.binary(max_size=12) | st.sampled_from([b"<", b"</div>", b"<table>"]),
    ),
    max_size=6,
)


@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.sampled_from(SEEDS), EDITS, st.floats(0.02, 1))
def test_no_damage_crashes_or_hangs_the_reader(
    data: bytes, edits: list[tuple[float, int, bytes]], kept: float
) -> None:
    for place, length, put in edits:
        at = int(place * len(data))
        data = data[:at] + put + data[at + length :]
    assert _seconds(data[: int(kept * len(data))]) < 5


@pytest.mark.parametrize(
    "data",
    [
        b"<div>" * 5000 + SENTENCE.encode() * 20,
        b"<table><tr><td>" * 800 + SENTENCE.encode() * 20,
        b"<a href='x'>" * 3000 + SENTENCE.encode() * 20,
        b"<p>" + b"|" * 50_000 + b"</p>",
        ("<p>" + "（来源：" * 8000 + "</p>").encode(),
        b"<script type='application/ld+json'>"
        + b"[" * 50_000
        + b"</script>"
        + SENTENCE.encode() * 5,
        b"<link rel=canonical href='http://[x'>" + ARTICLE.encode(),
        b"<meta name=PubDate content='2023-02-31'>" + ARTICLE.encode(),
        b"<a href='http://[x/a.pdf'>a</a>" + ARTICLE.encode(),
    ],
    ids=range(9),
)
def test_hostile_pages_end_soon(data: bytes) -> None:
    assert _seconds(data) < 10


def _seconds(data: bytes) -> float:
    began = time.process_time()
    try:
        article = read_page(data, url="http://a.cn/x.html")
    except PageError:
        return time.process_time() - began
    assert article.text.strip()
    return time.process_time() - began
