"""Cells of a table whose unit stands in the header: 奖励标准（万元）, Amount (RMB 10,000)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from extract.amounts import Amount
from extract.lexicon import load_words

#: What stands between two cells of a row that a page or a document gave.
_BAR = "|"
_KINDS = frozenset(("money", "percent", "area", "person", "count", "size", "duration"))


@dataclass(frozen=True, slots=True)
class CellGrammar:
    """How a language reads a number with its unit.

    Attributes:
        lang: Folder of its word tables.
        find_amounts: Its scanner.
        rate_of: What an amount of a text is per.
        joint: What stands between a number and its unit.
    """

    lang: str
    find_amounts: Callable[[str], list[Amount]]
    rate_of: Callable[[str, Amount], str | None]
    joint: str


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of numbers: what they are called, and the words of their unit."""

    noun: str
    unit: str


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    words: str

    @property
    def end(self) -> int:
        return self.start + len(self.words)

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


def with_cells(text: str, amounts: Sequence[Amount], grammar: CellGrammar) -> list[Amount]:
    """Return the amounts of a clean text with those of its tables, sorted.

    What a cell says with the unit of its column stands in place of what it says alone; a title
    that only names a unit (万元) says nothing.
    """
    table = _Table()
    if _BAR in text:
        _read_tables(text, table, grammar)
    spans = [*table.titles, *((cell.start, cell.end) for cell in table.amounts)]
    others = [a for a in amounts if not any(s < a.end and a.start < e for s, e in spans)]
    return sorted([*others, *table.amounts], key=lambda amount: amount.start)


@dataclass(slots=True)
class _Table:
    """What the tables of a text hold: amounts, and where titles with a unit stand."""

    amounts: list[Amount] = field(default_factory=list)
    titles: list[tuple[int, int]] = field(default_factory=list)


def _read_tables(text: str, table: _Table, grammar: CellGrammar) -> None:
    columns: list[_Column | None] = []
    label, place = "", (0, 0)
    for start, line in _lines(text):
        row = _row(start, line)
        if len(row) < 2:
            if line.strip():
                label, place = _label_unit(line.strip(), grammar), (start, start + len(line))
            columns = []
            continue
        titles = _titles(row, label, grammar)
        first = titles[0]
        if first and any(_read(cell.words, first.unit, grammar) for cell in row[1:]):
            table.amounts += _row_amounts(row, [None, *[first] * (len(row) - 1)], grammar)
            table.titles.append(row[0].span)
        elif any(titles):
            columns = titles
            spans = [cell.span for cell, title in zip(row, titles, strict=True) if title]
            table.titles += [*spans, place] if label else spans
        else:
            table.amounts += _row_amounts(row, columns, grammar)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _row(start: int, line: str) -> list[_Cell]:
    """Return the cells of a line; a row in bars (| a | b |) has none before the first."""
    cells = []
    for words in line.split(_BAR):
        lead = len(words) - len(words.lstrip(" *"))
        cells.append(_Cell(start + lead, words.strip(" *")))
        start += len(words) + 1
    first = 1 if line.lstrip().startswith(_BAR) else 0
    last = len(cells) - (1 if first and line.rstrip().endswith(_BAR) else 0)
    return cells[first:last]


_TITLE = re.compile(
    r"(?P<noun>.*?)\ ?(?:[（(\[](?P<inside>[^（(\[）)\]]{1,24})[）)\]]|[/：:](?P<after>\w{1,8}))"
)


def _titles(row: Sequence[_Cell], shared: str, grammar: CellGrammar) -> list[_Column | None]:
    """Return what each cell says of its column if it is a title that tells the unit."""
    found: list[_Column | None] = []
    for cell in row:
        match = _TITLE.fullmatch(cell.words)
        unit = _unit_words(match["inside"] or match["after"], grammar) if match else ""
        if match and unit:
            found.append(_Column(match["noun"], unit))
        elif shared and _names_money(cell.words, grammar.lang):
            found.append(_Column(cell.words, shared))
        else:
            found.append(None)
    return found


