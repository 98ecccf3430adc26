"""Places in a ranking, in Chinese text: 全国第四, 排名前三."""

import re

from extract.amounts import Amount
from extract.hanzi import NUMBER_SIGNS, as_decimal, hanzi_value
from extract.lexicon import load_words

_NOT = load_words("zh", "traps")["rank_not"].pattern
_SCOPE = (
    r"(?:全国|全省|全市|全区|全县|全球|世界|国内|省内|市内|亚洲|中国"
    r"|全球高校|苏南|苏北|长三角|同类\w{1,6})"
)
_CUE = (
    r"(?:排名|排行|排在|排|位列|位居|名列|居|列|跃居|升至|跃升至"
    r"|稳居|跻身|进入|位次|挺进|冲进|综合)"
)
_RANK = re.compile(
    rf"""
    (?:(?P<scope>{_SCOPE})(?:{_CUE})?|{_CUE})
    (?P<place>第(?P<n>\d{{1,3}}|[{NUMBER_SIGNS}]{{1,4}})(?:名|位)?
      |前(?P<top>\d{{1,3}}|[{NUMBER_SIGNS}]{{1,3}})(?:名|位|强)?)
    (?!{_NOT}|[%\d])
    """,
    re.VERBOSE,
)


def find_ranks(text: str) -> list[Amount]:
    """Return the ranks of a clean Chinese text, in its order."""
    found = []
    for match in _RANK.finditer(text):
        value = hanzi_value(match["n"] or match["top"])
        if value is None:
            continue
        joined = match["scope"] and match.end("scope") == match.start("place")
        found.append(
            Amount(
                start=match.start("scope") if joined else match.start("place"),
                end=match.end(),
                value=as_decimal(value),
                unit="rank",
                kind="rank",
            )
        )
    return found
