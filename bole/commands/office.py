"""The office's day: init, run, digest, demo."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import (
    CHINA,
    HERE,
    PARTLY,
    Day,
    Folder,
    Json,
    china_day,
    print_json,
    say,
    warn_without_contact,
)
from bole.config import FILE, ConfigError, Settings, load_settings, write_settings

First = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="First day of a range, up to --to."),
]
Last = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of a range; today if left out."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be sent to whom, and send nothing.")
]


def init(
    folder: Folder = HERE,
    home: Annotated[
        str | None, typer.Option(help="Your district: a name or a six-digit code; empty for none.")
    ] = None,
    issuer: Annotated[str, typer.Option(help="Name of your office, as the digest prints it.")] = "",
    contact: Annotated[
        str | None, typer.Option(help="Mail or web address that watched sites see.")
    ] = None,
) -> None:
    """Write bole.toml and sources.toml here; files that exist are kept."""
    from bole.start import district_code, write_default_watchlist

    folder.mkdir(parents=True, exist_ok=True)
    if (folder / FILE).exists():
        say(f"kept {folder / FILE}")
    else:
        code = district_code(_home() if home is None else home)
        reached = (_contact() if contact is None else contact).strip()
        settings = Settings(home=code, issuer=issuer, contact=reached)
        print(write_settings(folder, settings))
    watchlist = folder / Settings().watchlist
    if watchlist.exists():
        say(f"kept {watchlist}")
    else:
        print(write_default_watchlist(watchlist))


def _home() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Your district (name or code, empty for none)", ""))
    say(f"no district is set; write home = … into {FILE}, or: bole init --home 徐州市")
    return ""


def _contact() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Mail or web address that watched sites see (empty for none)", ""))
    say(f"no contact is set; write contact = … into {FILE}, or: bole init --contact MAIL")
    return ""


def run(
    folder: Folder = HERE,
    day: Day = None,
    as_json: Json = False,
    at: Annotated[
        str | None, typer.Option(help="Stay, and run each day at this time in China, as 07:30.")
    ] = None,
) -> None:
    """The daily run: crawl what is new, extract, store, write the digest; safe to repeat."""
    if at is not None:
        _keep_running(folder, at)
    settings = load_settings(folder)
    warn_without_contact(settings)
    _run(settings, china_day(day), as_json=as_json)


def _keep_running(folder: Path, at: str) -> None:
    from bole.schedule import keep_running, read_time, run_once

    load_settings(folder)  # what is wrong with them is said now, not at dawn

    def run_day() -> None:
        code = run_once(folder)
        say(f"the run ended with code {code}")

    def now() -> datetime:
        return datetime.now(UTC).astimezone(CHINA)

    keep_running(read_time(at), run_day, now=now, say=say)


def digest(  # noqa: PLR0913, PLR0917 - a command has its options
    folder: Folder = HERE,
    day: Day = None,
    first: First = None,
    last: Last = None,
    lang: Annotated[str, typer.Option(help="Language of labels, places and amounts.")] = "zh",
    deliver: Annotated[
        bool, typer.Option("--deliver", help="Send it to whom bole.toml names.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Write the digest of a day, or of a range of days, from the store; print its files."""
    from bole.daily import write_digest_of
    from bole.issues import span_of
    from bole.retelling import Reteller

    settings = load_settings(folder)
    span = span_of(china_day(last or day), first.date() if first else None, lang)
    if span.day > china_day(None):
        raise ConfigError(f"{span.day} lies ahead; a digest is of a day that has come")
    retell = Reteller(settings)
    for path in write_digest_of(settings, span, retell):
        print(path)
    if deliver or dry_run:
        _deliver(settings, span.stem, dry_run=dry_run)
    if retell.problem:
        say(retell.problem)
        raise typer.Exit(PARTLY)


def _deliver(settings: Settings, stem: str, *, dry_run: bool) -> None:
    from bole.deliver import deliver_issue

    for line in deliver_issue(settings, stem, dry_run=dry_run):
        say(line)


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

    with serve(SITE, port=port) as address:
        folder.mkdir(parents=True, exist_ok=True)
        write_settings(folder, Settings(home="320300", issuer="示例", delay=0.0))
        write_watchlist(folder, address)
        _run(load_settings(folder, {}), china_day(None), as_json=as_json)


def _failed_words(unexpected: int, failures: int) -> str:
    """Return how many of the pages that are kept as failures a person should look at.

    >>> _failed_words(1, 1)
    '1 page could not be read; `bole query failures` tells which and why'
    >>> _failed_words(2, 3)
    '2 of 3 pages in failures could not be read; `bole query failures` tells which and why'
    """
    pages = f"{failures} page" + "s" * (failures != 1)
    share = pages if unexpected == failures else f"{unexpected} of {pages} in failures"
    return f"{share} could not be read; `bole query failures` tells which and why"


def _run(settings: Settings, day: date, *, as_json: bool) -> None:
    from bole.daily import run_day
    from bole.talk import outcome_row, print_outcome
    from bole.upkeep import keep_in_bounds

    outcome = run_day(settings, day=day, say=say)
    if as_json:
        print_json(outcome_row(outcome))
    else:
        print_outcome(outcome)
    keep_in_bounds(settings, say)
    if settings.delivery.exists():
        _deliver(settings, outcome.day.isoformat(), dry_run=False)
    if outcome.unexpected:
        say(_failed_words(len(outcome.unexpected), len(outcome.failures)))
    if outcome.broken:
        say(f"broken sources: {', '.join(outcome.broken)}; `bole sources check` tells why")
    if outcome.rewriting:
        say(outcome.rewriting)
    if outcome.unexpected or outcome.broken or outcome.rewriting:
        raise typer.Exit(PARTLY)
