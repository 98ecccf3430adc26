"""Words of names, places and policies: each has a line that is read otherwise without it.

A line shows what its text is read as. Of each section several words are left out at once, none of
which stands in the line of another: so each line is read without its own word alone.
"""

import json
from collections import defaultdict
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest

from crawler.article import Article
from extract import (
    abbreviations,
    background,
    documents,
    formalities,
    issuers,
    lexicon,
    lifecycle,
    mentions,
    names,
    people,
    places,
    policies,
    policy_names,
    policy_patterns,
    standing,
    wide,
)
from extract.models import tagger
from extract.names import find_names
from extract.places import article_district, find_places, own_district
from extract.policies import find_policies
from extract.reading import read_text

SPECS = Path(__file__).parent / "specs"
FILES = ("name_words.zh.jsonl", "policy_words.zh.jsonl")
MODULES = (
    abbreviations, background, documents, formalities, issuers, lifecycle, mentions, names, people,
    places, policies, policy_names, policy_patterns, standing, wide,
)  # fmt: skip
TABLES = ("abbreviations", "actions", "names", "places", "policies", "wide")
#: Sections that the index of all places is made of.
INDEXED = {"autonomous", "aliases", "generic", "fragile", "contested", "zones", "supported"}
#: Sections of names that texts of any kind are read with, too.
TAGGED = {"wordlike", "not_person"}
#: Sections that hold a number and no words.
NUMBERS = {"reach"}
#: Sections that say how a whole article is read.
ABOUT = {"hints", "foreign", "state_school"}


def read(line):
    """Return what the readers of a table make of a text, in words that JSON can hold."""
    table, section, text = line["table"], line["section"], line["text"]
    if table == "wide" or section in TAGGED:
        (tags,) = tagger()([text], "zh-Hans")
        return [[text[t.start : t.end], t.label] for t in tags]
    if table in {"actions", "policies"}:
        return _policies(text, line.get("title"))
    reading = read_text(text, "zh-Hans")
    if section == "own":
        return own_district(text, "320322", "zh-Hans")
    if section in ABOUT:
        return _about(text, line.get("title", ""), line.get("head", ""))
    found = find_places(reading)
    if table == "places":
        return [[p.evidence.quote, p.code or list(p.candidates)] for p in found]
    return [[n.text, n.label, n.title] for n in find_names(reading, found)]


def _about(text, title, head):
    made = Article(
        id="a",
        text=head + text,
        title=title,
        body=(len(head), len(head + text)),
        lang="zh-Hans",
        sha256="0" * 64,
    )
    return article_district(made, find_places(read_text(text, "zh-Hans")))


TOLD = ("action", "issuer", "doc_number", "issued", "valid_from", "valid_to", "trial", "district")


def _policies(text, title):
    reading = read_text(text, "zh-Hans")
    known = background.Background(
        reading=reading,
        places=find_places(reading),
        district="320322",
        published=date(2023, 6, 7),
    )
    found = find_policies(known, read_text(title, "zh-Hans") if title else None)
    told = [{key: getattr(p, key) for key in TOLD if getattr(p, key)} for p in found]
    return [[p.name, p.kind, more] for p, more in zip(found, told, strict=True)]


@contextmanager
def without(table, section, words):
    """Have the readers do without some words, until the context is left."""
    load = lexicon.load_words

    def less(lang, name):
        sections = load(lang, name)
        if name != table or lexicon.FOLDERS.get(lang, lang) != "zh":
            return sections
        left = {w: n for w, n in sections[section].names.items() if w not in words}
        return MappingProxyType({**sections, section: lexicon.Words(MappingProxyType(left))})

    with pytest.MonkeyPatch.context() as patch:
        for module in MODULES:
            if hasattr(module, "load_words"):
                patch.setattr(module, "load_words", less)
        forget(section)
        yield
    forget(section)


def forget(section):
    """Have patterns made anew; the index of all places only where its words have changed."""
    for module in MODULES:
        for maker in vars(module).values():
            is_own = hasattr(maker, "cache_clear") and maker.__module__ == module.__name__
            if is_own and (maker is not mentions._index or section in INDEXED):
                maker.cache_clear()


def lines():
    return [
        json.loads(line) for name in FILES for line in (SPECS / name).read_text("utf-8").split("\n")
        if line
    ]  # fmt: skip


def size(line):
    return len(lexicon.load_words("zh", line["table"])[line["section"]].names)


def groups():
    """Return lines whose words can be left out together, by table and section.

    At least half of a section stays, so that its patterns can be made.
    """
    made = defaultdict(list)
    for line in lines():
        rows = made[line["table"], line["section"]]
        text = line["text"] + line.get("title", "")
        fitting = (
            row
            for row in rows
            if 2 * len(row["lines"]) < size(line)
            and all(line["word"] not in o and w not in text for w, o in row["texts"])
        )
        row = next(fitting, None)
        if row is None:
            row = {"texts": [], "lines": []}
            rows.append(row)
        row["texts"].append((line["word"], text))
        row["lines"].append(line)
    return [(key, row["lines"]) for key, rows in made.items() for row in rows]


def test_each_word_has_one_line():
    words = [
        (table, section, word)
        for table in TABLES
        for section, found in lexicon.load_words("zh", table).items()
        if section not in NUMBERS
        for word in found.names
    ]
    shown = [(line["table"], line["section"], line["word"]) for line in lines()]
    assert sorted(shown) == sorted(words)


def test_each_line_shows_what_it_says():
    for line in lines():
        assert read(line) == line["shows"], line


def test_each_line_fails_without_its_word():
    needless = []
    for (table, section), found in groups():
        with without(table, section, {line["word"] for line in found}):
            needless += [line for line in found if read(line) == line["shows"]]
    assert needless == []
