"""What is new: the facts of stories that no earlier issue told."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from extract.facts import Evidence, Figure, Policy, fact_id
from extract.reading import Reading, read_body, read_text
from extract.wrapping import unwrap
from summarize.clauses import Clause, split_clauses
from summarize.stories import Report, Story, canonical_first

#: How much a leader wants to know a figure of a role, and a policy of a kind and an action.
_ROLES = {
    "support": 6.0,
    "fund": 5.0,
    "investment": 3.5,
    "talent": 3.0,
    "platform": 2.0,
    "project": 2.0,
    "enterprise": 2.0,
    "policy": 2.0,
    "space": 2.0,
    "award": 2.0,
    "growth": 2.0,
    "rank": 2.0,
    "event": 1.0,
    "other": 0.5,
}
_KINDS = {
    "document": 4.0,
    "fund": 4.0,
    "programme": 3.5,
    "system": 3.0,
    "instrument": 2.5,
    "strategy": 1.0,
}
_ACTIONS = {"implemented": 0.7, "mentioned": 0.3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A fact of a report, with what it is called by and how much it weighs.

    Attributes:
        id: `extract.facts.fact_id` of it.
        key: The same for every report of a story that states the fact.
        district: Its own district, else the article's.
    """

    id: str
    key: str
    report: Report
    evidence: Evidence
    district: str | None
    weight: float
    figure: Figure | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A story on the day of an issue.

    Attributes:
        reports: Those that bole had by that day, the canonical one first.
        new: Facts that no issue told yet, each in the words of the first report that states it.
        facts: All facts of the canonical report, told or not.
        clashes: Pairs of figures that two reports give differently for one thing.
    """

    story_id: str
    reports: tuple[Report, ...]
    new: tuple[Find, ...]
    facts: tuple[Find, ...]
    clashes: tuple[tuple[Find, Find], ...]

    @property
    def canonical(self) -> Report:
        """Return the report that stands for the story."""
        return self.reports[0]

    def cited(self) -> tuple[Report, ...]:
        """Return the reports that are needed to prove what is told, the canonical one first."""
        ids = {find.report.article.id for find in self.new}
        ids.update(find.report.article.id for pair in self.clashes for find in pair)
        others = (r for r in self.reports[1:] if r.article.id in ids)
        return self.canonical, *others


@dataclass(frozen=True, slots=True)
class Page:
    """A cited article as it is quoted: its clean body and the clauses of it."""

    reading: Reading
    clauses: tuple[Clause, ...]


def read_page(report: Report) -> Page:
    """Return the article of `report` as it is quoted."""
    reading = unwrap(read_body(report.article))
    return Page(reading, tuple(split_clauses(reading.text)))


def as_of(stories: Iterable[Story], day: date) -> list[Story]:
    """Return the stories as they stood on `day`, by id: without the reports of later days."""
    stood = []
    for story in stories:
        reports = [r for r in story.reports if r.first_seen <= day]
        if reports:
            stood.append(Story(id=story.id, reports=canonical_first(reports)))
    return sorted(stood, key=lambda story: story.id)


def gather_news(
    stories: Iterable[Story], *, day: date, since: date | None, told: Collection[str]
) -> Iterator[News]:
    """Yield the stories that have a new fact or a new report on `day`.

    A report is new if it was first seen after `since` (the day of the issue before); without
    `since`, if it was first seen on `day`, or if nothing was ever told.
    """
    for story in stories:
        news = _news(story.id, story.reports, told)
        if news.new or any(_is_new(r, day, since, told) for r in story.reports):
            yield news


def all_finds(stories: Iterable[Story]) -> list[tuple[str, Find]]:
    """Return story id and fact, told or not, of each story's canonical report."""
    return [(story.id, find) for story in stories for find in finds_of(story.reports[0])]


def finds_of(report: Report) -> list[Find]:
    """Return the facts of `report` that a digest tells, in the order of its text."""
    facts = report.facts
    figures = [f for f in facts.figures if _is_printed(report, f.evidence)]
    policies = [p for p in facts.policies if _is_printed(report, p.evidence)]
    finds = [
        Find(
            id=fact_id(report.article.id, "figure", f.evidence),
            key=f"figure {f.unit} {f.value.normalize():f} {f.value_max or ''}",
            report=report,
            evidence=f.evidence,
            district=f.district or facts.district,
            weight=_figure_weight(f),
            figure=f,
        )
        for f in figures
    ]
    finds += [
        Find(
            id=fact_id(report.article.id, "policy", p.evidence),
            key=f"policy {p.name}",
            report=report,
            evidence=p.evidence,
            district=p.district or facts.district,
            weight=_KINDS.get(p.kind, 1.0) * _ACTIONS.get(p.action, 1.0),
            policy=p,
        )
        for p in policies
    ]
    return sorted(finds, key=lambda find: (find.evidence.start, find.id))


def _is_printed(report: Report, evidence: Evidence) -> bool:
    """Return whether a fact stands in what a digest quotes: the body, or the headline."""
    article = report.article
    if article.body[0] <= evidence.start and evidence.end <= article.body[1]:
        return True
    return "".join(evidence.quote.split()) in "".join((article.title or "").split())


def _news(story_id: str, reports: tuple[Report, ...], told: Collection[str]) -> News:
    by_report = [finds_of(report) for report in reports]
    settled = {find.key for finds in by_report for find in finds if find.id in told}
    new: list[Find] = []
    seen: set[str] = set()
    for report, finds in zip(reports, by_report, strict=True):
        fresh = [f for f in finds if f.key not in settled and f.key not in seen]
        if not _same_language(report, reports[0]):
            # a translation gives a known policy another name; its numbers stay comparable
            fresh = [f for f in fresh if f.figure]
        new += fresh if report is reports[0] else _first_of_each(fresh)
        seen.update(find.key for find in finds)
    return News(
        story_id=story_id,
        reports=reports,
        new=tuple(new),
        facts=tuple(by_report[0]),
        clashes=tuple(_clashes(by_report)),
    )


def _first_of_each(finds: Iterable[Find]) -> list[Find]:
    return list({find.key: find for find in reversed(list(finds))}.values())[::-1]


def _same_language(a: Report, b: Report) -> bool:
    return (a.article.lang == "en") == (b.article.lang == "en")


def _is_new(report: Report, day: date, since: date | None, told: Collection[str]) -> bool:
    if since is not None:
        return report.first_seen > since
    return not told or report.first_seen == day


def _figure_weight(figure: Figure) -> float:
    large = max(0, figure.value.adjusted()) / 5 if figure.unit.isupper() else 0.0
    return _ROLES.get(figure.role, 0.5) + min(large, 2.0)


def _clashes(by_report: Sequence[Sequence[Find]]) -> Iterator[tuple[Find, Find]]:
    """Yield what two reports of one event count alike and give differently."""
    first = _once_each(by_report[0])
    for finds in by_report[1:]:
        other = _once_each(finds)
        values = {find.key for find in by_report[0]}
        for thing, find in first.items():
            if thing in other and other[thing].key not in values:
                yield find, other[thing]


def _once_each(finds: Iterable[Find]) -> dict[tuple[str | None, ...], Find]:
    things: dict[tuple[str | None, ...], list[Find]] = {}
    for find in finds:
        f = find.figure
        if f is not None and f.counted:
            lang = find.report.article.lang
            target = read_text(f.target or "", lang).text
            thing = (read_text(f.counted, lang).text, target, f.unit, f.role, f.per, find.district)
            things.setdefault(thing, []).append(find)
    return {thing: same[0] for thing, same in things.items() if len(same) == 1}
