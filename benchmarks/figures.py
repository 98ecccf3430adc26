"""How fast figures are read, beside the libraries that also read money and quantities.

    python benchmarks/figures.py [--peers FOLDER] [--articles N] [--json]

Timed on one core are reading, figures and attribution of the sample articles, and in the same run
what each peer takes for the same text. Peers are no dependency: FOLDER is where they were put by

    uv pip install --target FOLDER jionlp "recognizers-text-suite==1.0.2a2" "emoji<2"

`--articles` reads that many articles one after the other and tells how much memory grew.
"""

import argparse
import contextlib
import io
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from crawler.article import Article
from crawler.documents import read_document
from extract import Facts, read_facts
from extract.attribution import attribute_figures
from extract.figures import find_figures
from extract.reading import read_body
from extract.wrapping import unwrap

SAMPLES = Path(__file__).parent.parent / "tests" / "quality" / "gold"
#: A measurement takes at least this many seconds.
LEAST = 2.0


def main() -> None:
    """Print how many characters a second bole and its peers read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="folder where the peers are installed")
    parser.add_argument("--articles", type=int, default=100_000, help="articles to read in a row")
    parser.add_argument("--json", action="store_true", help="one object")
    args = parser.parse_args()
    articles = [a for path in sorted(SAMPLES.glob("*.txt")) for a in read_document(path)]
    known = [(article, read_facts(article)) for article in articles]
    size = sum(article.body[1] - article.body[0] for article in articles)
    rate = size / _seconds(lambda: [_read(*pair) for pair in known])
    report: dict[str, float] = {"chars_per_s": round(rate)}
    chinese = [a.text[slice(*a.body)] for a in articles if a.lang != "en"]
    for name, read in _peers(args.peers).items():
        peer = sum(map(len, chinese)) / _seconds(lambda read=read: _each(read, chinese))
        report[f"{name}_chars_per_s"] = round(peer)
        report[f"ratio_vs_{name}"] = round(rate / peer, 1)
    report["articles"] = args.articles
    report["memory_growth_mb"] = _growth(known, args.articles)
    print(json.dumps(report) if args.json else "\n".join(f"{k} {v}" for k, v in report.items()))


def _read(article: Article, facts: Facts) -> int:
    reading = unwrap(read_body(article))
    found = find_figures(reading)
    attributed = attribute_figures(
        found, reading, places=facts.places, policies=facts.policies, district=facts.district
    )
    return len(attributed)


def _each(read: Callable[[str], object], texts: Sequence[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):  # peers greet and advertise
        for text in texts:
            read(text)


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor time of the fastest run, after one that warms up."""
    work()
    best, started = float("inf"), time.perf_counter()
    while time.perf_counter() - started < LEAST:
        before = time.process_time()  # of one core, whatever else the machine does
        work()
        best = min(best, time.process_time() - before)
    return best


def _peers(folder: Path | None) -> dict[str, Callable[[str], object]]:
    """Return the readers of the peers in `folder`, by name; none without a folder."""
    if folder is None:
        return {}
    sys.path.append(str(folder))
    with contextlib.redirect_stdout(io.StringIO()):
        import jionlp
        from recognizers_number import recognize_number, recognize_percentage
        from recognizers_number_with_unit import (
            recognize_age,
            recognize_currency,
            recognize_dimension,
            recognize_temperature,
        )
        from recognizers_text import Culture

    numbers = (recognize_number, recognize_percentage)
    units = (recognize_currency, recognize_dimension, recognize_age, recognize_temperature)

    def recognizers(text: str) -> object:
        return [recognize(text, Culture.Chinese) for recognize in (*numbers, *units)]

    def money(text: str) -> object:
        return jionlp.ner.extract_money(text, with_parsing=True)

    return {"recognizers": recognizers, "jionlp": money}


def _growth(known: Sequence[tuple[Article, Facts]], articles: int) -> float:
    """Return by how many megabytes the peak memory grew over the last nine tenths."""
    import resource

    early = 0
    for at in range(articles):
        _read(*known[at % len(known)])
        if at == articles // 10:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early) / 1024, 1)


if __name__ == "__main__":
    main()
