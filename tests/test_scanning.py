import json
import re
from pathlib import Path

import pytest

from extract import amounts_zh, attribution, ranks, traps
from extract.hanzi import NUMBER_SIGNS
from extract.reading import read_text
from extract.scanning import Scanner

SPECS = Path(__file__).parent / "specs"
TEXTS = {
    folder: "\n".join(
        read_text(json.loads(line)["text"], lang).text
        for path in sorted(SPECS.glob(f"*.{folder}.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if '"text"' in line
    )
    for folder, lang in (("zh", "zh-Hans"), ("en", "en"))
}
SCANNERS = [
    *(("zh", pattern) for pattern in traps._patterns("zh") if isinstance(pattern, Scanner)),
    *(("en", pattern) for pattern in traps._patterns("en") if isinstance(pattern, Scanner)),
    ("en", traps._english_codes()),
    ("zh", ranks._chinese()),
    ("zh", attribution._marks("zh-Hans")),
    ("en", attribution._marks("en")),
]


@pytest.mark.parametrize(("folder", "scanner"), SCANNERS)
def test_no_match_is_lost_for_where_it_begins(folder, scanner):
    text = TEXTS[folder]
    wanted = [match.span() for match in scanner.pattern.finditer(text)]
    assert wanted
    assert [match.span() for match in scanner.finditer(text)] == wanted


def test_a_match_is_not_looked_for_inside_another():
    scanner = Scanner("[ab]", re.compile("a?b"))
    assert [match.group() for match in scanner.finditer("abcb ac")] == ["ab", "b"]


def test_no_amount_is_lost_for_where_it_begins(monkeypatch):
    # lone digits before each kind of sign, beside what the specs have
    text = TEXTS["zh"] + (
        "\n收¥五买入。打对折，半年内，几百人，三亚一步。得五以上，一点五亿元，从三到五万人。"
        "二与三万元之间。二和三万元之间。三或五万元。三及五万元。从三至五万元。"
    )
    found = amounts_zh.find_amounts(text)
    anywhere = re.compile(rf"[\d{NUMBER_SIGNS}几数半对]")
    assert len(anywhere.findall(text)) > len(amounts_zh._starts().findall(text))
    monkeypatch.setattr(amounts_zh, "_starts", lambda: anywhere)
    assert amounts_zh.find_amounts(text) == found


def test_what_cannot_begin_a_clause_is_told_by_the_character_before(monkeypatch):
    texts = [TEXTS["zh"], TEXTS["en"], " 在江苏", "  江苏"]
    told = [[attribution._begins_clause(text, at) for at in range(len(text))] for text in texts]
    assert {True, False} <= set(told[0])
    monkeypatch.setattr(attribution, "_LAST_BEFORE", frozenset("".join(texts)))
    asked = [[attribution._begins_clause(text, at) for at in range(len(text))] for text in texts]
    assert asked == told
