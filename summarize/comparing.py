"""The reader's own district against others, on measures that are offered for the same thing."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal

from summarize.entries import Comparison, Rank
from summarize.news import Find

#: Fewer districts do not make a ranking.
LEAST_DISTRICTS = 3
#: Measures in one issue, those that can be ranked first.
_MEASURES = 8
#: Districts that are named for a measure; the reader's own is always one of them.
_NAMED = 6

_Measure = tuple[str, str, str | None, str]


def compare_home(
    offers: Iterable[Find], *, new: Collection[str], home: str | None
) -> list[tuple[Comparison, tuple[Find, ...]]]:
    """Return each measure with a new offer, all districts ranked by their highest one.

    Offers are alike if they are money for the same benefit, class of people and period. With
    fewer than three districts there are no ranks, only the offers.

    Args:
        offers: Figures, told or not; what is no offer of money is passed over.
        new: Ids of the facts that are new in this issue.
        home: The reader's own district; among equals it is named first.
    """
    measures: dict[_Measure, list[Find]] = defaultdict(list)
    for find in offers:
        f = find.figure
        if (
            f
            and f.role == "support"
            and f.benefit
            and f.tier
            and find.district
            and _is_money(f.unit)
        ):
            measures[f.benefit, f.tier, f.per, f.unit].append(find)
    compared = []
    for (benefit, tier, per, _), finds in sorted(measures.items(), key=lambda m: str(m[0])):
        if not any(find.id in new for find in finds):
            continue
        best = _best_of_each(finds, home)
        ranks = tuple(_ranks(best)) if len(best) >= LEAST_DISTRICTS else ()
        named = [n for n, find in enumerate(best) if n < _NAMED or find.district == home]
        comparison = Comparison(
            benefit=benefit,
            tier=tier,
            per=per,
            ranks=tuple(ranks[n] for n in named) if ranks else (),
            offers=() if ranks else tuple(find.id for find in best),
        )
        compared.append((comparison, tuple(best[n] for n in named)))
    return sorted(compared, key=lambda c: not c[0].ranks)[:_MEASURES]


def _is_money(unit: str) -> bool:
    return len(unit) == 3 and unit.isupper()


def _best_of_each(finds: Iterable[Find], home: str | None) -> list[Find]:
    best: dict[str, Find] = {}
    for find in sorted(finds, key=lambda f: (-_amount(f), f.id)):
        best.setdefault(find.district or "", find)
    return sorted(best.values(), key=lambda f: (-_amount(f), f.district != home, f.district or ""))


def _amount(find: Find) -> Decimal:
    figure = find.figure
    return (figure.value_max or figure.value) if figure else Decimal(0)


def _ranks(best: list[Find]) -> Iterable[Rank]:
    amounts = [_amount(find) for find in best]
    for find, amount in zip(best, amounts, strict=True):
        place = 1 + sum(other > amount for other in amounts)
        yield Rank(place=place, district=find.district or "", fact=find.id)
