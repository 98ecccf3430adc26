"""Routes of review marks: what a person says of a fact, kept for the next run."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path
from starlette.responses import Response

from bole.web import marks
from bole.web.api import models
from bole.web.api.answers import make_json
from bole.web.api.listing import PROBLEMS, Described
from bole.web.state import Reader, TheOffice
from store.corrections import Correction

router = APIRouter(tags=["review"])
_MISSING: Described = {
    404: {"model": models.Problem, "description": "There is none."},
    503: PROBLEMS[503],
}
_WRONG: Described = {
    400: {"model": models.Problem, "description": "A body that is no JSON."},
    422: PROBLEMS[422],
}
FactId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]


@router.get("/marks", response_model=list[models.Mark])
def waiting(office: TheOffice) -> Response:
    """List the marks that wait for the next run."""
    found = marks.waiting_marks(office.settings.data / marks.FOLDER)
    return make_json([{**_row(fact, said), "decided": when} for fact, said, when in found])


@router.post(
    "/marks", status_code=201, response_model=models.Mark, responses={**_MISSING, **_WRONG}
)
def mark(store: Reader, office: TheOffice, given: models.GivenMark) -> Response:
    """Mark a figure or policy right, wrong or corrected; the next run takes it in."""
    folder = office.settings.data / marks.FOLDER
    now = datetime.now(UTC).replace(microsecond=0)
    said = marks.Mark(
        fact_id=given.fact_id,
        verdict=given.verdict,
        fields=given.fields,
        reviewer=given.reviewer,
    )
    try:
        kept = marks.mark_fact(store, folder, said, decided=now)
    except marks.NoFactError as error:
        raise HTTPException(404, str(error)) from error
    except marks.MarkError as error:
        raise HTTPException(422, str(error)) from error
    return make_json({**_row(given.fact_id, kept), "decided": now}, status=201)


@router.delete("/marks/{fact}", status_code=204, responses={**_MISSING, **_WRONG})
def withdraw(office: TheOffice, fact: FactId) -> Response:
    """Forget a mark that no run has taken in yet."""
    if not marks.withdraw_mark(office.settings.data / marks.FOLDER, fact):
        raise HTTPException(404, f"no mark of {fact!r} waits; /marks lists those that do")
    return Response(status_code=204)


def _row(fact: str, said: Correction) -> dict[str, Any]:
    return {
        "fact_id": fact,
        "article_id": said.article_id,
        "kind": said.kind,
        "quote": said.evidence.quote,
        "verdict": said.verdict,
        "fields": said.fields,
        "reviewer": said.reviewer,
    }
