"""Numbers in a table whose unit stands in the header."""

import time
from decimal import Decimal

import pytest

from extract.figures import find_figures
from extract.reading import read_text


def read(text, lang="zh-Hans"):
    return [
        (f.evidence.quote, f.value, f.value_max, f.unit, f.counted)
        for f in find_figures(read_text(text, lang))
    ]


def test_a_column_lends_its_unit_to_its_cells():
    text = "类别 | 奖励标准（万元） | 名额（人）\n博士 | 50-80 | 5\n硕士 | 最高30 | 10人"
    assert read(text) == [
        ("50-80", 500000, 800000, "CNY", "奖励标准"),
        ("5", 5, None, "person", "名额"),
        ("最高30", 300000, None, "CNY", "奖励标准"),
        ("10人", 10, None, "person", "名额"),
    ]


def test_a_row_lends_its_unit_and_bars_around_it_do_not_matter():
    text = "| 级别 | A类 | B类 |\n|---|---|---|\n| 资助金额/万元 | 100 | 60 |"
    assert read(text) == [
        ("100", 1000000, None, "CNY", "资助金额"),
        ("60", 600000, None, "CNY", "资助金额"),
    ]


def test_the_line_above_a_table_lends_its_unit_to_columns_of_money():
    text = "（单位：万元）\n类别 | 安家补贴 | 序号\n博士 | 20以上 | 3"
    assert read(text) == [("20以上", 200000, None, "CNY", "安家补贴")]


@pytest.mark.parametrize(
    ("title", "cell", "value", "unit"),
    [
        ("Amount (RMB 10,000)", "50", 500000, "CNY"),
        ("Amount (10,000 yuan)", "50", 500000, "CNY"),
        ("Amount (in million yuan)", "1.5", 1500000, "CNY"),
        ("Amount (US$ million)", "1.5", 1500000, "USD"),
        ("Share (%)", "12.5", Decimal("12.5"), "percent"),
    ],
)
def test_an_english_header_lends_its_unit(title, cell, value, unit):
    figures = read(f"Item | {title}\nLab | {cell}", "en")
    assert figures == [(cell, value, None, unit, title.partition(" ")[0])]


def test_an_english_line_above_a_table_lends_its_unit():
    assert read("Unit: million yuan\nItem | Subsidy\nLab | 5", "en") == [
        ("5", 5000000, None, "CNY", "Subsidy")
    ]


def test_a_rate_in_the_header_and_the_receiver_in_the_row():
    (zh,) = find_figures(read_text("学历 | 租房补贴（元/月）\n博士 | 3000", "zh-Hans"))
    assert (zh.value, zh.per, zh.target, zh.tier, zh.benefit) == (
        3000,
        "month",
        "博士",
        "doctor",
        "rent",
    )
    (en,) = find_figures(read_text("Degree | Subsidy (yuan per month)\nDoctor | 3,000", "en"))
    assert (en.value, en.per, en.target, en.tier) == (3000, "month", "Doctor", "doctor")


def test_a_merged_cell_at_the_left_moves_no_column():
    text = "类别 | 等级 | 资助金额（万元）\n团队 | 一等 | 500\n二等 | 300"
    assert [figure[1] for figure in read(text)] == [5000000, 3000000]


@pytest.mark.parametrize(
    "text",
    [
        "人才类别 | 备注（略）\n博士 | 50",  # no unit in the header
        "类别 | 金额（万元）\n博士 | 见附件3",  # no number by itself
        "类别 | 金额（万元）\n博士 | 0516-12345",
        "类别 | 金额（万元）\n以上为标准。\n博士 | 50",  # the table is over
        "类别 | 金额（万元）",
    ],
)
def test_nothing_is_lent_where_nothing_is_said(text):
    assert read(text) == []


def test_a_table_of_many_rows_is_read_in_linear_time():
    head, row = "类别 | 奖励标准（万元） | 名额（人）\n", "博士 | 50-80 | 5\n"
    started = time.process_time()
    assert len(read(head + row * 400)) == 800
    assert time.process_time() - started < 5
    assert read("|" * 20_000) == []
