"""The watchlist: crawl; sources list, check, add."""

from dataclasses import replace
from typing import Annotated

import typer

from bole.commands.engines import EngineName, Scheduler, Workers, engine_settings, with_engine
from bole.commands.shared import (
    HERE,
    PARTLY,
    Folder,
    Json,
    china_day,
    default_folder,
    say,
    warn_without_contact,
)
from bole.config import Settings, load_settings

Ids = Annotated[
    list[str] | None, typer.Argument(help="Ids of sources; all that are enabled if left out.")
]

sources = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="The watchlist: list its sources, check what they yield, add one.",
)


def crawl(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCES]...", help="Ids; all that are enabled if left out."),
    ] = None,
    folder: Folder = HERE,
    engine: EngineName = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
) -> None:
    """Collect only: fetch what is new into the archive; 3 if a source is broken.

    With an engine the hosts are shared out: each worker crawls some of them, and reads what came;
    the articles are in the tables then.
    """
    from bole.daily import collect_pages
    from bole.watched import broken_now, sources_to_collect

    settings = with_engine(load_settings(folder), engine, workers, scheduler)
    chosen = sources_to_collect(settings, ids or [])
    warn_without_contact(settings)
    failed: list[str] = []
    names = [source.id for source in chosen]
    if engine is None and settings.engine == "local":
        collect_pages(settings, only=names, say=say)
    else:
        failed = _crawl_in_shards(settings, names)
    lines = [*failed, *broken_now(settings, chosen)]
    for line in lines:
        say(line)
    if lines:
        raise typer.Exit(PARTLY)


def _crawl_in_shards(settings: Settings, ids: list[str]) -> list[str]:
    """Crawl on the workers of the engine, and return a line for each shard that failed."""
    from functools import partial

    from bole.crawling.driving import crawl_in_shards
    from bole.engine import open_engine
    from bole.extraction import PRELOAD, be_ready

    ready = engine_settings(settings, prepare=partial(be_ready, settings.names))
    with open_engine(settings.engine, replace(ready, preload=PRELOAD)) as opened:
        crawled = crawl_in_shards(settings, ids, opened, say=say)
    say(str(crawled))
    return crawled.failed


@sources.callback()
def _list_by_default(context: typer.Context, folder: Folder = HERE, as_json: Json = False) -> None:
    default_folder(context, folder)
    if context.invoked_subcommand is None:
        list_sources(folder, as_json=as_json)


@sources.command("list")
def list_sources(folder: Folder = HERE, as_json: Json = False) -> None:
    """List the watchlist and how each source stands."""
    from bole.talk import print_rows
    from bole.watched import for_eyes, standing_rows

    rows = standing_rows(load_settings(folder), china_day(None))
    print_rows(rows if as_json else [*map(for_eyes, rows)], as_json=as_json)


@sources.command("check")
def check_watchlist(ids: Ids = None, folder: Folder = HERE, as_json: Json = False) -> None:
    """Ask for the first page of each source's list and say what it yields; 3 if one is broken."""
    from bole.talk import print_rows
    from bole.watched import LEFT, for_eyes, sources_to_check, tally_of, with_counts
    from crawler.probing import check_sources, hosts_at_rest

    settings = load_settings(folder)
    chosen = sources_to_check(settings, ids or [], say=say)
    say(f"checking {len(chosen)} sources")
    checks = check_sources(
        chosen,
        user_agent=settings.user_agent,
        today=china_day(None),
        delay=None if settings.delay < 0 else settings.delay,
        at_rest=hosts_at_rest(settings.ledger),
        house=settings.ledger,
    )
    rows = with_counts(settings, checks)
    print_rows(rows if as_json else [*map(for_eyes, rows)], as_json=as_json)
    tally = tally_of(checks)
    for state, count in tally.items():
        say(f"{count} of {len(checks)} sources {'is' if count == 1 else 'are'} {state}")
    if tally.keys() - {LEFT}:
        raise typer.Exit(PARTLY)


@sources.command("add")
def add_source(
    url: Annotated[str, typer.Argument(help="Address of the list: a column, a feed, a sitemap.")],
    folder: Folder = HERE,
    given_id: Annotated[
        str | None, typer.Option("--id", help="Its id; guessed if not given.")
    ] = None,
    district: Annotated[
        str | None, typer.Option(help="Code of its district; read from the page if not given.")
    ] = None,
    allow_private: Annotated[
        list[str] | None,
        typer.Option(help="host:port on this machine or network that it may ask."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the table, write nothing.")
    ] = False,
) -> None:
    """Guess from a page how its list is built and add it to the watchlist."""
    from bole.watched import load_watchlist, need_district
    from crawler.adding import add_table, propose_source, watched_as
    from crawler.sources import SourceError

    settings = load_settings(folder)
    known = load_watchlist(settings, may_be_empty=True)
    need_district(district)
    if not url.startswith(("http://", "https://")):
        raise SourceError(f"{url!r} is no web address; write http:// or https:// and a host")
    if same := watched_as(url, known):
        say(f"{url} is watched already, as {same.id}; nothing was written")
        return
    if given_id in {one.id for one in known}:
        raise SourceError(f"id {given_id!r} is in the watchlist already; give another --id")
    given = {"id": given_id, "district": district}
    proposal = propose_source(
        url,
        known,
        user_agent=settings.user_agent,
        given={key: value for key, value in given.items() if value},
        allow_private=allow_private or [],
    )
    print(proposal.table)
    if proposal.guess.warning:
        say(proposal.guess.warning)
    if not dry_run:
        add_table(settings.watchlist, proposal.table)
        say(f"added to {settings.watchlist}; try it: bole sources check {proposal.id}")
