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
DEFAULTS |= {"target": None, "benefit": None, "tier": None}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_the_figures_of_a_sentence(case):
    found = find_figures(read_text(case["text"], case["lang"]))
    assert [figure.evidence.quote for figure in found] == [row["quote"] for row in case["figures"]]
    for figure, row in zip(found, case["figures"], strict=True):
        wanted = DEFAULTS | row
        del wanted["quote"]
        for name in NUMBERS:
            wanted[name] = None if wanted[name] is None else Decimal(wanted[name])
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
    "1" * 50_000,
    "1," * 30_000,
    "一" * 50_000,
    "万" * 50_000,
    "最高" * 30_000 + "1万元",
    "每人" * 30_000 + "1万元",
    "1、" * 30_000,
    "“" * 30_000,
    "第" * 30_000,
    "对人才" * 10_000 + "100万元",
    "100万元" * 2_000,
    "one hundred " * 10_000,
    "the " * 20_000 + "5 million yuan",
    "100 big " * 4_000,
]


@pytest.mark.parametrize("text", HARD, ids=lambda text: text[:12])
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_time_grows_with_the_length_only(text, lang):
    started = time.perf_counter()
    find_figures(read_text(text, lang))
    assert time.perf_counter() - started < 5
