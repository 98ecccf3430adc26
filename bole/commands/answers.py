"""Questions to the store: query."""

from typing import Annotated

import typer

from bole.commands.shared import HERE, Folder, Json
from bole.config import ConfigError, load_settings


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


def _pair(words: str) -> tuple[str, str]:
    name, sign, value = words.partition("=")
    if not sign or not name:
        raise ConfigError(f"--with {words!r} is no NAME=VALUE, as in noun=人才")
    return name, value
