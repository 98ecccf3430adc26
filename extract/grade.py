"""How good an article is as evidence."""

import re
from collections.abc import Sequence

from crawler.article import Article
from extract.facts import Grade, Policy
from extract.lexicon import load_words


def grade_article(article: Article, policies: Sequence[Policy]) -> Grade:
    """Return A for the policy document itself, B official, C other media, D repost or machine.

    A machine has translated the text, or has read it off pictures of scanned pages.
    """
    if article.read_by is not None:
        return "D"
    words = load_words(article.lang, "grades")
    text = article.text
    if any(mark in text for mark in words["repost"].names):
        return "D"
    if is_machine_translation(text[slice(*article.body)], article.lang):
        return "D"
    if any(_is_document(article, policy) for policy in policies):
        return "A"
    if _is_official(article):
        return "B"
    return "C"


#: What a translating machine leaves in English: Xi 'an, high -level, the same word twice.
_SLIP = re.compile(r"[A-Z][a-z]+ '[a-z]|[a-z] -[a-z]{3,}|\b([A-Za-z]{5,}) \1\b")
#: One word that no person writes is enough; of others it takes three.
_WEIGHTS = {"sure": 3, "likely": 1}
_SUSPICIOUS = 3


def is_machine_translation(text: str, lang: str) -> bool:
    """Whether a text reads like machine translation: calques of set phrases, slips of spelling.

    >>> is_machine_translation("Xi 'an built high -level labs for overseas overseas talent.", "en")
    True
    """
    calques = load_words(lang, "grades")["calques"]
    if not calques.names:
        return False
    marks = sum(_WEIGHTS[calques[word]] for word in calques.names if word in text)
    return marks + len({match[0] for match in _SLIP.finditer(text)}) >= _SUSPICIOUS


def _is_document(article: Article, policy: Policy) -> bool:
    """Whether the article is the text of this policy: its name is the title, alone."""
    if policy.kind != "document" or policy.action == "mentioned":
        return False
    title = _letters(article.title or "")
    return bool(title) and _letters(policy.evidence.quote) == title


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _is_official(article: Article) -> bool:
    words = load_words(article.lang, "grades")["official"]
    if ".gov." in (article.url or ""):
        return True
    named = f"{article.source or ''} {article.publisher or ''} {article.author or ''}"
    return any(word in named for word in words.names)
