"""Questions to the store: SQL or the named ones of `store/queries`."""

from collections.abc import Mapping, Sequence
from typing import Any

from bole.config import Settings
from store import Store, named_queries


def ask(
    settings: Settings, question: str | None, parameters: Mapping[str, str]
) -> Sequence[dict[str, Any]]:
    """Return the rows that answer `question`; without one, the named questions.

    Raises:
        StoreError: Nothing is published yet, no such question or parameter, or SQL that cannot
            be run.
    """
    queries = named_queries()
    if question is None:
        return [{"name": name, "answers": text} for name, text in queries.items()]
    with Store.open_snapshot(settings.data) as store:
        if question in queries:
            return list(store.ask(question, **parameters).to_pylist())
        return list(store.query(question).to_pylist())
