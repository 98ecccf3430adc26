"""What comes first in a digest."""

from collections.abc import Iterable
from dataclasses import dataclass

from summarize.news import Find, News

#: A unit weighs as much as its weightiest facts; twenty small numbers do not beat one policy.
_TOP_FACTS = 4
#: A repost or a machine translation is worth less than the first source.
_WEAK_GRADE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What one story newly tells about one district."""

    news: News
    district: str | None
    finds: tuple[Find, ...]
    score: float


def order_news(news: Iterable[News], home: str | None) -> list[News]:
    """Return stories in the order of a digest: the home province first, then by weight."""
    return sorted(
        news,
        key=lambda one: (
            _abroad(one.canonical.facts.district, home),
            -_score(one, one.new),
            one.canonical.facts.district or "~",
            one.story_id,
        ),
    )


def order_units(news: Iterable[News], home: str | None) -> list[Unit]:
    """Return what the stories tell, district by district, in the order of a digest."""
    units = [unit for one in news for unit in _units(one)]
    return sorted(
        units,
        key=lambda u: (_abroad(u.district, home), -u.score, u.district or "~", u.news.story_id),
    )


def _units(one: News) -> list[Unit]:
    by_district: dict[str | None, list[Find]] = {}
    for find in one.new:
        by_district.setdefault(find.district, []).append(find)
    return [
        Unit(news=one, district=code, finds=tuple(finds), score=_score(one, finds))
        for code, finds in by_district.items()
    ]


def _score(one: News, finds: Iterable[Find]) -> float:
    weights = sorted((find.weight for find in finds), reverse=True)[:_TOP_FACTS]
    trust = _WEAK_GRADE if one.canonical.facts.grade == "D" else 1.0
    return round(sum(weights) * trust, 6)


def _abroad(code: str | None, home: str | None) -> bool:
    return home is None or code is None or code[:2] != home[:2]
