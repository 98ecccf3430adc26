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
        "我們希望政府可以繼續支持香港的中小企業，並且增加對人才的投入和支援，因為",
        "這對香港的未來發展非常重要。入境處的數字顯示，自從2006年推出優秀人才入境",
        "計劃至今，已經吸納的優才之中，以金融及會計背景最多，其次是資訊科技，反而",
        "世界最渴求的科研人才，就寥寥可數，我們經常說要鼓勵科研、推動轉型升級，但",
        "科研人才正正是我們人才庫之中比較缺乏的一環，如果本地未有足夠的資源和培訓",
        "體系，我們就要提供足夠的誘因，吸引他們來港工作和生活，這是十分重要的事情",
        "很多周邊的城市都已經出盡辦法，輸入多方面的人才，令人口結構越來越有競爭力",
        "我們必須急起直追，不可以再等待下去，政府應該立即行動起來，制訂長遠的政策",
    ]
    (policy,) = read_facts(article("\n".join(lines), "zh-Hant")).policies
    assert policy.name == "优秀人才入境计划"
    assert policy.evidence.quote == "優秀人才入境\n計劃"


def test_extract_is_light():
    heavy = "{'opencc', 'scrapy', 'spacy', 'pyarrow', 'duckdb', 'transformers', 'jieba', 'lxml'}"
    code = f"import extract, sys; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
