"""read_facts: all rules together on the shape of real articles, and what it must not do."""

import subprocess
import sys

import pytest

from crawler.article import Article
from extract import Facts, read_facts

TEXT = """沛县发布人才新政
来源：沛县融媒体中心
  近日，徐州市沛县出台《加快集聚人才的意见》（沛委发[2023]8号），设立1亿元人才发展专项资金。
  “我们对顶尖人才团队，最高给予5000万元资助。”沛县县委书记王立新表示。
责任编辑：李四
"""


def article(text=TEXT, lang="zh-Hans", **more):
    start, end = text.find("  近日"), text.find("\n责任编辑")
    body = (start, end) if start >= 0 else (0, len(text))
    return Article(id="a", text=text, body=body, lang=lang, sha256="0" * 64, **more)


@pytest.fixture(scope="module")
def facts():
    return read_facts(article(title="沛县发布人才新政", source="沛县融媒体中心"))


def test_all_lists_are_filled(facts):
    assert facts.district == "320322"
    assert [p.name for p in facts.policies] == ["加快集聚人才的意见", "人才发展专项资金"]
    assert {f.value for f in facts.figures} == {100_000_000, 50_000_000}
    assert {f.district for f in facts.figures} == {"320322"}
    assert [n.text for n in facts.names if n.label == "PERSON"] == ["王立新"]
    assert {p.code for p in facts.places} == {"320300", "320322"}


def test_the_article_s_own_places_are_its_subject(facts):
    assert {p.role for p in facts.places if p.code == "320322"} == {"subject"}
    assert {p.role for p in facts.places if p.code == "320300"} == {"mention"}


def test_every_fact_points_at_its_words(facts):
    rows = [*facts.figures, *facts.policies, *facts.places, *facts.names]
    assert rows
    for row in rows:
        start, end, quote = row.evidence
        assert TEXT[start:end] == quote


def test_head_and_tail_yield_nothing(facts):
    start, end = article().body
    rows = [*facts.figures, *facts.places, *facts.names]
    assert all(start <= row.evidence.start and row.evidence.end <= end for row in rows)


def test_other_languages_are_not_read():
    found = read_facts(article("東京都は100万円を支給する。", "other"))
    assert found == Facts(article_id="a", district=None, grade="C")


def test_an_empty_article_has_no_facts():
    assert read_facts(article("")) == Facts(article_id="a", district=None, grade="C")


def test_the_same_article_gives_the_same_facts():
    assert read_facts(article()) == read_facts(article())


@pytest.mark.parametrize(
    ("made", "grade"),
    [
        (article(title="会议", source="沛县人社局"), "B"),
        (article(url="https://www.px.gov.cn/a.html"), "B"),
        (article(source="沛县日报"), "C"),
        (article("凡本网未注明来源的稿件均转载自其它媒体，人才政策。"), "D"),
        (article("第一条 为留才。\n人才补贴办法", title="人才补贴办法"), "A"),
        (article("The Ministry of War used karma to gather talents.", "en"), "D"),
    ],
)
def test_grade(made, grade):
    assert read_facts(made).grade == grade


def test_a_hard_wrapped_text_is_read_over_its_line_ends():
    lines = [
        "各位議員，今天我想談談本港的人手問題。近年不少行業都說請人困難，由醫院到碼頭",
        "，由學校到工地，空缺一年比一年多，僱主一邊加薪一邊搶人，結果大家的成本都上升",
        "，服務卻沒有變好，病人輪候的時間也愈來愈長。政府在三年前推出海外醫生入境",
        "計劃，原意是補充公立醫院的人手，可是手續繁複，很多人等了一年也收不到回覆，實在",
        "十分可惜。我認為當局應該把審批的時間縮短一半，並且容許家人一同前來，讓他們可",
        "以安心留下。與此同時，本地的培訓也不能放慢，護士學校的學額要繼續增加，實習的",
        "安排要更加靈活，退休的同事如果願意回來任教，也應該得到合理的報酬和尊重，這樣",
        "才可以一代一代傳下去。最後，我希望局方每年公布一次進度，讓公眾知道錢用在哪裏",
    ]
    (policy,) = read_facts(article("\n".join(lines), "zh-Hant")).policies
    assert policy.name == "海外医生入境计划"
    assert policy.evidence.quote == "海外醫生入境\n計劃"


def test_extract_is_light():
    heavy = "{'opencc', 'scrapy', 'spacy', 'pyarrow', 'duckdb', 'transformers', 'jieba', 'lxml'}"
    code = f"import extract, sys; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
