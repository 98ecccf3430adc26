"""Documents that pages link to: found, fetched with the page, and read as articles of their own."""

import io
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from bole.daily import import_crawl, read_pages
from crawler.archive import Archive
from crawler.article import Article
from crawler.attachments import find_documents, read_attachment
from crawler.collect import collect
from crawler.documents import DocumentError
from crawler.health import source_health
from crawler.ledger import Ledger
from crawler.ocr import ScanReader
from crawler.restoring import rebuild_ledger
from crawler.sources import Source, load_presets
from store import Store
from tests.sites.server import Site, list_page, serve
from tests.test_ocr import LINES, Engine, reader, scan

PAGE = Article(
    id="p",
    url="http://example.cn/a.html",
    title="关于印发办法的通知",
    text="见附件。",
    body=(0, 4),
    published=date(2026, 1, 2),
    published_from="meta",
    publisher="云湖区人民政府",
    publisher_code="320311",
    lang="zh-Hans",
    sha256="0",
)
BODY = "各街道办事处：现将人才办法印发给你们，请结合实际认真贯彻执行，具体内容见附件。"
TEXT = "云湖区人才办法规定，对新引进的领军人才给予最高50万元安家补贴，对青年人才每月补贴1000元。"


def docx_file(text: str) -> bytes:
    out, document = io.BytesIO(), docx.Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def xlsx_file(*rows: list[object]) -> bytes:
    out, book = io.BytesIO(), openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def blank_pdf() -> bytes:
    import pypdfium2

    out, document = io.BytesIO(), pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    document.save(out)
    return out.getvalue()


def test_links_to_documents_are_found_once() -> None:
    page = (
        '<a href="f/1.PDF">附件1：办法.pdf</a><a href="f/1.PDF#p2">again</a>'
        '<a href="http://other.cn/2.docx?x=1">申报表</a><a href="3.zip">包</a>'
        '<a href="b.html">页</a>'
        '<a href="/down.jsp?classid=0&filename=7.pdf">附件2</a><a href="8.docx#top">回顶</a>'
        '<a href="http://share.cn/?url=http://a.cn/9.pdf">分享</a>'
        '<a href="4.ofd">版式文件</a><a href="5.wps">表</a><a href="6.xls">名单</a>'
    )
    found = find_documents(f"<html><body>{page}</body></html>".encode(), "http://a.cn/x/y.html")
    assert [(file.url, file.name) for file in found] == [
        ("http://a.cn/x/f/1.PDF", "附件1：办法.pdf"),
        ("http://other.cn/2.docx?x=1", "申报表"),
        ("http://a.cn/down.jsp?classid=0&filename=7.pdf", "附件2"),
        ("http://a.cn/x/8.docx", "回顶"),
        ("http://a.cn/x/4.ofd", "版式文件"),
        ("http://a.cn/x/5.wps", "表"),
        ("http://a.cn/x/6.xls", "名单"),
    ]
    assert find_documents(b"<p>no links</p>", "http://a.cn/") == ()


def test_a_document_has_the_day_and_publisher_of_its_page() -> None:
    url = "http://example.cn/f/1.docx"
    article = read_attachment(docx_file(TEXT), url=url, name="附件1：人才办法.docx", page=PAGE)
    assert TEXT in article.text
    assert (article.url, article.published, article.published_from) == (
        url,
        date(2026, 1, 2),
        "meta",
    )
    assert (article.publisher, article.publisher_code) == ("云湖区人民政府", "320311")


