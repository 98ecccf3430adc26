"""Files without a store: extract, read, evaluate."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import FAILED, PARTLY, Json, print_json, say
from crawler.article import Article
from crawler.errors import CrawlError

Names = Annotated[
    str,
    typer.Option(
        "--names",
        help="What finds people and organizations: rules, lac, spacy, a tagger's folder or id.",
    ),
]
Files = Annotated[list[Path], typer.Argument(help="Files to read.", show_default=False)]


def extract(files: Files, names: Names = "rules", as_json: Json = False) -> None:
    """Print the facts of files (.txt .html .pdf .docx .xlsx .ofd, or .jsonl of id, text, lang)."""
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
