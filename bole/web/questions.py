"""Questions on the web: little time, few rows, and few of strangers' at once."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from store import Store, StoreError
from store.questions import Question, bind, load_question, named_queries

if TYPE_CHECKING:
    import pyarrow as pa

#: Folder of the questions that an office keeps, in its working folder: `NAME.sql`, with what it
#: answers in the first line, as `-- Which ...?`, and `$names` for what is given.
FOLDER = "questions"
#: Seconds that one question may take, and that it waits for those before it.
SECONDS, PATIENCE = 10.0, 2.0
#: Questions that run at once, so that pages stay quick.
AT_ONCE = 2
#: Rows of an answer, usually and at most; characters of a question.
ROWS, MOST, LONGEST = 1_000, 10_000, 10_000
#: Questions of an office that are listed at most.
_OWN = 200
#: Where a value goes, as in the questions of bole.
_PARAMETER = re.compile(r"\$([a-z_]+)")
_NAME = re.compile(r"\w[\w-]{0,59}")
_turns = BoundedSemaphore(AT_ONCE)


class BusyError(StoreError):
    """Others' questions are under way; the same may be asked in a while."""


def own_questions(folder: Path) -> dict[str, Question]:
    """Return the questions that an office keeps in its working folder, by name."""
    found = {}
    for path in sorted((folder / FOLDER).glob("*.sql"))[:_OWN]:
        if _NAME.fullmatch(path.stem) and path.stat().st_size <= LONGEST:
            sql = path.read_text("utf-8", "replace")
            first = sql.strip().partition("\n")[0]
            found[path.stem] = Question(
                name=path.stem,
                text=first.removeprefix("--").strip() if first.startswith("--") else "",
                parameters=tuple(dict.fromkeys(_PARAMETER.findall(sql))),
                sql=sql,
            )
    return found


def find_question(folder: Path, name: str) -> Question:
    """Return a question by its name: one of bole's, or of those that the office keeps.

    Raises:
        StoreError: There is none.
    """
    own = {} if name in named_queries() else own_questions(folder)
    return own[name] if name in own else load_question(name)


def write_out(question: Question, given: Mapping[str, Any]) -> str:
    """Return the SQL of a question with what is given in the places of its parameters.

    Raises:
        StoreError: A parameter that the question does not know.
    """
    bound = bind(question, given)

    def value(match: re.Match[str]) -> str:
        said = bound[match[1]]
        return "null" if said is None else "'" + str(said).replace("'", "''") + "'"

    return _PARAMETER.sub(value, question.sql)


def run_question(
    store: Store, question: Question, given: Mapping[str, Any], *, limit: int, skip: int = 0
) -> "pa.Table":
    """Return so many rows of the answer to a question, and one more that tells of others.

    Only those are looked for: the whole of some answers is as large as the base.

    Args:
        store: A reader of a snapshot, of this thread alone.
        question: What is asked.
        given: Values of its parameters, as text.
        limit: Rows.
        skip: Rows before them.

    Raises:
        StoreError: A parameter that it does not know or cannot use, or it takes too long.
    """
    sql = write_out(question, given).strip().removesuffix(";")
    page = f"select * from (\n{sql}\n) limit {limit + 1} offset {skip}"  # noqa: S608 - it reads only
    return store.query(page, seconds=SECONDS)


def run_sql(store: Store, sql: str, *, limit: int = ROWS) -> "pa.Table":
    """Return the rows of one `select`, at most `limit` of them and one more that tells of others.

    Args:
        store: A reader of a snapshot, of this thread alone.
        sql: One statement that reads.
        limit: Rows.

    Raises:
        BusyError: Too many others ask at the same time.
        StoreError: SQL that is wrong, does more than read, or takes too long.
    """
    with _turn():
        return store.query(sql, seconds=SECONDS, limit=limit + 1)


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise BusyError(f"{AT_ONCE} questions in SQL are under way; ask again in {SECONDS:g} s")
    try:
        yield
    finally:
        _turns.release()
