"""The titles that a place of a text stands under."""

import time

import pytest

from extract.outline import Outline


def titles(text, at):
    return Outline(text).titles(text.index(at))


@pytest.mark.parametrize(
    ("text", "above"),
    [
        ("## 政策\n### 2.1 购房补贴\n标准如下：\n- 博士20万元", ("标准如下", "购房补贴", "政策")),
        ("一、顶尖人才\n（一）安家费\n给予20万元", ("安家费", "顶尖人才")),
        ("1. 博士：安家费20万元", ("博士",)),
        ("1. 硕士5万元\n2. 博士20万元", ()),
        ("租房补贴\n各区不同。\n一次20万元", ("租房补贴",)),
        ("这是一整句话，说完就完，不是题目。\n一次20万元", ()),
        ("| 人才 | 购房补贴 |\n| --- | --- |\n| 博士 | 20万元 |", ("购房补贴",)),
        ("**补贴：**\n- 本科：\n  - 甲类20万元", ("本科", "补贴")),
        ("20万元", ()),
    ],
)
def test_the_titles_above_a_sum(text, above):
    assert titles(text, "20万元") == above


def test_the_titles_of_an_english_list():
    text = "## Subsidies\nPaid at once:\n1. **Doctors**: 200,000 yuan"
    assert titles(text, "200,000") == ("Doctors", "Paid at once", "Subsidies")


@pytest.mark.parametrize(
    ("text", "is_item"),
    [
        ("- 博士20万元", True),
        ("（1）博士20万元", True),
        ("| 博士 | 20万元 |", True),
        ("博士给予20万元，另有安家费。", False),
        ("## 20万元", False),
    ],
)
def test_lines_of_lists_and_tables_are_items(text, is_item):
    assert Outline(text).is_item(text.index("20万元")) is is_item


@pytest.mark.parametrize(
    ("text", "label"),
    [("| 博士 | 20万元 |", "博士"), ("- 博士：20万元", "- 博士："), ("x\n20万元", "")],
)
def test_a_label_is_what_the_line_begins_with(text, label):
    assert Outline(text).label(text.index("20万元")) == label


def test_a_title_too_far_up_is_none():
    text = "# 购房补贴\n" + "今天的天气很好，大家都出门了，走到河边看看。\n" * 80 + "- 20万元"
    assert titles(text, "20万元") == ()


def test_a_long_list_is_read_in_linear_time():
    text = "# 补贴\n" + "- 博士：20万元\n" * 3_000
    outline = Outline(text)
    start = time.perf_counter()
    for at in range(5, len(text), 11):
        outline.titles(at)
    assert time.perf_counter() - start < 5
