"""Organizations and people: each line of the specs."""

import json
from pathlib import Path

import pytest

from extract.names import find_names
from extract.places import find_places
from extract.reading import read_text

SPECS = Path(__file__).parent / "specs"


def cases(name):
    lines = (SPECS / name).read_text("utf-8").splitlines()
    return [pytest.param(case, id=case["text"][:30]) for case in map(json.loads, lines)]


def names_of(text, lang):
    reading = read_text(text, lang)
    names = find_names(reading, find_places(reading))
    assert all(text[n.evidence.start : n.evidence.end] == n.evidence.quote for n in names)
    return names


@pytest.mark.parametrize("case", cases("names.zh.jsonl"))
def test_chinese_names(case):
    names = names_of(case["text"], case.get("lang", "zh-Hans"))
    assert [n.text for n in names if n.label == "ORG"] == case["orgs"]
    assert [[n.text, n.title] for n in names if n.label == "PERSON"] == case["persons"]


@pytest.mark.parametrize("case", cases("names.en.jsonl"))
def test_english_names(case):
    names = names_of(case["text"], "en")
    assert [n.text for n in names if n.label == "ORG"] == case["orgs"]
    assert [n.text for n in names if n.label == "PERSON"] == case["persons"]


def test_a_name_is_given_once_at_its_first_mention():
    names = names_of("张毅博士来了，张毅博士走了。", "zh-Hans")
    assert [(n.text, n.evidence.start) for n in names] == [("张毅", 0)]
