"""What a crawl has left because its host is another crawl's: told to who started it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

_FILE = "away.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A request that was not made.

    Attributes:
        source_id: The source that it was for.
        url: Address of the article, part or document; None for a list.
        hosts: The hosts that it takes: its own, and those that it was led to.
        is_known: Whether an earlier crawl of the same folder has asked for it.
    """

    source_id: str
    url: str | None
    hosts: tuple[str, ...]
    is_known: bool = False

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Return what a line of the file says."""
        return cls(**{**row, "hosts": tuple(row["hosts"])})


def write_away(folder: Path, left: Iterable[Away]) -> None:
    """Write what a crawl has left, in place of what the one before it had."""
    part = folder / f"{_FILE}.part"
    rows = sorted(set(left), key=lambda one: (one.source_id, one.url or "", one.hosts))
    lines = [json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in rows]
    part.write_text("".join(lines), encoding="utf-8")
    part.replace(folder / _FILE)


def read_away(folder: Path) -> list[Away]:
    """Return what the last crawl of a folder has left."""
    path = folder / _FILE
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [Away.from_row(json.loads(line)) for line in lines]
