"""What the words of `summarize/data/leads.toml` and `qualifiers.toml` do to a line of text."""

from crawler.article import Article
from extract.reading import read_body
from summarize import quoting, segments, shortening
from summarize.clauses import split_clauses
from summarize.news import Page
from summarize.shortening import write_out

_TOLD = (segments.leans, segments.lacks, segments.waits)
_TOLD_IN_TURN = (segments.leans_on, segments.planned, segments.waits_for)


def seen(text: str, lang: str) -> tuple[object, ...]:
    """Return how a line is cut: which clauses lean or wait, what stays, how far it is trusted."""
    article = Article(id="a", text=text, body=(0, len(text)), lang=lang, sha256="0" * 64)  # type: ignore[arg-type]
    reading = read_body(article)
    clauses = split_clauses(reading.text)
    page = Page(reading, tuple(clauses))
    words, runs = reading.text, range(len(clauses))
    return (
        [[told(words, c) for told in _TOLD] for c in clauses],
        [[told(words, clauses, i) for told in _TOLD_IN_TURN] for i in runs],
        list(segments.runs_alone(words, clauses)),
        [segments.trust(words, clauses, range(i, i + 1)) for i in runs],
        [[s.text for s in write_out(page, {i}, ())] for i in runs],
        any(word in words for word in segments.leads()["tell"]),
    )


def without(monkeypatch, section: str, word: str) -> None:
    """Take a word out of its table until the test ends."""
    leads, qualifiers = dict(segments.leads()), dict(quoting.qualifier_words())
    for table in (leads, qualifiers):
        if section in table:
            table[section] = tuple(w for w in table[section] if w != word)
    for module in (segments, shortening):
        monkeypatch.setattr(module, "leads", lambda: leads)
    monkeypatch.setattr(quoting, "qualifier_words", lambda: qualifiers)
