"""Keeping what is kept: rebuild, archive size and prune, backup."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bole.commands.engines import EngineName, Scheduler, Workers, with_engine
from bole.commands.shared import HERE, PARTLY, Folder, Json, print_json, say
from bole.config import ConfigError, load_settings

if TYPE_CHECKING:
    from bole.backup import Copied

archive = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The archive of fetched pages: its size, and keeping it small.",
)


def rebuild(
    folder: Folder = HERE,
    engine: EngineName = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    as_json: Json = False,
) -> None:
    """Make ledger and all tables anew from the archive, and what none holds from the old ones."""
    from bole.upkeep import rebuild as rebuild_all

    settings = with_engine(load_settings(folder), engine, workers, scheduler)
    counts = rebuild_all(settings, say)
    if as_json:
        print_json(dict(counts))
    else:
        for table, rows in counts.items():
            print(f"{table:20} {rows}")


@archive.command("size")
def size(folder: Folder = HERE, as_json: Json = False) -> None:
    """Say how many bytes the archive and its tables take, and how many are free."""
    from bole.upkeep import disk_use, size_words

    row = disk_use(load_settings(folder))
    if as_json:
        print_json(row)
    else:
        for name, count in row.items():
            print(f"{name:20} {count if name == 'files' else size_words(count)}")


@archive.command("prune")
def prune(
    folder: Folder = HERE,
    days: Annotated[
        int | None, typer.Option(min=1, help="Pages that came longer ago than so many days go.")
    ] = None,
    gigabytes: Annotated[
        float | None,
        typer.Option(min=0, help="The oldest pages go until the archive is no larger."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and leave it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take old pages out of the archive, never one that carries a fact in use."""
    from bole.upkeep import STILL_LARGER, prune_archive, size_words

    settings = load_settings(folder)
    if days is None and gigabytes is None:
        days, gigabytes = settings.archive_days or None, settings.archive_gigabytes or None
    if days is None and gigabytes is None:
        raise ConfigError(
            "nothing says what may stay; give --days, --gigabytes or both, or set archive_days "
            "or archive_gigabytes in bole.toml"
        )
    pruned = prune_archive(settings, days=days, gigabytes=gigabytes, is_dry=dry_run)
    freed = pruned.before - pruned.after
    if as_json:
        row = {"pages": pruned.pages, "before": pruned.before, "after": pruned.after}
        print_json({**row, "freed": freed})
    else:
        verb = "would go" if dry_run else "went"
        print(f"{pruned.pages} pages {verb}, {size_words(freed)} freed")
        print(f"the archive took {size_words(pruned.before)}, then {size_words(pruned.after)}")
    if gigabytes is not None and pruned.after > gigabytes * 2**30:
        say(STILL_LARGER)


def backup(
    to: Annotated[
        Path, typer.Argument(help="Folder of the copy; used again, only news are copied.")
    ],
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Copy the whole house, also while a run is going on; work in the copy: bole -C DIR query."""
    from bole.backup import back_up
    from bole.upkeep import size_words

    copied = back_up(load_settings(folder), folder, to)
    if as_json:
        row = {"folder": str(to), "files": copied.files, "bytes": copied.bytes}
        print_json({**row, "missing": copied.missing, "left_out": copied.left_out})
    else:
        print(to)
    say(f"{copied.files} files, {size_words(copied.bytes)}; {_use_words(to, copied)}")
    for line in copied.left_out:
        say(f"not copied: {line}")
    for name in copied.missing:
        say(f"bole: {name}: the ledger tells of it, and the archive has it no more; put it back")
    if copied.missing:
        raise typer.Exit(PARTLY)


def _use_words(to: Path, copied: "Copied") -> str:
    """Return what can be done with a copy."""
    if copied.has_database:
        return f"use it with: bole -C {to} query …"
    made = f", or make it from the copied pages: bole -C {to} rebuild"
    return f"it has no database yet: copy again after the run{made if copied.has_pages else ''}"
