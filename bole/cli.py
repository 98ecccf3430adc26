"""The `bole` command.

Results go to stdout, talk to stderr. Exit codes: 0 all done, 1 failed, 2 wrong usage or settings,
3 done, but some articles failed. Verbs import what they need when they run, so that help is quick.
"""

import io
import sys
from collections.abc import Sequence

import typer

from bole.commands import answers, office, papers, watchlist
from bole.commands.shared import FAILED, USAGE, say
from bole.config import ConfigError
from crawler.errors import CrawlError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Watch what districts do to attract talent: proven facts and a checked daily digest.",
)
for verb in (
    office.init,
    office.run,
    watchlist.crawl,
    watchlist.sources,
    papers.extract,
    papers.read,
    office.digest,
    answers.query,
    papers.evaluate,
    office.demo,
):
    app.command()(verb)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line; an expected error becomes one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # Windows consoles default to another
    try:
        app(words)
    except Exception as error:  # the edge: expected errors become a line, a bug stays a trace
        code = _exit_code(error)
        if code is None:
            raise
        say(f"bole: {error}")
        sys.exit(code)


def _exit_code(error: Exception) -> int | None:
    """Return the exit code of an expected error; None for a bug."""
    from crawler.sources import SourceError
    from extract.lexicon import LexiconError
    from store import StoreError
    from summarize.checking import CheckError

    if isinstance(error, ConfigError | SourceError):
        return USAGE
    return (
        FAILED if isinstance(error, CrawlError | LexiconError | StoreError | CheckError) else None
    )
