"""Judging facts in a spreadsheet: review export, review import."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bole.commands.answers import Lang
from bole.commands.shared import HERE, PARTLY, Folder, say
from bole.config import load_settings

review = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Judge facts in a spreadsheet."
)


@review.command("export")
def export_sheet(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    to: Annotated[Path, typer.Option(help="XLSX file to write.")] = Path("review.xlsx"),
    folder: Folder = HERE,
    district: Annotated[str | None, typer.Option(help="Only facts of this district.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles since this day.")
    ] = None,
    article: Annotated[str | None, typer.Option(help="Only this article.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Facts of a kind at most.")] = 2_000,
    lang: Annotated[Lang, typer.Option(help="Language of headers.")] = Lang.ZH,
) -> None:
    """Write facts to a sheet in which a person judges them, newest articles first."""
    from bole.questions import export_review

    chosen = {"district": district, "article": article, "limit": limit}
    day = since.date() if since else None
    print(export_review(load_settings(folder), to, lang=lang, since=day, **chosen))


@review.command("import")
def import_sheet(
    sheet: Annotated[
        Path,
        typer.Argument(help="The sheet, with verdicts in its first column; or a folder of marks."),
    ],
    folder: Folder = HERE,
    reviewer: Annotated[str | None, typer.Option(help="Who judged.")] = None,
    gold: Annotated[
        Path | None, typer.Option(help="Folder for gold cases of articles judged as a whole.")
    ] = None,
) -> None:
    """Keep the judgements of a sheet or folder: they go over what is read, now and at reruns."""
    from bole.questions import import_review

    kept, problems, written = import_review(
        load_settings(folder), sheet, reviewer=reviewer, gold=gold
    )
    for line in problems:
        say(f"bole: {line}")
    for path in written:
        print(path)
    say(f"kept {kept} judgements")
    if problems:
        raise typer.Exit(PARTLY)
