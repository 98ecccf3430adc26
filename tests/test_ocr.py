"""Scanned pages: read by the extra, each picture once; without it they wait with the cure."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from crawler.article import Article
from crawler.attachments import read_attachment
from crawler.documents import DocumentError, read_document
from crawler.layout import Line
from crawler.ocr import CURE, SIDE, ScanReader, has_ocr, scan_reader
from extract import read_facts
from tests.test_documents import _pdf

PAGE = Article(id="p", text="", body=(0, 0), lang="zh-Hans", sha256="0", title="关于印发办法的通知")
URL = "http://www.yunhu.gov.cn/1.pdf"
LINES = [
    Line(text="0000元生活补贴。", left=100, top=160, right=300, bottom=190),
    Line(text="云湖区对新引进的博士后，每年给予最高1", left=140, top=100, right=900, bottom=130),
]


def scan(*grays: int) -> bytes:
    """A PDF whose pages hold a picture each: a square in this shade of gray."""
    out, document = BytesIO(), pypdfium2.PdfDocument.new()
    for gray in grays:
        bitmap = pypdfium2.PdfBitmap.new_native(40, 40, 2)
        bitmap.fill_rect((gray, gray, gray, 255), 0, 0, 40, 40)
        image = pypdfium2.PdfImage.new(document)
        image.set_bitmap(bitmap)
        image.set_matrix(pypdfium2.PdfMatrix().scale(100, 100))
        page = document.new_page(200, 300)
        page.insert_obj(image)
        page.gen_content()
    document.save(out)
    return out.getvalue()


class Engine:
    """Finds the same lines in each picture, and counts the pictures."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, picture: Any) -> list[Line]:
        self.shapes.append(picture.shape)
        return self.lines


def reader(folder: Path, engine: Engine, **more: Any) -> ScanReader:
    return ScanReader(folder, engine=engine, **{"pages": 3, **more})


def read(data: bytes, scans: ScanReader | None) -> Article:
    return read_attachment(data, url=URL, name="附件：办法.pdf", page=PAGE, scans=scans)


def test_lines_of_a_scan_become_paragraphs_of_a_marked_article(tmp_path: Path) -> None:
    engine = Engine(LINES)
    article = read(scan(90), reader(tmp_path, engine))
    assert article.text == "云湖区对新引进的博士后，每年给予最高10000元生活补贴。"
    assert article.read_by == "ocr"
    assert engine.shapes == [(SIDE, SIDE * 2 // 3 + 1, 3)]


def test_facts_of_a_scan_are_of_the_lowest_grade(tmp_path: Path) -> None:
    article = read(scan(90), reader(tmp_path, Engine(LINES)))
    assert [int(figure.value) for figure in read_facts(article).figures] == [10000]
    assert read_facts(article).grade == "D"
    assert read_facts(replace(article, read_by=None)).grade == "B"


def test_a_picture_is_read_once(tmp_path: Path) -> None:
    engine = Engine(LINES)
    first = read(scan(90, 120), reader(tmp_path, engine))
    assert len(engine.shapes) == 2
    assert read(scan(120, 90, 120), reader(tmp_path, engine)).text.startswith(first.text)
    assert len(engine.shapes) == 2
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_a_person_has_is_read_and_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(scan(90))
    scans = ScanReader(None, pages=1, engine=Engine(LINES))
    assert read_document(tmp_path / "a.pdf", scans)[0].read_by == "ocr"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_printed_text_is_left_as_it_is(tmp_path: Path) -> None:
    engine = Engine(LINES)
    article = read(_pdf("Half of the rent of 300 engineers."), reader(tmp_path, engine))
    assert (article.text, article.read_by) == ("Half of the rent of 300 engineers.", None)
    assert engine.shapes == []


def test_scanned_pages_between_printed_ones_are_read_in_their_place(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument(_pdf("Page one."))
    document.import_pages(pypdfium2.PdfDocument(scan(90)))
    document.import_pages(pypdfium2.PdfDocument(_pdf("Page three.")))
    out = BytesIO()
    document.save(out)
    article = read(out.getvalue(), reader(tmp_path, Engine([LINES[1]])))
    assert article.text.split("\n") == ["Page one.", LINES[1].text, "Page three."]
    assert article.read_by == "ocr"


@pytest.mark.parametrize(
    ("data", "more", "message"),
    [
        (scan(1, 2, 3, 4), {}, "4 scanned pages, ocr_pages = 3; set ocr_pages = 4 to read them"),
        (scan(1, 2, 3), {"seconds": 2.0}, "2 of 3 scanned pages in 2 seconds; they are kept"),
    ],
)
def test_what_is_too_much_says_so(
    tmp_path: Path, data: bytes, more: dict[str, float], message: str
) -> None:
    engine = Engine(LINES)
    scans = reader(tmp_path, engine, clock=clock(), **more)
    with pytest.raises(DocumentError, match=message) as caught:
        read(data, scans)
    assert caught.value.kind == "needs_ocr"
    assert len(engine.shapes) == len(list(tmp_path.iterdir()))


def clock() -> Callable[[], float]:
    """A clock that goes on a second whenever it is read."""
    seconds = iter(range(100))
    return lambda: float(next(seconds))


@pytest.mark.parametrize(("gray", "lines"), [(90, []), (255, LINES)])
def test_a_scan_without_letters_is_no_article(tmp_path: Path, gray: int, lines: list[Line]) -> None:
    with pytest.raises(DocumentError, match="the pages are empty") as caught:
        read(scan(gray), reader(tmp_path, Engine(lines)))
    assert caught.value.kind == "no_text"


def test_without_a_reader_it_waits_with_the_cure() -> None:
    with pytest.raises(DocumentError, match="pictures of text only") as caught:
        read(scan(90), None)
    assert CURE in str(caught.value)
    assert caught.value.kind == "needs_ocr"


@pytest.mark.parametrize(
    ("pages", "is_there", "reads"), [(5, True, 5), (0, True, 0), (5, False, 0)]
)
def test_it_reads_if_it_is_there_and_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int, *, is_there: bool, reads: int
) -> None:
    monkeypatch.setattr("crawler.ocr.find_spec", lambda _: object() if is_there else None)
    scans = scan_reader(tmp_path, pages)
    assert (scans.pages if scans else 0) == reads


@pytest.mark.slow
@pytest.mark.skipif(not has_ocr(), reason=f"needs the extra: {CURE}")
def test_the_engine_reads_a_picture_of_text(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument(_pdf("The district pays 500000 yuan to each team."))
    picture = document[0].render(scale=3, force_bitmap_format=2).to_numpy()
    assert ScanReader(tmp_path, pages=1).read(picture) == [
        "The district pays 500000 yuan to each team."
    ]
