"""What bole reads in suites of test sentences, judged by the scorer that stands beside them.

    python benchmarks/suites.py SUITES [--texts FOLDER] [--misses] [--json]

SUITES holds one `<name>.jsonl` a suite and `score_figures.py`; `--texts` is where the text files of
a trap suite stand, whose lines name a file, a start and an end. Each suite is read by
`extract.figures.find_figures`, a suite of bare numerals by `extract.numbers.parse_number`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crawler.documents import read_document
from extract import Figure, read_facts
from extract.figures import find_figures
from extract.numbers import parse_number
from extract.reading import read_text

Row = dict[str, Any]


def main() -> None:
    """Write what is read in each suite, have it judged, and print the judgement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", type=Path, help="folder of the suites and their scorer")
    parser.add_argument("--texts", type=Path, help="folder of the articles of a trap suite")
    parser.add_argument("--only", nargs="*", help="names of suites (all of them by default)")
    parser.add_argument("--misses", action="store_true", help="show what was missed")
    parser.add_argument("--json", action="store_true", help="one object a suite")
    args = parser.parse_args()
    flags = ["--misses"] * args.misses + ["--json"] * args.json
    for suite in sorted(args.suites.glob("*.jsonl")):
        if args.only and suite.stem not in args.only:
            continue
        rows = [json.loads(line) for line in suite.read_text("utf-8").splitlines() if line.strip()]
        if "trap" in rows[0] and args.texts is None:
            print(f"{suite.stem}: left out, it needs --texts", file=sys.stderr)
            continue
        outputs = _of_articles(rows, args.texts) if "trap" in rows[0] else map(_of_row, rows)
        print(judge(suite, outputs, flags), end="", flush=True)


def judge(suite: Path, outputs: Iterable[Row], flags: list[str]) -> str:
    """Return what the scorer says about the outputs."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / suite.name
        lines = (json.dumps(output, ensure_ascii=False) + "\n" for output in outputs)
        written.write_text("".join(lines), "utf-8")
        scorer = [sys.executable, suite.parent / "score_figures.py", suite, written, *flags]
        return subprocess.run(scorer, check=True, capture_output=True, text=True).stdout


def _of_row(row: Row) -> Row:
    lang = {"zh": "zh-Hans"}.get(row["lang"], row["lang"])
    if row["kind"] == "number":
        value = parse_number(row["text"], lang)
        figures = [] if value is None else [{"start": 0, "end": len(row["text"]), "value": value}]
        return {"id": row["id"], "figures": [{**f, "value": float(f["value"])} for f in figures]}
    return {"id": row["id"], "figures": _rows(find_figures(read_text(row["text"], lang)))}


def _of_articles(rows: list[Row], texts: Path) -> list[Row]:
    return [
        {"id": name, "figures": _rows(read_facts(read_document(texts / f"{name}.txt")[0]).figures)}
        for name in sorted({row["id"] for row in rows})
    ]


def _rows(figures: Iterable[Figure]) -> list[Row]:
    return [
        {
            **figure.evidence._asdict(),
            "value": float(figure.value),
            "value_max": None if figure.value_max is None else float(figure.value_max),
            "unit": figure.unit,
            "qualifier": figure.qualifier,
        }
        for figure in figures
    ]


if __name__ == "__main__":
    main()