def _names_money(title: str, lang: str) -> bool:
    money = re.compile(load_words(lang, "nouns")["money"].pattern, re.IGNORECASE)
    return money.search(title) is not None and not any(sign.isdigit() for sign in title)


@cache
def _label(lang: str) -> str:
    return rf"(?:{load_words(lang, 'words')['unit_labels'].pattern})"


def _label_unit(line: str, grammar: CellGrammar) -> str:
    """Return the unit that the line above a table gives to its sums: 单位：万元."""
    form = rf"[（(]?{_label(grammar.lang)}[：:]\ ?(?P<unit>[^）)]{{1,24}})[）)]?"
    match = re.fullmatch(form, line, re.IGNORECASE)
    return _unit_words(match["unit"], grammar) if match else ""


def _unit_words(words: str, grammar: CellGrammar) -> str:
    """Return the words as they stand behind a number; nothing if they are no unit."""
    label = rf"{_label(grammar.lang)}(?:[：:]\ ?|\ )"
    plain = re.sub(label, "", words, count=1, flags=re.IGNORECASE)
    first, _, rest = plain.partition(" ")
    swapped = f"{rest} {first}" if rest else ""  # RMB 10,000: 10,000 RMB
    return next((unit for unit in (plain, swapped) if unit and _read("25", unit, grammar)), "")


_PARTS = re.compile(r"(?P<lead>\D*)(?P<number>\d[\d.,]*(?:\ ?[-~—至到]\ ?\d[\d.,]*)?)(?P<tail>\D*)")
_UNIT = re.compile(r"(?:(?P<factor>\d[\d,]*)\ )?(?P<words>.*?)(?:(?:/|\ per\ |每).*)?")


def _read(words: str, unit: str, grammar: CellGrammar) -> Amount | None:
    """Return the amount that a cell is with its unit; None if it is anything more or less."""
    parts, shape = _PARTS.fullmatch(words), _UNIT.fullmatch(unit)
    if parts is None or shape is None:
        return None
    joint = "" if unit[0] == "%" else grammar.joint
    number = f"{parts['number']}{joint}{shape['words']}"
    amount = _alone(f"{parts['lead']}{number}{parts['tail']}", grammar)
    if amount is None or amount.kind not in _KINDS:
        return None
    rate = unit[shape.end("words") :]
    per = grammar.rate_of(number + rate, replace(amount, start=0, end=len(number)))
    factor = int((shape["factor"] or "1").replace(",", ""))
    high = None if amount.value_max is None else amount.value_max * factor
    return replace(amount, value=amount.value * factor, value_max=high, per=per if rate else None)


def _alone(words: str, grammar: CellGrammar) -> Amount | None:
    """Return the amount that the words are; None if they are more or less than one."""
    found = grammar.find_amounts(words)
    is_whole = len(found) == 1 and (found[0].start, found[0].end) == (0, len(words))
    return found[0] if is_whole else None


def _row_amounts(
    row: Sequence[_Cell], columns: Sequence[_Column | None], grammar: CellGrammar
) -> list[Amount]:
    # a cell that spans rows is missing at the left of all but the first of them
    missing = len(columns) - len(row)
    if missing < 0:
        return []
    pairs = list(zip(row, columns[missing:], strict=True))
    found = [
        _read(cell.words, column.unit, grammar) or _alone(cell.words, grammar) if column else None
        for cell, column in pairs
    ]
    if missing and not all(
        amount for (_, column), amount in zip(pairs, found, strict=True) if column
    ):
        return []
    title = None if pairs[0][1] else row[0].words or None
    return [
        replace(amount, start=cell.start, end=cell.end, noun=column.noun or None, row=title)
        for (cell, column), amount in zip(pairs, found, strict=True)
        if column and amount
    ]
