"""From an article to all its facts."""

import re
from dataclasses import replace

from crawler.article import Article
from extract.attribution import attribute_figures
from extract.background import Background
from extract.facts import Facts, Place
from extract.figures import find_figures
from extract.grade import grade_article
from extract.models import find_names_with
from extract.places import article_district, find_places, settle_places
from extract.policies import find_policies
from extract.reading import Reading, read_body, read_span
from extract.wrapping import unwrap


def read_facts(article: Article, *, names: str = "rules") -> Facts:
    """Return what the article states; of a text in another language nothing is read.

    `names` is the model for people and organizations: see `extract.models`.
    """
    if article.lang == "other":
        return Facts(article_id=article.id, district=None, grade="C")
    reading = unwrap(read_body(article))
    places = find_places(reading)
    district = article_district(article, places)
    context = [code for code in (district, article.publisher_code) if code]
    places = [_with_role(p, district) for p in settle_places(places, context=context)]
    background = Background(
        reading=reading,
        places=places,
        district=district,
        published=article.published,
        head=_head(article),
        foot=read_span(article, max(article.body[0], article.body[1] - 400), _foot_end(article)),
    )
    policies = find_policies(background, _title(article))
    figures = attribute_figures(
        find_figures(reading), reading, places=places, policies=policies, district=district
    )
    return Facts(
        article_id=article.id,
        district=district,
        grade=grade_article(article, policies),
        figures=tuple(figures),
        policies=tuple(policies),
        places=tuple(places),
        names=tuple(find_names_with(names, reading, places)),
    )


def _with_role(place: Place, district: str | None) -> Place:
    is_subject = district is not None and place.code == district
    return replace(place, role="subject") if is_subject else place


def _title(article: Article) -> Reading | None:
    """Return the reading of the title where it stands in the text; None if it does not."""
    span = _title_span(article)
    return read_span(article, *span) if span else None


def _title_span(article: Article) -> tuple[int, int] | None:
    """Return where the title stands; a note at its end, as (2023-02-08), may be missing."""
    title = (article.title or "").strip()
    for words in (title, re.sub(r"\s*[（(][^（）()]*[）)]$", "", title)):
        start = article.text.find(words) if words else -1
        if start >= 0:
            return start, start + len(words)
    return None


def _head(article: Article) -> Reading | None:
    """Return what stands between the title and the body, where documents print their number."""
    span = _title_span(article)
    body = article.body[0]
    return read_span(article, span[1], body) if span and span[1] < body else None


def _foot_end(article: Article) -> int:
    return min(len(article.text), article.body[1] + 200)
