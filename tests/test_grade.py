"""How good an article is as evidence: the document itself, official, media, repost or machine."""

import pytest

from crawler.article import Article
from extract import read_facts
from extract.grade import is_machine_translation


def grade(text, lang="zh-Hans", **more):
    made = Article(id="a", text=text, body=(0, len(text)), lang=lang, sha256="0" * 64, **more)
    return read_facts(made).grade


@pytest.mark.parametrize(
    ("text", "more", "wanted"),
    [
        ("人才办法\n第一条 为留才，制定本办法。", {"title": "人才办法"}, "A"),
        ("近日举行大会。", {"source": "江湾市人力资源和社会保障局"}, "B"),
        ("近日举行大会。", {"url": "https://www.jiangwan.gov.cn/a.html"}, "B"),
        ("近日举行大会。", {"source": "江湾晚报"}, "C"),
        ("近日举行大会。", {"source": "江湾市人社局", "read_by": "ocr"}, "D"),
        ("近日举行大会。本文转载自网络。", {"source": "江湾市人社局"}, "D"),
    ],
)
def test_grades(text, more, wanted):
    assert grade(text, **more) == wanted


@pytest.mark.parametrize(
    ("text", "suspected"),
    [
        ("It is building the nest and introducing the phoenix, one person one policy.", True),
        ("Xi 'an built high -level labs for overseas overseas talent.", True),
        ("They say that talent is the first resource.", False),
        ("Hangzhou's high-level labs pay well, and that had had effects.", False),
    ],
)
def test_machine_translation(text, suspected):
    assert is_machine_translation(text, "en") is suspected
