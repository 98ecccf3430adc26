"""How much of what an office must learn stands in a summary, and how fast a digest of a day is.

    python -m benchmarks.summaries [GOLD] [--articles 1000] [--json]

GOLD holds `<id>.txt` and `<id>.json` with `nuggets`: short statements of what must be learnt. One
counts as said if a summary has all of its numbers, and half of its pairs of characters (of its
words, in English). Beside bole's summaries stand two of the same length, article by article: the
lead (the body cut off) and a plain TextRank of our own (sentences ranked by their likeness to all
others, PageRank with 0.85, no words left out); with `--peers FOLDER` also TextRank as sumy ranks
the same sentences by their words (`uv pip install --target FOLDER sumy`). `story_pair_f1` is over
`tests/quality/stories.jsonl`; `digest_s_1000` are seconds from the facts of 1,000 articles (the
texts of GOLD with other numbers) to checked pages: stories, composing, rendering, checking.
"""

import argparse
import json
import math
import random
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.article import Article
from crawler.documents import read_document
from extract import read_facts
from extract.reading import read_body, read_text
from summarize.digest import Issue, compose
from summarize.render import publish_pages
from summarize.sentences import summarise
from summarize.stories import Report, group_stories
from tests.quality.stories import load_reports, measure_pairs

HERE = Path(__file__).parent
DAY = date(2024, 6, 3)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
_ENGLISH = re.compile(r"[^\n]+?(?:[.!?](?=\s|$)|$)")


def main() -> None:
    """Measure, and print one object or a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path, nargs="?", default=HERE.parent / "tests/quality/gold")
    parser.add_argument("--articles", type=int, default=1000, help="size of the day")
    parser.add_argument("--peers", type=Path, help="folder where sumy is installed")
    parser.add_argument("--json", action="store_true", help="one object")
    args = parser.parse_args()
    row = measure_summaries(args.gold, args.peers)
    row["story_pair_f1"] = measure_pairs(load_reports())[0]
    row["digest_s_1000"] = round(measure_digest(args.gold, args.articles) * 1000 / args.articles, 2)
    if args.json:
        print(json.dumps(row))
    else:
        print("\n".join(f"{key:16} {value}" for key, value in row.items()))


def measure_summaries(gold: Path, peers: Path | None = None) -> dict[str, Any]:
    """Return the share of nuggets said by bole, by the lead, and by TextRank at its length."""
    rankers = {"nuggets_textrank": rank_sentences}
    if peers is not None:
        sys.path.append(str(peers))
        rankers["nuggets_sumy"] = rank_by_sumy
    said: dict[str, int] = dict.fromkeys(("nuggets", "nuggets_lead", *rankers), 0)
    wanted = length = 0
    paths = sorted(gold.glob("*.json"))
    for path in paths:
        nuggets = json.loads(path.read_text("utf-8"))["nuggets"]
        (article,) = read_document(path.with_suffix(".txt"))
        own = " ".join(s.text for s in summarise(article, read_facts(article)))
        body = article.text[slice(*article.body)]
        texts = {
            "nuggets": own,
            "nuggets_lead": body[: len(own)],
            **{key: chosen(body, len(own), rank) for key, rank in rankers.items()},
        }
        for key, text in texts.items():
            said[key] += sum(_says(text, nugget) for nugget in nuggets)
        wanted += len(nuggets)
        length += len(own)
    rates: dict[str, Any] = {key: round(hits / wanted, 4) for key, hits in said.items()}
    return rates | {"mean_chars": round(length / len(paths))}


def chosen(text: str, room: int, rank: Callable[[Sequence[str]], Sequence[float]]) -> str:
    """Return the sentences that rank highest, in their order, within `room` characters."""
    split = _SENTENCE if _HAN.search(text) else _ENGLISH
    sentences = [s.strip() for s in split.findall(text) if len(s.strip()) >= 10]
    ranks = rank(sentences)
    found: set[int] = set()
    for i in sorted(range(len(sentences)), key=lambda i: -ranks[i]):
        if room >= len(sentences[i]):
            found.add(i)
            room -= len(sentences[i]) + 1
    return " ".join(sentences[i] for i in sorted(found))


def rank_sentences(sentences: Sequence[str]) -> Sequence[float]:
    """Rank each sentence by how much it is like all others."""
    grams = [_grams(sentence) for sentence in sentences]
    return _rank([[_likeness(a, b) if a is not b else 0.0 for b in grams] for a in grams])


def rank_by_sumy(sentences: Sequence[str]) -> Sequence[float]:
    """Rank each sentence as sumy's TextRank does."""
    import rjieba
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.summarizers.text_rank import TextRankSummarizer

    class Words:
        def to_words(self, sentence: str) -> tuple[str, ...]:
            return tuple(word for word in rjieba.cut(sentence) if word[0].isalnum())

    document = ObjectDocumentModel([Paragraph([Sentence(s, Words()) for s in sentences])])
    ranks = TextRankSummarizer().rate_sentences(document)
    return [float(ranks[sentence]) for sentence in document.sentences]


