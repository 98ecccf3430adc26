"""The page for readers: serve."""

from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import HERE, Folder, say
from bole.config import load_settings


def serve(
    folder: Folder = HERE,
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 for the office network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 for any that is free.")] = 8645,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the secret that readers type; needed beyond this machine."),
    ] = None,
) -> None:
    """Show digest, facts and comparison in a browser, until Ctrl-C; read-only."""
    from bole.web.serve import serve as keep_serving

    keep_serving(
        folder, load_settings(folder), host=host, port=port, token_file=token_file, say=say
    )
