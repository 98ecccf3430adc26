"""Bars in a page: inline SVG without script, its numbers as text that leads to their facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from html import escape

from summarize.entries import Week
from summarize.news import Find

#: Fewer bars say no more than a sentence does; more are too many to look at.
LEAST_BARS, MOST_BARS = 3, 8
#: Weeks that are counted, up to the day of the issue.
WEEKS = 6
#: A policy is new in the week in which it is issued or written anew.
_NEW = frozenset({"issued", "revised"})
#: Units of the drawing, as many as a narrow phone has pixels: letters keep their size there.
_WIDTH, _ROW, _BAR, _LETTERS = 340, 36, 12, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: what it is of, how long, and the words of its number.

    Attributes:
        label, label_zone: Words and key of a text that the page may show.
        shown: Words of the number.
        fact: Id of the fact that proves it; None if the digest counted itself.
        shown_zone: Key of that count.
        strong: Whether it is the reader's own.
    """

    label: str
    label_zone: str
    value: Decimal
    shown: str
    fact: str | None = None
    shown_zone: str = ""
    strong: bool = False


def draw_bars(bars: Sequence[Bar], *, title: str) -> str:
    """Return a figure of horizontal bars in their order; nothing if there are too few.

    Args:
        bars: None of them negative; those after the first few are left out.
        title: What the bars are of; without a number.
    """
    shown = bars[:MOST_BARS]
    longest = max((bar.value for bar in shown), default=Decimal(0))
    if len(shown) < LEAST_BARS or longest <= 0:
        return ""
    rows = "\n".join(_row(bar, n, bar.value / longest) for n, bar in enumerate(shown))
    name = escape(title)
    return (
        f'<figure class="chart"><figcaption>{name}</figcaption>\n'
        f'<svg viewBox="0 0 {_WIDTH} {_ROW * len(shown)}" role="group" aria-label="{name}">\n'
        f"{rows}\n</svg></figure>"
    )


def _row(bar: Bar, place: int, share: Decimal) -> str:
    top = _ROW * place
    label = f'<tspan data-z="{escape(bar.label_zone)}">{escape(bar.label)}</tspan>'
    number = f'<tspan data-z="{escape(bar.shown_zone)}">{escape(bar.shown)}</tspan>'
    if bar.fact is not None:
        number = f'<a class="fact" href="#f-{escape(bar.fact)}">{escape(bar.shown)}</a>'
    strong = ' class="strong"' if bar.strong else ""
    length = max(2, round(_WIDTH * share)) if share else 0
    return (
        f'<g{strong}><text x="0" y="{top + _LETTERS}">{label}</text>'
        f'<text x="{_WIDTH}" y="{top + _LETTERS}" text-anchor="end">{number}</text>'
        f'<rect x="0" y="{top + _LETTERS + 5}" width="{length}" height="{_BAR}"/></g>'
    )


def count_weeks(finds: Iterable[Find], last: date) -> tuple[Week, ...]:
    """Return how many policies were new in each of the weeks up to `last`, the oldest first.

    A policy counts once for a district, on the day of issue that the text states, else on the day
    of the article. Nothing if too few weeks have any.
    """
    seen: set[tuple[str, str | None]] = set()
    counts = [0] * WEEKS
    for find in finds:
        policy = find.policy
        if policy is None or policy.action not in _NEW:
            continue
        day = _day(policy.issued) or find.report.article.published
        weeks_ago = (last - day).days // 7 if day else -1
        if 0 <= weeks_ago < WEEKS and (policy.name, find.district) not in seen:
            seen.add((policy.name, find.district))
            counts[weeks_ago] += 1
    if sum(count > 0 for count in counts) < LEAST_BARS:
        return ()
    return tuple(
        Week(first=last - timedelta(days=7 * ago + 6), policies=counts[ago])
        for ago in reversed(range(WEEKS))
    )


def _day(stated: str | None) -> date | None:
    return date.fromisoformat(stated) if stated and len(stated) == len("2024-06-03") else None
