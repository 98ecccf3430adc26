"""The `bole` command: one function a verb.

Results go to stdout, talk to stderr. Exit codes: 0 all done, 1 failed, 2 wrong usage or settings,
3 done, but some articles failed. Verbs import what they need when they run, so that help is quick.
"""

import io
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer

from bole.config import FILE, ConfigError, Settings, load_settings, write_settings
from crawler.article import Article
from crawler.errors import CrawlError

#: Days in digests are days in China; it has had one zone, without summer time, since 1991.
CHINA = timezone(timedelta(hours=8))

FAILED, USAGE, PARTLY = 1, 2, 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Watch what districts do to attract talent: proven facts and a checked daily digest.",
)

Folder = Annotated[
    Path, typer.Option("--folder", "-C", help=f"Working folder, the one with {FILE}.")
]
Files = Annotated[list[Path], typer.Argument(help="Files to read.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Day = Annotated[
    datetime | None,
    typer.Option(
        "--date", formats=["%Y-%m-%d"], help="Day of the digest; today in China if left out."
    ),
]
HERE = Path()


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


def say(line: str) -> None:
    """Print one line of talk."""
    print(line, file=sys.stderr, flush=True)


@app.command()
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


@app.command()
def run(
    folder: Folder = HERE,
    day: Day = None,
    as_json: Json = False,
) -> None:
    """The daily run: crawl what is new, extract, store, write the digest; safe to repeat."""
    _run(load_settings(folder), _china_day(day), as_json=as_json)


@app.command()
def crawl(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of sources; all that are enabled if left out.")
    ] = None,
    folder: Folder = HERE,
) -> None:
    """Collect only: fetch what is new into the archive."""
    from bole.daily import collect_pages

    collect_pages(load_settings(folder), only=sources or [], say=say)


@app.command()
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


@app.command()
def extract(files: Files, as_json: Json = False) -> None:
    """Print the facts of files (.txt .html .pdf .docx, or .jsonl with id, text, lang)."""
    from bole.contract import facts_row
    from bole.talk import print_facts
    from extract import read_facts
    from summarize.sentences import summarise

    def show(article: Article) -> None:
        facts = read_facts(article)
        if as_json:
            _print_json(facts_row(article, facts, summarise(article, facts)))
        else:
            print_facts(article, facts)

    _each_article(files, show)


@app.command()
def read(files: Files, as_json: Json = False) -> None:
    """Print what the page reader makes of files: title, date, source and body."""
    from bole.contract import page_row
    from bole.talk import print_article

    def show(article: Article) -> None:
        if as_json:
            _print_json(page_row(article))
        else:
            print_article(article)

    _each_article(files, show)


@app.command()
def digest(folder: Folder = HERE, day: Day = None) -> None:
    """Write the digest of a day again from the store and print the paths of its pages."""
    from bole.daily import write_digest_of

    for path in write_digest_of(load_settings(folder), _china_day(day)):
        print(path)


@app.command()
def query(
    question: Annotated[
        str | None, typer.Argument(help="SQL, or the name of a question; none lists the names.")
    ] = None,
    folder: Folder = HERE,
    district: Annotated[str, typer.Option(help="District code, for questions about one.")] = "",
    given: Annotated[
        list[str] | None,
        typer.Option("--with", help="NAME=VALUE for a named question, as in noun=人才."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask the store: SQL or a named question, read-only."""
    from bole.questions import ask
    from bole.talk import print_rows

    parameters = dict(_pair(words) for words in given or [])
    if district:
        parameters["district"] = district
    print_rows(ask(load_settings(folder), question, parameters), as_json=as_json)


@app.command()
def evaluate(
    gold: Annotated[Path, typer.Argument(help="Folder of <id>.txt and <id>.json files.")],
    misses: Annotated[bool, typer.Option(help="List what was missed or wrong.")] = False,
    as_json: Json = False,
) -> None:
    """Score extraction against gold files."""
    from bole.evaluate import evaluate_folder

    score = evaluate_folder(gold)
    if as_json:
        _print_json(score.rates())
        return
    for key, rate in score.rates().items():
        print(f"{key:22} {rate:.4f}")
    for line in score.misses if misses else []:
        print(line)


@app.command()
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
        _run(load_settings(folder, {}), _china_day(None), as_json=as_json)


def _run(settings: Settings, day: date, *, as_json: bool) -> None:
    from bole.daily import run_day
    from bole.talk import outcome_row, print_outcome

    outcome = run_day(settings, day=day, say=say)
    if as_json:
        _print_json(outcome_row(outcome))
    else:
        print_outcome(outcome)
    if outcome.failures:
        say(f"{len(outcome.failures)} articles failed; `bole query failures` tells which and why")
        raise typer.Exit(PARTLY)


def _each_article(files: list[Path], show: Callable[[Article], None]) -> None:
    """Show the articles of `files`; a file that cannot be read costs a line and the exit code."""
    from crawler.documents import read_document

    failed = 0
    for path in files:
        try:
            articles = read_document(path)
        except CrawlError as error:
            say(f"bole: {error}")
            failed += 1
            continue
        for article in articles:
            show(article)
    if failed:
        say(f"{failed} of {len(files)} files failed")
        raise typer.Exit(FAILED if failed == len(files) else PARTLY)


def _pair(words: str) -> tuple[str, str]:
    name, sign, value = words.partition("=")
    if not sign or not name:
        raise ConfigError(f"--with {words!r} is no NAME=VALUE, as in noun=人才")
    return name, value


def _china_day(day: datetime | None) -> date:
    return (day or datetime.now(UTC).astimezone(CHINA)).date()


def _print_json(row: dict[str, Any]) -> None:
    print(json.dumps(row, ensure_ascii=False))


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
