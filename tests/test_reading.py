import json
from bisect import bisect_left
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.article import Article
from extract.reading import read_body, read_span, read_text

SPECS = Path(__file__).parent / "specs" / "reading.jsonl"
CASES = [json.loads(line) for line in SPECS.read_text("utf-8").splitlines()]
NOISE = '服務(wù)(ge) （\u200b\uff10，,.1 万元“"『』%％：:-－〜\n\0aZ\U00020000著乾國'


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_text_is_brought_to_one_convention(case):
    assert read_text(case["text"], case["lang"]).text == case["reading"]


def test_evidence_quotes_the_words_as_published():
    raw = "設(shè)立１億 元基金"
    reading = read_text(raw, "zh-Hant")
    start = reading.text.index("1亿元")
    assert reading.evidence(start, start + 3) == (7, 11, "１億 元")


def test_spans_of_an_article_keep_its_offsets():
    article = Article(id="a", text="标题\n設立1億元", body=(3, 8), lang="zh-Hant", sha256="")
    assert read_body(article).text == "设立1亿元"
    assert read_body(article).evidence(2, 5) == (5, 8, "1億元")
    assert read_span(article, 0, 2).text == "标题"
    assert read_text("x", "other").text == "x"
    assert read_body(replace(article, body=(0, 0))).text == ""


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.one_of(st.sampled_from(NOISE), st.characters(exclude_categories=["Cs"]))),
    st.sampled_from(["zh-Hans", "zh-Hant", "en", "other"]),
)
def test_every_character_leads_back_to_the_raw_text(raw, lang):
    reading = read_text(raw, lang)
    assert len(reading.offsets) == len(reading.text) + 1
    assert list(reading.offsets) == sorted(reading.offsets)
    assert reading.offsets[-1] == len(raw)
    assert reading.text.count("\n") == raw.count("\n")
    places = [reading.place_of(at) for at in range(len(raw) + 1)]
    assert places == [bisect_left(reading.offsets, at) for at in range(len(raw) + 1)]
    for i in range(len(reading.text)):
        start, end, quote = reading.evidence(i, i + 1)
        assert raw[start:end] == quote
        assert end == start + 1


def test_a_megabyte_in_one_line_is_read():
    raw = "個(ge) 人才１００ 万元,(" * 60_000
    reading = read_text(raw, "zh-Hant")
    assert reading.text == "个人才100万元，（" * 60_000
