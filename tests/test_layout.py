"""Lines by their place on a page -> paragraphs."""

import pytest

from crawler.layout import Line, paragraphs, rows_of


def at(text: str, left: float, top: float, right: float = 100) -> Line:
    return Line(text=text, left=left, top=top, right=right, bottom=top + 10)


def test_a_figure_that_a_line_break_cut_is_whole() -> None:
    rows = [
        at("第一条　给予领军人才500万元资助和1", 20, 0),
        at("00万元安家补贴。", 0, 15, 60),
        at("第二条　博士每月3000元。", 20, 30, 70),
        at("附则", 0, 45, 30),
        at("本办法自印发之日起施行。", 0, 60, 80),
    ]
    assert paragraphs(rows) == [
        "第一条　给予领军人才500万元资助和100万元安家补贴。",
        "第二条　博士每月3000元。",
        "附则",
        "本办法自印发之日起施行。",
    ]


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("half of the rent", "of 300 engineers", "half of the rent of 300 engineers"),
        ("every high-", "level talent", "every high-level talent"),
        ("资助", "Science作者", "资助Science作者"),
        ("发表于Nature", "Science", "发表于Nature Science"),
        ("面积120", "平方米", "面积120平方米"),
    ],
)
def test_a_blank_stands_between_words_of_letters_only(before, after, whole) -> None:
    assert paragraphs([at(before, 0, 0), at(after, 0, 15)]) == [whole]


def test_what_stands_apart_or_in_a_table_is_a_line_of_its_own() -> None:
    rows = [
        at("正文到此为止了", 0, 0),
        at("落款", 0, 60),
        at("博士 | 3000", 0, 75),
        at("硕士", 0, 90),
    ]
    assert paragraphs(rows) == ["正文到此为止了", "落款", "博士 | 3000", "硕士"]
    assert paragraphs([]) == []


def test_pieces_are_rows_from_the_top_and_from_the_left() -> None:
    pieces = [
        at("3000元", 71, 31, 95),
        at("上一行", 0, 0, 30),
        at("博士", 0, 30, 20),
        at("后研究", 22, 33, 50),
    ]
    assert [row.text for row in rows_of(pieces)] == ["上一行", "博士后研究 | 3000元"]


def test_a_seal_beside_the_text_moves_no_edge() -> None:
    rows = [at("一行写满了的文字", 0, 0), at("第二行也写满了的", 0, 15), at("完了。", 0, 30, 40)]
    assert (
        paragraphs([*rows, at("章", 150, 100, 170)])[0] == "一行写满了的文字第二行也写满了的完了。"
    )


def test_a_ragged_line_goes_on_if_the_next_word_found_no_room() -> None:
    full = at("The district pays half of the rent of young en", 0, 0)
    short = at("and more than three hundred have moved since", 0, 15, 80)
    assert paragraphs([full, short, at("internationally", 0, 30, 30)])[0].endswith(
        "since internationally"
    )
    assert paragraphs([full, short, at("in May", 0, 30, 12)])[1] == "in May"
