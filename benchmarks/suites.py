"""What bole reads in suites of test sentences, judged by the scorer that stands beside them.

    python benchmarks/suites.py SUITES [--texts FOLDER] [--misses] [--json]

SUITES holds one `<name>.jsonl` a suite and `score_figures.py`; `--texts` is where the text files of
a trap suite stand, whose lines name a file, a start and an end. Each suite is read by
`extract.figures.find_figures`, a suite of bare numerals by `extract.numbers.parse_number`.

A quote of bole holds its qualifier words (`about 17 km`). The suites named in `BARE` end their
spans at the number and its unit (`17 km`); for these the qualifier words at both ends of a quote
are left out of the span that is handed in, by bole's own table of such words, value and unit
untouched. `--whole` hands in the quotes as they are in every suite.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from crawler.documents import read_document
from extract import Figure, read_facts
from extract.figures import find_figures
from extract.lexicon import load_words
from extract.numbers import parse_number
from extract.reading import read_text

Row = dict[str, Any]
#: Suites whose own spans leave the qualifier words out; all others have them inside, or mixed.
BARE = ("rec_*_currency", "rec_*_dimension", "q3_*_quantity")


def main() -> None:
    """Write what is read in each suite, have it judged, and print the judgement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", type=Path, help="folder of the suites and their scorer")
    parser.add_argument("--texts", type=Path, help="folder of the articles of a trap suite")
    parser.add_argument("--only", nargs="*", help="names of suites (all of them by default)")
    parser.add_argument("--whole", action="store_true", help="quotes as they are in every suite")
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
        is_bare = not args.whole and any(fnmatch(suite.stem, form) for form in BARE)
        outputs = (
            _of_articles(rows, args.texts)
            if "trap" in rows[0]
            else [_of_row(row, is_bare=is_bare) for row in rows]
        )
        print(judge(suite, outputs, flags), end="", flush=True)


def judge(suite: Path, outputs: Iterable[Row], flags: list[str]) -> str:
    """Return what the scorer says about the outputs."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / suite.name
        lines = (json.dumps(output, ensure_ascii=False) + "\n" for output in outputs)
        written.write_text("".join(lines), "utf-8")
        scorer = [sys.executable, suite.parent / "score_figures.py", suite, written, *flags]
        return subprocess.run(scorer, check=True, capture_output=True, text=True).stdout


def _of_row(row: Row, *, is_bare: bool) -> Row:
    lang = {"zh": "zh-Hans"}.get(row["lang"], row["lang"])
    if row["kind"] == "number":
        value = parse_number(row["text"], lang)
        figures = [] if value is None else [{"start": 0, "end": len(row["text"]), "value": value}]
        return {"id": row["id"], "figures": [{**f, "value": float(f["value"])} for f in figures]}
    figures = _rows(find_figures(read_text(row["text"], lang)))
    return {"id": row["id"], "figures": [_bare(f, lang) for f in figures] if is_bare else figures}


def _bare(figure: Row, lang: str) -> Row:
    """Return the figure with a span that leaves out the qualifier words at its ends."""
    before, after = _qualifiers(lang)
    quote = figure["quote"]
    first, last = before.match(quote), after.search(quote)
    start, end = first.end() if first else 0, last.start() if last else len(quote)
    at = figure["start"]
    return {**figure, "start": at + start, "end": at + end, "quote": quote[start:end]}


@cache
def _qualifiers(lang: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load_words(lang, "qualifiers")
    return (
        re.compile(rf"(?:{words['before'].pattern})(?![a-z])\s*", re.IGNORECASE),
        re.compile(rf"\s*(?:{words['after'].pattern})$", re.IGNORECASE),
    )


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
