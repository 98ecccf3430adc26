"""Files that a person drops -> Articles; the article proper of a text is found in it."""

import json
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest

from crawler.article import Article
from crawler.documents import DocumentError, read_bytes, read_document
from crawler.page import PageError

P1 = "云湖区近日印发青年人才安居办法，对新引进的博士给予每月1500元租房补贴，最长三年。"
P2 = "区人才办介绍，去年全区引进高层次人才团队12个，兑现项目资助2600万元。"
EN = (
    "LAKESIDE, Nov. 12 (Xinhua) -- The district said on Thursday that it will pay half of the rent"
    " of young engineers. More than 300 of them have moved there this year, the office said."
)


def read(tmp_path: Path, text: str, name: str = "a.txt") -> Article:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return read_document(path)[0]


def body(article: Article) -> str:
    return article.text[slice(*article.body)]


def test_a_portal_page_saved_as_text(tmp_path: Path) -> None:
    text = (
        "当前位置:首页 > 会展频道 > 正文\n\n云湖人才『云创荟』上线\n\n海内外团队『云』上路演\n\n"
        f"◎云报融媒记者 范小杰\n\n\u00a0\u00a0{P1}\r\n\u3000\u3000{P2}\n\n\n"
        "免责声明     责任编辑:管理员\n"
        "本文地址:http://www.example.cn/finance/2020-06-15/444392.html\n"
        "Copyright © 2009 - 2019 云湖网 All Rights Reserved\n"
    )
    article = read(tmp_path, text)
    assert article.text == text.replace("\r\n", "\n")
    assert body(article) == f"{P1}\n\u3000\u3000{P2}"
    assert (article.title, article.source, article.author) == (
        "云湖人才『云创荟』上线",
        "云报融媒",
        "范小杰",
    )
    assert (article.published, article.published_from) == (date(2020, 6, 15), "footer")
    assert (article.id, article.lang, article.url) == ("a", "zh-Hans", None)


def test_a_government_page_saved_with_its_menu(tmp_path: Path) -> None:
    menu = "首页\n政务公开\n政务服务\n互动交流\n无障碍\n"
    text = (
        f"青年人才安居办法印发 - 云湖区人民政府\n{menu}当前位置：首页 > 人才 > 政策\n"
        f"青年人才安居办法印发\n2025-12-03\n来源：\n云湖区人才办、云湖区住建局\n分享到\n-次\n"
        f"　　\n　　{P1}\n　　{P2}\n"
        f"相关附件\n相关新闻\n扫一扫在手机打开当前页\n{menu}网站标识码：3205060001\n"
    )
    article = read(tmp_path, text)
    assert body(article) == f"{P1}\n　　{P2}"
    assert article.title == "青年人才安居办法印发"
    assert article.source == "云湖区人才办、云湖区住建局"
    assert (article.published, article.published_from) == (date(2025, 12, 3), "label")


def test_a_translation(tmp_path: Path) -> None:
    article = read(
        tmp_path,
        "Lakeside City: Building the nest for talents\n\nAuthor:Lakeside Daily Time:2012.07.09\n\n"
        f"\n{EN}\n\n(Lu Ann)\n\nReview: Chen Bo\n\nEditor in charge: Gu Li\n\n- END -\n\n"
        "Another county pays 40 million yuan\n",
    )
    assert body(article) == EN
    assert article.title == "Lakeside City: Building the nest for talents"
    assert (article.source, article.published) == ("Lakeside Daily", date(2012, 7, 9))


def test_a_page_without_line_breaks(tmp_path: Path) -> None:
    title = "Lakeside widens support for young engineers"
    head = (
        f"{title} - Lakeside Daily Online Home Opinions Business Photo &gt;&gt; {title} By Ann Lee "
    )
    caption = "Engineers in the park (east), May 16, 2019. (Lakeside Daily Online/Bo Chen) "
    tail = " 【1】 【2】 (Web editor: Ann, Bo) Add your comment Most Read 1 Another district wins"
    article = read(
        tmp_path, f"{head}( Lakeside Daily ) 10:08, November 19, 2020 {caption}{EN}{tail}"
    )
    assert body(article) == EN
    assert (article.title, article.source, article.author) == (title, "Lakeside Daily", "Ann Lee")
    assert article.published == date(2020, 11, 19)


@pytest.mark.parametrize(
    ("text", "title", "source", "published"),
    [
        (f"{P1}\n{P2}", None, None, None),
        (f"（中央社記者王小明雲湖21日電）{P2}", None, "中央社", None),
        (f"多地出台人才新政 争夺青年\n{P1}", "多地出台人才新政 争夺青年", None, None),
        (f"6. 各地出台新政\n\n{P1}", "各地出台新政", None, None),
        (
            f"# 云湖区人才促进条例\n\n2018年4月27日 云湖区人大通过\n\n{P1}",
            "云湖区人才促进条例",
            None,
            None,
        ),
        (f"第三章 人才培养\n{P1}", None, None, None),
        (
            f"{EN}\n[Source: Website of the Lakeside Talent Office]",
            None,
            "Website of the Lakeside Talent Office",
            None,
        ),
        (
            "算案提到政府會\n立法會  ─  2013年 5月 23日\n繼續加大資助金額，我認為大方向是正確的。",
            None,
            "立法會",
            date(2013, 5, 23),
        ),
    ],
)
def test_nothing_is_claimed_that_is_not_printed(
    tmp_path: Path, text: str, title: str | None, source: str | None, published: date | None
) -> None:
    article = read(tmp_path, text)
    assert (article.title, article.source, article.published) == (title, source, published)


