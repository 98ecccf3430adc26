"""Where a page of rows ended, as an opaque word that leads to the next.

A cursor holds the sort keys of the last row, not a number of rows: rows that a newer snapshot adds
before it neither push rows into the next page again nor hide any.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Literal

#: A sort key: text, day or amount; none of them is ever null.
Kind = Literal["text", "day", "amount"]
Value = str | date | Decimal
LONGEST = 1_000


class CursorError(ValueError):
    """A cursor that no answer gave, or that belongs to another question."""


def write_cursor(asked: object, values: Sequence[object]) -> str:
    """Return the cursor behind a row with these sort keys, good for the same question only.

    >>> read_cursor("q", write_cursor("q", ["a", Decimal("1.5")]), ["text", "amount"])
    ['a', Decimal('1.5')]
    """
    said = json.dumps([_name(asked), *map(str, values)], ensure_ascii=False)
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(asked: object, cursor: str, kinds: Sequence[Kind]) -> list[Value]:
    """Return the sort keys that `write_cursor` was given.

    Raises:
        CursorError: It is none of this question.
    """
    cure = "take it from the answer before, or leave it out to begin anew"
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        said = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise CursorError(f"cursor {cursor[:40]!r} is no cursor of bole; {cure}") from error
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise CursorError(f"cursor {cursor[:40]!r} is no cursor of bole; {cure}")
    if len(said) != len(kinds) + 1 or said[0] != _name(asked):
        raise CursorError(f"cursor {cursor[:40]!r} belongs to another question; {cure}")
    try:
        return [_READ[kind](value) for kind, value in zip(kinds, said[1:], strict=True)]
    except (ValueError, InvalidOperation) as error:
        raise CursorError(f"cursor {cursor[:40]!r} is no cursor of bole; {cure}") from error


def _name(asked: object) -> str:
    return blake2b(repr(asked).encode(), digest_size=6).hexdigest()


def _amount(said: str) -> Decimal:
    value = Decimal(said)
    if not value.is_finite() or abs(value.adjusted()) > 32:
        raise ValueError(said)
    return value


_READ: Mapping[Kind, Callable[[str], Value]] = {
    "text": str,
    "day": date.fromisoformat,
    "amount": _amount,
}
