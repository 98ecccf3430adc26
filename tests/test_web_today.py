"""Today: the lines of an issue, what it compares, and what came last."""

import json
import re
from dataclasses import replace

import pytest

from bole.web.app import create_app
from bole.web.pages.today import sections_of
from tests.web_client import client_of
from tests.web_offices import shared_office


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return shared_office(tmp_path_factory)


@pytest.fixture(scope="module")
def client(settings):
    with client_of(create_app(settings.data.parent, settings)) as made:
        yield made


def test_old_news_is_marked_and_numbers_lead_to_the_facts_of_their_article():
    facts = {"p": "《甲办法》", "sum": "5亿元", "one": "3个", "other": "3个"}
    item = {"section": "policies", "text": "印发《甲办法》，设5亿元基金、3个平台", "facts": ["p"]}
    issue = {
        "day": "2024-06-03", "first": None, "items": [item | {"source": 1}],
        "facts": {fact: {"quote": quote, "source": 1} for fact, quote in facts.items()},
        "sources": [{"title": "某地印发甲办法", "published": "2024-05-02"}],
    }  # fmt: skip
    sections = dict(sections_of(issue))
    (shown,) = sections.pop("policies")
    assert not any(sections.values())
    linked = [(piece.text, piece.fact) for piece in shown["pieces"] if piece.fact]
    assert linked == [("《甲办法》", "p"), ("5亿元", "sum")]  # 3个 may be either
    assert shown["is_old"]
    issue["sources"][0]["published"] = "2024-05-03"
    assert not dict(sections_of(issue))["policies"][0]["is_old"]


def test_today_without_a_day_leads_to_the_newest(client):
    answer = client.get("/today", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_day_without_a_digest_shows_what_came_last(client):
    page = client.get("/").text
    assert "尚无日报" in page
    assert 'href="/articles/full"' in page


FACTS = {
    "a": {"quote": "40万元", "district": "320411", "value": "400000", "unit": "CNY"},
    "b": {"quote": "30万元", "district": "320300", "value": "300000", "unit": "CNY"},
}
ISSUE = {
    "day": "2024-06-03", "first": None, "home": "320300", "lang": "zh", "title": "动态",
    "health": [], "number_in_year": 1, "number_in_all": 1, "issuer": None,
    "facts": {
        fact: row | {"source": 1, "value_max": None, "qualifier": "up_to"}
        for fact, row in FACTS.items()
    },
    "sources": [{"number": 1, "article_id": "x", "title": "某地印发甲办法", "medium": None,
                 "url": None, "published": None, "grade": "B", "reposts": 1}],
}  # fmt: skip
LINE = {"district": None, "place": None, "day": None, "text": None, "facts": [], "doubts": []}


@pytest.fixture
def issued(tmp_path, settings):
    """Return what the page of an issue says."""

    def read(lang="zh", **issue):
        own = replace(settings, digests=tmp_path)
        (tmp_path / "2024-06-03.json").write_text(json.dumps(ISSUE | issue), "utf-8")
        with client_of(create_app(settings.data.parent, own)) as client:
            return client.get(f"/today/2024-06-03?lang={lang}").text

    return read


def test_rankings_of_an_issue_are_shown_with_their_facts(issued):
    ranks = [{"place": 1, "district": "320411", "fact": "a"},
             {"place": 2, "district": "320300", "fact": "b"}]  # fmt: skip
    one = {"benefit": "settling_in", "tier": "doctor", "per": None, "ranks": ranks, "offers": []}
    page = issued(items=[], comparisons=[one])
    words = re.sub(r"<[^>]+>|\s", "", page)
    assert "对标提示1安家费（博士）第1常州市新北区最高40万元" in words
    assert "第2徐州市最高30万元落后" in words
    assert 'href="/facts/b"' in page
    few = one | {"ranks": [], "offers": ["b"]}
    words = re.sub(r"<[^>]+>|\s", "", issued(items=[], comparisons=[few]))
    assert "同口径可比地区不足3个，暂不排名徐州市最高30万元" in words
    assert "今日无可比新数" in issued(items=[])  # an issue of old has no comparisons


def test_corrections_are_told_and_doubtful_headlines_stand_once(issued):
    doubt = LINE | {"section": "doubts", "source": 1, "doubts": ["repost"]}
    mended = LINE | {"section": "corrections", "source": 1, "day": "2024-06-02",
                     "earlier": "50万元", "facts": ["a"]}  # fmt: skip
    page = issued(items=[doubt, mended])
    assert page.count("某地印发甲办法") == 2  # once in each line
    assert "更正：2024-06-02一期所载“50万元”，今为" in page
    assert page.index("更正：") < page.index("转载")


def test_one_and_many_are_told_apart_in_english(issued):
    line = LINE | {"section": "titles", "source": 1}
    page = issued("en", items=[line])
    assert "and 1 repost<" in page
    assert "2 facts checked, 1 article cited" in page


def test_what_a_model_wrote_is_marked(issued):
    line = LINE | {"section": "points", "source": 1, "text": "给予40万元", "facts": ["a"]}
    assert "据原文改写" in issued(items=[line | {"retold": True, "translated": False}])
    assert "机器翻译稿" in issued(items=[line | {"retold": True, "translated": True}])
    assert "据原文改写" not in issued(items=[line | {"retold": False}])
