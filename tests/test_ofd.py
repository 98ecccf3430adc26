"""OFD files: their text in reading order; what is none, or too large, says so."""

import io
import zipfile

import pytest

from crawler.article import Article
from crawler.attachments import read_attachment
from crawler.documents import DocumentError, read_bytes
from crawler.ofd import OfdError, read_ofd

NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
ROOT = "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"


def run(text: str, x: float, y: float, *, delta: str = "", **more: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in more.items())
    steps = f' DeltaX="{delta}"' if delta else ""
    return (
        f'<ofd:TextObject Boundary="{x} {y} 150 5" Size="5"{attributes}>'
        f'<ofd:TextCode X="0" Y="5"{steps}>{text}</ofd:TextCode></ofd:TextObject>'
    )


def ofd_file(*pages: str, **parts: str) -> bytes:
    out = io.BytesIO()
    places = "".join(
        f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages))
    )
    files = {
        "OFD.xml": f"<ofd:OFD {NAMESPACE}>{ROOT}</ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {NAMESPACE}><ofd:Pages>{places}</ofd:Pages>"
        "</ofd:Document>",
    }
    for n, page in enumerate(pages):
        files[f"Doc_0/Pages/Page_{n}/Content.xml"] = (
            f"<ofd:Page {NAMESPACE}><ofd:Content><ofd:Layer>{page}</ofd:Layer></ofd:Content>"
            "</ofd:Page>"
        )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in {**files, **parts}.items():
            file.writestr(name, text)
    return out.getvalue()


def test_the_text_is_read_in_reading_order() -> None:
    first = (
        run("每月补贴", 30, 60)
        + run("云湖区人才办法", 30, 20)
        + run("3000元", 50, 60, delta="g 4 2.5")
        + run("博士", 30, 40, CTM="2 0 0 1 0 0")
    )
    assert read_ofd(ofd_file(first, run("附则", 30, 20))).split("\n") == [
        "云湖区人才办法",
        "博士",
        "每月补贴3000元",
        "附则",
    ]


def test_it_is_an_article_that_belongs_to_its_page() -> None:
    page = Article(id="p", text="", body=(0, 0), lang="zh-Hans", sha256="0", title="通知")
    data = ofd_file(run("云湖区对博士每月补贴3000元，最长三年。", 30, 20))
    article = read_attachment(data, url="http://a.cn/1.ofd", name="附件：办法.ofd", page=page)
    assert (article.text, article.read_by) == ("云湖区对博士每月补贴3000元，最长三年。", None)


def test_one_that_holds_pictures_only_waits_for_ocr() -> None:
    with pytest.raises(DocumentError, match="pictures of text only") as caught:
        read_bytes(ofd_file("<ofd:ImageObject/>"), suffix=".ofd", name="a.ofd")
    assert caught.value.kind == "needs_ocr"


BOMB = '<!DOCTYPE a [<!ENTITY b "{}">]><a><TextObject><TextCode>&b;</TextCode></TextObject></a>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no zip", "BadZipFile"),
        (ofd_file(**{"OFD.xml": "<a"}), "OFD.xml: "),
        (ofd_file(**{"OFD.xml": ROOT.replace("ofd:", "").replace("Doc_0", "x")}), "KeyError"),
        (ofd_file("<ofd:TextObject Size='x'><ofd:TextCode>a</ofd:TextCode></ofd:TextObject>"), "x"),
        (ofd_file(" " * (20 * 2**20)), r"bytes when unpacked, 20971520 at most"),
        (ofd_file(run("字", 0, 0) * 20_001), "more than 20000 runs of letters on a page"),
        (ofd_file(*[""] * 2001), "2001 pages, 2000 at most"),
    ],
)
def test_what_is_none_or_too_large_says_so(data: bytes, message: str) -> None:
    with pytest.raises(OfdError, match=message):
        read_ofd(data)
    with pytest.raises(DocumentError, match="not a readable OFD file") as caught:
        read_bytes(data, suffix=".ofd", name="a.ofd")
    assert caught.value.kind == "broken_document"


def test_entities_are_not_followed() -> None:
    page = BOMB.format("x" * 1000)
    assert read_ofd(ofd_file("", **{"Doc_0/Pages/Page_0/Content.xml": page})) == ""
