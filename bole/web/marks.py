"""Review marks: what readers of the page say of facts, as files that the next run takes in.

The web process never writes the database. A mark is one small file, named by its fact, written
aside and renamed, so that of several marks of one fact the last counts. A run first takes the
files (renames them), then keeps what they say, then deletes them: a mark that is made meanwhile
waits for the next run, and a run that is killed loses none.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

from extract.facts import Evidence, Figure, fact_id
from store import Store, StoreError
from store.corrections import KINDS, Correction, Fact, Kind, build_fact, fields_of
from store.rows import amount

#: Folder of the marks in the data folder.
FOLDER = "marks"
Verdict = Literal["right", "wrong", "corrected"]
#: Marks that wait at most, and characters of one.
MOST, LONGEST = 10_000, 16_000
_WAITS, _TAKEN, _REFUSED = ".json", ".taken", ".refused"
_KEYS = {"article_id", "kind", "start", "end", "quote", "fields", "reviewer", "decided"}
_OF_FACT = """
select article_id, 'figure' as kind from figures where fact_id = $fact
union all
select article_id, 'policy' from policy_mentions where fact_id = $fact
"""


class MarkError(ValueError):
    """A mark that makes no sense; the message names the thing, the value and the cure."""


class NoFactError(MarkError):
    """A mark of a fact that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a person says of a fact.

    Attributes:
        fact_id: The fact: a figure or a policy in an article.
        verdict: right, wrong, or corrected: right but for `fields`.
        fields: Fields that are otherwise, by name; empty text or None for none at all.
        reviewer: Who says so.
    """

    fact_id: str
    verdict: Verdict
    fields: Mapping[str, Any] | None = None
    reviewer: str | None = None


def mark_fact(
    store: Store, folder: Path, mark: Mark, *, decided: datetime | None = None
) -> Correction:
    """Write down what a person says of a fact, for the next run, and return it.

    Args:
        store: A reader of the newest snapshot.
        folder: Where marks wait.
        mark: What is said.
        decided: When; now if left out.

    Raises:
        NoFactError: No figure or policy has that id.
        MarkError: Fields that make no fact, or too many marks wait.
        OSError: The folder cannot be written.
    """
    correction = _correction(store, mark)
    _write(folder, mark.fact_id, correction, decided or datetime.now(UTC))
    return correction


def waiting_marks(folder: Path) -> list[tuple[str, Correction, datetime]]:
    """Return the marks that wait for the next run: fact, what is said, and when; by fact."""
    found = []
    for path in sorted(folder.glob(f"*{_WAITS}")):
        try:
            found.append((path.stem, *_read(path)))
        except (MarkError, FileNotFoundError):  # a run takes it, and tells of what is wrong
            continue
    return found


def read_mark(folder: Path, fact: str) -> Correction | None:
    """Return what was said of a fact and waits for the next run; None if nothing."""
    path = folder / f"{fact}{_WAITS}"
    if not fact.isalnum() or not path.is_file():
        return None
    return _read(path)[0]


def withdraw_mark(folder: Path, fact: str) -> bool:
    """Forget a mark that waits; return whether there was one."""
    path = folder / f"{fact}{_WAITS}"
    if not fact.isalnum() or not path.is_file():
        return False
    path.unlink(missing_ok=True)
    return True


def import_marks(store: Store, folder: Path) -> tuple[list[Correction], list[str]]:
    """Keep the marks of a folder in a store that is open for writing.

    Returns:
        What was kept, and a line for each mark that makes no sense; its file is put aside.
    """
    for path in folder.glob(f"*{_WAITS}"):
        path.replace(path.with_suffix(_TAKEN))
    taken: dict[Path, Correction] = {}
    problems = []
    for path in sorted(folder.glob(f"*{_TAKEN}")):
        try:
            taken[path] = _read(path)[0]
        except MarkError as error:
            problems.append(_put_aside(path, str(error)))
    known = store.reports_of({one.article_id for one in taken.values()})
    ids = {report.article.id for report in known}
    problems += [
        _put_aside(path, f"no article {taken.pop(path).article_id!r}")
        for path in [path for path, one in taken.items() if one.article_id not in ids]
    ]
    if taken:
        store.write_corrections(list(taken.values()))
    for path in taken:
        path.unlink()
    return list(taken.values()), problems


def _correction(store: Store, mark: Mark) -> Correction:
    if mark.reviewer is not None and not mark.reviewer.isprintable():
        raise MarkError(f"reviewer {mark.reviewer!r} is no name; write letters only")
    if mark.fields and mark.verdict != "corrected":
        raise MarkError(f"verdict {mark.verdict!r} changes no fields; say corrected")
    for row in store.select(_OF_FACT, fact=mark.fact_id):
        kind: Kind = row["kind"]
        read = _fact_of(store, row["article_id"], kind, mark.fact_id)
        if read is not None:
            evidence, fields = read
            said = None if mark.verdict == "wrong" else _mended(kind, fields, mark, evidence)
            return Correction(
                article_id=row["article_id"],
                kind=kind,
                evidence=evidence,
                fields=said,
                reviewer=mark.reviewer or None,
            )
    raise NoFactError(f"no figure or policy {mark.fact_id!r}; take the id from a list of them")


def _fact_of(
    store: Store, article: str, kind: Kind, fact: str
) -> tuple[Evidence, dict[str, Any]] | None:
    """Return the evidence and fields of a fact, as it was read and decided."""
    for report in store.reports_of({article}):
        facts = report.facts.figures if kind == "figure" else report.facts.policies
        for one in facts:
            if fact_id(article, kind, one.evidence) == fact:
                return one.evidence, fields_of(one)
    return None


def _mended(
    kind: Kind, fields: Mapping[str, Any], mark: Mark, evidence: Evidence
) -> dict[str, Any]:
    """Return the fields of a fact with those that a person gave, if they make one."""
    given = {name: None if value == "" else value for name, value in (mark.fields or {}).items()}
    mended = {name: value for name, value in {**fields, **given}.items() if value is not None}
    try:
        return fields_of(_sound(kind, mended, evidence))
    except (StoreError, ValueError) as error:
        raise MarkError(str(error)) from error


def _sound(kind: Kind, fields: Mapping[str, Any], evidence: Evidence) -> Fact:
    """Return the fact that fields make.

    Raises:
        StoreError: They make none.
        ValueError: An amount that no table keeps.
    """
    fact = build_fact(kind, fields, evidence)
    json.dumps(fields, ensure_ascii=False).encode()  # half of a character is no text
    if isinstance(fact, Figure):
        for value in (fact.value, fact.value_max):
            if value is not None:
                amount(value)
    return fact


def _write(folder: Path, fact: str, correction: Correction, decided: datetime) -> None:
    row = {
        "article_id": correction.article_id,
        "kind": correction.kind,
        **correction.evidence._asdict(),
        "fields": correction.fields,
        "reviewer": correction.reviewer,
        "decided": decided.isoformat(timespec="seconds"),
    }
    text = json.dumps(row, ensure_ascii=False, indent=1) + "\n"
    if len(text) > LONGEST:
        raise MarkError(
            f"a mark has at most {LONGEST} characters, this has {len(text)}; shorten it"
        )
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{fact}{_WAITS}"
    if not target.exists() and sum(1 for _ in folder.iterdir()) >= MOST:
        raise MarkError(f"{MOST} marks wait in {folder}; take them in first: bole run")
    part = folder / f"{fact}.{token_hex(4)}.part"
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path) -> tuple[Correction, datetime]:
    """Return what a file says, and when it was written."""
    try:
        row = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MarkError(f"{path.name} is no JSON ({error}); mark the fact anew") from error
    if not isinstance(row, dict) or set(row) != _KEYS or row["kind"] not in KINDS:
        raise MarkError(f"{path.name} is no mark of bole; mark the fact anew")
    try:
        json.dumps(row, ensure_ascii=False).encode()
        decided = datetime.fromisoformat(row["decided"])
        made = Correction(
            article_id=str(row["article_id"]),
            kind=row["kind"],
            evidence=Evidence(int(row["start"]), int(row["end"]), str(row["quote"])),
            fields=row["fields"],
            reviewer=row["reviewer"],
        )
        if made.fields is not None:
            _sound(made.kind, made.fields, made.evidence)
    except (TypeError, ValueError, AttributeError, StoreError) as error:
        raise MarkError(f"{path.name}: {error}; mark the fact anew") from error
    return made, decided


def _put_aside(path: Path, why: str) -> str:
    path.replace(path.with_suffix(_REFUSED))
    return f"{path.with_suffix(_REFUSED)}: {why}"
