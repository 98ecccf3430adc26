import json
from pathlib import Path

import pytest

from extract.figures import find_figures
from extract.lexicon import load_words
from extract.reading import read_text

SPECS = Path(__file__).parent / "specs"
LINES = {
    lang: [
        json.loads(line) for line in (SPECS / f"units.{lang}.jsonl").read_text("utf-8").splitlines()
    ]
    for lang in ("zh", "en")
}
SECTIONS = {
    "zh": ("money", "coins", "money_before", "percent", "area", "size", "ratio", "bp"),
    "en": ("money", "coins", "millions", "money_before", "percent", "area", "size", "ratio"),
}


def read(line):
    return [
        (figure.evidence.quote, str(figure.value), figure.unit)
        for figure in find_figures(read_text(line["text"], line["lang"]))
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_unit_is_read(lang):
    wanted = {line["text"]: [(line["quote"], line["value"], line["unit"])] for line in LINES[lang]}
    assert {line["text"]: read(line) for line in LINES[lang]} == wanted


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_word_for_a_unit_has_its_line(lang):
    shown = {(line["section"], line["word"]) for line in LINES[lang]}
    tables = load_words(lang, "units")
    words = {(name, word) for name in SECTIONS[lang] for word in tables[name].names}
    assert words == shown
