"""How good an article is as evidence."""

from collections.abc import Sequence

from crawler.article import Article
from extract.facts import Grade, Policy
from extract.lexicon import load_words


def grade_article(article: Article, policies: Sequence[Policy]) -> Grade:
    """Return A for the policy document itself, B official, C other media, D repost or machine."""
    words = load_words(article.lang, "grades")
    text = article.text
    if any(mark in text for mark in words["repost"].names):
        return "D"
    if sum(text.count(calque) for calque in words["calques"].names) >= 2:
        return "D"
    if any(_is_document(article, policy) for policy in policies):
        return "A"
    if _is_official(article):
        return "B"
    return "C"


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
