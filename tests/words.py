"""Which words of the tables a line of text needs: read with and without them.

Words are taken away many at a time, no two of them in one line: what a line does not hold cannot
change how it is read, so a line that is read otherwise shows that its own word is needed.
"""

import importlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType, ModuleType

import extract
from extract import lexicon
from extract.reading import Reading, read_text

FIELDS = (
    *("quote", "value", "value_max", "unit", "qualifier", "role", "benefit", "tier", "target"),
    *("per", "cumulative", "conditions", "counted"),
)
#: What a text of bare number words is worth is asked as well, of texts no longer than this.
_LONGEST_NUMERAL = 12
#: The module that reads figures with the tables of a folder.
READERS = {"zh": "extract.chinese_figures", "en": "extract.english_figures"}
#: Modules that hold no words of their own.
_KEPT = frozenset(("extract.lexicon", "extract.facts", "extract.reading"))


@dataclass(frozen=True, slots=True)
class Line:
    """A text that needs one word of one table."""

    folder: str
    table: str
    section: str
    word: str
    text: str
    lang: str

    @property
    def key(self):
        return self.folder, self.table, self.section, self.word


def seen(find, reading: Reading) -> dict[str, list[object]]:
    """Return what is read, field by field, in words and numbers that JSON can hold."""
    rows = [_row(figure) for figure in find(reading)]
    numbers = importlib.import_module("extract.numbers")
    is_short = len(reading.raw) <= _LONGEST_NUMERAL
    worth = numbers.parse_number(reading.raw, reading.lang) if is_short else None
    read = {name: [row[name] for row in rows] for name in FIELDS}
    return read | {"number": [] if worth is None else [str(worth)]}


def _row(figure):
    row = {name: getattr(figure, name, None) for name in FIELDS}
    numbers = {name: row[name] and str(row[name]) for name in ("value_max",)}
    named = {"quote": figure.evidence.quote, "value": str(figure.value)}
    return row | numbers | named | {"conditions": list(figure.conditions)}


def without(folder: str, lines: Sequence[Line]) -> Iterator[tuple[Line, dict[str, list[object]]]]:
    """Yield what each line (all of one folder of tables) is read as without its word."""
    readings = {line: read_text(line.text, line.lang) for line in lines}
    for batch in _batches(lines, readings):
        with _taken_away(batch):
            find = importlib.import_module(READERS[folder]).find_figures
            for line in batch:
                yield line, seen(find, readings[line])


@dataclass(slots=True)
class _Batch:
    """Lines whose words are taken away together."""

    lines: list[Line] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    pieces: set[str] = field(default_factory=set)
    taken: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def takes(self, line: Line, pieces: set[str]) -> bool:
        """Take the line, unless it holds a word of another line, or another line its own."""
        word, section = line.word.lower(), line.key[:3]
        if word in self.pieces or not self.words.isdisjoint(pieces):
            return False
        size = len(lexicon.load_words(line.folder, line.table)[line.section].names)
        if self.taken[section] >= max(1, size - 1):
            return False  # there is no pattern of no words
        self.lines.append(line)
        self.words.add(word)
        self.pieces |= pieces
        self.taken[section] += 1
        return True


def _batches(lines: Sequence[Line], readings: Mapping[Line, Reading]) -> list[list[Line]]:
    """Return the lines in groups where no line holds the word of another."""
    batches: list[_Batch] = []
    for line in sorted(lines, key=lambda line: (len(line.word), line.key)):
        pieces = _pieces(readings[line].text.lower())
        if not any(batch.takes(line, pieces) for batch in batches):
            batches.append(_Batch())
            batches[-1].takes(line, pieces)
    return [batch.lines for batch in batches]


def _pieces(text: str) -> set[str]:
    return {text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1)}


@contextmanager
def _taken_away(lines: Iterable[Line]) -> Iterator[None]:
    """Have the modules of figures read tables without the words, until the context is left."""
    gone: dict[tuple[str, str], dict[str, set[str]]] = {}
    for line in lines:
        gone.setdefault((line.folder, line.table), {}).setdefault(line.section, set()).add(
            line.word
        )
    load = lexicon.load_words
    saved = {name: module for name, module in sys.modules.items() if _holds_words(name)}
    lexicon.load_words = lambda lang, table: _less(
        load(lang, table), gone.get((lexicon.FOLDERS.get(lang, lang), table), {})
    )
    _forget(saved)
    try:
        yield
    finally:
        lexicon.load_words = load
        _forget({name: module for name, module in sys.modules.items() if _holds_words(name)})
        sys.modules.update(saved)
        for name, module in saved.items():
            setattr(extract, name.rpartition(".")[2], module)


def _holds_words(name: str) -> bool:
    return name.startswith("extract.") and name not in _KEPT


def _forget(modules: Mapping[str, ModuleType]) -> None:
    for name in modules:
        del sys.modules[name]
        delattr(extract, name.rpartition(".")[2])


def _less(
    sections: Mapping[str, lexicon.Words], gone: Mapping[str, set[str]]
) -> Mapping[str, lexicon.Words]:
    if not gone:
        return sections
    return MappingProxyType(
        {
            name: lexicon.Words(
                MappingProxyType(
                    {w: n for w, n in words.names.items() if w not in gone.get(name, ())}
                )
            )
            for name, words in sections.items()
        }
    )
