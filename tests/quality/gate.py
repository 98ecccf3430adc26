"""The quality gate: extraction over the sample articles must not fall below its pinned scores.

    python -m tests.quality.gate                            measure; exit 1 below a floor
    python -m tests.quality.gate --update                   raise floors to what is reached
    python -m tests.quality.gate --update --lower "reason"  let floors fall; the commit says why

`floors.json` holds the scores and a hash of the gold files: a changed gold file needs --lower too.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from bole.evaluate import evaluate_folder

HERE = Path(__file__).parent
GOLD = HERE / "gold"
FLOORS = HERE / "floors.json"


def measure() -> tuple[dict[str, float], list[str]]:
    """Return the scores of today's extraction over the gold, and what it missed."""
    score = evaluate_folder(GOLD)
    return score.rates(), score.misses


def gold_digest() -> str:
    """Return a hash of all gold files, independent of the line ends of a checkout."""
    digest = hashlib.sha256()
    for path in sorted(GOLD.iterdir()):
        digest.update(path.name.encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def shortfalls(scores: dict[str, float], floors: dict[str, float]) -> list[str]:
    """Return one line for each floor that `scores` does not reach."""
    return [
        f"{key}: {scores.get(key)} is below its floor {floor}"
        for key, floor in floors.items()
        if scores.get(key, 0.0) < floor
    ]


def main(argv: list[str]) -> int:
    """Run the gate and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.gate", description=__doc__)
    parser.add_argument("--update", action="store_true", help="pin what is reached now")
    parser.add_argument("--lower", metavar="REASON", help="with --update: let floors fall")
    parser.add_argument("--misses", action="store_true", help="list what was missed or wrong")
    options = parser.parse_args(argv)
    scores, misses = measure()
    pinned = (
        json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {"gold": "", "floors": {}}
    )
    problems = shortfalls(scores, pinned["floors"])
    if pinned["floors"] and pinned["gold"] != gold_digest():
        problems.append("the gold files changed; pin again with --update --lower REASON")
    if options.misses:
        print("\n".join(misses))
    if options.update and (options.lower or not problems):
        pinned = {"gold": gold_digest(), "floors": scores}
        FLOORS.write_text(json.dumps(pinned, indent=1) + "\n", encoding="utf-8")
        print(f"{len(scores)} floors pinned")
        return 0
    print("\n".join(problems) or f"{len(pinned['floors'])} floors hold")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
