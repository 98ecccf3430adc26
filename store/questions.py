"""Named questions: `store/queries/<name>.sql`, each with its question in the first line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from store.errors import StoreError

_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that has a name.

    Attributes:
        name: What it is asked by.
        text: The question in words.
        parameters: What can be given, each optional, in the order of the SQL.
        sql: The query.
    """

    name: str
    text: str
    parameters: tuple[str, ...]
    sql: str


def named_queries() -> dict[str, str]:
    """Return what each named question answers, by name in alphabetic order."""
    return {name: load_question(name).text for name in _names()}


def load_question(name: str) -> Question:
    """Return a named question.

    Raises:
        StoreError: There is none of that name.
    """
    if name not in _names():
        raise StoreError(f"no question {name!r}; questions: {', '.join(_names())}")
    sql = (files("store") / "queries" / f"{name}.sql").read_text("utf-8")
    parameters = dict.fromkeys(_PARAMETER.findall(sql))
    first = sql.splitlines()[0].removeprefix("--").strip()
    return Question(name=name, text=first, parameters=tuple(parameters), sql=sql)


def bind(question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for each parameter of `question`; None for those that are not given.

    Raises:
        StoreError: A parameter that the question does not know.
    """
    for name in given:
        if name not in question.parameters:
            known = ", ".join(question.parameters) or "none"
            raise StoreError(f"question {question.name!r} has no {name!r}; it knows: {known}")
    return {name: given.get(name) for name in question.parameters}


def _names() -> list[str]:
    folder = files("store") / "queries"
    names = (file.name for file in folder.iterdir())
    return sorted(name.removesuffix(".sql") for name in names if name.endswith(".sql"))
