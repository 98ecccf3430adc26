"""Words of names and places that stand around a name: each has a line read otherwise without it."""

import json
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest

from extract import lexicon, mentions, names, people, wide
from extract.models import tagger
from extract.names import find_names
from extract.places import find_places
from extract.reading import read_text

SPECS = Path(__file__).parent / "specs" / "name_words.zh.jsonl"
MODULES = (names, people, mentions, wide)
#: Sections all of whose words have a line; the long lists of names themselves have not.
SECTIONS = {
    "names": (
        *("holder", "goes_on", "before_level", "bureau", "chief", "joins", "joint"),
        *("before_name", "ends_other", "and"),
    ),
    "places": ("of", "type_words", "autonomous", "school", "pupil"),
    "wide": ("sound_end", "of_world", "towards", "beside", "follows", "numeral", "reign"),
}


def read(table, text):
    """Return what the readers of a table make of a text, in words that JSON can hold."""
    if table == "wide":
        (tags,) = tagger()([text], "zh-Hans")
        return [[text[t.start : t.end], t.label] for t in tags]
    reading = read_text(text, "zh-Hans")
    places = find_places(reading)
    if table == "places":
        return [[p.evidence.quote, p.code or list(p.candidates)] for p in places]
    return [[n.text, n.label, n.title] for n in find_names(reading, places)]


@contextmanager
def without(table, section, word):
    """Have the readers do without one word, until the context is left."""
    load = lexicon.load_words

    def less(lang, name):
        sections = load(lang, name)
        if name != table or lexicon.FOLDERS.get(lang, lang) != "zh":
            return sections
        left = {w: n for w, n in sections[section].names.items() if w != word}
        return MappingProxyType({**sections, section: lexicon.Words(MappingProxyType(left))})

    with pytest.MonkeyPatch.context() as patch:
        for module in MODULES:
            patch.setattr(module, "load_words", less)
        forget(section)
        yield
    forget(section)


def forget(section):
    """Have patterns made anew; the index of all places only where its words have changed."""
    for module in MODULES:
        for maker in vars(module).values():
            is_own = hasattr(maker, "cache_clear") and maker.__module__ == module.__name__
            if is_own and (maker is not mentions._index or section == "autonomous"):
                maker.cache_clear()


def lines():
    return [json.loads(line) for line in SPECS.read_text("utf-8").splitlines()]


def test_each_word_has_one_line():
    words = [
        (table, section, word)
        for table, sections in SECTIONS.items()
        for section in sections
        for word in lexicon.load_words("zh", table)[section].names
    ]
    shown = [(line["table"], line["section"], line["word"]) for line in lines()]
    assert sorted(shown) == sorted(words)


def test_each_line_shows_what_it_says():
    for line in lines():
        assert read(line["table"], line["text"]) == line["shows"], line


def test_each_line_fails_without_its_word():
    needless = []
    for line in lines():
        with without(line["table"], line["section"], line["word"]):
            if read(line["table"], line["text"]) == line["shows"]:
                needless.append(line)
    assert needless == []
    test_each_line_shows_what_it_says()  # the tables are whole again
