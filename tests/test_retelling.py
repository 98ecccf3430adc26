"""A digest retold by a model: what its facts prove is shown, a lie becomes the quote."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bole.config import ConfigError, Settings, load_settings, write_settings
from bole.retelling import Reteller
from summarize.checking import CheckError
from summarize.digest import Digest
from summarize.entries import Part
from summarize.feed import digest_row
from summarize.models import RewriteError, load_transformers
from summarize.render import publish_pages, render_html, render_markdown
from summarize.retelling import retell, words_of
from summarize.rewriting import guard
from summarize.stories import group_stories
from tests.reports import chunan, xuzhou
from tests.test_render import FULL
from tests.test_rewriting import TEXT, article, server

REPORTS = (xuzhou(), xuzhou("copy", grade="D"), chunan())
STORIES = group_stories(REPORTS)
TOLD = {r.article.id: (r.article, r.facts) for r in REPORTS}
HONEST = "沛县对新引进的顶尖人才团队，最高给与5000万元的项目资金支持。"


def told_by(answer: str) -> Digest:
    """Return the sample issue retold by a model that answers to what holds 5000万元."""
    return retell(FULL, TOLD, lambda prompts: [answer if "5000万元" in p else "" for p in prompts])


def retold_points(digest: Digest) -> list[str]:
    return [text for item in digest.section("points") for text in words_of(item.retold)]


def test_an_honest_sentence_is_shown_with_its_number_linked_and_marked():
    digest = told_by(HONEST)
    assert retold_points(digest) == [HONEST]
    pages = publish_pages(digest)
    fact = next(p.id for p in digest.proofs.values() if p.shown == "5000万元")
    shown = re.search(r'<span data-z="r-\d+-0">(.*?)</span>', pages.html)
    assert shown
    assert re.sub("<[^>]+>", "", shown[1]) == HONEST
    assert re.search(rf'<a class="fact" href="#f-{fact}">(?:最高给与)?5000万元</a>', shown[1])
    for page in (pages.html, pages.markdown):
        assert "据原文改写" in page
    (row,) = [i for i in digest_row(digest)["items"] if i["retold"]]
    assert row["text"] == HONEST


@pytest.mark.parametrize(
    "lie",
    [
        "沛县对新引进的顶尖人才团队，最高给与8000万元的项目资金支持。",  # an invented number
        "沛县对新引进的顶尖人才团队，最高给与5000万美元的项目资金支持。",  # another unit
        "沛县对新引进的顶尖人才团队，给与5000万元的项目资金支持。",  # without 最高
        "丰县对新引进的顶尖人才团队，最高给与5000万元的项目资金支持。",  # another district
        "徐州市对新引进的顶尖人才团队，最高给与5000万元的项目资金支持。",  # its city
        "沛县按《人才强县十条》，对顶尖人才团队最高给与5000万元的项目资金支持。",  # a policy
        "沛县对新引进的领军人才，最高给与5000万元的项目资金支持。",  # other people
        "沛县人才工作取得新成效。",  # no fact at all
    ],
)
def test_a_lie_leaves_the_quote(lie):
    digest = told_by(lie)
    assert retold_points(digest) == []
    assert render_html(digest) == render_html(FULL)
    assert render_markdown(digest) == render_markdown(FULL)


def test_beside_an_honest_sentence_a_lie_becomes_its_quote():
    digest = told_by(f"{HONEST}沛县设置9亿元人才发展专项资金。")
    own, quote = retold_points(digest)
    assert own == HONEST
    assert "设置1亿元人才发展专项资金" in quote
    assert any(quote in source.body for source in digest.sources)
    assert publish_pages(digest).html


def test_a_page_with_a_planted_sentence_is_refused():
    items = list(FULL.items)
    where = next(i for i, item in enumerate(items) if item.section == "points")
    items[where] = replace(items[where], retold=((Part("沛县引进人才88人。"),),))
    with pytest.raises(CheckError, match="88"):
        render_html(replace(FULL, items=tuple(items)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, rewriting="none", rewriting_model="small")


def answers(text: str) -> dict[str, object]:
    return {"choices": [{"message": {"content": text}}]}


def test_a_server_is_asked_once_for_an_issue_that_is_written_twice(settings):
    def answer(prompt):
        return answers(HONEST if "5000万元" in prompt else "")

    with server(200, answer) as (got, url):
        one = replace(settings, rewriting=url)
        first, again = Reteller(one)(FULL, STORIES), Reteller(one)(FULL, STORIES)
    prompts = [g["messages"][0]["content"] for g in got]
    assert len(prompts) == len(set(prompts)) > 0
    assert retold_points(first) == [HONEST]
    assert first == again


def test_a_server_that_fails_leaves_the_quotes_and_a_problem(settings):
    with server(503, {}) as (_, url):
        reteller = Reteller(replace(settings, rewriting=url))
        assert reteller(FULL, STORIES) is FULL
    assert "answered HTTP 503" in str(reteller.problem)
    assert "quotes in its place" in str(reteller.problem)


@pytest.mark.parametrize(
    ("model", "cure"),
    [("http://127.0.0.1:9/v1", "set rewriting_model"), ("ftp://x/v1", "is no address")],
)
def test_a_server_that_cannot_be_asked_is_named(settings, model, cure):
    name = "" if "set" in cure else "small"
    reteller = Reteller(replace(settings, rewriting=model, rewriting_model=name))
    assert reteller(FULL, STORIES) is FULL
    assert cure in str(reteller.problem)


def test_without_a_model_nothing_is_asked(settings):
    reteller = Reteller(settings)
    assert reteller(FULL, STORIES) is FULL
    assert reteller.problem is None


def test_a_key_stands_elsewhere_and_never_goes_in_clear(tmp_path, monkeypatch):
    write_settings(tmp_path, Settings(rewriting_key="sk-1"))
    with pytest.raises(ConfigError, match="a secret and must not stand here"):
        load_settings(tmp_path, {})
    monkeypatch.setenv("MODEL_KEY", "sk-1")
    far = Settings(
        data=tmp_path,
        rewriting="http://models.example.cn/v1",
        rewriting_model="m",
        rewriting_key="env:MODEL_KEY",
    )
    reteller = Reteller(far)
    assert reteller(FULL, STORIES) is FULL
    assert "in clear" in str(reteller.problem)
    assert "sk-1" not in str(reteller.problem)


def test_a_folder_here_is_a_model(tmp_path):
    write_settings(tmp_path, Settings(rewriting="model"))
    assert load_settings(tmp_path, {}).rewriting == "model"
    (tmp_path / "model").mkdir()
    assert load_settings(tmp_path, {}).rewriting == str(tmp_path / "model")


def small_model(folder: Path, kind: str) -> str:
    """Write a model with random weights that knows the characters of the sample text."""
    import tokenizers
    import torch
    import transformers

    torch.manual_seed(8)
    words = ["<pad>", "<end>", "<unk>", *sorted(set(TEXT + "0123456789亿元人徐丰最高"))]
    known = tokenizers.models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>")
    made = tokenizers.Tokenizer(known)
    made.pre_tokenizer = tokenizers.pre_tokenizers.Split("", "isolated")
    made.decoder = tokenizers.decoders.Fuse()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="<end>", unk_token="<unk>"
    ).save_pretrained(folder)
    size = {"vocab_size": len(words), "pad_token_id": 0, "eos_token_id": 1}
    network = (
        transformers.GPT2LMHeadModel(
            transformers.GPT2Config(n_layer=1, n_head=2, n_embd=32, n_positions=512, **size)
        )
        if kind == "causal"
        else transformers.BartForConditionalGeneration(
            transformers.BartConfig(d_model=32, encoder_layers=1, decoder_layers=1,
                                    encoder_attention_heads=2, decoder_attention_heads=2,
                                    encoder_ffn_dim=32, decoder_ffn_dim=32, init_std=1.0,
                                    max_position_embeddings=512, forced_eos_token_id=None,
                                    bos_token_id=2, decoder_start_token_id=2, **size)
        )
    )  # fmt: skip
    network.save_pretrained(folder)
    return str(folder)


@pytest.mark.neural
@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_real_weights_that_babble_are_replaced_by_quotes(tmp_path, kind):
    pytest.importorskip("torch", reason="needs bole[neural]: make neural")
    model = load_transformers(small_model(tmp_path / "model", kind), batch=2)
    one = article()
    facts = TOLD[REPORTS[0].article.id][1]
    told = model([TEXT, TEXT[:40], "沛县" * 400])
    assert told == load_transformers(str(tmp_path / "model"))([TEXT, TEXT[:40], "沛县" * 400])
    assert any(told)
    quotes = [s + "。" for s in TEXT.split("。") if s]
    assert all(r.quoted for text in told for r in guard(text, one, facts, quotes))
    reteller = Reteller(Settings(data=tmp_path, rewriting=str(tmp_path / "model")))
    assert render_html(reteller(FULL, STORIES)) == render_html(FULL)
    assert reteller.problem is None


@pytest.mark.neural
def test_a_folder_without_a_model_is_named(tmp_path):
    pytest.importorskip("torch", reason="needs bole[neural]: make neural")
    with pytest.raises(RewriteError, match="no model"):
        load_transformers(str(tmp_path))
