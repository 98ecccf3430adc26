"""Made-up articles of many texts: lines of the sample articles, of the test pages and of the specs.

Every article depends on its number alone. Its lines are drawn from some thousand own ones of its
language, and its digits are drawn anew, so that no two are alike. One line of six comes from the
specs, where each states a fact: with the others that makes about as many facts as news have.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

_TESTS = Path(__file__).parent.parent / "tests"
_CHINESE, _ENGLISH = "zh-Hans", "en"
#: Characters of an article: short news, so that 20,000 are read in a minute.
_LEAST, _MOST = 150, 650
#: One line of so many comes from the specs.
_ONE_SPEC = 6
#: One article of so many is English.
_ONE_ENGLISH = 10
#: Specs whose lines state a fact each.
_DENSE = ("figures", "policies", "places", "names", "versions", "policy_words", "name_words")
_HAN = re.compile("[一-鿿]")
#: Characters that a line has at least and at most.
_SHORT, _LONG = 15, 400


def write_articles(path: Path, first: int, count: int) -> int:
    """Write that many articles, from one number on, as Parquet and return their characters."""
    rows = [article(number) for number in range(first, first + count)]
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")
    return sum(len(row["text"]) for row in rows)


def article(number: int) -> Mapping[str, str]:
    """Return the row of one article."""
    random = Random(number)
    lang = _ENGLISH if number % _ONE_ENGLISH == 0 else _CHINESE
    prose, specs = _lines("prose")[lang], _lines("specs")[lang]
    wanted = random.randint(_LEAST, _MOST)
    lines: list[str] = []
    while sum(map(len, lines)) < wanted:
        lines.append(random.choice(specs if random.randrange(_ONE_SPEC) == 0 else prose))
    text = re.sub("[1-9]", lambda _: random.choice("123456789"), "\n".join(lines))
    title = lines[0][:30]
    return {
        "id": f"{number:016x}",
        "url": f"http://news.example/{number}.html",
        "title": title,
        "text": f"{title}\n{text}",
        "lang": lang,
        "published": f"{2006 + number % 20}-{1 + number % 12:02}-{1 + number % 28:02}",
        "source": f"柳溪日报{number % 50}",
    }


@cache
def _lines(kind: str) -> Mapping[str, Sequence[str]]:
    """Return the own lines of each language: `prose` of articles, or `specs`."""
    found: dict[str, dict[str, None]] = {_CHINESE: {}, _ENGLISH: {}}
    for text in _prose() if kind == "prose" else _specs(*_DENSE):
        line = " ".join(text.split())
        if _SHORT <= len(line) <= _LONG:
            found[_CHINESE if _HAN.search(line) else _ENGLISH][line] = None
    return {lang: list(own) for lang, own in found.items()}


def _prose() -> Iterator[str]:
    for path in sorted((_TESTS / "quality" / "gold").glob("*.txt")):
        yield from path.read_text("utf-8").splitlines()
    for path in sorted((_TESTS / "pages").glob("*/expected.json")):
        yield from json.loads(path.read_text("utf-8"))["text"]
    yield from _specs("leads")


def _specs(*names: str) -> Iterator[str]:
    for name in names:
        for path in sorted((_TESTS / "specs").glob(f"{name}.*jsonl")):
            for line in path.read_text("utf-8").splitlines():
                yield json.loads(line).get("text", "")
