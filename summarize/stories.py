"""Which articles tell one story, across outlets, scripts and languages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from crawler.article import Article
from extract.facts import Facts
from summarize.likeness import Traits, alike, traits

#: A report is compared with so many earlier ones that share a key with it; copies of a text
#: that hundreds printed find each other through any of them.
_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One article with its facts, and the China day on which bole first had it."""

    article: Article
    facts: Facts
    first_seen: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Reports of one event or policy.

    Attributes:
        id: Sixteen hex digits; stays the same as reports arrive on later days.
        reports: The canonical report (best evidence grade) first, then by `first_seen` and id.
    """

    id: str
    reports: tuple[Report, ...]


def group_stories(
    reports: Iterable[Report], *, known: Mapping[str, str] | None = None
) -> list[Story]:
    """Return the stories that `reports` tell, by their id.

    Two reports tell one story if their texts are nearly the same, or their titles, or if they
    state the same distinctive facts about one district within weeks; `summarize.likeness` has
    the thresholds. The order of `reports` does not matter.

    Args:
        reports: Articles with their facts, each article once.
        known: Story id of articles from earlier runs. Such articles stay in their story, and
            two stories that were told apart once are not joined later.
    """
    known = known or {}
    ordered = sorted(reports, key=_order)
    groups = _Groups([known.get(report.article.id) for report in ordered])
    compared = [traits(report.article, report.facts) for report in ordered]
    for first, second in _candidates(compared):
        if groups.may_join(first, second) and alike(compared[first], compared[second]):
            groups.join(first, second)
    stories = []
    for members, story_id in groups.members():
        told = [ordered[i] for i in members]
        stories.append(Story(id=story_id or _story_id(told[0]), reports=canonical_first(told)))
    return sorted(stories, key=lambda story: story.id)


class _Groups:
    """Disjoint sets of reports; sets of two known stories never become one."""

    def __init__(self, story_ids: Sequence[str | None]) -> None:
        self._parent = list(range(len(story_ids)))
        self._story = list(story_ids)
        first: dict[str, int] = {}
        for i, story in enumerate(story_ids):
            if story is not None:
                self._parent[i] = first.setdefault(story, i)

    def root(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def may_join(self, i: int, j: int) -> bool:
        a, b = self.root(i), self.root(j)
        return a != b and (self._story[a] is None or self._story[b] is None)

    def join(self, i: int, j: int) -> None:
        a, b = sorted((self.root(i), self.root(j)))
        self._parent[b] = a
        self._story[a] = self._story[a] or self._story[b]

    def members(self) -> Iterator[tuple[list[int], str | None]]:
        groups: dict[int, list[int]] = defaultdict(list)
        for i in range(len(self._parent)):
            groups[self.root(i)].append(i)
        for root, members in groups.items():
            yield members, self._story[root]


def _candidates(compared: Sequence[Traits]) -> Iterator[tuple[int, int]]:
    """Yield pairs (earlier, later) that share a key, in an order that depends on them only."""
    holders: dict[str | int, list[int]] = defaultdict(list)
    for later, one in enumerate(compared):
        earlier = set()
        for key in one.handles():
            earlier.update(holders[key][-_NEIGHBOURS:])
            holders[key].append(later)
        yield from ((i, later) for i in sorted(earlier))


def _order(report: Report) -> tuple[date, str]:
    return report.first_seen, report.article.id


def canonical_first(reports: Sequence[Report]) -> tuple[Report, ...]:
    """Return reports of a story with the best evidence first, then in the order of arrival."""
    canonical = min(
        reports, key=lambda r: (r.facts.grade, r.first_seen, _published(r), r.article.id)
    )
    rest = sorted((r for r in reports if r is not canonical), key=_order)
    return canonical, *rest


def _published(report: Report) -> date:
    return report.article.published or date.max


def _story_id(report: Report) -> str:
    return blake2b(f"story|{report.article.id}".encode(), digest_size=8).hexdigest()