def test_a_document_in_one_line(tmp_path: Path) -> None:
    text = f"关于支持青年创业的十条措施。为落实部署，制定本措施。{(P1 + P2) * 5}"
    article = read(tmp_path, text)
    assert article.title == "关于支持青年创业的十条措施"
    assert body(article).startswith("为落实部署")


def test_each_format_is_read(tmp_path: Path) -> None:
    document = docx.Document()
    for line in ("云湖区人才安居办法", P1):
        document.add_paragraph(line)
    row = document.add_table(rows=1, cols=2).rows[0]
    row.cells[0].text, row.cells[1].text = "博士", "每月1500元"
    document.save(str(tmp_path / "a.docx"))
    article = read_document(tmp_path / "a.docx")[0]
    assert article.title == "云湖区人才安居办法"
    assert body(article) == f"{P1}\n博士 | 每月1500元"
    page = f"<title>云湖区人才安居办法</title><h1>云湖区人才安居办法</h1><p>{P1}</p><p>{P2}</p>"
    assert read(tmp_path, page, "b.html").text == f"{P1}\n{P2}"
    assert read(tmp_path, page, "b.HTM").id == "b"


def test_a_workbook_is_read_row_by_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = [["云湖区人才补贴名单"], ["姓名", "补贴", None], [], ["王一", 30000]]
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    article = read_document(tmp_path / "a.xlsx")[0]
    assert article.text == "云湖区人才补贴名单\n姓名 | 补贴\n王一 | 30000"
    assert article.body == (0, len(article.text))
    data = (tmp_path / "a.xlsx").read_bytes()
    assert read_bytes(data, suffix=".xlsx", name="http://a.cn/b.xlsx").text == article.text


def test_what_a_document_lacks_is_told_by_its_kind() -> None:
    empty = BytesIO()
    openpyxl.Workbook().save(empty)
    with pytest.raises(DocumentError, match="the sheets are empty") as caught:
        read_bytes(empty.getvalue(), suffix=".xlsx", name="a.xlsx")
    assert caught.value.kind == "no_text"
    with pytest.raises(DocumentError, match=r"a\.xlsx: not a readable XLSX file") as caught:
        read_bytes(b"no workbook", suffix=".xlsx", name="a.xlsx")
    assert caught.value.kind == "broken_document"


def test_a_pdf_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(_pdf("Lakeside pays half of the rent of 300 young engineers."))
    article = read_document(tmp_path / "a.pdf")[0]
    assert "half of the rent of 300 young engineers" in article.text
    assert article.lang == "en"


def test_lines_of_a_pdf_are_joined_to_paragraphs(tmp_path: Path) -> None:
    lines = "The district pays 30 thousand yuan) Tj 0 -14 Td (to each of 300 engineers."
    (tmp_path / "a.pdf").write_bytes(_pdf(f"{lines}) Tj 0 -60 Td (Office"))
    article = read_document(tmp_path / "a.pdf")[0]
    assert article.text.split("\n") == [
        "The district pays 30 thousand yuan to each of 300 engineers.",
        "Office",
    ]


def test_rows_of_jsonl_are_articles_as_they_stand(tmp_path: Path) -> None:
    text = f"责任编辑：王一\n{P1}\n"
    rows = [
        {"id": "r1", "text": text, "lang": "zh-Hans", "title": "安居"},
        {"id": "r2", "text": EN},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    first, second = read_document(path)
    assert (first.id, first.text, first.body, first.title) == ("r1", text, (0, len(text)), "安居")
    assert (second.id, second.lang, second.title) == ("r2", "en", None)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", None, r"a\.txt: no such file; check the name"),
        ("a.txt", b"", r"a\.txt: the file is empty; save it again"),
        ("a.txt", b"\x00\x01\x02binary", r"a\.txt: a binary file, not \.txt; .+"),
        ("a.exe", b"x", r"a\.exe: unknown suffix '\.exe'; readable are \.txt, .+"),
        ("a.pdf", b"no pdf", r"a\.pdf: not a readable PDF .+; export it again"),
        ("a.docx", b"no docx", r"a\.docx: not a readable DOCX file .+; save it again as \.docx"),
        (
            "a.jsonl",
            b'{"id": "1", "text": "a"}\n{oops',
            r"a\.jsonl:2: not JSON .+; wanted an object .+",
        ),
        ("a.jsonl", b"[1]", r"a\.jsonl:1: list, wanted an object with id, text and lang"),
        ("a.jsonl", b'{"id": "1"}', r"a\.jsonl:1: text is None, wanted a string"),
        (
            "a.jsonl",
            b'{"id": "1", "text": "a", "lang": "zh"}',
            r"a\.jsonl:1: lang is 'zh', wanted zh-Hans.+",
        ),
    ],
)
def test_a_file_that_is_none_is_told_in_one_line(
    tmp_path: Path, name: str, data: bytes | None, message: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(DocumentError, match=message) as caught:
        read_document(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_page_without_text_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"<title>x</title><img src=a.jpg>")
    with pytest.raises(PageError, match=r"a\.html: no article text found; .+") as caught:
        read_document(tmp_path / "a.html")
    assert caught.value.kind == "no_body"


def _pdf(text: str) -> bytes:
    """Return a PDF of one page that shows `text`."""
    stream = f"BT /F1 12 Tf 40 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources 5 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    font = b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    objects.append(font)
    parts = [b"%d 0 obj%s endobj\n" % (n, body) for n, body in enumerate(objects, 1)]
    return b"%PDF-1.4\n" + b"".join(parts) + b"trailer<</Root 1 0 R>>\n%%EOF"
