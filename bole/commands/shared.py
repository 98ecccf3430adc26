"""What the commands share: option types, exit codes, and how they talk."""

import json
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer

from bole.config import FILE, Settings

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


def warn_without_contact(settings: Settings) -> None:
    """Say that sites are asked without a word about who asks."""
    if not settings.contact:
        say(f"sites do not see whom to write to; set contact = a mail or web address in {FILE}")


def default_folder(context: typer.Context, folder: Path) -> None:
    """Make `folder` the one that all commands below work in, unless they name another.

    A folder that was not named is no default: each command has its own.
    """
    source = context.get_parameter_source("folder")
    if source is not None and source.name == "COMMANDLINE":
        context.default_map = _folders(context.command, str(folder))


def _folders(command: Any, folder: str) -> dict[str, Any]:  # noqa: ANN401 - a command or a group
    below = getattr(command, "commands", {})
    return {"folder": folder, **{name: _folders(one, folder) for name, one in below.items()}}


def print_json(row: dict[str, Any]) -> None:
    """Print one result as a line."""
    print(json.dumps(row, ensure_ascii=False))


def china_day(day: datetime | None) -> date:
    """Return the day that was asked for; today in China without one."""
    return (day or datetime.now(UTC).astimezone(CHINA)).date()
