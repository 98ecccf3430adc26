"""The watchlist of an office: its sources, checked against the districts, and how each stands."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from bole.config import Settings
from crawler.health import Problem, SourceHealth, breaking, source_health
from crawler.ledger import Ledger
from crawler.probing import Check
from crawler.sources import Source, SourceError, choose_sources, load_sources
from extract.gazetteer import districts_by_code
from summarize.wording import load_wording

Row = dict[str, Any]

#: What `sources check` says of a source that it did not ask.
LEFT = "left for its hours"

#: What the view `source_health` counts of each source, as far as a run has read it.
_COUNTS = ("pages", "articles", "unread", "undated", "list_rows", "last_new", "quiet_days")
#: Its counts of answers, and how a status mix writes them.
_STATUSES = {
    "status_200": "200",
    "status_304": "304",
    "status_404": "404",
    "status_4xx": "4xx",
    "status_5xx": "5xx",
    "status_other": "other",
    "no_answer": "no answer",
}


def load_watchlist(settings: Settings, *, may_be_empty: bool = False) -> list[Source]:
    """Return the sources of the watchlist, in file order; none are needed if it `may_be_empty`.

    Raises:
        SourceError: The file is malformed, or a district is none; names line, value and cure.
    """
    codes = districts_by_code()
    return load_sources(settings.watchlist, districts=codes, may_be_empty=may_be_empty)


def sources_to_collect(settings: Settings, ids: Sequence[str]) -> list[Source]:
    """Return the named sources; without names those that are enabled.

    Raises:
        SourceError: A name is not in the watchlist, is disabled, or no source is enabled.
    """
    chosen = choose_sources(load_watchlist(settings), ids)
    off = [source.id for source in chosen if not source.enabled]
    if off:
        raise SourceError(f"disabled sources: {', '.join(off)}; {cure_of_disabled(settings)}")
    if not chosen:
        raise SourceError(f"no source is enabled; {cure_of_disabled(settings)}")
    return chosen


def cure_of_disabled(settings: Settings) -> str:
    """Return what makes a source that is left alone one that is collected."""
    return f"set enabled = true in {settings.watchlist} to collect from it"


def sources_to_check(
    settings: Settings, ids: Sequence[str], *, say: Callable[[str], None]
) -> list[Source]:
    """Return the named sources, for those that are disabled a word that the daily run is without.

    Raises:
        SourceError: A name is not in the watchlist, or without names no source is enabled.
    """
    if not ids:
        return sources_to_collect(settings, ids)
    chosen = choose_sources(load_watchlist(settings), ids)
    for source in chosen:
        if not source.enabled:
            say(f"{source.id} is disabled; {cure_of_disabled(settings)}")
    return chosen


def need_district(code: str | None) -> None:
    """Refuse a district that is none.

    Raises:
        SourceError: No district has that code today.
    """
    if code and code not in districts_by_code():
        raise SourceError(f"district {code!r} is none today; write its code, as in 320300")


def broken_now(settings: Settings, sources: Sequence[Source]) -> list[str]:
    """Return a line for each of the sources that the ledger shows to be broken, with the cure."""
    with Ledger(settings.ledger) as ledger:
        health = source_health(ledger, sources)
    return [
        problem_line(one.source_id, problem)
        for one, source in zip(health, sources, strict=True)
        for problem in breaking(one, source)[:1]
    ]


def problem_line(source_id: str, problem: Problem) -> str:
    """Return a problem in one line: where, what kind, the value, the cure."""
    words = [f"{source_id}: {problem.kind}", problem.url, problem.detail]
    cure = load_wording("en").cure(problem.kind)
    return " ".join(filter(None, words)) + (f"; {cure}" if cure else "")


def standing_rows(settings: Settings, day: date) -> list[Row]:
    """Return the watchlist with how each source stands: by the ledger, and by the last run."""
    sources = load_watchlist(settings)
    health, newest = _health(settings, sources, day)
    counted = _counted(settings)
    return [
        {
            "id": source.id,
            "name": source.name,
            "district": source.district,
            "enabled": source.enabled,
            "state": _state(health.get(source.id), source),
            "min_items": source.min_items,
            "stale_after_days": source.stale_after_days,
            "newest": newest.get(source.id),
            **_counts_row(counted.get(source.id)),
            "url": source.url,
        }
        for source in sources
    ]


def with_counts(settings: Settings, checks: Iterable[Check]) -> list[Row]:
    """Return what lists yield now, with the cure of what is wrong and what the runs counted."""
    counted = _counted(settings)
    words = load_wording("en")
    return [
        {
            **asdict(check),
            "cure": words.cure(check.problem or "") or None,
            **_counts_row(counted.get(check.id)),
        }
        for check in checks
    ]


def tally_of(checks: Iterable[Check]) -> Mapping[str, int]:
    """Return how many sources are broken, how many stale, and how many were left; none that is 0.

    A quiet column is not broken, and one outside its hours was not asked.
    """
    other = {"stale": "stale", "not_asked": LEFT}
    found = Counter(other.get(one.problem, "broken") for one in checks if one.problem)
    return {state: found[state] for state in ("broken", "stale", LEFT) if found[state]}


def for_eyes(row: Row) -> Row:
    """Return what a person wants to see of a row: the rest is in the JSON."""
    found = row.get("rows", row["list_rows"])
    return {
        "id": row["id"],
        "name": row["name"],
        "state": row.get("state") or row.get("problem") or "ok",
        "detail": row.get("detail"),
        "cure": row.get("cure"),
        "rows": None if found is None else f"{found}, at least {row['min_items']} expected",
        "newest item": row["newest"],
        "last new article": row["last_new"],
        "articles": row["articles"],
        "unread": row["unread"] or None,
        "undated": row["undated"] or None,
        "answers": row["statuses"],
        "url": row["url"],
    }


def mix_of(statuses: Mapping[str, int]) -> str | None:
    """Return a status mix in a line, as in 200×40, 404×3; None if nothing was asked for.

    >>> mix_of({"200": 40, "304": 0, "404": 3})
    '200×40, 404×3'
    """
    return ", ".join(f"{name}×{n}" for name, n in statuses.items() if n) or None


def _health(
    settings: Settings, sources: Sequence[Source], day: date
) -> tuple[Mapping[str, SourceHealth], Mapping[str, date | None]]:
    """Return how each source stands, and the newest day beside the rows of its lists."""
    if not settings.ledger.is_file():
        return {}, {}
    with Ledger(settings.ledger) as ledger:
        health = {one.source_id: one for one in source_health(ledger, sources, today=day)}
        rows = {source.id: ledger.newest_listings(source.id, 1) for source in sources}
    return health, {name: found[0].day for name, found in rows.items() if found}


def _state(health: SourceHealth | None, source: Source) -> str:
    """Return a word for eyes: disabled, new, ok, or the kinds of its problems."""
    if not source.enabled:
        return "disabled"
    if health is None or not (health.pages or health.problems):
        return "new"
    if _kinds(health.problems) == ["not_asked"] and not source.hours:
        return "new"
    return ", ".join(_kinds(health.problems)) or "ok"


def _kinds(problems: Iterable[Problem]) -> list[str]:
    return list(dict.fromkeys(problem.kind for problem in problems))


def _counted(settings: Settings) -> Mapping[str, Row]:
    """Return the rows of the view `source_health` by source; none before the first run."""
    from store import Store
    from store.snapshots import is_published

    if not is_published(settings.data):
        return {}
    with Store.open_snapshot(settings.data) as store:
        rows = store.query("select * from source_health").to_pylist()
    return {row["id"]: row for row in rows}


def _counts_row(row: Row | None) -> Row:
    counts = {name: row[name] if row else None for name in _COUNTS}
    statuses = {words: row[name] for name, words in _STATUSES.items()} if row else {}
    return {
        **counts,
        "statuses": mix_of(statuses),
        "last_challenge": row["last_challenge"] if row else None,
    }
