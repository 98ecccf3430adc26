"""Documents that pages link to: found, fetched with the page, and read as articles of their own."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest

from bole.reading import PageReader
from crawler.archive import Archive
from crawler.article import Article
from crawler.attachments import find_documents, read_attachment
from crawler.collect import collect
from crawler.documents import DocumentError
from crawler.health import source_health
from crawler.ledger import Ledger
from crawler.restoring import rebuild_ledger
from crawler.sources import Source, load_presets
from store import Failure
from summarize.stories import Report
from tests.sites.server import list_page, serve

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
        '<a href="4.ofd">版式文件</a><a href="5.wps">表</a><a href="6.xls">名单</a>'
    )
    found = find_documents(f"<html><body>{page}</body></html>".encode(), "http://a.cn/x/y.html")
    assert [(file.url, file.name) for file in found] == [
        ("http://a.cn/x/f/1.PDF", "附件1：办法.pdf"),
        ("http://other.cn/2.docx?x=1", "申报表"),
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


@pytest.mark.slow
def test_documents_are_fetched_archived_and_read_with_their_page(tmp_path: Path) -> None:
    with serve() as site:
        links = "".join(f'<a href="{n}">{n}</a>' for n in ("1.docx", "2.doc", "3.pdf", "4.xlsx"))
        page = f"<html><head><title>通知</title></head><body><p>见附件。</p>{links}</body></html>"
        site.put("/col/", list_page([("a.html", "关于印发人才办法的通知", "2026-01-02")]))
        site.put("/col/a.html", page)
        site.put("/col/1.docx", docx_file(TEXT))
        site.put("/col/2.doc", b"\xd0\xcf\x11\xe0old")
        site.put("/col/3.pdf", blank_pdf())
        rule = replace(load_presets()["html"], list_item="ul.list li")
        source = Source(
            id="s",
            name="s",
            url=f"{site.base}/col/",
            preset=rule,
            level="city",
            publisher="official",
            min_items=1,
            delay=0.0,
            allow_private=(site.host,),
        )
        collect([source], tmp_path, user_agent="bole/test")
        site.put("/col/4.xlsx", xlsx_file(["安家补贴", 500000]))
        site.log.clear()
        collect([source], tmp_path, user_agent="bole/test")
        asked = [path for path, _ in site.log]
    assert "/col/1.docx" not in asked  # had already
    archive = Archive(tmp_path)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        pages = list(ledger.pages())
        (health,) = source_health(ledger, [source])
        rebuild_ledger(archive, tmp_path / "again.sqlite")
        with Ledger(tmp_path / "again.sqlite") as again:
            assert list(again.pages()) == pages
    assert [(p.kind, (p.url or "")[-6:]) for p in health.problems] == [("not_found", "4.xlsx")]
    newest = {one.url: one for one in pages}
    reader = PageReader(archive, newest)
    came = {one.url.rpartition("/")[2]: reader.report(one) for one in pages if one.parent}
    assert {one.parent for one in pages if one.parent} == {f"{site.base}/col/a.html"}
    kinds = {name: r.kind for name, r in came.items() if isinstance(r, Failure)}
    assert kinds == {"2.doc": "unread_format", "3.pdf": "needs_ocr"}
    report = came["1.docx"]
    assert isinstance(report, Report)
    assert report.article.published == date(2026, 1, 2)
    assert [int(figure.value) for figure in report.facts.figures][:1] == [500000]


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
