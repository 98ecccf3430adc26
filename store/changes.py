"""What a new version of a policy changed, measure by measure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

Row = Mapping[str, Any]
Kind = Literal["raised", "lowered", "added", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One measure that two successive versions of a policy grant differently.

    Attributes:
        family: Name that the versions share.
        district: GB/T 2260 code of the issuer's district; None if unknown.
        before, after: Names of the versions, with their days of issue as far as known.
        kind: raised, lowered, added or dropped.
        benefit, tier, target, unit, per: What is granted to whom, as in `measures`.
        was, now: Rows of the amounts (amount, amount_max, qualifier, quote, url, fact_id ...) in
            each version, highest first; empty where it is not granted.
    """

    family: str
    district: str | None
    before: tuple[str, str]
    after: tuple[str, str]
    kind: Kind
    benefit: str | None
    tier: str | None
    target: str | None
    unit: str
    per: str | None
    was: tuple[Row, ...]
    now: tuple[Row, ...]


def find_changes(rows: Iterable[Row]) -> list[Change]:
    """Return the changes between successive versions, oldest first.

    Args:
        rows: Measures of policies with family, version, district and issued, in that order; a
            version is a name and a month of issue.
    """
    policies: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in rows:
        policies[row["family"], row["district"]].append(row)
    return [change for told in policies.values() for change in _of_policy(told)]


def change_row(change: Change) -> dict[str, Any]:
    """Return a change as a row with the highest amount before and after, and both citations."""
    was, now = (told[0] if told else None for told in (change.was, change.now))
    row: dict[str, Any] = {
        "policy": change.family,
        "district": change.district,
        "benefit": change.benefit,
        "tier": change.tier,
        "target": change.target,
        "change": change.kind,
        "before": _highest(was) if was else None,
        "after": _highest(now) if now else None,
        "unit": change.unit,
        "per": change.per,
    }
    for name, version, told in (("before", change.before, was), ("after", change.after, now)):
        row[f"{name}_version"], row[f"{name}_issued"] = version
        for key in ("quote", "url", "grade"):
            row[f"{name}_{key}"] = told[key] if told else None
    return row


_MEASURE = ("benefit", "tier", "unit", "per")


def _of_policy(rows: Sequence[Row]) -> Iterator[Change]:
    versions: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        versions[row["version"], row["issued"][:7]].append(row)
    ordered = sorted(versions.items(), key=lambda item: (item[0][1], item[0][0]))
    for (_, old), (_, new) in pairwise(ordered):
        granted_before, granted_now = _measures(old), _measures(new)
        for measure in dict.fromkeys((*granted_before, *granted_now)):
            was, now = granted_before.get(measure, ()), granted_now.get(measure, ())
            kind = _kind(was, now)
            if kind is None:
                continue
            told = (now or was)[0]
            yield Change(
                family=told["family"],
                district=told["district"],
                before=(old[0]["version"], old[0]["issued"]),
                after=(new[0]["version"], new[0]["issued"]),
                kind=kind,
                target=told["target"],
                **dict(zip(_MEASURE, measure, strict=True)),
                was=was,
                now=now,
            )


def _measures(rows: Iterable[Row]) -> dict[tuple[Any, ...], tuple[Row, ...]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in _MEASURE)].append(row)
    return {
        measure: tuple(sorted(told, key=lambda r: (-_highest(r), r["grade"], r["fact_id"])))
        for measure, told in found.items()
    }


def _kind(was: Sequence[Row], now: Sequence[Row]) -> Kind | None:
    """Return what became of the highest amount; None if it stayed."""
    if not was:
        return "added"
    if not now:
        return "dropped"
    before, after = _highest(was[0]), _highest(now[0])
    if before == after:
        return None
    return "raised" if after > before else "lowered"


def _highest(row: Row) -> Decimal:
    return Decimal(row["amount"] if row["amount_max"] is None else row["amount_max"])
