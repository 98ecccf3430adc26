"""Amounts in Chinese text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from extract.amounts import Amount, Spans
from extract.hanzi import (
    DIGIT_SIGNS,
    LONGEST,
    NUMBER_SIGNS,
    SCALE_SIGNS,
    SCALES,
    as_decimal,
    hanzi_value,
)
from extract.lexicon import any_of, load_words
from extract.traps import find_traps

_UNITS = load_words("zh", "units")
_WORDS = load_words("zh", "qualifiers")
_TERMS = load_words("zh", "terms")
_KINDS = (
    *("money", "percent", "area", "age", "duration", "size", "ratio", "bp", "person", "count"),
)
_UNIT_OF: Mapping[str, tuple[str, str]] = {
    surface: (kind, unit) for kind in _KINDS for surface, unit in _UNITS[kind].names.items()
}

_ARABIC = r"(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?+"
_BIG = "".join(SCALES)
_ONE = Fraction(1)
_NUMBER = re.compile(
    rf"""
    (?:(?P<currency>{_UNITS["money_before"].pattern})\ ?|(?<![A-Za-z\d.]))
    (?:
      (?P<left>\d{{1,3}}(?:\.\d)?):(?P<right>\d{{1,3}})(?![:\d])
      (?=\w{{0,6}}(?:比|配|给予|补|支持|跟投|奖|资助))
    | 百分之(?P<hundredths>{_ARABIC}|[{NUMBER_SIGNS}]++(?:点[{DIGIT_SIGNS}]++)?)
    | (?P<under>[{NUMBER_SIGNS}]++|\d++)分之(?P<over>[{NUMBER_SIGNS}]++|\d++)
    | (?P<tenths>[一二两三四五六七八九\d])(?P<tenths_half>成半?|折)
      (?![立员为本功都绩果就长分年品型交效人才熟])
    | (?P<few>几|(?<![人总次额])数(?=[十百千万亿]))?  # 几十, 数百
      (?P<number>(?:{_ARABIC}|[{NUMBER_SIGNS}])++(?:点(?=[{DIGIT_SIGNS}])[{NUMBER_SIGNS}]++)?+)
      (?P<inside>[多余馀几来](?=[^\W\d_]))?                  # 40多, 二十几
      (?P<scale>个?[{_BIG}]++|[{SCALE_SIGNS}]++)?+
      (?P<half>半(?=[年个天小岁]))?
    | (?P<only_half>半)(?=年|个月|小时|天)
    )
    """,
    re.VERBOSE,
)
_UNIT = re.compile(
    rf"\ ?(?:(?P<none>{_UNITS['no_unit'].pattern})|(?P<unit>{any_of(_UNIT_OF)}))(?![A-Za-z])"
)
_SMALL_MONEY = re.compile(
    rf"""
    (?:(?P<jiao>[{DIGIT_SIGNS}]|\d)(?:角|毛)钱?)?(?:零?(?P<fen>[{DIGIT_SIGNS}]|\d)分(?!之)钱?)?
    """,
    re.VERBOSE,
)
_RANGE = re.compile(r"\ ?(?:[-~—至到]|——|--)\ ?")
_LIST = re.compile(r"[、，和或及与]")
_BEFORE = re.compile(
    rf"""
    (?: (?P<none>{_WORDS["not_before"].pattern})
      | (?P<word>(?:{_WORDS["before"].pattern}))(?:[为达至]|可达|达到)?
      | (?P<touching>{_WORDS["touching"].pattern})
    )\ ?$
    """,
    re.VERBOSE,
)
_AFTER = re.compile(
    rf"\ ?(?:(?P<none>{_WORDS['not_after'].pattern})|(?P<word>{_WORDS['after'].pattern}))"
)
_FAR = re.compile(
    rf"(?P<none>{_WORDS['not_far'].pattern})|(?P<word>{_WORDS['far'].pattern})|(?P<number>\d)"
)
_TERM_LEFT = re.compile(rf"(?:{_TERMS['left'].pattern})(?:为|是|至|达|期|了|的|，|：|:|\\*|\\ )*$")
_TERM_RIGHT = re.compile(_TERMS["right"].pattern)
_BARE = re.compile(rf"\ ?(?=(?P<noun>{_UNITS['bare'].pattern}))")
_MONEY_NEAR = re.compile(_UNITS["money_near"].pattern)
_PAIR = re.compile(
    r"(?P<low>[一两二三四五六七八])(?P<high>[二三四五六七八九])(?P<scale>[十百千]?[万亿]?)$"
)
_SPLIT = re.compile(
    rf"(?:(?P<arabic>{_ARABIC})(?P<places>[{SCALE_SIGNS}]*)|(?P<hanzi>.*?)(?P<scale>[{_BIG}]*))$"
)
_CLAUSE = re.compile(r"[^，。；！？\n]*$")


@dataclass(frozen=True, slots=True)
class _Number:
    """A bare number: where it stands, its coefficient and its scale."""

    start: int
    end: int
    coefficient: Fraction
    scale: Fraction
    fuzzy: str | None = None
    currency: str | None = None
    high: Fraction | None = None
    kind: str | None = None

    @property
    def value(self) -> Fraction:
        return self.coefficient * self.scale


@dataclass(frozen=True, slots=True)
class _Unit:
    end: int
    kind: str
    unit: str
    surface: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    """A number or a range with its unit, if one follows at once."""

    number: _Number
    unit: _Unit | None
    end: int
    is_last: bool = True


def find_amounts(text: str) -> list[Amount]:
    """Return the amounts of a clean Chinese text, in its order."""
    return list(_amounts(text))


def _amounts(text: str) -> Iterator[Amount]:
    traps = Spans(find_traps(text, "zh"))
    position = 0
    while match := _NUMBER.search(text, position):
        trapped = traps.end_at(match.start())
        if trapped is not None:
            position = max(trapped, match.start() + 1)
            continue
        found, end = _read_from(text, match)
        position = max(found[-1].end if found else 0, end)
        yield from found


def _read_from(text: str, match: re.Match[str]) -> tuple[list[Amount], int]:
    """Return the amounts that begin with this number, and where reading goes on.

    They are one, a range, or the numbers of a list with one unit.
    """
    items: list[_Item] = []
    following: re.Match[str] | None = match
    while following and (item := _item(text, following)):
        items.append(item)
        if item.unit or len(items) == 12:
            break
        mark = _LIST.match(text, item.end)
        following = _NUMBER.match(text, mark.end()) if mark else None
    if not items:
        return [], match.end()
    unit = items[-1].unit or _bare_unit(text, items[-1])
    if unit is None:
        return [], max(match.end(), items[-1].number.end)
    scale = items[-1].number.scale
    shared = [
        replace(item, unit=unit, number=_scaled(item.number, scale), is_last=False)
        for item in items[:-1]
    ]
    amounts = [_amount(text, item) for item in [*shared, replace(items[-1], unit=unit)]]
    return [amount for amount in amounts if amount is not None], match.end()


def _item(text: str, match: re.Match[str]) -> "_Item | None":
    number = _number(match)
    if number is None:
        return None
    unit = _unit_at(text, number)
    end = unit.end if unit else number.end
    mark = _RANGE.match(text, end)
    following = _NUMBER.match(text, mark.end()) if mark else None
    upper = _number(following) if following else None
    if upper is None or upper.kind != number.kind:
        return _Item(number, unit, end)
    upper_unit = _unit_at(text, upper)
    if upper_unit is None or (unit and unit.unit != upper_unit.unit):
        return _Item(number, unit, end)
    low = number
    if unit is None:
        low = _scaled(number, upper.scale, limit=upper.value)
    if low.value >= upper.value:
        return _Item(number, unit, end)
    return _Item(replace(low, high=upper.value, fuzzy=upper.fuzzy), upper_unit, upper_unit.end)


def _scaled(number: _Number, scale: Fraction, limit: Fraction | None = None) -> _Number:
    """Give a number without a scale the scale of its neighbour: 20至50万元."""
    if number.scale != 1 or (limit is not None and number.coefficient * scale > limit):
        return number
    return replace(number, scale=scale)


def _number(match: re.Match[str]) -> _Number | None:
    if match.end() - match.start() > LONGEST:
        return None
    if match["number"] is None:
        kind, value = _proportion(match)
        return (
            None if value is None else _Number(match.start(), match.end(), value, _ONE, kind=kind)
        )
    words = match["number"].replace(",", "")
    return _pair(match, words) or _plain(match, words)


def _proportion(match: re.Match[str]) -> tuple[str | None, Fraction | None]:
    """Return kind and value of what is written as a share: 1:1, 百分之三, 三成, 半."""
    if match["left"]:
        return "ratio", Fraction(match["left"]) / (Fraction(match["right"]) or 1)
    if match["hundredths"]:
        return "percent", hanzi_value(match["hundredths"].replace(",", ""))
    if match["under"]:
        under, over = hanzi_value(match["under"]), hanzi_value(match["over"])
        return "ratio", over / under if over is not None and under else None
    if match["tenths"]:
        half = 5 if match["tenths_half"].endswith("半") else 0
        return "percent", (hanzi_value(match["tenths"]) or Fraction(0)) * 10 + half
    return None, Fraction(1, 2)


def _pair(match: re.Match[str], words: str) -> _Number | None:
    """Return the range that two digits before one place mean: 三五百, 七八."""
    pair = _PAIR.match(words)
    low = hanzi_value(pair["low"]) if pair else None
    high = hanzi_value(pair["high"]) if pair else None
    if pair is None or low is None or high is None or low >= high:
        return None
    factor = hanzi_value("一" + pair["scale"]) or _ONE
    scale = _factor(match["scale"])
    return _Number(
        match.start(),
        match.end(),
        low * factor,
        scale,
        "几",
        match["currency"],
        high * factor * scale,
    )


def _plain(match: re.Match[str], words: str) -> _Number | None:
    split = _SPLIT.match(words)
    coefficient, scale_signs = words, ""
    if split and (split["arabic"] or split["hanzi"]):
        coefficient = split["arabic"] or split["hanzi"]
        scale_signs = split["places"] or split["scale"] or ""
    value = hanzi_value(coefficient)
    if value is None or (len(coefficient) > 1 and all(c in DIGIT_SIGNS for c in coefficient)):
        return None  # 一二三: digits read one by one are a name or a year
    return _Number(
        match.start(),
        match.end(),
        value + (Fraction(1, 2) if match["half"] else 0),
        _factor(scale_signs) * _factor(match["scale"]),
        "几" if match["few"] else match["inside"],
        match["currency"],
    )


def _factor(signs: str | None) -> Fraction:
    factor = Fraction(1)
    for sign in (signs or "").removeprefix("个"):
        factor *= hanzi_value(sign) or 1
    return factor


def _unit_at(text: str, number: _Number) -> _Unit | None:
    if number.kind:
        return _Unit(number.end, number.kind, number.kind)
    match = _UNIT.match(text, number.end)
    if match and match["unit"]:
        kind, unit = _UNIT_OF[match["unit"]]
        if number.currency:
            unit = _UNITS["money_before"][number.currency] if kind == "money" else unit
        return _Unit(match.end(), kind, unit, match["unit"])
    if number.currency:
        return _Unit(number.end, "money", _UNITS["money_before"][number.currency])
    return None


def _bare_unit(text: str, item: "_Item") -> _Unit | None:
    """Return the unit of a number that stands before its noun, or of a large sum without 元."""
    number = item.number
    if text[max(0, number.end - 2) : number.end] in ("个亿", "个万"):
        return _Unit(number.end, "money", "home")
    if number.value >= 10_000 and text[number.end - 1] in SCALES:
        around = text[max(0, number.start - 10) : number.end + 8]
        if _MONEY_NEAR.search(around):
            return _Unit(number.end, "money", "home")
    noun = _BARE.match(text, number.end)
    is_year = number.scale == 1 and 1900 <= number.coefficient <= 2100 and not number.fuzzy
    if noun and not is_year and number.value > 1:
        kind = _UNITS["bare"][noun["noun"]]
        return _Unit(number.end, kind, kind)
    return None


def _amount(text: str, item: "_Item") -> Amount | None:
    number, unit = item.number, item.unit
    if unit is None or (
        unit.kind in ("person", "count") and text[number.start] in "一壹" and number.value == 1
    ):
        return None
    start, end = number.start, max(item.end, unit.end) if item.is_last else item.end
    end, after = _qualifier_after(text, end)
    start, qualifier = _qualifier_before(text, start)
    if qualifier == "nearly" and unit.kind == "duration":
        if after is None:
            return None  # 近五年: a time span, no term
        start, qualifier = number.start, after
    if unit.kind == "duration" and not qualifier and not after and not _is_term(text, start, end):
        return None
    inside = _WORDS["inside"].get(number.fuzzy)
    value = number.value
    return Amount(
        start=start,
        end=end,
        value=as_decimal(value),
        value_max=None if number.high is None else as_decimal(number.high),
        unit=unit.unit,
        kind=unit.kind,
        noun=unit.surface if unit.surface in _UNITS["nouns"] else None,
        qualifier=qualifier or after or inside or _far_qualifier(text, start) or "exact",
    )


def _is_term(text: str, start: int, end: int) -> bool:
    """Tell whether a bare duration states a term: 期限3年, 连续三年, not 过去三年."""
    return bool(_TERM_LEFT.search(text, max(0, start - 12), start) or _TERM_RIGHT.match(text, end))


def _qualifier_before(text: str, start: int) -> tuple[int, str | None]:
    match = _BEFORE.search(text, max(0, start - 12), start)
    if match is None or match["none"]:
        return start, None
    if match["touching"]:
        return start, _WORDS["touching"][match["touching"]]
    return match.start("word"), _WORDS["before"][match["word"]]


def _qualifier_after(text: str, end: int) -> tuple[int, str | None]:
    match = _AFTER.match(text, end)
    if match is None or match["none"]:
        return end, None
    return match.end(), _WORDS["after"][match["word"]]


def _far_qualifier(text: str, start: int) -> str | None:
    """Return the bound that reaches over a verb: 最高给予100万元."""
    clause = _CLAUSE.search(text, max(0, start - 24), start)
    found: str | None = None
    for match in _FAR.finditer(clause.group()) if clause else ():
        found = _WORDS["far"][match["word"]] if match["word"] else None
    return found
