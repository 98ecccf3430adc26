"""Keeping what is kept: rebuild, archive size and prune, backup."""

from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import HERE, Folder, Json, print_json, say
from bole.config import ConfigError, load_settings

archive = typer.Typer(
    rich_markup_mode=None, help="The archive of fetched pages: its size, and keeping it small."
)


def rebuild(folder: Folder = HERE, as_json: Json = False) -> None:
    """Make ledger and all tables anew from the archive alone."""
    from bole.upkeep import rebuild as rebuild_all

    counts = rebuild_all(load_settings(folder), say)
    if as_json:
        print_json(dict(counts))
    else:
        for table, rows in counts.items():
            print(f"{table:20} {rows}")


@archive.command("size")
def size(folder: Folder = HERE, as_json: Json = False) -> None:
    """Say how many bytes the archive and its tables take."""
    from crawler.archive import Archive
    from crawler.retention import archive_size

    settings = load_settings(folder)
    kept = Archive(settings.data)
    row = {"files": len(kept.files()), "archive": archive_size(kept)}
    for name, path in (("ledger", settings.ledger), ("database", settings.database)):
        row[name] = path.stat().st_size if path.is_file() else 0
    if as_json:
        print_json(row)
    else:
        for name, count in row.items():
            print(f"{name:20} {count}")


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
    from bole.upkeep import prune_archive

    if days is None and gigabytes is None:
        raise ConfigError("nothing says what may stay; give --days, --gigabytes or both")
    pruned = prune_archive(load_settings(folder), days=days, gigabytes=gigabytes, is_dry=dry_run)
    if as_json:
        print_json({"pages": pruned.pages, "before": pruned.before, "after": pruned.after})
    else:
        verb = "would go" if dry_run else "went"
        print(f"{pruned.pages} pages {verb}; the archive took {pruned.before} bytes", end="")
        print(f", now {pruned.after}" if not dry_run else f", then {pruned.after}")
    if gigabytes is not None and pruned.after > gigabytes * 2**30:
        say("it is still larger: the pages that are left carry facts in use")


def backup(
    to: Annotated[
        Path, typer.Argument(help="Folder of the copy; used again, only news are copied.")
    ],
    folder: Folder = HERE,
) -> None:
    """Copy database, ledger and archive, also while a run is going on."""
    from bole.upkeep import back_up

    copies = back_up(load_settings(folder), to)
    say(f"{len(copies)} files; to go back to them, put them into the data folder")
    print(to)
