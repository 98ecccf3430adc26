"""The Word document says what the page says."""

import html
import io
import re
import zipfile

import pytest

from summarize.document import (
    blocks_of,
    links_of,
    read_blocks,
    read_bookmarks,
    read_links,
    write_docx,
)
from summarize.render import check_docx, render_html
from tests.test_render import FULL, hostile, made

HTML = render_html(FULL)
DOCX = write_docx(HTML)


def test_it_has_the_words_of_the_page_in_their_order():
    assert read_blocks(DOCX) == blocks_of(HTML)
    assert any("最高5000万元" in block for block in read_blocks(DOCX))


def test_every_number_is_a_link_to_its_fact():
    links, marks = read_links(DOCX), read_bookmarks(DOCX)
    facts = {f"f-{fact}" for fact in FULL.proofs}
    assert facts <= marks
    assert "最高5000万元" in {words for _, words in links}
    assert {place for place, _ in links if not place.startswith("http")} <= marks
    assert check_docx(DOCX, HTML) == []


def test_each_numeral_of_the_page_that_no_list_exempts_leads_to_its_fact():
    """The page was checked: outside of its zones are links only. The document has them all."""
    assert read_links(DOCX) == links_of(HTML)
    numerals = [words for place, words in read_links(DOCX) if place.startswith("f-")]
    shown = re.findall(r'<a class="fact" href="#f-\w+">([^<]+)</a>', HTML)
    assert numerals == [html.unescape(words) for words in shown]
    assert len(numerals) > 20


def test_the_address_of_a_source_can_be_clicked():
    assert ("http://127.0.0.1/xuzhou.html",) * 2 in read_links(DOCX)
    with zipfile.ZipFile(io.BytesIO(DOCX)) as packed:
        relations = packed.read("word/_rels/document.xml.rels").decode()
    assert 'Target="http://127.0.0.1/xuzhou.html" TargetMode="External"' in relations


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('class="fact" href="#f-', 'class="fact" name="#f-'),
        ('href="http://127.0.0.1/xuzhou.html"', 'href="http://127.0.0.1/other.html"'),
    ],
)
def test_a_document_whose_links_are_not_those_of_the_page_is_refused(before, after):
    assert before in HTML
    found = check_docx(write_docx(HTML.replace(before, after, 1)), HTML)
    assert "the page leads" in str(found[0])


def test_a_document_with_another_number_is_refused():
    found = check_docx(write_docx(HTML.replace("1亿元", "9亿元")), HTML)
    assert "9亿元" in str(found[0])


def test_a_link_without_its_evidence_is_refused():
    cut = HTML.replace('<mark id="f-', '<mark id="g-')
    assert "a link without its evidence" in str(check_docx(write_docx(cut), cut)[0])


def test_the_page_is_that_of_the_standard_and_the_bytes_are_the_same():
    assert write_docx(HTML) == DOCX
    with zipfile.ZipFile(io.BytesIO(DOCX)) as packed:
        xml = packed.read("word/document.xml").decode()
    assert 'w:w="11906" w:h="16838"' in xml
    assert 'w:top="2098"' in xml
    assert 'w:eastAsia="仿宋"' in xml
    assert 'w:eastAsia="黑体"' in xml


def test_it_is_laid_out_as_a_paper_for_the_office():
    with zipfile.ZipFile(io.BytesIO(DOCX)) as packed:
        xml = packed.read("word/document.xml").decode()
        styles = packed.read("word/styles.xml").decode()
        foot = "".join(packed.read(n).decode() for n in packed.namelist() if "footer" in n)
    assert 'w:val="ListNumber"' in xml  # key points are counted
    assert xml.count("<w:tblHeader/>") == xml.count("<w:tbl>") > 0  # heads come again on each page
    assert "<w:cantSplit/>" in xml
    assert '<w:outlineLvl w:val="1"/>' in xml
    assert 'w:eastAsia="zh-CN"' in styles
    assert 'w:instr="PAGE"' in foot


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_articles_make_a_document_too(lang):
    page = render_html(made(hostile()), lang=lang)
    assert check_docx(write_docx(page), page) == []
