"""Questions to the store: SQL or the named ones, searches, comparisons, exports."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bole.config import ConfigError, Settings
from bole.start import district_code
from extract.gazetteer import district_name, districts_by_code
from store import Store, StoreError, named_queries
from store.changes import change_row
from store.comparison import Measure, compare, matrix_rows

if TYPE_CHECKING:  # loading Arrow costs time that lists of names do not need
    import pyarrow as pa

    from store.corrections import Correction
    from store.lake import LakeReader

Row = dict[str, Any]

#: What may be the name of a question, a table or a view.
_WORD = re.compile(r"[A-Za-z_]\w*")


def list_questions() -> list[Row]:
    """Return the named questions."""
    return [{"name": name, "answers": text} for name, text in named_queries().items()]


def ask(
    settings: Settings,
    question: str,
    parameters: Mapping[str, str],
    *,
    limit: int,
    lake: bool = False,
) -> "pa.Table":
    """Return the rows that answer `question`, at most `limit` of them and one more.

    A question is SQL, the name of one, or that of a table or view. The store answers it, or the
    lake.

    Raises:
        StoreError: Nothing is published yet, no such question or parameter, or SQL that cannot
            be run.
        ConfigError: No such district, or no lake.
    """
    given = dict(parameters)
    if given.get("district"):
        given["district"] = district_code(given["district"])
    word = question.strip()
    with _opened(settings, lake=lake) as store:
        if word in named_queries():
            return store.ask(word, **given).slice(0, limit + 1)
        if given:
            raise StoreError(f"{question!r} is no named question, so it takes no parameters")
        if _WORD.fullmatch(word):
            question = _rows_of(word, store)
        return store.query(question, limit=limit + 1)


def _opened(settings: Settings, *, lake: bool) -> "Store | LakeReader":
    if not lake:
        return Store.open_snapshot(settings.data)
    from bole.lakes import lake_place
    from store.lake import LakeReader

    return LakeReader(lake_place(settings))


def _rows_of(word: str, store: "Store | LakeReader") -> str:
    """Return the SQL that shows a table or view.

    Raises:
        StoreError: There is none of that name, and no question; names near ones.
    """
    found = store.query("select table_name from information_schema.tables order by all")
    tables = found.column(0).to_pylist()
    if word in tables:
        return f'from "{word}"'
    near = get_close_matches(word, {*named_queries(), *tables}, n=3, cutoff=0.5)
    cure = f"did you mean {' or '.join(near)}? " if near else ""
    raise StoreError(
        f"no question, table or view {word!r}; {cure}`bole query` alone lists the questions, "
        "SQL begins with select"
    )


def search(settings: Settings, words: str, *, limit: int) -> list[Row]:
    """Return the articles that hold all of `words`, best first."""
    with Store.open_snapshot(settings.data) as store:
        return [asdict(hit) for hit in store.search(words, limit=limit)]


def compare_districts(
    settings: Settings, districts: Sequence[str], measures: Sequence[str]
) -> list[Row]:
    """Return the matrix of districts and measures as rows: one an offer, one a missing cell.

    Args:
        settings: Where the store is.
        districts: Codes or names.
        measures: `benefit`, `benefit/tier` or `/tier`; empty for all that are offered.
    """
    codes = list(dict.fromkeys(district_code(words) for words in districts))
    with Store.open_snapshot(settings.data) as store:
        return matrix_of(store, codes, measures)


def matrix_of(store: Store, codes: Sequence[str], measures: Sequence[str]) -> list[Row]:
    """Return the rows of `compare_districts` for codes of districts.

    Raises:
        ConfigError: A measure that is none.
    """
    wanted = [_measure(words) for words in measures]
    benefits = [benefit for benefit, _ in wanted if benefit]
    tiers = [tier for _, tier in wanted if tier]
    offers = store.compare(
        codes,
        benefits=benefits if len(benefits) == len(wanted) else (),
        tiers=tiers if len(tiers) == len(wanted) else (),
    )
    return [
        {"district": row["district"], "name": place(row["district"]), **row}
        for row in matrix_rows(compare(offers, codes, wanted))
    ]


def policy_changes(settings: Settings, policy: str, district: str | None) -> list[Row]:
    """Return what each version of policies whose name holds `policy` changed."""
    code = district_code(district) if district else None
    with Store.open_snapshot(settings.data) as store:
        return [change_row(change) for change in store.changes(policy, district=code)]


def export(
    settings: Settings, folder: Path, tables: Sequence[str], *, form: str, lang: str | None
) -> list[Path]:
    """Write tables as files and return their paths."""
    with Store.open_snapshot(settings.data) as store:
        return [store.export(table, folder, form=form, lang=lang) for table in tables]


def export_review(
    settings: Settings, path: Path, *, lang: str, **chosen: str | date | int | None
) -> Path:
    """Write a review sheet and return its path."""
    from store.review import KINDS, write_sheet

    with Store.open_snapshot(settings.data) as store:
        tables = {kind: store.facts_to_review(kind, **chosen) for kind in KINDS}
    return write_sheet(
        path,
        {kind: table.to_pylist() for kind, table in tables.items()},
        columns={kind: table.column_names for kind, table in tables.items()},
        lang=lang,
    )


def import_review(
    settings: Settings, path: Path, *, reviewer: str | None, gold: Path | None
) -> tuple[int, list[str], list[Path]]:
    """Keep what a sheet, or a folder of marks, says.

    Returns:
        How many facts, the rows that it makes no sense of, gold files.
    """
    from store.gold import write_gold

    with Store(settings.database) as store:
        if path.is_dir():
            from bole.web.marks import import_marks

            corrections, problems = import_marks(store, path)
        else:
            corrections, problems = _import_sheet(store, path, reviewer)
        if corrections:
            store.publish()
        judged = store.reports_of({one.article_id for one in corrections})
        written = write_gold(judged, store.corrections(), gold) if gold else []
    return len(corrections), problems, written


def _import_sheet(
    store: Store, path: Path, reviewer: str | None
) -> tuple[list["Correction"], list[str]]:
    from store.review import read_sheet, sheet_rows

    named = {str(row.get("article_id")) for _, _, row in sheet_rows(path)}
    texts = {r.article.id: r.article.text for r in store.reports_of(named)}
    corrections, problems = read_sheet(path, texts, reviewer=reviewer)
    if corrections:
        store.write_corrections(corrections)
    return corrections, problems


def place(code: str) -> str:
    """Return the name of a district; its code if none of today has it."""
    return district_name(code) if code in districts_by_code() else code


def _measure(words: str) -> Measure:
    benefit, _, tier = words.partition("/")
    if not benefit and not tier:
        raise ConfigError(f"--measure {words!r} is no benefit/tier, as in settling_in/doctor")
    return benefit or None, tier or None
