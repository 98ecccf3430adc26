"""The facts of a text as a component of a spaCy pipeline.

    nlp = spacy.blank("zh")
    nlp.add_pipe("bole_facts")
    doc = nlp("全区设立2亿元人才发展专项资金。")
    [span.label_ for span in doc.spans["facts"]]     # FIGURE
    doc._.facts.figures[0].value                     # Decimal("200000000")

`doc.spans["facts"]` is stored with the document; `doc._.facts` is read anew each time it is asked
for, so that documents can be written to bytes and sent between processes.
"""

from hashlib import sha256

from spacy.language import Language
from spacy.tokens import Doc, Span

from crawler.article import Article
from crawler.language import detect_language
from extract.assembly import read_facts
from extract.facts import Evidence, Facts, fact_id

#: Key of the spans of all facts in `doc.spans`.
SPANS = "facts"


class FactsReader:
    """Puts a span for each fact of a document into `doc.spans["facts"]`.

    Labels are FIGURE, POLICY, PLACE, ORG and PERSON; a span's `kb_id_` is the fact's id.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Return the document with its spans."""
        facts = facts_of(doc)
        spans = [
            *(_span(doc, facts, "FIGURE", figure.evidence) for figure in facts.figures),
            *(_span(doc, facts, "POLICY", policy.evidence) for policy in facts.policies),
            *(_span(doc, facts, "PLACE", place.evidence) for place in facts.places),
            *(_span(doc, facts, name.label, name.evidence) for name in facts.names),
        ]
        doc.spans[SPANS] = [span for span in spans if span is not None]
        return doc


@Language.factory("bole_facts")
def make_facts_reader(nlp: Language, name: str) -> FactsReader:  # noqa: ARG001 - spaCy's signature
    """Return the component, as spaCy asks for it by name."""
    return FactsReader()


def facts_of(doc: Doc) -> Facts:
    """Return the facts of a document's text, all of which counts as the article proper."""
    digest = sha256(doc.text.encode()).hexdigest()
    article = Article(
        id=digest[:16],
        text=doc.text,
        body=(0, len(doc.text)),
        lang=detect_language(doc.text),
        sha256=digest,
    )
    return read_facts(article)


def _span(doc: Doc, facts: Facts, label: str, evidence: Evidence) -> Span | None:
    key = fact_id(facts.article_id, label.lower(), evidence)
    return doc.char_span(
        evidence.start, evidence.end, label=label, kb_id=key, alignment_mode="expand"
    )


Doc.set_extension("facts", getter=facts_of, force=True)
