"""Each word that cuts clauses or states a qualifier has a line that reads otherwise without it."""

import json
from pathlib import Path

import pytest

from summarize.quoting import has_qualifier, qualifier_words
from summarize.segments import leads
from tests.leads import seen, without

LINES = [
    json.loads(line)
    for line in (Path(__file__).parent / "specs" / "leads.jsonl").read_text("utf-8").splitlines()
]


def test_each_word_has_one_line():
    tables = [*leads().items(), *qualifier_words().items()]
    words = [(section, word) for section, own in tables for word in own]
    assert sorted((line["section"], line["word"]) for line in LINES) == sorted(words)


@pytest.mark.parametrize("section", sorted({line["section"] for line in LINES}))
def test_each_line_reads_otherwise_without_its_word(section):
    def read(line):
        if section in qualifier_words():
            return has_qualifier(line["text"], section)
        return seen(line["text"], line["lang"])

    needless = []
    for line in (line for line in LINES if line["section"] == section):
        whole = read(line)
        with pytest.MonkeyPatch.context() as patch:
            without(patch, section, line["word"])
            if read(line) == whole:
                needless.append(line["word"])
    assert needless == []
