"""Figures of a Chinese text."""

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from extract.amounts import Amount
from extract.amounts_zh import find_amounts
from extract.cells import CellGrammar, with_cells
from extract.conditions import support_conditions
from extract.counting import carried_noun, counted_noun, listed
from extract.facts import Figure
from extract.lexicon import load_words
from extract.outline import Outline
from extract.ranks import find_ranks, with_ranks
from extract.rates import rate_of
from extract.reading import Reading
from extract.roles import figure_role, is_running_total
from extract.sharing import share_of
from extract.supports import support_benefit, support_tier
from extract.targets import support_target
from extract.titled import TITLED, is_granted, is_named, titled_grant, titled_target

_HOME = load_words("zh", "units")["home"]
_PLACES = re.compile(_HOME.pattern)


def find_figures(reading: Reading) -> list[Figure]:
    """Return the figures of a reading in its order."""
    text = reading.text
    grammar = CellGrammar("zh", find_amounts, rate_of, "")
    amounts = with_cells(text, with_ranks(find_amounts(text), find_ranks(text)), grammar)
    outline = Outline(text)
    home = home_currency(reading)
    figures: list[Figure] = []
    counted: str | None = None
    target: str | None = None
    for at, amount in enumerate(amounts):
        if at and _breaks(text, amounts[at - 1].end, amount.start):
            counted = target = None
        noun = counted_noun(text, amounts, at)
        counted = noun or carried_noun(amount, counted)
        role = figure_role(text, amount, counted)
        if role == "other" and figures and _is_part(text, amounts[at - 1], amount):
            role = figures[-1].role
        role, counted = _titled(outline, amount, role, (noun, counted))
        if role == "support":
            target = support_target(text, amount, target) or _receiver(outline, amount)
        share = share_of(text, amounts, at, target) if role == "support" else None
        whole = _with_shared(text, amounts, at)
        figures.append(_figure(reading, whole, counted, role, share, home))
    return figures


def _titled(
    outline: Outline, amount: Amount, role: str, nouns: tuple[str | None, str | None]
) -> tuple[str, str | None]:
    """Return role and noun of a sum as the titles above it tell: 购房补贴 / 博士：最高15万元."""
    noun, counted = nouns
    if amount.kind not in TITLED or role not in ("support", "other"):
        return role, counted
    is_bare = role == "other" and outline.is_item(amount.start)
    if not is_bare and (role != "support" or counted):
        return role, counted
    label = outline.label(amount.start)
    grant = titled_grant(outline.titles(amount.start))
    if not grant or not is_granted(amount, noun, label):
        return role, counted
    return "support", noun if noun and is_named(noun) else grant


def _receiver(outline: Outline, amount: Amount) -> str | None:
    titles = outline.titles(amount.start)
    return titled_target((outline.row(amount.start), *titles))


def _with_shared(text: str, amounts: Sequence[Amount], at: int) -> Amount:
    """Return an amount with the rate that its list has: 每月2500元、1500元, 3000、2000元/月."""
    amount = amounts[at]
    per = amount.per or rate_of(text, amount)
    if per is None and amount.kind == "money":
        ends = (other for other in listed(text, amounts, at) if other != at)
        per = next((rate for other in ends if (rate := rate_of(text, amounts[other]))), None)
    return amount if per == amount.per else replace(amount, per=per)


def _figure(
    reading: Reading,
    amount: Amount,
    counted: str | None,
    role: str,
    target: str | None,
    home: str,
) -> Figure:
    text = reading.text
    is_support = role == "support"
    return Figure(
        value=amount.value,
        value_max=amount.value_max,
        unit=home if amount.unit == "home" else amount.unit,
        qualifier=amount.qualifier,
        counted=counted,
        role=role,
        target=target if is_support else None,
        per=amount.per,
        cumulative=is_running_total(text, amount, role),
        benefit=support_benefit(text, amount, counted) if is_support else None,
        tier=support_tier(target) if is_support else None,
        conditions=_conditions(reading, amount) if is_support else (),
        evidence=reading.evidence(amount.start, amount.end),
    )


def _conditions(reading: Reading, amount: Amount) -> tuple[str, ...]:
    return support_conditions(reading.text, amount.start, amount.end, reading.lang)


def _is_part(text: str, whole: Amount, part: Amount) -> bool:
    """Tell whether an amount is a share of the one before: 18家，其中国家级6家."""
    between = text[whole.end : part.start]
    return whole.unit == part.unit and between.lstrip("，、（ ").startswith("其中")


def _breaks(text: str, start: int, end: int) -> bool:
    """Tell whether a new paragraph or a new cell begins between two amounts."""
    between = text[start:end]
    return "\n" in between or "|" in between


def home_currency(reading: Reading) -> str:
    """Return the money that a bare 元 is: of Taiwan or Hong Kong where the text speaks of it."""
    if reading.lang != "zh-Hant":
        return "CNY"
    # corner brackets are how Taiwan and Hong Kong quote
    votes = {"CNY": 0, "HKD": 0, "TWD": Fraction(1, 2) if "「" in reading.raw else 0}
    for match in _PLACES.finditer(reading.text):
        votes[_HOME[match.group()]] += 1
    return max(votes, key=lambda currency: votes[currency])
