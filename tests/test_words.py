"""Each word of the tables of figures has a line that is read otherwise without it."""

import importlib
import json
from pathlib import Path

import pytest

from extract import lexicon
from extract.figures import find_figures
from extract.reading import read_text
from tests.words import READERS, Line, seen, without

SPECS = Path(__file__).parent / "specs"
TABLES = {
    "zh": (
        *("bounds", "conditions", "nouns", "numerals", "qualifiers", "ranks", "rates"),
        *("supports", "terms", "traps", "units", "words"),
    ),
    "en": (
        *("ages", "bounds", "conditions", "nouns", "numerals", "qualifiers", "ranks", "rates"),
        *("supports", "traps", "units", "words"),
    ),
}
#: What a line of `units.<lang>.jsonl` shows: the one quantity of its text.
OF_UNITS = ("quote", "value", "unit")


def spec_lines(folder):
    """Return each line with what it shows, those of `units.<lang>.jsonl` among them."""
    for row in _rows("words", folder):
        shows = row.pop("shows")
        yield Line(folder=folder, **row), shows
    for row in _rows("units", folder):
        shows = {name: [row.pop(name)] for name in OF_UNITS}
        yield Line(folder=folder, table="units", **row), shows


def _rows(name, folder):
    lines = (SPECS / f"{name}.{folder}.jsonl").read_text("utf-8").splitlines()
    return map(json.loads, lines)


@pytest.mark.parametrize("folder", ["zh", "en"])
def test_each_word_has_one_line(folder):
    words = {
        (folder, table, section, word)
        for table in TABLES[folder]
        for section, names in lexicon.load_words(folder, table).items()
        for word in names.names
    }
    shown = [line.key for line, _ in spec_lines(folder)]
    assert sorted(shown) == sorted(words)


@pytest.mark.parametrize("folder", ["zh", "en"])
def test_each_line_shows_what_it_says(folder):
    find = importlib.import_module(READERS[folder]).find_figures
    for line, shows in spec_lines(folder):
        read = seen(find, read_text(line.text, line.lang))
        assert {name: read[name] for name in shows} == shows, line


@pytest.mark.parametrize("folder", ["zh", "en"])
def test_each_line_fails_without_its_word(folder):
    shows = dict(spec_lines(folder))
    needless = [
        line
        for line, read in without(folder, list(shows))
        if {name: read[name] for name in shows[line]} == shows[line]
    ]
    assert needless == []


def test_the_tables_are_whole_again_afterwards():
    load = lexicon.load_words
    line = Line("zh", "rates", "each", "人", "50元/人", "zh-Hans")
    ((_, read),) = without("zh", [line])
    assert read["per"] == [None]
    assert lexicon.load_words is load
    find = importlib.import_module(READERS["zh"]).find_figures
    assert seen(find, read_text(line.text, line.lang))["per"] == ["person"]
    assert seen(find_figures, read_text(line.text, line.lang))["per"] == ["person"]
