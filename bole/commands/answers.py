"""Questions to the store: query, search, compare, export."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bole.commands.shared import HERE, Folder, Json, say
from bole.config import ConfigError, load_settings


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class FileFormat(StrEnum):
    """How tables are written."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


class Lang(StrEnum):
    """Language of headers."""

    ZH = "zh"
    EN = "en"


Shown = Annotated[Format, typer.Option("--format", help="How rows are printed.")]


def query(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    question: Annotated[
        str | None,
        typer.Argument(help="SQL, or the name of a question or table; none lists the names."),
    ] = None,
    folder: Folder = HERE,
    district: Annotated[
        str, typer.Option(help="A district, code or name, for questions about one.")
    ] = "",
    given: Annotated[
        list[str] | None,
        typer.Option("--with", help="NAME=VALUE for a named question, as in noun=人才."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows that are printed at most.")] = 10_000,
    lake: Annotated[bool, typer.Option("--lake", help="Ask the lake, not the store.")] = False,
    form: Shown = Format.TABLE,
    as_json: Json = False,
) -> None:
    """Ask the store or the lake: SQL or a named question, read-only."""
    from bole.questions import ask, list_questions
    from bole.talk import print_rows, print_table

    form = Format.JSON if as_json else form
    if question is None:
        print_rows(list_questions(), as_json=form is Format.JSON)
        return
    parameters = dict(_pair(words) for words in given or [])
    if district:
        parameters["district"] = district
    answer = ask(load_settings(folder), question, parameters, limit=limit, lake=lake)
    print_table(answer.slice(0, limit), form)
    if answer.num_rows > limit:
        say(f"cut after {limit} rows; more with --limit, or all with bole export")


def search(
    words: Annotated[list[str], typer.Argument(help="Words; articles hold all of them.")],
    folder: Folder = HERE,
    limit: Annotated[int, typer.Option(min=1, help="Articles that are shown at most.")] = 10,
    as_json: Json = False,
) -> None:
    """Search the articles, in simplified or traditional script, best first."""
    from bole.questions import search as find
    from bole.talk import print_hits

    print_hits(find(load_settings(folder), " ".join(words), limit=limit), as_json=as_json)


def compare(
    districts: Annotated[
        str, typer.Option(help="Districts: codes or names, with commas between them.")
    ] = "",
    measure: Annotated[
        list[str] | None,
        typer.Option(help="benefit/tier, as in settling_in/doctor, rent or /top; repeat for more."),
    ] = None,
    policy: Annotated[
        str, typer.Option(help="Instead: what each version of this policy changed.")
    ] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Compare what districts offer, or the versions of a policy; every cell cites its source."""
    from bole.questions import compare_districts, policy_changes
    from bole.talk import print_matrix, print_rows

    settings = load_settings(folder)
    names = [name.strip() for name in districts.replace("，", ",").split(",") if name.strip()]
    if policy:
        rows = policy_changes(settings, policy, names[0] if names else None)
        print_rows(rows, as_json=as_json)
        return
    if not names:
        raise ConfigError("compare what? give --districts 320300,320500 or --policy NAME")
    print_matrix(compare_districts(settings, names, measure or []), as_json=as_json)


def export(
    to: Annotated[Path, typer.Option(help="Folder that the files go to.")],
    folder: Folder = HERE,
    form: Annotated[FileFormat, typer.Option("--format")] = FileFormat.PARQUET,
    table: Annotated[
        list[str] | None, typer.Option(help="Only this table; repeat for more.")
    ] = None,
    lang: Annotated[
        Lang | None, typer.Option(help="Language of headers; xlsx is zh, csv plain if left out.")
    ] = None,
) -> None:
    """Write tables as files and print their paths: Parquet by month, CSV, XLSX, JSON lines."""
    from bole.questions import export as write
    from store.export import TABLES

    headers = lang or (Lang.ZH if form is FileFormat.XLSX else None)
    for path in write(
        load_settings(folder), to, table or list(TABLES), form=form.value, lang=headers
    ):
        print(path)


def _pair(words: str) -> tuple[str, str]:
    name, sign, value = words.partition("=")
    if not sign or not name:
        raise ConfigError(f"--with {words!r} is no NAME=VALUE, as in noun=人才")
    return name, value
