import pytest
import spacy
from spacy.tokens import Doc

import extract.component  # noqa: F401 - registers the component

TEXTS = {
    "zh": ["全区设立2亿元人才发展专项资金。", "給予每人每月3000元生活補貼。", "今天开会。"],
    "en": ["The city offers a housing subsidy of up to 600,000 yuan to doctors.", "No news."],
}
QUOTES = {
    "zh": [["2亿元"], ["3000元"], []],
    "en": [["up to 600,000 yuan"], []],
}


def figures(doc: Doc) -> list[str]:
    return [span.text for span in doc.spans["facts"] if span.label_ == "FIGURE"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_documents_carry_their_facts(lang):
    nlp = spacy.blank(lang)
    nlp.add_pipe("bole_facts")
    assert [figures(nlp(text)) for text in TEXTS[lang]] == QUOTES[lang]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_documents_come_back_from_two_processes(lang):
    nlp = spacy.blank(lang)
    nlp.add_pipe("bole_facts")
    docs = list(nlp.pipe(TEXTS[lang] * 3, n_process=2, batch_size=2))
    assert [figures(doc) for doc in docs] == QUOTES[lang] * 3
    assert [f.evidence.quote for f in docs[0]._.facts.figures] == QUOTES[lang][0]


def test_documents_survive_bytes():
    nlp = spacy.blank("zh")
    nlp.add_pipe("bole_facts")
    doc = nlp(TEXTS["zh"][0])
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert figures(again) == ["2亿元"]
    assert again._.facts == doc._.facts
    assert again.spans["facts"][0].kb_id_ == doc.spans["facts"][0].kb_id_
