"""The bytes alone decide, whatever a page says about itself."""

import pytest

from crawler.decode import decode

HANS = "区委人才办介绍，对新引进的博士给予租房补贴，三年内每月1500元，名额不限。" * 6
HANT = "區委人才辦介紹，對新引進的博士給予租屋補貼，三年內每月一千五百元，名額不限。" * 6


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (HANS, "utf-8"),
        (HANS, "utf-8-sig"),
        (HANS, "utf-16"),
        (HANS, "gbk"),
        (HANS, "gb18030"),
        (HANT, "utf-8"),
        (HANT, "big5"),
        (HANT, "gbk"),
        ("Plain English needs no guess.", "ascii"),
    ],
)
def test_what_was_written_is_read(text: str, codec: str) -> None:
    assert decode(text.encode(codec)) == text


@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "iso-8859-1", "big5"])
def test_a_declaration_is_not_believed(declared: str) -> None:
    page = f'<meta charset="{declared}"><p>{HANS}</p>'
    assert decode(page.encode("gbk")) == page
    assert decode(page.encode("utf-8")) == page


def test_a_broken_byte_costs_one_character_not_the_page() -> None:
    data = HANS.encode("utf-8")
    text = decode(data[:300] + b"\xff" + data[300:])
    assert text.replace("\ufffd", "") == HANS
    assert text.count("\ufffd") == 1


def test_broken_bytes_in_gbk_cost_their_surroundings_only() -> None:
    data = f"<p>{HANS}</p>\n".encode("gbk")
    text = decode(data + b"\xff\x81\xff" + data)
    assert text.count(HANS) == 2


def test_a_few_foreign_bytes_leave_utf8_alone() -> None:
    text = decode(HANS.encode("utf-8") + "（注）".encode("gbk"))
    assert text.startswith(HANS)


def test_nothing_is_nothing() -> None:
    assert decode(b"") == ""
