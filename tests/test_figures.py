import json
import time
from decimal import Decimal
from pathlib import Path

import pytest

from extract.figures import find_figures
from extract.reading import read_text

SPECS = Path(__file__).parent / "specs"
CASES = [
    json.loads(line)
    for lang in ("zh", "en")
    for line in (SPECS / f"figures.{lang}.jsonl").read_text("utf-8").splitlines()
]
NUMBERS = ("value", "value_max")
DEFAULTS = {"qualifier": "exact", "value_max": None, "per": None, "cumulative": False}
DEFAULTS |= {"target": None, "benefit": None, "tier": None, "conditions": []}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_the_figures_of_a_sentence(case):
    found = find_figures(read_text(case["text"], case["lang"]))
    assert [figure.evidence.quote for figure in found] == [row["quote"] for row in case["figures"]]
    for figure, row in zip(found, case["figures"], strict=True):
        wanted = DEFAULTS | row
        del wanted["quote"]
        for name in NUMBERS:
            wanted[name] = None if wanted[name] is None else Decimal(wanted[name])
        wanted["conditions"] = tuple(wanted["conditions"])
        assert {name: getattr(figure, name) for name in wanted} == wanted


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_evidence_stands_in_the_raw_text(case):
    raw = case["text"]
    for figure in find_figures(read_text(raw, case["lang"])):
        start, end, quote = figure.evidence
        assert raw[start:end] == quote


def test_no_figures_in_other_languages():
    assert find_figures(read_text("100 Millionen Euro", "other")) == []


HARD = [
    *("1", "1,", "1、", "1-", "1.", "1a", "A1", "一", "一是", "万", "百分之", "二分之", "几", "至"),
    *("每人", "最高", "对人才", "给予", "第", "全国第", "位居", "连续3年", "100万元", "5元5角"),
    *("“", "《", "（1", "@a", "a.", "电话1", "号1", "1月", "2020年", "\n1", "给予100万元补贴"),
    *("one hundred ", "the ", "100 big ", "$1 ", "10 ", "a million and ", "between 1 and "),
    *("more than 1 and ", "5 million yuan "),
]


def seconds(text, lang):
    started = time.process_time()
    find_figures(read_text(text, lang))
    return time.process_time() - started


@pytest.mark.parametrize("piece", HARD, ids=repr)
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_time_grows_with_the_length_only(piece, lang):
    short, long = (piece * (size // len(piece)) for size in (500, 4_000))
    fastest = min(seconds(short, lang) for _ in range(3))
    # eight times the text; 64 times the time would be quadratic
    slowest = min(seconds(long, lang) for _ in range(3))
    assert slowest < 30 * fastest + 0.2


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_a_line_of_a_megabyte_is_no_problem(lang):
    prose = "各级人才工作部门认真落实相关要求，持续优化服务，" * 40 + "引进博士12人，"
    line = prose * (1_000_000 // len(prose))
    found = find_figures(read_text(line, lang))
    assert len(found) == (line.count("12人") if lang == "zh-Hans" else 0)
    assert find_figures(read_text("1" * 1_000_000, lang)) == []
