"""What a list of sums shares, and what it shares out: 博士、硕士分别给予10万元、5万元."""

import re
from collections.abc import Sequence
from itertools import pairwise

from extract.amounts import Amount

#: As many sums as a list has receivers, at most.
_LONGEST = 12
_LINK = re.compile(
    r"\ ?(?:[/每]\ ?[^\W\d]{1,3})*\ ?(?:[、，和或及与/]|以及)\ ?(?:每[人年月家个])*(?:最高)?"
)
_SPLIT = re.compile(r"、|，|和|与|或|以及|及(?!以上|其)")
#: What the last of a list says for all of them: A、B、C类人才, 国家级、省级众创空间.
_LETTER = re.compile(r"[A-F]")


def share_of(text: str, amounts: Sequence[Amount], at: int, target: str | None) -> str | None:
    """Return who of several gets `amounts[at]`; all of `target` if they are not shared out.

    They are where a list of sums has as many members as the list of who gets them.
    """
    parts = _SPLIT.split(target) if target else []
    if len(parts) < 2 or not all(parts):
        return target
    first = last = at
    while first and at - first < _LONGEST and _goes_on(text, amounts[first - 1], amounts[first]):
        first -= 1
    while (
        last + 1 < len(amounts)
        and last - at < _LONGEST
        and _goes_on(text, amounts[last], amounts[last + 1])
    ):
        last += 1
    return _whole(parts, at - first) if last - first + 1 == len(parts) else target


def _goes_on(text: str, one: Amount, other: Amount) -> bool:
    return one.unit == other.unit and bool(_LINK.fullmatch(text, one.end, other.start))


def _whole(parts: Sequence[str], at: int) -> str:
    """Return a member of a list with the words that its last member has for all."""
    part, last = parts[at], parts[-1]
    if at == len(parts) - 1:
        return part
    if _LETTER.fullmatch(part[-1:]) and _LETTER.match(last):
        return part + last[1:]
    shared = last.find(part[-1]) + 1 if len(part) < len(last) else 0
    alike = all(one[-1] == other[-1] for one, other in pairwise(parts[:-1]))
    return part + last[shared:] if shared and alike and part[-1] in "级类" else part