def _likeness(a: set[str], b: set[str]) -> float:
    size = math.log(len(a) + 1) + math.log(len(b) + 1)
    return len(a & b) / size if size else 0.0


def _rank(weights: list[list[float]], *, rounds: int = 30) -> list[float]:
    ranks = [1.0] * len(weights)
    sums = [sum(row) or 1.0 for row in weights]
    for _ in range(rounds):
        shares = [rank / total for rank, total in zip(ranks, sums, strict=True)]
        ranks = [0.15 + 0.85 * sum(map(float.__mul__, row, shares)) for row in weights]
    return ranks


def _says(text: str, nugget: str) -> bool:
    want = _grams(nugget)
    shared = len(want & _grams(text))
    return _numbers(nugget) <= _numbers(text) and shared >= 0.5 * len(want)


def _numbers(text: str) -> set[str]:
    return {n.replace(",", "") for n in _NUMBER.findall(unicodedata.normalize("NFKC", text))}


def _grams(text: str) -> set[str]:
    if _HAN.search(text):
        plain = re.sub(r"\W+", "", read_text(text, "zh-Hant").text)
        return {plain[i : i + 2] for i in range(len(plain) - 1)}
    return {w for w in re.findall(r"[a-z0-9]+", text.lower()) if len(w) > 3 or w.isdigit()}


def measure_digest(gold: Path, articles: int) -> float:
    """Return the seconds from facts to checked pages for a day of so many articles."""
    reports = _day(gold, articles)
    started = time.perf_counter()
    digest = compose(
        group_stories(reports),
        issue=Issue(day=DAY, number_in_year=1, number_in_all=1, home="320300"),
        told=(),
        health=(),
        names={},
    )
    publish_pages(digest)
    return time.perf_counter() - started


def _day(gold: Path, articles: int) -> list[Report]:
    """Return reports made of the texts of GOLD, each with numbers of its own."""
    texts = [read_document(path)[0] for path in sorted(gold.glob("*.txt"))]
    chance = random.Random(8)
    return [_variation(texts[i % len(texts)], i, chance.randint) for i in range(articles)]


def _variation(article: Article, number: int, pick: Callable[[int, int], int]) -> Report:
    """Return an article with every second digit another one: of the same length, offsets hold."""
    text = (
        re.sub(r"(?<=[1-9])\d", lambda _: str(pick(1, 9)), article.text[: article.body[1]])
        + article.text[article.body[1] :]
    )
    title = f"{article.title or read_body(article).text[:20]}之{number}"
    made = replace(
        article,
        id=f"{number:016x}",
        text=text,
        title=title,
        published=DAY,
        sha256=sha256(text.encode()).hexdigest(),
    )
    return Report(article=made, facts=read_facts(made), first_seen=DAY)


if __name__ == "__main__":
    main()
