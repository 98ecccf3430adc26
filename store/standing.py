"""How the sources stood, as text in a table and back."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from crawler.health import Problem, SourceHealth


def to_text(health: Iterable[SourceHealth]) -> str:
    """Return the JSON text of how sources stand.

    >>> sources = [SourceHealth(source_id="a", name="A", pages=2, articles=1)]
    >>> from_text(to_text(sources)) == sources
    True
    """
    return json.dumps([asdict(source) for source in health], ensure_ascii=False)


def from_text(text: str) -> list[SourceHealth]:
    """Return what `to_text` wrote."""
    return [
        SourceHealth(**{**row, "problems": tuple(Problem(**p) for p in row["problems"])})
        for row in json.loads(text)
    ]
