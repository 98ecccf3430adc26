"""The office's day: init, run, digest, demo."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import HERE, PARTLY, Day, Folder, Json, china_day, print_json, say
from bole.config import FILE, Settings, load_settings, write_settings


def init(
    folder: Folder = HERE,
    home: Annotated[
        str | None, typer.Option(help="Your district: a name or a six-digit code; empty for none.")
    ] = None,
    issuer: Annotated[str, typer.Option(help="Name of your office, as the digest prints it.")] = "",
    contact: Annotated[str, typer.Option(help="Mail or web address that watched sites see.")] = "",
) -> None:
    """Write bole.toml and sources.toml here; files that exist are kept."""
    from bole.start import district_code, write_default_watchlist

    if home is None:
        asked = sys.stdin.isatty() and not (folder / FILE).exists()
        home = typer.prompt("Your district (name or code, empty for none)", "") if asked else ""
    code = district_code(home) if home else ""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / FILE).exists():
        say(f"kept {folder / FILE}")
    else:
        settings = Settings(home=code, issuer=issuer, contact=contact)
        print(write_settings(folder, settings))
    watchlist = folder / Settings().watchlist
    if watchlist.exists():
        say(f"kept {watchlist}")
    else:
        print(write_default_watchlist(watchlist))


def run(
    folder: Folder = HERE,
    day: Day = None,
    as_json: Json = False,
) -> None:
    """The daily run: crawl what is new, extract, store, write the digest; safe to repeat."""
    _run(load_settings(folder), china_day(day), as_json=as_json)


def digest(folder: Folder = HERE, day: Day = None) -> None:
    """Write the digest of a day again from the store and print the paths of its pages."""
    from bole.daily import write_digest_of

    for path in write_digest_of(load_settings(folder), china_day(day)):
        print(path)


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", "-C", help="Working folder of the demo.")
    ] = Path("demo"),
    port: Annotated[int, typer.Option(help="Port of the sample site on loopback.")] = 8437,
    as_json: Json = False,
) -> None:
    """The daily run on the sample site that ships with bole, served on loopback."""
    from bole.demo import SITE, write_watchlist
    from bole.demo.server import serve

    folder.mkdir(parents=True, exist_ok=True)
    with serve(SITE, port=port) as address:
        write_settings(folder, Settings(home="320300", issuer="示例", delay=0.0))
        write_watchlist(folder, address)
        _run(load_settings(folder, {}), china_day(None), as_json=as_json)


def _run(settings: Settings, day: date, *, as_json: bool) -> None:
    from bole.daily import run_day
    from bole.talk import outcome_row, print_outcome

    outcome = run_day(settings, day=day, say=say)
    if as_json:
        print_json(outcome_row(outcome))
    else:
        print_outcome(outcome)
    if outcome.failures:
        say(f"{len(outcome.failures)} articles failed; `bole query failures` tells which and why")
        raise typer.Exit(PARTLY)
