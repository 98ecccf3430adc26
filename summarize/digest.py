"""The daily digest: what is new against the issues before."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from crawler.health import SourceHealth
from summarize.charts import count_weeks
from summarize.comparing import compare_home
from summarize.correcting import find_corrections
from summarize.desk import Desk
from summarize.entries import Comparison, Item, Part, Passage, Proof, Section, Source, Week
from summarize.news import all_finds, as_of, gather_news
from summarize.ranking import is_old, order_news, order_units
from summarize.sections import (
    write_corrections,
    write_deadlines,
    write_doubts,
    write_figures,
    write_points,
    write_policies,
    write_regions,
    write_titles,
)
from summarize.stories import Story

#: Days ahead for which the end of a policy is announced.
HORIZON = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Which issue a digest is, and whose.

    Attributes:
        day: Day in China; the last one of an issue for a range of days.
        first: First day of a range; None for a daily issue.
        number_in_year, number_in_all: Its numbers, from 1.
        issuer: Office that puts it out; None if none is set.
        home: GB/T 2260 code of the reader's own district.
        since: Day of the issue before. Without it a report without new facts counts as new only
            on the day that it was first seen.
    """

    day: date
    number_in_year: int
    number_in_all: int
    issuer: str | None = None
    home: str | None = None
    since: date | None = None
    first: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One issue, ready to be rendered.

    Attributes:
        issue: Which one it is.
        names: Display name of every district that it names, by code.
        sources: The articles it cites, by number.
        items: Its lines, in the order of the page.
        proofs: The facts that it shows, by id.
        comparisons: The reader's own district against others, on measures that are new.
        health: How the watched sources stand.
        weeks: New policies of the weeks before; nothing if they are too few to compare.
        translations: Titles and names of policies by a model in the language of the issue; each is
            shown beside the words as published, and marked.
    """

    issue: Issue
    names: Mapping[str, str]
    sources: tuple[Source, ...]
    items: tuple[Item, ...]
    proofs: Mapping[str, Proof]
    comparisons: tuple[Comparison, ...]
    health: tuple[SourceHealth, ...]
    weeks: tuple[Week, ...] = ()
    translations: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> frozenset[str]:
        """Return the ids of all facts that count as told with this issue."""
        return frozenset(fact for item in self.items for fact in item.facts)

    def section(self, name: Section) -> tuple[Item, ...]:
        """Return the lines of one section."""
        return tuple(item for item in self.items if item.section == name)

    def source(self, number: int) -> Source:
        """Return the article that is cited as [number]."""
        return self.sources[number - 1]

    def is_old(self, number: int) -> bool:
        """Return whether source [number] was published long before what the issue covers."""
        return is_old(self.source(number).published, self.issue.first or self.issue.day)

    def passages(self, number: int) -> list[Passage]:
        """Return the sentences of source [number] that prove what the digest shows."""
        proofs = [proof for proof in self.proofs.values() if proof.source == number]
        proofs.sort(key=lambda p: (p.offset, len(p.before), -len(p.quote), p.id))
        rows: list[list[Proof]] = []
        for proof in proofs:
            fits = [row for row in rows if row[0].offset == proof.offset and _ends(row[-1], proof)]
            if fits:
                fits[0].append(proof)
            else:
                rows.append([proof])
        return [Passage(number, tuple(_cut(row))) for row in rows]

    def doubt_groups(self) -> list[tuple[tuple[str, ...], list[Item]]]:
        """Return the doubts, those that say no more than their kind with their like."""
        groups: dict[tuple[str, ...], list[Item]] = {}
        alone = []
        for item in self.section("doubts"):
            if item.facts or item.quote:
                alone.append((item.doubts, [item]))
            else:
                groups.setdefault(item.doubts, []).append(item)
        return [*alone, *groups.items()]

    @property
    def troubled(self) -> list[tuple[int, SourceHealth]]:
        """Return the watched sources that have problems, with their place among all."""
        return [(i, source) for i, source in enumerate(self.health) if source.problems]

    @property
    def pages_read(self) -> int:
        """Return how many pages the watched sources have given so far."""
        return sum(source.pages for source in self.health)

    @property
    def reposts(self) -> int:
        """Return how many reports were merged into others."""
        canonical = {source.story_id: source.reposts for source in reversed(self.sources)}
        return sum(canonical.values())


def compose(
    stories: Iterable[Story],
    *,
    issue: Issue,
    told: Collection[str],
    health: Sequence[SourceHealth],
    names: Mapping[str, str],
    earlier: Iterable[Mapping[str, Any]] = (),
) -> Digest:
    """Return the digest of what `stories` tell that no earlier issue told.

    The same arguments give an equal digest; nothing depends on the clock or on the order of
    `stories`.

    Args:
        stories: All stories of the days that an issue may look back on.
        issue: Which issue it is.
        told: Ids of the facts that earlier issues told.
        health: How the watched sources stand.
        names: Display name of each district, by code; a code without a name is shown as it is.
        earlier: Issues before, as `summarize.feed.digest_row` gives them: what they showed
            otherwise is corrected.
    """
    known = as_of(stories, issue.day)
    fresh = gather_news(known, day=issue.day, since=issue.since, told=told)
    start = issue.first or issue.day
    news = order_news(fresh, issue.home, start)
    units = order_units(news, issue.home, start)
    finds = all_finds(known)
    desk = Desk(known)
    clauses = write_points(desk, units)
    write_policies(desk, units)
    write_figures(desk, units)
    write_regions(desk, units, clauses)
    new = {find.id for one in news for find in one.new}
    comparisons = compare_home((find for _, find in finds), new=new, home=issue.home)
    for find in (find for _, best in comparisons for find in best):
        desk.prove(find)
    write_deadlines(desk, finds, issue.day, HORIZON)
    write_corrections(desk, find_corrections(known, earlier))
    write_doubts(desk, news, issue.day)
    write_titles(desk, news)
    return Digest(
        issue=issue,
        names=MappingProxyType(_used_names(desk, issue, names)),
        sources=desk.sources,
        items=desk.items,
        proofs=MappingProxyType(dict(desk.proofs)),
        comparisons=tuple(comparison for comparison, _ in comparisons),
        health=tuple(sorted(health, key=lambda source: source.source_id)),
        weeks=count_weeks((find for _, find in finds), issue.day),
    )


def _used_names(desk: Desk, issue: Issue, names: Mapping[str, str]) -> dict[str, str]:
    codes = {item.district for item in desk.items} | {p.district for p in desk.proofs.values()}
    known = {code for code in codes | {issue.home} if code}
    provinces = {code[:2] + "0000" for code in known}
    return {code: names.get(code, code) for code in sorted(known | provinces)}


def _ends(one: Proof, other: Proof) -> bool:
    """Return whether the quote of `one` ends before that of `other` in the same sentence."""
    same = one.before + one.quote + one.after == other.before + other.quote + other.after
    return same and len(one.before + one.quote) <= len(other.before)


def _cut(row: Sequence[Proof]) -> Iterator[Part]:
    sentence = row[0].before + row[0].quote + row[0].after
    position = 0
    for proof in row:
        start = len(proof.before)
        if start > position:
            yield Part(sentence[position:start])
        yield Part(proof.quote, proof.id)
        position = start + len(proof.quote)
    if position < len(sentence):
        yield Part(sentence[position:])
