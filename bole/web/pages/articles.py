"""An article as published, beside its simplified text, every fact marked in its words."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bole.web.pages.errors import missing
from bole.web.sidebyside import Line, Span, lay_side_by_side
from bole.web.state import Spoken, TheDesk
from bole.web.templating import page
from store import Store

router = APIRouter()

Row = dict[str, Any]

_ARTICLE = """
select id, url, title, text, body_start, body_end, published, published_from, source, publisher,
    author, lang, grade, district, first_seen, read_by
from articles where id = $article
"""
_FIGURES = """
select fact_id, 'figure' as kind, value, value_max, unit, qualifier, counted, role, target, tier,
    benefit, per, cumulative, conditions, policy, policy_id, district, in_district, "start", "end",
    quote, repeats, article_id
from figures where {}
"""
_POLICIES = """
select fact_id, 'policy' as kind, policy_id, name, kind as policy_kind, action, doc_number, issuer,
    district, issued, valid_from, valid_to, trial, "start", "end", quote, article_id
from policy_mentions where {}
"""
#: Characters up to which the lines of a fact are shown with those around them.
_SHORT = 240
_OF_ARTICLE, _ONE = "article_id = $article order by position", "fact_id = $fact"
_STORY = """
select o.article_id as id, a.title, a.source, a.grade, a.published, a.first_seen
from story_articles s
join story_articles o on o.story_id = s.story_id and o.article_id <> s.article_id
join articles a on a.id = o.article_id
where s.article_id = $article
order by o.position
limit 20
"""


def read_article(store: Store, article: str) -> Row | None:
    """Return an article with its facts, its lines and the others of its story; None if unknown."""
    rows = store.select(_ARTICLE, article=article)
    if not rows:
        return None
    figures = store.select(_FIGURES.format(_OF_ARTICLE), article=article)
    policies = store.select(_POLICIES.format(_OF_ARTICLE), article=article)
    return {
        **rows[0],
        "figures": figures,
        "policies": policies,
        "lines": _lines(rows[0], [*figures, *policies]),
        "story": store.select(_STORY, article=article),
    }


def read_fact(store: Store, fact: str) -> Row | None:
    """Return a figure or a policy in an article; None if there is none of that id."""
    for sql in (_FIGURES, _POLICIES):
        rows = store.select(sql.format(_ONE), fact=fact)
        if rows:
            return rows[0]
    return None


def lines_near(lines: Sequence[Line], fact: str) -> Sequence[Line]:
    """Return the line whose words prove a fact, with those around it; the first ones without."""
    found = [n for n, line in enumerate(lines) if any(piece.fact == fact for piece in line.raw)]
    first, last = (found[0], found[-1]) if found else (0, 0)
    around = 1 if sum(line.length for line in lines[first : last + 1]) < _SHORT else 0
    return lines[max(0, first - around) : last + around + 1]


def _lines(article: Row, facts: list[Row]) -> list[Line]:
    spans = [Span(start=f["start"], end=f["end"], fact=f["fact_id"]) for f in facts]
    body = article["body_start"], article["body_end"]
    return lay_side_by_side(article["text"], article["lang"], body, spans)


@router.get("/articles/{article}")
def article_page(request: Request, desk: TheDesk, words: Spoken, article: str) -> Response:
    """Show an article with all its facts."""
    row = desk.kept(("article", article), lambda: read_article(desk.store, article))
    if row is None:
        raise missing(words.say("article.missing", article[:40]))
    return page(request, "article", words=words, article=row)
