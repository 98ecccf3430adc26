"""What people see on a terminal: tables for eyes, JSON lines for programs."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bole.daily import Outcome
from bole.watched import problem_line
from crawler.article import Article
from extract.facts import Facts

if TYPE_CHECKING:  # Arrow is loaded where a table is printed
    import pyarrow as pa

Row = Mapping[str, Any]

#: Tables whose rows a run reports.
SHOWN = ("articles", "stories", "figures", "policies", "places", "names", "failures")


def print_rows(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print rows as a table, row by row where they are too wide, or as one JSON object a line."""
    if as_json:
        for row in rows:
            print(json.dumps({k: _plain_value(v) for k, v in row.items()}, ensure_ascii=False))
        return
    console = Console()
    shown = [{name: _shown(value) for name, value in row.items()} for row in rows]
    if not shown:
        console.print("no rows")
    elif _width(shown) <= console.width:
        table = Table(*shown[0], box=box.SIMPLE)
        for row in shown:
            table.add_row(*map(_plain, row.values()))
        console.print(table)
    else:
        for row in shown:
            print(
                "\n".join(f"{name:14} {value}" for name, value in row.items() if value), end="\n\n"
            )


def print_table(table: "pa.Table", form: str) -> None:
    """Print an Arrow table as `table`, `csv`, `json` (an object a line) or `parquet` (bytes)."""
    if form == "parquet":
        import pyarrow.parquet as pq

        sink = BytesIO()
        pq.write_table(table, sink)
        sys.stdout.buffer.write(sink.getvalue())
    elif form == "csv":
        from store.cells import csv_cell

        lines = csv.writer(sys.stdout, lineterminator="\n")
        lines.writerow(table.column_names)
        for row in table.to_pylist():
            lines.writerow([csv_cell(value) for value in row.values()])
    else:
        print_rows(table.to_pylist(), as_json=form == "json")


def print_hits(hits: Sequence[Row], *, as_json: bool) -> None:
    """Print what a search found, the words that were looked for marked."""
    if as_json:
        for hit in hits:
            print(json.dumps({**hit, "day": str(hit["day"])}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for hit in hits:
        console.print(Text(hit["title"] or hit["article_id"], style="bold"))
        shown = Text(hit["snippet"])
        for start, end in hit["marks"]:
            shown.stylize("reverse", start, end)
        console.print(shown if console.is_terminal else Text(_marked(hit)))
        about = (hit["day"], hit["grade"], hit["url"] or hit["article_id"])
        console.print(Text("  ".join(map(str, about)), style="dim"), end="\n\n")
    if not hits:
        console.print("no articles")


def _marked(hit: Row) -> str:
    """Return the snippet with signs around the words, where a terminal shows no colours."""
    text = str(hit["snippet"])
    for start, end in reversed(hit["marks"]):
        text = f"{text[:start]}【{text[start:end]}】{text[end:]}"
    return text


def print_matrix(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print a comparison, district by district; what is missing is said, conflicts are marked."""
    if as_json:
        print_rows(rows, as_json=True)
        return
    columns = ("name", "benefit", "tier", "amount", "per", "day", "grade", "policy", "quote", "url")
    shown = []
    for row in rows:
        state = row["state"]
        why = f" ({', '.join(row['reasons'])})" if row["reasons"] else ""
        shown.append({**{name: row[name] for name in columns}, "state": f"{state}{why}"})
        shown[-1]["amount"] = _amount(row)
    print_rows(shown, as_json=False)


def _amount(row: Row) -> str | None:
    """Return amount, range, unit and qualifier as one text; None if there is none."""
    if row["amount"] is None:
        return None
    ends = [f"{_plain_value(v):,}" for v in (row["amount"], row["amount_max"]) if v is not None]
    sign = "" if row["qualifier"] == "exact" else f"{row['qualifier']} "
    return f"{sign}{' to '.join(ends)} {row['unit']}"


def _width(rows: Sequence[Mapping[str, str]]) -> int:
    """Return the columns of a terminal that a table of `rows` takes."""
    return sum(3 + max(cell_len(name), *(cell_len(row[name]) for row in rows)) for name in rows[0])


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "；".join(map(str, value))
    return "" if value is None else str(_plain_value(value))


def _plain_value(value: object) -> object:
    """Return what JSON can say of a value: numbers stay numbers, days become text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | int | float | list | None) else str(value)


def print_outcome(outcome: Outcome) -> None:
    """Print what a run found, how the sources stand and where the digest is."""
    console = Console()
    found = Table(box=box.SIMPLE, title=f"bole {outcome.day.isoformat()}", title_justify="left")
    found.add_column("in the store")
    found.add_column("rows", justify="right")
    for name in SHOWN:
        found.add_row(name, str(outcome.counts[name]))
    console.print(found)
    sources = Table(box=box.SIMPLE)
    for name in ("source", "pages", "articles", "problems"):
        sources.add_column(name, overflow="fold")
    for health in outcome.health:
        count = str(len(health.problems) or "") if health.enabled else "disabled"
        sources.add_row(health.name, str(health.pages), str(health.articles), count)
    console.print(sources)
    if told := sum(len(health.problems) for health in outcome.health):
        print(f"{told} problem{'s' * (told != 1)} of sources and their single pages:")
    for health in outcome.health:
        for p in health.problems:
            print(problem_line(health.source_id, p))
    print()
    for path in outcome.pages:
        print(path)


def outcome_row(outcome: Outcome) -> dict[str, Any]:
    """Return what a run found as one JSON object."""
    return {
        "day": outcome.day.isoformat(),
        "counts": dict(outcome.counts),
        "failures": [
            {"subject": f.subject, "stage": f.stage, "kind": f.kind, "message": f.message}
            for f in outcome.failures
        ],
        "sources": [
            {
                "id": health.source_id,
                "pages": health.pages,
                "articles": health.articles,
                "enabled": health.enabled,
                "problems": [
                    {"kind": p.kind, "url": p.url, "detail": p.detail} for p in health.problems
                ],
            }
            for health in outcome.health
        ],
        "digest": [path.as_posix() for path in outcome.pages],
        "rewriting": outcome.rewriting,
    }


def print_facts(article: Article, facts: Facts) -> None:
    """Print the facts of one article for eyes."""
    console = Console()
    console.print(f"[bold]{_plain(article.title or article.id)}[/bold]  {facts.district or ''}")
    table = Table(box=box.SIMPLE)
    for name in ("fact", "words", "meaning"):
        table.add_column(name, overflow="fold")
    for policy in facts.policies:
        table.add_row(policy.kind, _plain(policy.evidence.quote), policy.action)
    for figure in facts.figures:
        upper = "" if figure.value_max is None else f" to {figure.value_max:f}"
        meaning = f"{figure.qualifier} {figure.value:f}{upper} {figure.unit} {figure.counted or ''}"
        table.add_row(figure.role, _plain(figure.evidence.quote), _plain(meaning))
    console.print(table)


def print_article(article: Article) -> None:
    """Print what the reader made of one page."""
    for label, value in (
        ("title", article.title),
        ("date", f"{article.published} ({article.published_from})" if article.published else None),
        ("source", article.source),
        ("author", article.author),
        ("editor", article.editor),
    ):
        print(f"{label:7} {value or '-'}")
    start, end = article.body
    print(f"\n{article.text[start:end]}\n")


def _plain(words: str) -> str:
    """Escape what rich would take for markup."""
    return words.replace("[", r"\[")
