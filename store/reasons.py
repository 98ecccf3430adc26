"""Why offers differ that cannot all be steps of one support."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from store.offers import Table

Reason = Literal["district", "cap", "year", "policy", "unknown"]


class Traits:
    """What offers are told apart by: equal numbers are the same thing.

    Args:
        table: The offers.

    Attributes:
        table: The offers.
        district: The district of each.
        amount: A number for the amount of each, with its unit and rate.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.district: list[str] = table.values("district")
        self.amount = table.numbers("amount", "highest", "unit", "per")
        # kinds of money and rates are not compared with each other
        self._kind = table.numbers("unit", "per")
        self._article = table.numbers("article_id")
        #: What may tell two offers apart, likeliest reason first.
        self._steps: dict[Reason, list[int]] = {
            "district": table.numbers("district"),
            "cap": table.numbers("is_cap", "cumulative"),
            "year": table.numbers("year"),
            "policy": table.numbers("policy"),
            "unknown": self._article,
        }
        #: For each reason: a number for what is alike in it and in all that is a likelier one.
        told_by = ("district", "is_cap", "cumulative", "year", "policy", "article_id")
        district, _, cap, year, policy, article = table.prefixes(*told_by)
        self._prefixes = (district, cap, year, policy, article)
        self._single = (self.amount, self._article)

    def reasons(self, places: Iterable[int]) -> tuple[Reason, ...]:
        """Return why these offers differ, likeliest first; empty if they may be steps of one."""
        kinds: dict[int, list[int]] = defaultdict(list)
        for place in places:
            kinds[self._kind[place]].append(place)
        found: set[Reason] = set()
        for told in kinds.values():
            found |= self._alone(told) if self._stand_alone(told) else self._differences(told)
        return tuple(reason for reason in self._steps if reason in found)

    def _stand_alone(self, places: Sequence[int]) -> bool:
        """Whether each offer is the only one of its amount, of its article and of its stories."""
        if any(len({of[place] for place in places}) < len(places) for of in self._single):
            return False
        stories = [story for place in places for story in self.table.stories[place]]
        return len(set(stories)) == len(stories)

    def _alone(self, places: Sequence[int]) -> set[Reason]:
        """Return the likeliest reason of each two offers, all of which disagree: count the parts.

        What is alike in all likelier reasons is parted where there are more parts than before.
        """
        parts = [len({part[place] for place in places}) for part in self._prefixes]
        before = (1, *parts[:-1])
        told = zip(self._steps, before, parts, strict=True)
        return {reason for reason, few, many in told if few < many}

    def _differences(self, places: Iterable[int]) -> set[Reason]:
        """Return the likeliest reason of each two articles that disagree.

        Articles that are alike in all that would be a likelier reason are parted by the next one;
        two of different parts that disagree are enough, so few of all pairs are looked at.
        """
        by_article: dict[int, list[int]] = defaultdict(list)
        for place in places:
            by_article[self._article[place]].append(place)
        told = [
            _Told(own[0], own, frozenset(self.amount[place] for place in own))
            for own in by_article.values()
        ]
        found: set[Reason] = set()
        alike = [told]
        for reason, trait in self._steps.items():
            parted = [_parts(group, trait) for group in alike]
            if any(self._parts_disagree(parts) for parts in parted):
                found.add(reason)
            alike = [part for parts in parted for part in parts if len(part) > 1]
        return found

    def _stories_of(self, one: "_Told") -> set[str]:
        stories = self.table.stories
        return {story for place in one.places for story in stories[place]}

    def _parts_disagree(self, parts: Sequence[Sequence["_Told"]]) -> bool:
        """Whether two articles of different parts disagree."""
        if len(parts) == 1 or len({one.amounts for part in parts for one in part}) == 1:
            return False
        return any(
            self._disagree(one, other)
            for part, others in combinations(parts, 2)
            for one in part
            for other in others
        )

    def _disagree(self, one: "_Told", other: "_Told") -> bool:
        """Whether two articles give different amounts, and tell no story together.

        Who tells only some of the steps agrees.
        """
        if one.amounts <= other.amounts or other.amounts <= one.amounts:
            return False
        return self._stories_of(one).isdisjoint(self._stories_of(other))


class _Told(NamedTuple):
    """What one article gives: its offers, the first of them, and their amounts."""

    first: int
    places: Sequence[int]
    amounts: frozenset[int]


def _parts(told: Iterable[_Told], trait: Sequence[int]) -> list[list[_Told]]:
    parts: dict[int, list[_Told]] = {}
    for one in told:
        parts.setdefault(trait[one.first], []).append(one)
    return list(parts.values())
