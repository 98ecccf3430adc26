"""How fast figures are read, beside the libraries that also read money and quantities.

    python benchmarks/figures.py [--peers FOLDER] [--texts FOLDER] [--articles N] [--json]

Timed on one core are reading, figures and attribution of the sample articles. Ratios are of the
Chinese ones, which bole and each peer read in turns in the same process:

- recognizers: number, percentage, currency, dimension, age and temperature of each text, the six
  models that together find what bole calls a figure (without what it counts, or whose it is);
- jionlp: `extract_money` as it is called by default, with values. It reads money and nothing
  else: no people, places, areas, shares or terms;
- jionlp_checked: the same with `use_jiojio=True`, which leaves out what no word ends at.

Peers are no dependency: FOLDER is where they were put by

    uv pip install --target FOLDER jionlp "recognizers-text-suite==1.0.2a2" "emoji<2"

How they compare depends on how much there is to find: a peer that looks for money skips a text
without any. So `--texts` measures the articles (*.txt) of a folder of your own as well; its results
have the same names behind `texts_`, and tell how many articles and figures that is.

`--articles` reads all facts of that many articles one after the other and tells how memory grew.
Each is made of a third of the paragraphs of a sample, in another order and with other digits.
"""

import argparse
import contextlib
import io
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

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
Known = tuple[Article, Facts]


def main() -> None:
    """Print how many characters a second bole and its peers read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="folder where the peers are installed")
    parser.add_argument("--texts", type=Path, help="folder of other articles to measure too")
    parser.add_argument("--articles", type=int, default=100_000, help="articles to read in a row")
    parser.add_argument("--json", action="store_true", help="one object")
    args = parser.parse_args()
    articles = _articles(SAMPLES)
    report = _measured(articles, args.peers)
    if args.texts:
        report |= _of_texts(args.texts, args.peers)
    if args.articles:
        report |= {"articles": args.articles, **_memory(articles, args.articles)}
    print(json.dumps(report) if args.json else "\n".join(f"{k} {v}" for k, v in report.items()))


def _articles(folder: Path) -> list[Article]:
    return [a for path in sorted(folder.glob("*.txt")) for a in read_document(path)]


def _measured(articles: Sequence[Article], peers: Path | None) -> dict[str, float]:
    """Return what is read in a second of all the articles, and of the Chinese ones beside peers."""
    known = [(article, read_facts(article)) for article in articles]
    report: dict[str, float] = {"chars_per_s": round(_rate(_size(articles), _all(known)))}
    chinese = [pair for pair in known if pair[0].lang in ("zh-Hans", "zh-Hant")]
    return report | (_beside_peers(chinese, peers) if chinese else {})


def _of_texts(folder: Path, peers: Path | None) -> dict[str, float]:
    """Return the same of the articles of a folder, and what there is to be found in them."""
    articles = _articles(folder)
    if not articles:
        raise SystemExit(f"no article (*.txt) in {folder}: name the folder that holds them")
    figures = sum(len(read_facts(article).figures) for article in articles)
    report = {
        "articles": len(articles),
        "figures_per_1000_chars": round(1000 * figures / _size(articles), 2),
        **_measured(articles, peers),
    }
    return {f"texts_{name}": value for name, value in report.items()}


def _beside_peers(known: Sequence[Known], folder: Path | None) -> dict[str, float]:
    """Return what bole and each peer read in a second of the same texts, and how these compare."""
    texts = [article.text[slice(*article.body)] for article, _ in known]
    size = sum(map(len, texts))
    report: dict[str, float] = {}
    for name, read in _peers(folder).items():
        # in turns, the best of each: what else the machine does changes with time
        works = (_all(known), lambda read=read: _each(read, texts))
        own, peer = map(max, zip(*([_rate(size, w) for w in works] for _ in range(3)), strict=True))
        report |= {"chars_per_s_zh": round(own), f"{name}_chars_per_s": round(peer)}
        report[f"ratio_vs_{name}"] = round(own / peer, 2)
    return report


def _size(articles: Sequence[Article]) -> int:
    return sum(article.body[1] - article.body[0] for article in articles)


def _all(known: Sequence[Known]) -> Callable[[], object]:
    return lambda: [_read(*pair) for pair in known]


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


def _rate(size: int, work: Callable[[], object]) -> float:
    """Return `size` by the processor time of the fastest run, after one that warms up."""
    work()
    best, started = float("inf"), time.perf_counter()
    while time.perf_counter() - started < LEAST:
        before = time.process_time()  # of one core, whatever else the machine does
        work()
        best = min(best, time.process_time() - before)
    return size / best


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

    def checked(text: str) -> object:
        return jionlp.ner.extract_money(text, with_parsing=True, use_jiojio=True)

    return {"recognizers": recognizers, "jionlp": money, "jionlp_checked": checked}


def _memory(samples: Sequence[Article], articles: int) -> dict[str, float]:
    """Return the peak memory after a tenth, half and all of the articles, and what it grew by."""
    import resource

    marks = {articles // 10: "tenth", articles // 2: "half", articles: "all"}
    report: dict[str, float] = {}
    for number in range(1, articles + 1):
        read_facts(_variation(samples[number % len(samples)], Random(number)))
        if number in marks:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            report[f"memory_mb_{marks[number]}"] = round(peak, 1)
            print(f"{number} articles: {peak:.1f} MB", file=sys.stderr)
    grown = report["memory_mb_all"] - report["memory_mb_tenth"]
    return {**report, "memory_growth_mb": round(grown, 1)}


def _variation(sample: Article, random: Random) -> Article:
    """Return an article of a third of the paragraphs of another, with other digits."""
    paragraphs = [p for p in sample.text[slice(*sample.body)].split("\n") if p.strip()]
    chosen = random.sample(paragraphs, k=max(1, len(paragraphs) // 3))
    body = re.sub("[1-9]", lambda _: random.choice("123456789"), "\n".join(chosen))
    title = sample.title or ""
    return replace(
        sample,
        id=f"{random.getrandbits(64):016x}",
        text=f"{title}\n{body}",
        body=(len(title) + 1, len(title) + 1 + len(body)),
    )


if __name__ == "__main__":
    main()
