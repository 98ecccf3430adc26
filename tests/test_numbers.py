import json
from decimal import Decimal
from pathlib import Path

import pytest

from extract.numbers import find_numbers, parse_number

SPECS = Path(__file__).parent / "specs"
CASES = [
    (lang, json.loads(line))
    for lang in ("zh", "en")
    for line in (SPECS / f"numbers.{lang}.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(("lang", "case"), CASES, ids=lambda part: str(part)[:40])
def test_a_numeral_is_worth(lang, case):
    wanted = None if case["value"] is None else Decimal(case["value"])
    assert parse_number(case["text"], lang) == wanted


def test_a_language_without_numerals_still_reads_digits():
    assert parse_number("1,200", "other") == 1200
    assert parse_number("zwölf", "other") is None
    assert find_numbers("zwölf 12", "other") == []


def test_numerals_are_found_with_their_places():
    text = "三十五点六亿元，1万2082人，四分之三"
    found = find_numbers(text, "zh-Hans")
    assert [(n.words, n.value) for n in found] == [
        ("三十五点六亿", Decimal(3560000000)),
        ("1万2082", Decimal(12082)),
        ("四分之三", Decimal("0.75")),
    ]
    assert all(text[n.start : n.end] == n.words for n in found)
    assert [n.value for n in find_numbers("12.5 million and 300", "en")] == [12500000, 300]


def test_a_long_numeral_is_read_in_linear_time():
    assert parse_number("一" * 100_000, "zh-Hans") is None
    assert parse_number("万" * 20_000 + "人", "zh-Hans") is None
    assert find_numbers("1" * 200_000 + "，12", "zh-Hans")[0].value == 12
