"""Families of policies: names without what tells versions of one policy apart."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

Marks = tuple[re.Pattern[str], ...]


def version_words() -> dict[str, list[str]]:
    """Return the words that tell versions apart, as the table has them."""
    return dict(tomllib.loads((files("store") / "data" / "versions.toml").read_text("utf-8")))


def version_marks(table: Mapping[str, list[str]]) -> Marks:
    """Return the patterns of what tells versions apart, in the order in which it is removed."""
    bracketed, inside = (
        "|".join(sorted(map(re.escape, table[key]), key=lambda w: (-len(w), w)))
        for key in ("bracketed", "inside")
    )
    in_brackets = re.compile(
        rf"""
        [(（〔\[【]\s*
        (?: (?:19|20)\d\d\s*年? )?\s*      # 2024年
        (?: 第?\d+(?:\.\d+)? | [一二三四五六七八九十]+ )?\s*   # 2.0, 第2
        (?: {bracketed} )?\s*
        [)）〕\]】]
        """,
        re.VERBOSE | re.IGNORECASE,
    )
    number = re.compile(
        r"""
          (?:19|20)\d\d\s*年(?:度|版)?        # 2024年版
        | (?<![\d.])\d+\.0\s*版?              # 人才新政 3.0
        | (?:19|20)\d\d(?:版|\s*edition)      # 2024版
        """,
        re.VERBOSE | re.IGNORECASE,
    )
    return in_brackets, number, re.compile(inside)


@cache
def _marks() -> Marks:
    return version_marks(version_words())


def policy_family(name: str, marks: Marks | None = None) -> str:
    """Return the name that all versions of a policy share; never empty.

    >>> policy_family("柳溪市人才新政3.0版"), policy_family("柳溪英才办法（2024年修订）")
    ('柳溪市人才新政', '柳溪英才办法')
    """
    family = name
    for mark in marks or _marks():
        family = mark.sub("", family)
    return family.strip(" -—") or name
