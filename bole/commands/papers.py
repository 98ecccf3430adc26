"""Files without a store: extract, read, evaluate."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bole.commands.engines import (
    EngineName,
    Scheduler,
    Workers,
    engine_settings,
    settings_if_any,
    with_engine,
)
from bole.commands.shared import (
    FAILED,
    HERE,
    PARTLY,
    Folder,
    Json,
    china_day,
    print_json,
    say,
)
from bole.config import ConfigError, Settings
from crawler.article import Article
from crawler.errors import CrawlError

if TYPE_CHECKING:  # loads Arrow: only where shards are read
    from bole.bulk import Order


class Form(StrEnum):
    """What large inputs are."""

    PARQUET = "parquet"
    WARC = "warc"


class Target(StrEnum):
    """What facts are written as, if not to stdout."""

    PARQUET = "parquet"


Names = Annotated[
    str,
    typer.Option(
        "--names",
        help="What finds people and organizations: rules, lac, spacy, a tagger's folder or id.",
    ),
]
Files = Annotated[list[Path], typer.Argument(help="Files to read.", show_default=False)]


def extract(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    files: Files,
    names: Names = "rules",
    as_json: Json = False,
    form: Annotated[
        Form | None,
        typer.Option("--from", help="Large inputs: Parquet of articles, or archives (WARC)."),
    ] = None,
    to: Annotated[
        Target | None, typer.Option("--to", help="Write Parquet, in shards, not to stdout.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the Parquet files.")] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try again what could not be read before.")
    ] = False,
    engine: EngineName = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    folder: Folder = HERE,
) -> None:
    """Print the facts of files (.txt .html .pdf .docx .xlsx .ofd, or .jsonl of id, text, lang).

    With --to parquet the facts of large inputs go to tables, over all cores or machines.
    """
    if to is None:
        bulk = {"--from": form, "--out": out, "--engine": engine, "--scheduler": scheduler}
        given = next((name for name, value in bulk.items() if value is not None), None)
        if given:
            raise ConfigError(f"{given} is for large inputs; write --to parquet --out FOLDER too")
        _print_facts(files, names, as_json=as_json)
        return
    if out is None:
        raise ConfigError("--to parquet needs a folder; name it: --out FOLDER")
    settings = with_engine(settings_if_any(folder), engine, workers, scheduler)
    _extract_bulk(settings, _order(settings, files, form, out, names, retry), as_json=as_json)


def _print_facts(files: list[Path], names: str, *, as_json: bool) -> None:
    from bole.contract import facts_row
    from bole.talk import print_facts
    from extract import read_facts
    from extract.models import tagger
    from summarize.sentences import summarise

    tagger(names)  # a model that cannot be loaded fails once, not for each file

    def show(article: Article) -> None:
        facts = read_facts(article, names=names)
        if as_json:
            print_json(facts_row(article, facts, summarise(article, facts)))
        else:
            print_facts(article, facts)

    _each_article(files, show)


def _order(
    settings: Settings, files: list[Path], form: Form | None, out: Path, names: str, retry: bool
) -> "Order":
    from bole.bulk import Order

    is_archive = form is Form.WARC
    return Order(
        inputs=files,
        form="warc" if is_archive else "parquet",
        out=out,
        names=names,
        today=china_day(None),
        scans=(out.resolve() / "ocr", settings.ocr_pages) if is_archive else None,
        retry=retry,
    )


def _extract_bulk(settings: Settings, order: "Order", *, as_json: bool) -> None:
    from bole.bulk import extract_bulk
    from bole.reading import EXPECTED

    done = extract_bulk(order, settings.engine, engine_settings(settings), say)
    row = {key: done.manifest[key] for key in ("complete", "rows", "bytes", "dead")}
    row |= {"shards": len(done.manifest["shards"]), "known": done.known}
    if as_json:
        print_json(row)
    else:
        for table, rows in done.manifest["rows"].items():
            print(f"{table:20} {rows}")
    for letter in done.dead[:10]:
        say(f"bole: {letter.reason}")
    if done.dead:
        say(f"{len(done.dead)} could not be read; {order.out / 'dead_letters.jsonl'} tells why")
    if any(letter.kind not in EXPECTED for letter in done.dead):
        raise typer.Exit(PARTLY if done.manifest["rows"]["articles"] else FAILED)


def read(files: Files, as_json: Json = False) -> None:
    """Print what the page reader makes of files: title, date, source and body."""
    from bole.contract import page_row
    from bole.talk import print_article

    def show(article: Article) -> None:
        if as_json:
            print_json(page_row(article))
        else:
            print_article(article)

    _each_article(files, show)


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Folder of <id>.txt and <id>.json files.")],
    misses: Annotated[bool, typer.Option(help="List what was missed or wrong.")] = False,
    names: Names = "rules",
    as_json: Json = False,
) -> None:
    """Score extraction against gold files."""
    from bole.evaluate import evaluate_folder

    score = evaluate_folder(gold, names=names)
    if as_json:
        print_json(score.rates())
        return
    for key, rate in score.rates().items():
        print(f"{key:22} {rate:.4f}")
    for line in score.misses if misses else []:
        print(line)


def _each_article(files: list[Path], show: Callable[[Article], None]) -> None:
    """Show the articles of `files`; a file that cannot be read costs a line and the exit code."""
    failed = 0
    for path in files:
        try:
            _show_file(path, show)
        except CrawlError as error:
            say(f"bole: {error}")
            failed += 1
        except Exception as error:  # noqa: BLE001 - one bad file never costs the others
            say(f"bole: {path}: {type(error).__name__}: {error}; this is a bug, please report it")
            failed += 1
    if failed:
        say(f"{failed} of {len(files)} files failed")
        raise typer.Exit(FAILED if failed == len(files) else PARTLY)


def _show_file(path: Path, show: Callable[[Article], None]) -> None:
    from crawler.documents import read_document
    from crawler.ocr import PAGES, scan_reader

    for article in read_document(path, scan_reader(None, PAGES)):
        show(article)
