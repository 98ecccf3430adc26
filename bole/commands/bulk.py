"""Many articles at once: load."""

from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import HERE, PARTLY, Folder, china_day, say
from bole.config import load_settings


def load(
    files: Annotated[list[Path], typer.Argument(help="Files of articles: .parquet or .jsonl.")],
    folder: Folder = HERE,
) -> None:
    """Load articles from tables: text, and url or id; title, published, source, lang if known."""
    from bole.loading import load_files

    loaded = load_files(load_settings(folder), files, today=china_day(None))
    say(f"loaded {loaded.new} articles, passed over {loaded.known} known ones")
    if loaded.failures:
        for failure in loaded.failures[:10]:
            say(f"bole: {failure.message}")
        say(f"{len(loaded.failures)} rows failed; `bole query failures` tells which and why")
        raise typer.Exit(PARTLY)
