"""The watchlist: crawl, sources."""

from typing import Annotated

import typer

from bole.commands.shared import HERE, Folder, Json, say
from bole.config import load_settings


def crawl(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of sources; all that are enabled if left out.")
    ] = None,
    folder: Folder = HERE,
) -> None:
    """Collect only: fetch what is new into the archive."""
    from bole.daily import collect_pages

    collect_pages(load_settings(folder), only=sources or [], say=say)


def sources(folder: Folder = HERE, as_json: Json = False) -> None:
    """List the watchlist."""
    from bole.talk import print_rows
    from crawler.sources import load_sources

    settings = load_settings(folder)
    rows = [
        {"id": s.id, "name": s.name, "district": s.district, "enabled": s.enabled, "url": s.url}
        for s in load_sources(settings.watchlist)
    ]
    print_rows(rows, as_json=as_json)
