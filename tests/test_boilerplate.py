"""Which lines are the article: each rule has a line that needs it, and lines that it must leave."""

import json
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.boilerplate import body_of, cuts, is_prose, is_title, matches, without_noise

ROOT = Path(__file__).parents[1]
SENTENCE = "区里今年安排专项资金，支持企业引进急需的工程师和博士，按月发放补贴。"
MORE = "符合条件的人才可以在线申请公寓，租金按照市场价的一半收取，最长三年。"


def specs() -> Iterator[dict[str, str | None]]:
    for path in sorted((ROOT / "tests" / "specs").glob("boilerplate.*.jsonl")):
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("spec", list(specs()), ids=lambda spec: spec["line"][:30])
def test_spec(spec: dict[str, str]) -> None:
    assert matches(spec["kind"], spec["line"]) == spec["rule"]


def test_each_rule_has_a_line() -> None:
    tables = tomllib.loads((ROOT / "crawler/data/boilerplate.toml").read_text(encoding="utf-8"))
    rules = {(kind, rule) for kind, table in tables.items() if kind != "cuts" for rule in table}
    assert rules - {(spec["kind"], spec["rule"]) for spec in specs()} == set()


def test_head_and_tail_are_outside() -> None:
    lines = [
        "首页 > 人才",
        "我区出台人才办法",
        "◎云湖晚报记者 王小明",
        "来源：云湖晚报  2024-03-02",
        SENTENCE,
        "一、申请条件",
        MORE,
        "（王小明）",
        "责任编辑：李大同",
        "下一篇：邻区引进博士500名，奖励一千万元",
    ]
    assert body_of(lines, title="我区出台人才办法") == (4, 7)


def test_a_heading_opens_the_body_when_no_label_stands_below_it() -> None:
    assert body_of(["我区出台人才办法", "一、申请条件", SENTENCE], title="我区出台人才办法") == (
        1,
        3,
    )


def test_what_also_stands_in_articles_ends_them_only_near_the_end() -> None:
    scan = "扫描下方二维码进入系统"
    assert body_of([SENTENCE, scan, MORE, SENTENCE, MORE]) == (0, 5)
    assert body_of([SENTENCE, MORE, SENTENCE, MORE, scan, "人才网"]) == (0, 4)


def test_a_law_begins_at_its_first_article() -> None:
    lines = [
        "人才條例",
        "最新異動日期:20200101",
        "1.中華民國一百年令",
        "  公布全文，自公布日施行",
        "第 1 條",
        SENTENCE,
    ]
    assert body_of(lines)[0] == 4


def test_text_without_any_head_or_tail_is_all_body() -> None:
    assert body_of([SENTENCE, MORE]) == (0, 2)
    assert body_of([]) == (0, 0)
    assert body_of(["来源：云湖晚报"]) == (0, 1)


def test_noise_goes_and_a_caption_printed_twice_stays_once() -> None:
    caption = "三月二日，参加路演的青年团队在园区展厅合影留念"
    assert without_noise([caption, caption, "广告", SENTENCE]) == [caption, SENTENCE]


def test_a_sentence_repeated_in_another_chapter_stays() -> None:
    lines = [SENTENCE, "二", MORE, "三", "四", "五", SENTENCE]
    assert without_noise(lines) == lines


@pytest.mark.parametrize(
    ("line", "prose", "title"),
    [
        (SENTENCE, True, False),
        ("多地出台新政 争夺青年人才", False, True),
        ("定了！这笔补贴直接发放到个人", False, True),
        ("第三章 人才培养", False, False),
        ("（二）申请条件和办理程序", False, False),
        ("http://www.example.cn/ 2024-03-02", False, False),
        ("Lakeside widens support for young engineers", False, True),
        ("The district pays half of the rent for three years, and more for teams.", True, False),
    ],
)
def test_sentences_and_headlines(line: str, prose: bool, title: bool) -> None:
    assert (is_prose(line), is_title(line)) == (prose, title)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("关于支持青年创业的若干措施。为落实部署，制定本措施。", ["为落实"]),
        ("Title ( Agency ) 10:08, November 19, 2020 The fair opened.", ["The fair"]),
        ("It ends. 【1】 【2】 (Web editor: Ann Lee) More", ["【1】", "(Web", " More"]),
        ("为落实部署，制定本措施。", []),
    ],
)
def test_a_text_in_one_line_is_cut_into_its_parts(text: str, begins: list[str]) -> None:
    parts = [text[offset:] for offset in cuts(text)]
    assert len(parts) == len(begins)
    assert all(part.startswith(begin) for part, begin in zip(parts, begins, strict=True))


@pytest.mark.parametrize(
    "line", ["打印" + "|" * 4000, "微信" + " :" * 4000, "分享" * 4000, "（" * 9000]
)
def test_no_line_takes_long(line: str) -> None:
    began = time.process_time()
    for kind in ("head", "start", "end", "close", "tail", "noise"):
        matches(kind, line)
    assert time.process_time() - began < 1
