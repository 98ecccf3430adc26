"""Search in the words of articles, in either script."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bole.web.around import undated
from bole.web.pages.errors import without_paths
from bole.web.state import Desk, Spoken, TheDesk
from bole.web.templating import page
from store import StoreError
from store.hits import Hit

router = APIRouter()

#: Articles of a page, and those that can be asked for.
_FEW, _MOST = 20, 100


@router.get("/search")
def search(
    request: Request,
    desk: TheDesk,
    words: Spoken,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _FEW,
) -> Response:
    """Show the articles that hold all the words."""
    hits: list[Hit] = []
    problem = ""
    asked = q.strip()
    if asked:
        try:
            hits = desk.kept(
                ("search", asked, limit), lambda: desk.store.search(asked, limit=limit + 1)
            )
        except StoreError as error:
            problem = without_paths(request, str(error))
    return page(
        request,
        "search",
        status=400 if problem else 200,
        words=words,
        q=q,
        hits=[(hit, _pieces(hit)) for hit in hits[:limit]],
        undated=desk.kept(
            ("undated", asked, limit),
            lambda: undated(desk.store, [hit.article_id for hit in hits]),
        ),
        more=min(_MOST, limit * 2) if len(hits) > limit and limit < _MOST else None,
        problem=problem,
    )


def prepare(desk: Desk) -> None:
    """Search once: what splits text into words is loaded, and the index opened.

    Raises:
        StoreError: There is no index beside the tables.
    """
    desk.store.search("人才", limit=1)


def _pieces(hit: Hit) -> list[tuple[str, bool]]:
    """Return the snippet in pieces, each with whether it was looked for."""
    pieces, done = [], 0
    for start, end in hit.marks:
        pieces += [(hit.snippet[done:start], False), (hit.snippet[start:end], True)]
        done = end
    return [*pieces, (hit.snippet[done:], False)]
