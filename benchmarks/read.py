"""How fast pages are read, beside readability-lxml alone on the same pages in the same process.

    python benchmarks/read.py FOLDER [--match 'zh_*.html'] [--rounds 3] [--json]

FOLDER holds web pages (`*.html`). Each round reads all of them with each reader in turn; the best
round counts. `pages_per_s` is by processor time of this process, which other programs on the
machine disturb less than `wall_pages_per_s`.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

from crawler.decode import decode
from crawler.language import detect_language
from crawler.page import PageError, read_page


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--match", default="*.html", help="which files, as a pattern")
    parser.add_argument("--lang", default="zh", help="pages of this language only; '' for all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    pages = [path.read_bytes() for path in sorted(args.folder.glob(args.match))]
    pages = [page for page in pages if _lang(page).startswith(args.lang)]
    if not pages:
        parser.error(f"{args.folder}: no page {args.match!r} of language {args.lang!r}")
    figures = measure(pages, args.rounds)
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:28} {value}")


def measure(pages: list[bytes], rounds: int) -> dict[str, float]:
    """Return pages a second of both readers and their ratio."""
    times = {name: [_seconds(read, pages) for _ in range(rounds)] for name, read in _READERS}
    cpu = {name: len(pages) / min(each[0] for each in found) for name, found in times.items()}
    wall = {name: len(pages) / min(each[1] for each in found) for name, found in times.items()}
    slowest = max(_seconds(_read, [page])[0] for page in pages)
    return {
        "pages": len(pages),
        "pages_per_s": round(cpu["bole"], 1),
        "readability_pages_per_s": round(cpu["readability"], 1),
        "ratio_vs_readability": round(cpu["bole"] / cpu["readability"], 2),
        "wall_pages_per_s": round(wall["bole"], 1),
        "slowest_page_s": round(slowest, 2),
    }


def _read(page: bytes) -> None:
    try:
        read_page(page, url=None)
    except PageError:
        return


def _readability(page: bytes) -> None:
    import readability

    try:
        readability.Document(decode(page)).summary(html_partial=True)
    except readability.readability.Unparseable:
        return


def _seconds(read: Callable[[bytes], None], pages: list[bytes]) -> tuple[float, float]:
    began, wall = time.process_time(), time.perf_counter()
    for page in pages:
        read(page)
    return time.process_time() - began, time.perf_counter() - wall


def _lang(page: bytes) -> str:
    """Return the language that the text between the tags is in."""
    from crawler.markup import lines_of, parse_html

    root = parse_html(decode(page))
    return "" if root is None else detect_language("\n".join(lines_of(root)))


_READERS = (("bole", _read), ("readability", _readability))

if __name__ == "__main__":
    main()
