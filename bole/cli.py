"""The `bole` command.

Results go to stdout, talk to stderr. Exit codes: 0 all done, 1 failed, 2 wrong usage or settings,
3 done, but some pages could not be read or a source is broken. Verbs import what they need when
they run, so that help is quick.
"""

import io
import sqlite3
import sys
from collections.abc import Sequence

import typer

from bole.commands import (
    answers,
    bulk,
    lake,
    models,
    office,
    papers,
    review,
    upkeep,
    watchlist,
    web,
)
from bole.commands.shared import FAILED, HERE, USAGE, Folder, default_folder, say
from bole.config import ConfigError
from crawler.errors import CrawlError

#: Exit code after Ctrl-C, as shells have it.
INTERRUPTED = 130
STOPPED = "bole: interrupted; nothing is lost, run the same command again"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Watch what districts do to attract talent: proven facts and a checked daily digest.",
)


@app.callback()
def _in_folder(context: typer.Context, folder: Folder = HERE) -> None:
    default_folder(context, folder)


for verb in (
    office.init,
    office.run,
    watchlist.crawl,
    papers.extract,
    papers.read,
    office.digest,
    answers.query,
    answers.search,
    answers.compare,
    answers.export,
    bulk.load,
    papers.evaluate,
    office.demo,
    web.serve,
    upkeep.rebuild,
    upkeep.backup,
):
    app.command()(verb)
app.add_typer(watchlist.sources, name="sources")
app.add_typer(upkeep.archive, name="archive")
app.add_typer(review.review, name="review")
app.add_typer(models.models, name="models")
app.add_typer(lake.lake, name="lake")


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line; an expected error becomes one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # Windows consoles default to another
    try:
        app(words)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            say(STOPPED)
        raise
    except Exception as error:  # the edge: expected errors become a line, a bug stays a trace
        if str(error) == "Query interrupted":  # how DuckDB tells of Ctrl-C
            say(STOPPED)
            sys.exit(INTERRUPTED)
        code = _exit_code(error)
        if code is None:
            raise
        say(f"bole: {_line(error)}")
        sys.exit(code)


def _line(error: Exception) -> str:
    """Return what an expected error says, with a cure where the system's own words have none."""
    if isinstance(error, sqlite3.DatabaseError):
        from crawler.opening import trouble_words

        return f"the ledger is {trouble_words(error)}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}; check this path and who may write there"
    return str(error)


def _exit_code(error: Exception) -> int | None:
    """Return the exit code of an expected error; None for a bug."""
    from bole.deliver import DeliveryError
    from bole.engine import EngineError
    from crawler.sources import SourceError
    from extract.lexicon import LexiconError
    from extract.tagging import ModelError
    from store import StoreError
    from summarize.checking import CheckError

    if isinstance(error, ConfigError | SourceError | ModelError):
        return USAGE
    expected = CrawlError | LexiconError | StoreError | CheckError | DeliveryError | OSError
    expected |= sqlite3.DatabaseError | EngineError
    return FAILED if isinstance(error, expected) else None
