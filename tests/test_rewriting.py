"""Retelling is guarded: a model that lies is not printed."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from crawler.article import Article
from extract import read_facts
from summarize.models import RewriteError, ask_server, load_transformers
from summarize.rewriting import guard, rewrite

TEXT = (
    "沛县近日出台《沛县人才集聚实施意见》，设立1亿元人才发展专项资金。"
    "对新引进的顶尖人才团队，最高给予5000万元项目资助。全县已建成人才驿站54家。"
)
ENGLISH = (
    "Pei County set up a talent fund of 100 million yuan. "
    "Top talent teams can receive up to 50 million yuan in project funding."
)


def article(text: str = TEXT, lang: str = "zh-Hans") -> Article:
    return Article(id="a", text=text, body=(0, len(text)), lang=lang, sha256="0" * 64)  # type: ignore[arg-type]


def told(sentence: str, text: str = TEXT, lang: str = "zh-Hans") -> list[tuple[str, bool]]:
    one = article(text, lang)
    quotes = [s + "。" for s in TEXT.split("。") if s] if lang != "en" else text.split(". ")
    return [(r.text, r.quoted) for r in guard(sentence, one, read_facts(one), quotes)]


@pytest.mark.parametrize(
    "honest",
    [
        "沛县设立1亿元人才发展专项资金。",
        "顶尖人才团队最高可获5000万元项目资助。",
        "《沛县人才集聚实施意见》已经出台。",
        "沛县有人才驿站54家。",
    ],
)
def test_what_the_facts_hold_is_told(honest):
    assert told(honest) == [(honest, False)]


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ("沛县设立2亿元人才发展专项资金。", "1亿元"),  # another number
        ("顶尖人才团队最高可获5000万美元项目资助。", "5000万元"),  # another unit
        ("顶尖人才团队可获5000万元项目资助。", "最高给予5000万元"),  # without its qualifier
        ("顶尖人才团队可获超过5000万元项目资助。", "最高给予5000万元"),  # with another one
        ("丰县设立1亿元人才发展专项资金。", "1亿元"),  # another district
        ("沛县出台《人才强县十条》。", "《沛县人才集聚实施意见》"),  # a policy that is none
        ("沛县已建成人才驿站五十五家。", "54家"),  # in other numerals
        ("沛县设立1亿元顶尖人才项目资助。", "1亿元"),  # for something else
        ("领军人才最高可获5000万元项目资助。", "5000万元"),  # for somebody else
        ("顶尖人才团队每年最高可获5000万元项目资助。", "5000万元"),  # for another period
        ("沛县人才驿站54家，3月5日揭牌。", "54家"),  # with a day of its own
        ("沛县重视人才。", "人才"),  # that states nothing
        ("本地领导高度关注并热烈祝贺驿站54家取得圆满成功和巨大反响。", "54家"),  # in its own words
    ],
)
def test_a_lie_becomes_the_quote(lie, words):
    ((text, quoted),) = told(lie)
    assert quoted
    assert words in text
    assert text in TEXT


def test_an_english_lie_becomes_the_quote():
    honest = "Top talent teams can receive up to 50 million yuan."
    assert told(honest, ENGLISH, "en") == [(honest, False)]
    ((text, quoted),) = told("Top talent teams receive up to 500 million yuan.", ENGLISH, "en")
    assert quoted
    assert "up to 50 million yuan" in text


def test_each_sentence_is_judged_alone_and_no_quote_comes_twice():
    found = told("沛县设立3亿元人才发展专项资金。沛县设立4亿元专项资金。沛县有人才驿站54家。")
    assert [quoted for _, quoted in found] == [True, True, False]
    assert len({text for text, _ in found}) == 3


def test_a_model_is_asked_once_for_all_and_told_the_extract():
    asked = []

    def model(prompts):
        asked.append(list(prompts))
        return ["沛县设立9亿元资金。" for _ in prompts]

    one, other = article(), article(ENGLISH, "en")
    found = rewrite([(one, read_facts(one)), (other, read_facts(other))], model)
    (prompts,) = asked
    assert "1亿元" in prompts[0]
    assert "100 million yuan" in prompts[1]
    assert all(sentence.quoted for retold in found for sentence in retold)


def test_a_model_that_loses_a_text_is_refused():
    one = article()
    with pytest.raises(RewriteError, match="gave 0 texts for 1"):
        rewrite([(one, read_facts(one))], lambda _: [])


@contextmanager
def server(code: int, told: object) -> Iterator[tuple[list[dict], str]]:
    got: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append({"path": self.path, "key": self.headers["Authorization"]} | json.loads(body))
            self.send_response(code)
            self.end_headers()
            answer = told(got[-1]["messages"][0]["content"]) if callable(told) else told
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield got, f"http://127.0.0.1:{http.server_port}/v1"
        http.shutdown()
        thread.join()


def test_a_server_is_asked_as_openai_has_it():
    answer = {"choices": [{"message": {"content": "沛县设立1亿元人才发展专项资金。"}}]}
    with server(200, answer) as (got, url):
        assert (
            ask_server(url, "small", key="k")(["p", "q"])
            == [TEXT[:0] + "沛县设立1亿元人才发展专项资金。"] * 2
        )
    assert [g["messages"][0]["content"] for g in got] == ["p", "q"]
    assert got[0]["path"] == "/v1/chat/completions"
    assert (got[0]["model"], got[0]["temperature"], got[0]["key"]) == ("small", 0, "Bearer k")


@pytest.mark.parametrize(
    ("code", "told_", "match"),
    [(401, {}, "HTTP 401"), (200, {"error": "x"}, "does not answer as")],
)
def test_a_server_that_fails_is_named_with_a_cure(code, told_, match):
    with server(code, told_) as (_, url), pytest.raises(RewriteError, match=match):
        ask_server(url, "small")(["p"])


def test_a_server_that_is_down_is_named():
    with server(200, {}) as (_, url):
        pass
    with pytest.raises(RewriteError, match="is the server running"):
        ask_server(url, "small")(["p"])


def test_an_address_that_is_none_of_the_web_is_refused():
    with pytest.raises(RewriteError, match="is no address of a server"):
        ask_server("file:///etc/passwd", "x")


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is here")
def test_without_the_extra_the_cure_is_named():
    with pytest.raises(RewriteError, match=r"bole\[neural\]"):
        load_transformers("some-model")
