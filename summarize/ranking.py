"""What comes first in a digest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from summarize.news import Find, News

#: A unit weighs as much as its weightiest facts; twenty small numbers do not beat one policy.
_TOP_FACTS = 4
#: A repost or a machine translation is worth less than the first source.
_WEAK_GRADE = 0.6
#: What was published longer ago is new to us only: it comes last, and its day is flagged.
RECENT = timedelta(days=31)
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What one story newly tells about one district.

    Attributes:
        age: 0 if it was published of late, 1 within a year, 2 before that or nobody knows when.
    """

    news: News
    district: str | None
    finds: tuple[Find, ...]
    score: float
    age: int = 0


def is_old(published: date | None, day: date) -> bool:
    """Return whether an article is no news on `day`, though it is new to us."""
    return published is not None and day - published > RECENT


def order_news(news: Iterable[News], home: str | None, day: date) -> list[News]:
    """Return stories in the order of a digest: news first, then the home province, then weight."""
    return sorted(
        news,
        key=lambda one: (
            _age(one, day),
            _abroad(one.canonical.facts.district, home),
            -_score(one, one.new),
            one.canonical.facts.district or "~",
            one.story_id,
        ),
    )


def order_units(news: Iterable[News], home: str | None, day: date) -> list[Unit]:
    """Return what the stories tell, district by district, in the order of a digest."""
    units = [unit for one in news for unit in _units(one, _age(one, day))]
    return sorted(
        units,
        key=lambda u: (
            u.age,
            _abroad(u.district, home),
            -u.score,
            u.district or "~",
            u.news.story_id,
        ),
    )


def heaviest(units: Iterable[Unit], count: int) -> list[Unit]:
    """Return the units that a leader must see, news before what is only new to us."""
    return sorted(units, key=lambda unit: (unit.age, -unit.score))[:count]


def _units(one: News, age: int) -> list[Unit]:
    by_district: dict[str | None, list[Find]] = {}
    for find in one.new:
        by_district.setdefault(find.district, []).append(find)
    return [
        Unit(news=one, district=code, finds=tuple(finds), score=_score(one, finds), age=age)
        for code, finds in by_district.items()
    ]


def _age(one: News, day: date) -> int:
    published = one.canonical.article.published
    if published is None or day - published > _YEAR:
        return 2
    return int(is_old(published, day))


def _score(one: News, finds: Iterable[Find]) -> float:
    weights = sorted((find.weight for find in finds), reverse=True)[:_TOP_FACTS]
    trust = _WEAK_GRADE if one.canonical.facts.grade == "D" else 1.0
    return round(sum(weights) * trust, 6)


def _abroad(code: str | None, home: str | None) -> bool:
    return home is None or code is None or code[:2] != home[:2]
