"""Tables of several machines: lake commit, lake compact."""

from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import HERE, PARTLY, Folder, say
from bole.config import load_settings

lake = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The tables of several machines: shards of Parquet, and one lake that knows them.",
)


@lake.command("commit")
def commit(
    shards: Annotated[
        list[Path], typer.Argument(help="Folders that bole extract --to parquet has written.")
    ],
    folder: Folder = HERE,
) -> None:
    """Register shards in the lake, each once; the same articles come in place of those before."""
    from bole.lakes import commit_folders

    done = commit_folders(load_settings(folder), shards, say)
    say(f"registered {done.new} shards, passed over {done.known} known ones")
    if done.refused:
        for line in done.refused[:10]:
            say(f"bole: {line}")
        say(f"{len(done.refused)} shards are refused; the others are in the lake")
        raise typer.Exit(PARTLY)


@lake.command("compact")
def compact(
    folder: Folder = HERE,
    days: Annotated[
        float, typer.Option(min=0, help="What was replaced so many days ago is deleted.")
    ] = 7.0,
) -> None:
    """Put small files of the lake together, and delete those that nobody reads any more."""
    from bole.lakes import compact as put_together

    put_together(load_settings(folder), days=days)
