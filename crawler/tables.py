"""Tables that people write by hand (TOML) -> frozen dataclasses, every slip named with its line."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from crawler.errors import CrawlError

Noun = TypeVar("Noun")

_HEADER = re.compile(r"\s*\[{1,2}\s*([\w.\"'-]+)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a TOML file and where it stands.

    Attributes:
        file: The file.
        header: `source`, `preset.trs` ...; empty for keys before the first table.
        line: Line of the header, counted from 1.
        values: What the table holds.
        lines: Line of each key.
    """

    file: Path
    header: str
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def at(self, key: str | None = None) -> str:
        """Return `file:line` of a key, or of the header if the table has no such key."""
        return f"{self.file}:{self.lines.get(key or '', self.line)}"


def read_tables(path: Path) -> list[Table]:
    """Return the tables of a TOML file in file order, the keys before the first table leading.

    Raises:
        CrawlError: The file cannot be read, or is no TOML; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CrawlError(f"{path}: not valid TOML: {error}; correct that line") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CrawlError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    blocks = _blocks(text)
    found = [_table(path, "", {k: v for k, v in content.items() if _is_plain(v)}, blocks)]
    for key, value in content.items():
        if isinstance(value, list) and not _is_plain(value):
            found += [_table(path, key, one, blocks) for one in value]
        elif isinstance(value, dict) and any(isinstance(one, dict) for one in value.values()):
            found += [_table(path, f"{key}.{name}", one, blocks) for name, one in value.items()]
        elif isinstance(value, dict):
            found.append(_table(path, key, value, blocks))
    return found


def build(noun: type[Noun], table: Table, **given: Any) -> Noun:
    """Return a dataclass made of a table, types checked; `given` fields come from the caller.

    Raises:
        CrawlError: Unknown or missing key, or a value of the wrong kind.
    """
    kinds = get_type_hints(noun)
    known = [field.name for field in fields(noun) if field.name not in given]  # type: ignore[arg-type]  # any dataclass
    for key, value in table.values.items():
        if key not in known:
            raise CrawlError(
                f"{table.at(key)}: unknown key {key!r} = {value!r}; {hint(key, known, 'keys')}"
            )
        if not _fits(value, kinds[key]):
            raise CrawlError(
                f"{table.at(key)}: {key} = {value!r} must be {_kind_words(kinds[key])}"
            )
    for field in fields(noun):  # type: ignore[arg-type]
        needed = field.default is MISSING and field.default_factory is MISSING
        if needed and field.name not in table.values and field.name not in given:
            raise CrawlError(f"{table.at()}: [{table.header}] has no {field.name!r}; add it")
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in table.values.items()}
    return noun(**values, **given)


def near_names(name: str, known: list[str]) -> list[str]:
    """Return what a mistyped name may have meant, best first; all names if nothing is near."""
    return get_close_matches(name, known, n=3, cutoff=0.5) or known


def hint(name: str, known: Iterable[str], what: str) -> str:
    """Return the cure of a wrong name: the one that it is near to, else all there are.

    >>> hint("delai", ["delay", "url"], "keys")
    "did you mean 'delay'?"
    >>> hint("x", ["delay", "url"], "keys")
    'keys: delay, url'
    """
    names = list(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"{what}: {', '.join(names)}"


def _is_plain(value: object) -> bool:
    """Whether a value is no table and no array of tables."""
    if isinstance(value, list):
        return not (value and all(isinstance(one, dict) for one in value))
    return not isinstance(value, dict)


def _fits(value: object, kind: object) -> bool:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return any(_fits(value, one) for one in arguments)
    if origin is Literal:
        return value in arguments
    if origin is tuple:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if origin is Mapping:
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


def _kind_words(kind: object) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return " or ".join(_kind_words(one) for one in arguments if one is not type(None))
    if origin is Literal:
        return "one of " + ", ".join(map(str, arguments))
    if origin is tuple:
        return "a list of strings"
    if origin is Mapping:
        return 'a table of strings, as { title = "name" }'
    words: dict[object, str] = {str: "a string", int: "a whole number", float: "a number"}
    return words.get(kind, "true or false")


def _table(
    path: Path,
    header: str,
    values: Mapping[str, Any],
    blocks: dict[str, list[tuple[int, dict[str, int]]]],
) -> Table:
    line, lines = blocks[header].pop(0) if blocks.get(header) else (1, {})
    return Table(file=path, header=header, line=line, values=values, lines=lines)


def _blocks(text: str) -> dict[str, list[tuple[int, dict[str, int]]]]:
    """Return where tables begin: header -> (line, key -> line), in file order."""
    blocks: dict[str, list[tuple[int, dict[str, int]]]] = {}
    for header, line, lines in _walk(text):
        blocks.setdefault(header, []).append((line, lines))
    return blocks


def _walk(text: str) -> Iterator[tuple[str, int, dict[str, int]]]:
    header, start = "", 1
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := _HEADER.match(line):
            yield header, start, lines
            header, start, lines = match[1].replace('"', "").replace("'", ""), number, {}
        elif match := _KEY.match(line):
            lines.setdefault(match[1], number)
    yield header, start, lines
