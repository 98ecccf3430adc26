"""Today: the digest of a day, and the days before and after."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from bole.issues import LANG
from bole.web.linking import Piece, link_quotes
from bole.web.pages.errors import missing
from bole.web.state import Spoken, TheDesk, TheOffice
from bole.web.templating import page
from summarize.comparing import LEAST_DISTRICTS
from summarize.entries import Comparison
from summarize.ranking import is_old

router = APIRouter()

Row = dict[str, Any]

#: Sections in the order of the page.
_SECTIONS = (
    *("points", "policies", "figures", "regions", "comparison", "deadlines", "doubts", "titles"),
)
#: Keys of a line that issues of old lack.
_NEWER = {"earlier": None, "retold": False, "translated": False}
#: What else stands in a section, before its own lines.
_WITH = {"doubts": "corrections"}
#: Files of an issue that are handed out, with their kinds.
_FILES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
}
_LATEST = """
select a.id, a.title, a.source, a.grade, a.district, a.published, a.first_seen
from articles a
where a.first_seen <= $day
order by a.first_seen desc, a.published desc nulls last, a.id
limit 30
"""


@router.get("/")
def newest(request: Request, desk: TheDesk, words: Spoken) -> Response:
    """Show the newest issue."""
    days = _days(desk.office.settings.digests)
    return _issue(request, desk, words, days[-1] if days else None, days)


@router.get("/today")
def chosen(day: date | None = None) -> Response:
    """Lead to the issue of the day that a form gives; without one to the newest."""
    return RedirectResponse(f"/today/{day}" if day else "/", 303)


@router.get("/today/{day}")
def of_day(request: Request, desk: TheDesk, words: Spoken, day: date) -> Response:
    """Show the issue of a day."""
    days = _days(desk.office.settings.digests)
    if day not in days:
        raise missing(words.say("today.no_issue", words.day(day)))
    return _issue(request, desk, words, day, days)


@router.get("/today/{day}/file.{ending}")
def as_file(office: TheOffice, words: Spoken, day: date, ending: str) -> FileResponse:
    """Hand out an issue as a document."""
    stem = str(day) if words.lang == LANG else f"{day}.{words.lang}"
    folder = office.settings.digests
    for name in (f"{stem}.{ending}", f"{day}.{ending}"):
        path = folder / name
        if ending in _FILES and path.is_file():
            return FileResponse(path, media_type=_FILES[ending], filename=path.name)
    raise missing(words.say("today.no_issue", words.day(day)))


def _issue(
    request: Request, desk: TheDesk, words: Spoken, day: date | None, days: Sequence[date]
) -> Response:
    issue = _read(desk.office.settings.digests, day, words.lang) if day else None
    latest = desk.kept(("latest", day), lambda: desk.store.select(_LATEST, day=day or date.max))
    place = days.index(day) if day in days and day else -1
    return page(
        request,
        "today",
        words=words,
        day=day,
        issue=issue,
        sections=sections_of(issue) if issue else [],
        comparisons=comparisons_of(issue) if issue else [],
        least=LEAST_DISTRICTS,
        before=days[place - 1] if place > 0 else None,
        after=days[place + 1] if 0 <= place < len(days) - 1 else None,
        days=list(reversed(days))[:60],
        latest=latest,
        endings=[
            e for e in _FILES if day and (desk.office.settings.digests / f"{day}.{e}").is_file()
        ],
    )


def _days(folder: Path) -> list[date]:
    """Return the days that have an issue, oldest first."""
    stems = (path.stem for path in folder.glob("????-??-??.json"))
    return sorted(date.fromisoformat(stem) for stem in stems)


def _read(folder: Path, day: date, lang: str) -> Row:
    """Return an issue in the reader's language if it was written so, else in that of the house."""
    own = folder / f"{day}.{lang}.json"
    path = own if own.is_file() else folder / f"{day}.json"
    issue: Row = json.loads(path.read_text("utf-8"))
    return issue


def sections_of(issue: Row) -> list[tuple[str, list[Row]]]:
    """Return the sections of an issue with what a page shows of their items."""
    lines: dict[str, list[Row]] = {name: [] for name in (*_SECTIONS, *_WITH.values())}
    for item in issue["items"]:
        lines[item["section"]].append(_item(issue, item))
    return [(name, [*lines.get(_WITH.get(name, ""), []), *lines[name]]) for name in _SECTIONS]


def comparisons_of(issue: Row) -> list[Row]:
    """Return what the issue compares, each offer with its fact; issues of old have none."""
    facts: Mapping[str, Row] = issue["facts"]
    found = []
    for one in issue.get("comparisons", ()):
        measure = Comparison(
            benefit=one["benefit"], tier=one["tier"], per=one["per"], ranks=(), offers=()
        )
        ranks = one["ranks"] or [{"place": None, "fact": fact} for fact in one["offers"]]
        offers = [_offer(rank, facts[rank["fact"]], issue) for rank in ranks]
        found.append({"measure": measure, "is_ranked": bool(one["ranks"]), "offers": offers})
    return found


def _offer(rank: Row, fact: Row, issue: Row) -> Row:
    """Return an offer with its place among others; None if it is not ranked."""
    amounts = {key: fact[key] and Decimal(fact[key]) for key in ("value", "value_max")}
    source = issue["sources"][fact["source"] - 1]
    is_home = fact["district"] == issue["home"]
    return {**fact, **amounts, **rank, "cited": source, "is_home": is_home}


def _item(issue: Row, item: Row) -> Row:
    source = issue["sources"][item["source"] - 1] if item["source"] else None
    facts: Mapping[str, Row] = issue["facts"]
    own = [(fact, facts[fact]["quote"]) for fact in item["facts"] if fact in facts]
    text = item["text"] or _named(facts, item)
    pieces: list[Piece] = link_quotes(text, [*own, *_beside(facts, item)])
    linked = {piece.fact for piece in pieces}
    published = source["published"] if source else None
    return {
        **_NEWER,
        **item,
        "pieces": pieces,
        "cited": source,
        "is_old": is_old(_day(published), _day(issue["first"] or issue["day"]) or date.max),
        "others": [(fact, quote) for fact, quote in own if fact not in linked],
    }


def _named(facts: Mapping[str, Row], item: Row) -> str:
    """Return the policy that a line without words is about; a headline stands beside it anyway."""
    named = [facts[fact].get("name") for fact in item["facts"] if fact in facts]
    return next((name for name in named if name), "") if item["section"] != "titles" else ""


def _beside(facts: Mapping[str, Row], item: Row) -> list[tuple[str, str]]:
    """Return facts of the cited article that the item does not name, by words only they have."""
    others = [
        (fact, row["quote"])
        for fact, row in facts.items()
        if row["source"] == item["source"] and fact not in item["facts"]
    ]
    counts = Counter(quote for _, quote in others)
    return [(fact, quote) for fact, quote in others if counts[quote] == 1]


def _day(words: str | None) -> date | None:
    return date.fromisoformat(words) if words else None
