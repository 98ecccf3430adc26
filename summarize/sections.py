"""The sections of a digest: each function writes the lines of one."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice

from summarize.clauses import span_in
from summarize.correcting import Correction
from summarize.desk import Desk
from summarize.entries import Item, Part, Quote, Section
from summarize.news import Find, News, finds_of
from summarize.quoting import choose_clauses, quote_runs, quote_short, run_of
from summarize.ranking import Unit, heaviest
from summarize.stories import Report

#: Lines of a section at most, so that an issue stays at two pages; the rest is a list of titles.
_POINTS, _REGIONS, _ROWS, _CORRECTIONS, _DOUBTS = 5, 7, 8, 10, 24
#: Rows of a table for one story and district.
_ROWS_EACH = 3
#: Widths of a quote in Han characters.
_WIDTHS: Mapping[Section, float] = {"points": 80.0, "regions": 100.0}
#: Places where a day of publication is guessed rather than printed.
_GUESSED = frozenset({"htmldate", "footer"})
#: A year on, nobody knows without asking whether an offer still stands.
_STALE = timedelta(days=365)
#: A figure with less weight is told in its article only.
_LEAST_WEIGHT = 1.0


def write_points(desk: Desk, units: Sequence[Unit]) -> dict[tuple[str, str | None], set[int]]:
    """Write the key points; return the clauses told, by story and district."""
    told: dict[tuple[str, str | None], set[int]] = {}
    chosen = heaviest((u for u in units if u.score >= _LEAST_WEIGHT), _POINTS)
    for unit in (u for u in units if u in chosen):
        runs = _runs(desk, unit, "points", set())
        if runs:
            _write_quote(desk, unit, "points", runs)
            told[unit.news.story_id, unit.district] = {i for run in runs for i in run}
    return told


def write_regions(
    desk: Desk, units: Sequence[Unit], told: dict[tuple[str, str | None], set[int]]
) -> None:
    """Write what each district does, without repeating the clauses of the key points."""
    lines = []
    for unit in heaviest(units, len(units)):
        skip = told.get((unit.news.story_id, unit.district), set())
        runs = _runs(desk, unit, "regions", skip)
        if runs or not skip:
            lines.append((unit, runs))
        if len(lines) == _REGIONS:
            break
    for unit, runs in sorted(lines, key=lambda line: units.index(line[0])):
        if runs:
            _write_quote(desk, unit, "regions", runs)
        else:
            desk.write(_item(desk, unit, "regions", None))


def write_policies(desk: Desk, units: Sequence[Unit]) -> None:
    """Write the table of policies; those that are only cited stay out."""
    rows = _in_turn(
        units,
        [[f for f in unit.finds if f.policy and f.policy.action != "mentioned"] for unit in units],
    )
    for unit, find in rows:
        desk.write(_row(desk, unit, find, "policies"))


def write_figures(desk: Desk, units: Sequence[Unit]) -> None:
    """Write the table of figures."""
    rows = _in_turn(
        units, [[f for f in unit.finds if f.figure and f.weight >= _LEAST_WEIGHT] for unit in units]
    )
    for unit, find in rows:
        desk.write(_row(desk, unit, find, "figures"))


def _in_turn(units: Sequence[Unit], finds: Sequence[Sequence[Find]]) -> list[tuple[Unit, Find]]:
    """Return as many facts as a table holds: the weightiest of each unit before a second of any."""
    ranked = []
    for place, (unit, own) in enumerate(zip(units, finds, strict=True)):
        heaviest = sorted(own, key=lambda f: (-f.weight, f.evidence.start, f.id))[:_ROWS_EACH]
        ranked += [(rank, place, unit, find) for rank, find in enumerate(heaviest)]
    kept = sorted(ranked, key=lambda row: row[:2])[:_ROWS]
    return [(unit, find) for _, _, unit, find in sorted(kept, key=lambda row: (row[1], row[0]))]


def write_deadlines(desk: Desk, finds: Iterable[tuple[str, Find]], day: date, days: int) -> None:
    """Write the policies whose last day in force is one of the next `days`, soonest first."""
    rows = []
    for story_id, find in finds:
        last = last_day(find.policy.valid_to) if find.policy and find.policy.valid_to else None
        if last and day <= last <= day + timedelta(days=days):
            rows.append((last, find.district or "~", find.id, story_id, find))
    for last, _, _, story_id, find in sorted(rows, key=lambda row: row[:4]):
        desk.write(
            Item(
                section="deadlines",
                story_id=story_id,
                source=desk.cite(find.report),
                district=find.district,
                facts=(desk.prove(find),),
                day=last,
            )
        )


def last_day(stated: str) -> date:
    """Return the last day that `2023`, `2023-05` or `2023-05-20` covers.

    >>> last_day("2024-02")
    datetime.date(2024, 2, 29)
    """
    numbers = [int(part) for part in stated.split("-")]
    year, month = numbers[0], numbers[1] if len(numbers) > 1 else 12
    return date(year, month, numbers[2] if len(numbers) > 2 else monthrange(year, month)[1])


def write_corrections(desk: Desk, corrections: Iterable[Correction]) -> None:
    """Write what earlier issues showed otherwise."""
    for one in islice(corrections, _CORRECTIONS):
        desk.write(
            Item(
                section="corrections",
                story_id=one.story_id,
                source=desk.cite(one.report),
                district=one.now.district if one.now else one.report.facts.district,
                facts=(desk.prove(one.now),) if one.now else (),
                day=one.day,
                earlier=one.quote,
            )
        )


def write_doubts(desk: Desk, news: Iterable[News], day: date) -> None:
    """Write what a reader should check before passing it on, of the weightiest stories."""
    lines = (line for one in news for line in _doubts(desk, one, day))
    for line in islice(lines, _DOUBTS):
        desk.write(line)


def _doubts(desk: Desk, one: News, day: date) -> Iterator[Item]:
    for find, other in one.clashes:
        facts = (desk.prove(find), desk.prove(other))
        yield _doubt(desk, one, one.canonical, ("conflict",), facts)
    for report in one.cited():
        weaknesses = tuple(_weaknesses(report, day))
        if weaknesses:
            yield _doubt(desk, one, report, weaknesses)
        for quote in _unsettled(desk, report):
            yield _doubt(desk, one, report, ("unsettled_place",), quote=quote)


def write_titles(desk: Desk, news: Iterable[News]) -> None:
    """Write the titles of the stories that no line of the issue told about."""
    shown = {item.story_id for item in desk.items if item.section in ("points", "regions")}
    covered = {fact for item in desk.items for fact in item.facts}
    for one in news:
        left = tuple(find.id for find in one.new if find.id not in covered)
        if one.story_id not in shown or left:
            desk.write(
                Item(
                    section="titles",
                    story_id=one.story_id,
                    source=desk.cite(one.canonical),
                    district=one.canonical.facts.district,
                    facts=left,
                )
            )


def _runs(desk: Desk, unit: Unit, section: Section, skip: set[int]) -> list[range]:
    """Return the clauses that a line of a unit tells; none if it can tell nothing."""
    report = _main_report(unit)
    finds = [f for f in unit.finds if f.report is report]
    finds = [f for f in finds if _is_ours(desk, unit, f)] or finds
    if section == "points":
        least = max(f.weight for f in finds) / 2
        finds = [f for f in finds if f.weight >= least]
    return choose_clauses(desk.page(report), finds, budget=_WIDTHS[section], skip=skip)


def _write_quote(desk: Desk, unit: Unit, section: Section, runs: Sequence[range]) -> None:
    report = _main_report(unit)
    quote = quote_runs(desk.page(report), desk.cite(report), runs, finds_of(report))
    _prove_parts(desk, quote, finds_of(report))
    desk.write(_item(desk, unit, section, quote))


def _is_ours(desk: Desk, unit: Unit, find: Find) -> bool:
    """Return whether the words that say a policy give figures of this district, or none at all."""
    if find.figure is not None:
        return True
    page = desk.page(find.report)
    run = run_of(page, find)
    here = [
        f.district for f in finds_of(find.report) if f.figure and run and run == run_of(page, f)
    ]
    return not here or unit.district in here


def _main_report(unit: Unit) -> Report:
    """Return the report that states the weightiest of the new facts."""
    return max(unit.finds, key=lambda f: f.weight).report


def _item(desk: Desk, unit: Unit, section: Section, quote: Quote | None) -> Item:
    ordered = sorted(unit.finds, key=lambda f: (-f.weight, f.evidence.start, f.id))
    return Item(
        section=section,
        story_id=unit.news.story_id,
        source=quote.source if quote else desk.cite(_main_report(unit)),
        district=unit.district,
        facts=tuple(find.id for find in ordered),
        quote=quote,
    )


def _row(desk: Desk, unit: Unit, find: Find, section: Section) -> Item:
    finds = finds_of(find.report)
    number = desk.cite(find.report)
    quote = quote_short(desk.page(find.report), number, find, finds)
    if quote is not None:
        _prove_parts(desk, quote, finds)
    return Item(
        section=section,
        story_id=unit.news.story_id,
        source=number,
        district=unit.district,
        facts=(desk.prove(find),),
        quote=quote,
    )


def _prove_parts(desk: Desk, quote: Quote, finds: Iterable[Find]) -> None:
    shown = {part.fact for clause in quote.clauses for part in clause}
    for find in finds:
        if find.id in shown:
            desk.prove(find)


def _doubt(
    desk: Desk,
    one: News,
    report: Report,
    kinds: tuple[str, ...],
    facts: tuple[str, ...] = (),
    *,
    quote: Quote | None = None,
) -> Item:
    return Item(
        section="doubts",
        story_id=one.story_id,
        source=desk.cite(report),
        district=report.facts.district,
        facts=facts,
        quote=quote,
        doubts=kinds,
    )


def _weaknesses(report: Report, day: date) -> Iterator[str]:
    article = report.article
    if article.read_by is not None:
        yield article.read_by
    elif report.facts.grade == "D":
        yield "machine_translation" if article.lang == "en" else "repost"
    if article.published is None:
        yield "no_date"
    elif article.published_from in _GUESSED:
        yield "guessed_date"
    if article.published is not None and day - article.published > _STALE:
        yield "stale"
    if article.attachments:
        yield "attachments"


def _unsettled(desk: Desk, report: Report) -> Iterator[Quote]:
    """Yield the words of each place that could not be settled, once."""
    seen = set()
    page = desk.page(report)
    for place in report.facts.places:
        span = span_in(page.reading, place.evidence)
        words = page.reading.text[slice(*span)] if span else ""
        if place.code is None and place.candidates and words and words not in seen:
            seen.add(words)
            yield Quote(desk.cite(report), ((Part(words),),))
