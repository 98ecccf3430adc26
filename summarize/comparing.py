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
        ranked = len(best) >= LEAST_DISTRICTS
        comparison = Comparison(
            benefit=benefit,
            tier=tier,
            per=per,
            ranks=tuple(_ranks(best)) if ranked else (),
            offers=() if ranked else tuple(find.id for find in best),
        )
        compared.append((comparison, tuple(best)))
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
