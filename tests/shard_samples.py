"""Articles for tests of shards, the folder that comes of them, and readers that fail."""

from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import bole.shards
from bole.engine import Engine, EngineSettings, open_engine
from bole.extraction import PRELOAD, Extraction, Tell, be_ready, extract_shards
from bole.shards import Recipe, Tally
from bole.splitting import article_shards, find_tables
from bole.version import reader_version
from crawler.article import Article
from extract import Facts
from tests.engine_work import end_process

COUNT = 9
_DISTRICTS = ("徐州市", "沛县", "铜山区", "苏州市", "南京市")
DAY = date(2026, 11, 1)


def write_samples(path: Path, count: int = COUNT) -> Path:
    """Write articles, each with another text."""
    rows = [
        {
            "url": f"http://news.example/{n}.html",
            "text": f"{_DISTRICTS[n % 5]}对新引进的博士给予{n + 2}万元安家费，"
            f"每月{n + 1}00元租房补贴。",
            "published": date(2026, 1, 1 + n),
        }
        for n in range(count)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def recipe_of(out: Path) -> Recipe:
    return Recipe(out=out, version=reader_version(), names="rules", today=DAY)


def _quiet(tally: Tally, was_there: bool) -> None:
    """Say nothing."""


def extracted(
    engine: Engine, source: Path, out: Path, *, tell: Tell = _quiet, retry: bool = False
) -> Extraction:
    """Read all articles of a file or folder."""
    recipe = recipe_of(out)
    shards = article_shards(recipe, find_tables([source]))
    return extract_shards(engine, recipe, shards, tell, retry=retry)


def extracted_by(name: str, source: Path, out: Path) -> Extraction:
    settings = EngineSettings(workers=2, prepare=partial(be_ready, "rules"), preload=PRELOAD)
    with open_engine(name, settings) as engine:
        return extracted(engine, source, out)


def files_of(out: Path) -> dict[str, str]:
    """Return the digest of each file that a folder of shards holds."""
    return {
        path.relative_to(out).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def no_facts(article: Article, *, names: str) -> Facts:
    """Read nothing of it, which needs no tables."""
    del names
    return Facts(article_id=article.id, district=None, grade="C")


def without_facts() -> None:
    """Have this process read no facts."""
    bole.shards.read_facts = no_facts


def poisoned() -> None:
    """Have this process read articles so that one ends it, and another one fails."""
    bole.shards.read_facts = _poison


def _poison(article: Article, *, names: str) -> Facts:
    if article.url == "http://news.example/4.html":
        end_process()
    if article.url == "http://news.example/7.html":
        raise ZeroDivisionError("a bug")
    return no_facts(article, names=names)
