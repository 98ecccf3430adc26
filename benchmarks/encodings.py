"""What the decoder makes of pages whose encoding is missing, wrong or broken.

    python benchmarks/encodings.py CASES --maker MAKER.py [--json]

MAKER.py makes the cases (`MAKER.py CASES`) and scores texts (`MAKER.py CASES --score TEXTS.jsonl`);
CASES is a folder outside this project and is filled if it holds no `cases.jsonl` yet. Only the
bytes are given to the decoder: no header, no declaration.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from pathlib import Path

from crawler.decode import decode

_ROW = re.compile(r"^(?P<case>\S+)\s+(?P<right>\d+)/(?P<of>\d+)$", re.MULTILINE)


def main() -> None:
    """Print how many pages of each set come out right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--maker", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if Path(__file__).parents[1] in args.cases.resolve().parents:
        parser.error(f"{args.cases}: inside the project; name a folder outside of it")
    index = args.cases / "cases.jsonl"
    if not index.is_file():
        _run(args.maker, args.cases)
    rows = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
    texts, seconds = _decode_all(args.cases, rows)
    scored = _run(args.maker, args.cases, "--score", str(texts))
    sets = {m["case"]: (int(m["right"]), int(m["of"])) for m in _ROW.finditer(scored)}
    figures = {
        "sets": {case: f"{right}/{of}" for case, (right, of) in sets.items()},
        "sets_whole": sum(right == of for right, of in sets.values()),
        "pages": len(rows),
        "pages_per_s": round(len(rows) / seconds, 1),
    }
    print(json.dumps(figures) if args.json else scored.rstrip())


def _decode_all(folder: Path, rows: list[dict[str, str]]) -> tuple[Path, float]:
    """Return the file of texts, and the processor time that decoding took."""
    path, seconds = folder / "texts.jsonl", 0.0
    with path.open("w", encoding="utf-8") as out:
        for row in rows:
            data = (folder / row["file"]).read_bytes()
            began = time.process_time()
            text = decode(data)
            seconds += time.process_time() - began
            out.write(json.dumps({"case": row["case"], "id": row["id"], "text": text}) + "\n")
    return path, seconds


def _run(maker: Path, *arguments: object) -> str:
    command = [sys.executable, str(maker), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


if __name__ == "__main__":
    main()