def test_a_file_is_read_by_what_it_is_not_by_its_suffix() -> None:
    article = read_attachment(docx_file(TEXT), url="http://a.cn/1.doc", name=None, page=PAGE)
    assert TEXT in article.text
    sheet = xlsx_file(["补贴", "金额"], ["安家补贴", 500000])
    assert "500000" in read_attachment(sheet, url="http://a.cn/1.xls", name="表", page=PAGE).text


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", bytes(201 * 2**20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "url", "kind"),
    [
        (b"\xd0\xcf\x11\xe0old word", "1.doc", "unread_format"),
        (b"\xd0\xcf\x11\xe0wps", "1.wps", "unread_format"),
        (b"<html>please log in</html>", "1.pdf", "broken_document"),
        (b"PK\x03\x04torn", "1.docx", "broken_document"),
        (b"%PDF-1.7 torn", "1.pdf", "broken_document"),
        (blank_pdf(), "1.pdf", "needs_ocr"),
        (bomb(), "1.docx", "too_large"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, url: str, kind: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_attachment(data, url=f"http://a.cn/{url}", name=None, page=PAGE)
    assert caught.value.kind == kind


NAMES = ("1.docx", "2.doc", "3.pdf", "4.xlsx", "5.pptx")
RAISED = TEXT.replace("50万元", "80万元")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A page with documents, collected twice: one comes late, another is replaced meanwhile."""
    folder = tmp_path_factory.mktemp("files")
    with serve() as site, Store(folder / "bole.duckdb") as store:
        links = "".join(f'<a href="{n}">附件{n}</a>' for n in NAMES)
        page = f"<html><head><title>通知</title></head><body><p>{BODY}</p>{links}</body></html>"
        site.put("/col/", list_page([("a.html", "关于印发人才办法的通知", "2026-01-02")]))
        site.put("/col/a.html", page)
        site.put("/col/1.docx", docx_file(TEXT))
        site.put("/col/2.doc", b"\xd0\xcf\x11\xe0old")
        site.put("/col/3.pdf", scan(90))
        source = source_of(site)
        state: dict[str, Any] = {"base": f"{site.base}/col/", "folder": folder, "source": source}
        state["first"] = run(source, folder, store)
        site.put("/col/4.xlsx", xlsx_file(["安家补贴", 500000]))
        site.put("/col/1.docx", docx_file(RAISED))
        let_pass(folder, timedelta(days=1))
        site.log.clear()
        site.conditional.clear()
        state["second"] = run(source, folder, store)
        state["third"] = read(source, folder, store, scans=reader(folder / "ocr", Engine(LINES)))
        yield {**state, "log": dict(site.log), "conditional": [*site.conditional]}


def source_of(site: Site) -> Source:
    return Source(
        id="s",
        name="s",
        url=f"{site.base}/col/",
        preset=replace(load_presets()["html"], list_item="ul.list li"),
        level="city",
        publisher="official",
        min_items=1,
        delay=0.0,
        allow_private=(site.host,),
    )


def run(source: Source, folder: Path, store: Store) -> dict[str, list[dict[str, Any]]]:
    """Collect and read; return what the store says then."""
    collect([source], folder, user_agent="bole/test")
    return read(source, folder, store)


def read(
    source: Source, folder: Path, store: Store, scans: ScanReader | None = None
) -> dict[str, list[dict[str, Any]]]:
    with Ledger(folder / "ledger.sqlite") as ledger:
        import_crawl(store, ledger, [source])
        read_pages(store, ledger, Archive(folder), lambda _: None, scans=scans)
    store.publish()
    with Store.open_snapshot(folder) as snapshot:
        return {
            "files": snapshot.query("select * from attachments order by url").to_pylist(),
            "figures": snapshot.query(
                "select a.url, a.read_by, a.grade, f.value"
                " from figures f join articles a on a.id = f.article_id"
                " where unit = 'CNY' order by all"
            ).to_pylist(),
        }


def let_pass(folder: Path, time: timedelta) -> None:
    """Let all that the ledger tells have been so much earlier."""
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as con:
        for number, text in con.execute("select id, fetched from fetches").fetchall():
            earlier = (datetime.fromisoformat(text) - time).isoformat(timespec="microseconds")
            con.execute("update fetches set fetched = ? where id = ?", (earlier, number))
        con.commit()


def states(world: dict[str, Any], when: str) -> dict[str, str]:
    return {row["name"].removeprefix("附件"): row["state"] for row in world[when]["files"]}


@pytest.mark.slow
def test_each_document_is_recorded_with_its_state(world: dict[str, Any]) -> None:
    assert states(world, "first") == {
        "1.docx": "read",
        "2.doc": "unread_format",
        "3.pdf": "needs_ocr",
        "4.xlsx": "not_found",
        "5.pptx": "not_fetched",
    }
    old = next(row for row in world["first"]["files"] if row["name"] == "附件2.doc")
    assert old["sha256"] == sha256(b"\xd0\xcf\x11\xe0old").hexdigest()
    assert old["page_url"] == world["base"] + "a.html"


@pytest.mark.slow
def test_a_document_that_comes_late_is_had(world: dict[str, Any]) -> None:
    assert states(world, "second")["4.xlsx"] == "read"


@pytest.mark.slow
def test_a_scan_is_read_when_the_extra_comes(world: dict[str, Any]) -> None:
    assert states(world, "second")["3.pdf"] == "needs_ocr"
    assert states(world, "third")["3.pdf"] == "read"
    (pdf,) = [row for row in world["third"]["figures"] if row["url"].endswith("3.pdf")]
    assert (pdf["value"], pdf["read_by"], pdf["grade"]) == (10000, "ocr", "D")


@pytest.mark.slow
def test_known_documents_are_asked_for_with_a_condition(world: dict[str, Any]) -> None:
    assert {world["log"][f"/col/{name}"] for name in ("2.doc", "3.pdf")} == {304}
    assert {f"/col/{name}" for name in ("1.docx", "2.doc", "3.pdf")} <= {*world["conditional"]}


@pytest.mark.slow
def test_a_document_that_was_replaced_is_kept_twice_and_its_facts_are_new(
    world: dict[str, Any],
) -> None:
    url = world["base"] + "1.docx"
    with Ledger(world["folder"] / "ledger.sqlite") as ledger:
        contents = [page.location for page in ledger.pages() if page.url == url]
    bodies = [Archive(world["folder"]).read_record(place) for place in contents]
    assert [docx.Document(io.BytesIO(body)).paragraphs[0].text for body in bodies] == [TEXT, RAISED]
    for when, amount in (("first", 500000), ("second", 800000)):
        figures = [row["value"] for row in world[when]["figures"] if row["url"] == url]
        assert figures == [1000, amount]


@pytest.mark.slow
def test_the_ledger_of_documents_can_be_rebuilt(world: dict[str, Any], tmp_path: Path) -> None:
    folder = world["folder"]
    rebuild_ledger(Archive(folder), tmp_path / "again.sqlite")
    with Ledger(tmp_path / "again.sqlite") as new, Ledger(folder / "ledger.sqlite") as old:
        assert [(p.url, p.sha256, p.parent) for p in new.pages()] == [
            (p.url, p.sha256, p.parent) for p in old.pages()
        ]
        (health,) = source_health(old, [world["source"]])
    assert health.problems == ()


@pytest.mark.slow
def test_a_page_whose_counter_went_on_is_kept_once(tmp_path: Path) -> None:
    with serve() as site:
        site.put("/col/", list_page([("a.html", "消息", "2026-01-02")]))
        rule = replace(load_presets()["html"], list_item="ul.list li")
        values = {"name": "s", "url": f"{site.base}/col/", "preset": rule, "level": "city"}
        values |= {"publisher": "official", "min_items": 1, "delay": 0.0}
        source = Source(id="s", allow_private=(site.host,), **values)
        contents = []
        for text in (
            "补助50万元 点击：<b>7</b>",
            "补助50万元 点击：<b>8</b>",
            "补助80万元 点击：<b>9</b>",
        ):
            site.put("/col/a.html", f"<html><body><p>{text}</p></body></html>")
            collect([source], tmp_path, user_agent="bole/test")
            with Ledger(tmp_path / "ledger.sqlite") as ledger:
                contents.append(len(list(ledger.pages())))
        statuses = [status for path, status in site.log if path == "/col/a.html"]
    assert contents == [1, 1, 2]
    assert statuses == [200, 200, 200]
