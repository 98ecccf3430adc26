"""What the commands share: option types, exit codes, and how they talk."""

import json
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer

from bole.config import FILE

#: Days in digests are days in China; it has had one zone, without summer time, since 1991.
CHINA = timezone(timedelta(hours=8))

FAILED, USAGE, PARTLY = 1, 2, 3

HERE = Path()

Folder = Annotated[
    Path, typer.Option("--folder", "-C", help=f"Working folder, the one with {FILE}.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Day = Annotated[
    datetime | None,
    typer.Option(
        "--date", formats=["%Y-%m-%d"], help="Day of the digest; today in China if left out."
    ),
]


def say(line: str) -> None:
    """Print one line of talk."""
    print(line, file=sys.stderr, flush=True)


def print_json(row: dict[str, Any]) -> None:
    """Print one result as a line."""
    print(json.dumps(row, ensure_ascii=False))


def china_day(day: datetime | None) -> date:
    """Return the day that was asked for; today in China without one."""
    return (day or datetime.now(UTC).astimezone(CHINA)).date()
