"""Versions of a policy are one family."""

import json
from pathlib import Path

import pytest

from store.families import policy_family, version_marks, version_words

ROOT = Path(__file__).parent.parent
SPECS = [
    json.loads(line)
    for line in (ROOT / "tests/specs/versions.zh.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("line", SPECS, ids=lambda line: line["text"])
def test_versions_of_a_policy_are_one_family(line):
    assert policy_family(line["text"]) == line["family"]


WORDS = [(key, word) for key, words in version_words().items() for word in words]


@pytest.mark.parametrize(("key", "word"), WORDS, ids=lambda word: word)
def test_every_word_of_versions_has_a_spec_line_that_fails_without_it(key, word):
    table = {**version_words()}
    table[key] = [one for one in table[key] if one != word]
    marks = version_marks(table)
    assert any(policy_family(line["text"], marks) != line["family"] for line in SPECS)
