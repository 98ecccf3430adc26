"""Routes of lists, and of one fact or article."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from starlette.responses import Response

from bole.web.api import models, tables
from bole.web.api.answers import Tag, make_json
from bole.web.api.listing import FORMS, PROBLEMS, Described, Page, list_rows
from bole.web.state import Reader, TheDesk

router = APIRouter(tags=["rows"])
_MISSING: Described = {404: {"model": models.Problem, "description": "There is none."}}
_ID = Path(min_length=1, max_length=200)


@router.get("/districts", response_model=Page[models.District], responses=FORMS)
def districts(
    desk: TheDesk, request: Request, tag: Tag, asked: Annotated[tables.DistrictFilters, Query()]
) -> Response:
    """List districts with what is known of each."""
    return list_rows(desk, tables.DISTRICTS, asked, request, tag)


@router.get("/figures", response_model=Page[models.Figure], responses=FORMS)
def figures(
    desk: TheDesk, request: Request, tag: Tag, asked: Annotated[tables.FigureFilters, Query()]
) -> Response:
    """List quantities that articles state."""
    return list_rows(desk, tables.FIGURES, asked, request, tag)


@router.get("/measures", response_model=Page[models.Measure], responses=FORMS)
def measures(
    desk: TheDesk, request: Request, tag: Tag, asked: Annotated[tables.MeasureFilters, Query()]
) -> Response:
    """List what districts offer to talents, teams and firms."""
    return list_rows(desk, tables.MEASURES, asked, request, tag)


@router.get("/policies", response_model=Page[models.Policy], responses=FORMS)
def policies(
    desk: TheDesk, request: Request, tag: Tag, asked: Annotated[tables.PolicyFilters, Query()]
) -> Response:
    """List policies."""
    return list_rows(desk, tables.POLICIES, asked, request, tag)


@router.get("/articles", response_model=Page[models.Article], responses=FORMS)
def articles(
    desk: TheDesk, request: Request, tag: Tag, asked: Annotated[tables.ArticleFilters, Query()]
) -> Response:
    """List articles, without their texts."""
    return list_rows(desk, tables.ARTICLES, asked, request, tag)


@router.get("/stories", response_model=Page[models.Story], responses=FORMS)
def stories(
    desk: TheDesk, request: Request, tag: Tag, asked: Annotated[tables.StoryFilters, Query()]
) -> Response:
    """List stories."""
    return list_rows(desk, tables.STORIES, asked, request, tag)


@router.get("/sources", response_model=Page[models.Source], responses=FORMS)
def sources(
    desk: TheDesk, request: Request, tag: Tag, asked: Annotated[tables.SourceFilters, Query()]
) -> Response:
    """List the watched columns and how each stands."""
    return list_rows(desk, tables.SOURCES, asked, request, tag)


@router.get(
    "/articles/{article}", response_model=models.WholeArticle, responses={**PROBLEMS, **_MISSING}
)
def one_article(store: Reader, tag: Tag, article: Annotated[str, _ID]) -> Response:
    """Return an article as published, with the ids of its facts."""
    for row in store.select(tables.WHOLE_ARTICLE, id=article):
        return make_json(row, tag)
    raise HTTPException(404, f"no article {article!r}; take its id from /articles or /search")


@router.get("/facts/{fact}", response_model=models.Fact, responses={**PROBLEMS, **_MISSING})
def one_fact(
    store: Reader, tag: Tag, fact: Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]
) -> Response:
    """Return a figure, policy, place or name with the words that prove it and those around them."""
    for row in store.select(tables.FACT, fact=fact):
        return make_json({**row, "fields": _fields(store, row["kind"], fact)}, tag)
    raise HTTPException(404, f"no fact {fact!r}; take its id from /figures or an article")


def _fields(store: Reader, kind: str, fact: str) -> dict[str, Any]:
    """Return the fields of a fact beside its evidence."""
    table = tables.FACT_TABLES[kind]
    sql = f"select * from {table} where fact_id = $fact"  # noqa: S608 - a name of ours
    evidence = ("fact_id", "article_id", "position", "start", "end", "quote")
    (row, *_) = store.select(sql, fact=fact)
    return {name: value for name, value in row.items() if name not in evidence}
