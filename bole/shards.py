"""A shard: part of the articles, read for facts; what a worker does with it.

It may be done at any time, by any worker, twice, and by two at once: its name says what it is read
from and by which version, the same rows come of it each time, and its receipt is written last.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

from bole.attempts import MOST_DEATHS, Attempts
from bole.loading import LoadError, article_of
from bole.pagelists import read_page_list
from bole.reading import BatchRead, PageReader, china_day, read_batch
from bole.receipts import DeadLetter, Receipt, read_receipt, write_shard
from bole.version import reader_version
from crawler.archive import Archive
from crawler.ocr import scan_reader
from extract import read_facts
from store import Failure
from store.grounding import check_report
from store.reports import build_article
from store.rows import report_tables
from store.schema import VERSION
from summarize.stories import Report

#: Folders of what is needed until a shard is done: parts of large inputs, marks of what is read.
PARTS, MARKS = "parts", "marks"
#: Columns that tell rows of bole's own articles from those of others.
_OWN = {"body_start", "body_end", "sha256", "published_from", "attachments"}


class ShardError(Exception):
    """A shard cannot be read as it is; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is the same for all shards of a run.

    Attributes:
        out: Folder of what comes of them.
        version: Version of the reader that all workers must have.
        names: Model that finds people and organizations.
        today: Day on which articles are first seen that do not say it.
        scans: Folder of what was read off scans, and the most pages of one; None: none is read.
    """

    out: Path
    version: str
    names: str
    today: date
    scans: tuple[Path, int] | None = None

    @property
    def stamp(self) -> str:
        """Return the end of the names of shards: it changes with the rules and with the tables."""
        return f"{self.version}-{VERSION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A unit of work.

    Attributes:
        name: Says what it is read from, and by which version.
        kind: articles (rows of a Parquet file) or pages (of an archive, listed in `part`).
        part: The file, of at most a few hundred rows.
        source: What its input is called.
        first: Number of its first row in the input.
        archive: Folder of the archive that pages lie in.
        is_made: Whether the part was made for this shard alone, and goes when it is done.
        trouble: Why there is no part; None if there is one.
    """

    name: str
    kind: Literal["articles", "pages"]
    part: Path
    source: str
    first: int
    archive: Path | None = None
    is_made: bool = False
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many articles of a shard were read, and how many could not be."""

    articles: int
    dead: int


def run_shard(recipe: Recipe, shard: Shard) -> Tally:
    """Read a shard, write its rows and its receipt; nothing if they are there.

    Raises:
        ShardError: This worker has another version of bole, or the input could not be read.
    """
    receipt = read_receipt(recipe.out, shard.name)
    if receipt is None:
        receipt = _make(recipe, shard)
    if shard.is_made:
        shard.part.unlink(missing_ok=True)
    return Tally(receipt.rows["articles"], len(receipt.dead))


def _make(recipe: Recipe, shard: Shard) -> Receipt:
    if shard.trouble:
        raise ShardError(shard.trouble)
    version = reader_version(recipe.names)
    if version != recipe.version:
        raise ShardError(
            f"this worker reads by version {version}, the run by {recipe.version}; "
            "install the same bole on all machines"
        )
    with Attempts(recipe.out / MARKS / shard.name) as attempts:
        batch = _READERS[shard.kind](recipe, shard, attempts)
        newest = {report.article.id: report for report in batch.reports}
        checked = [check_report(report) for report in newest.values()]
        failures = [*batch.failures, *(failure for _, failure in checked if failure)]
        dead = [
            DeadLetter(
                shard=shard.name,
                subject=one.subject,
                stage=one.stage,
                kind=one.kind,
                reason=one.message,
                tries=MOST_DEATHS if one.kind == FATAL else 1,
            )
            for one in failures
        ]
        receipt = Receipt(
            name=shard.name,
            source=shard.source,
            first=shard.first,
            dead=tuple(dead),
            notes={
                "pages": list(batch.pages),
                "outcomes": [asdict(one) for one in batch.outcomes],
                "lacking": [asdict(one) for one in batch.lacking],
            },
        )
        sound = [report for report, _ in checked if report]
        return write_shard(recipe.out, receipt, report_tables(sound, reader_version=version))


#: Class of the failures of articles that their worker died at.
FATAL = "fatal"


def _guarded(
    attempts: Attempts, number: int, subject: str, make: Callable[[], Report | Failure]
) -> Report | Failure:
    """Return what is made of an article, unless a worker died at it too often."""
    if attempts.deaths(number) >= MOST_DEATHS:
        message = (
            f"{subject}: left out, since its reader died at it {MOST_DEATHS} times (killed, or out "
            "of memory)"
        )
        return Failure(subject=subject, stage="read", kind=FATAL, message=message)
    attempts.begin(number)
    return make()


def _read_articles(recipe: Recipe, shard: Shard, attempts: Attempts) -> BatchRead:
    rows = pq.read_table(shard.part, partitioning=None).to_pylist()
    reports: list[Report] = []
    failures: list[Failure] = []
    for number, row in enumerate(rows):
        where = f"{shard.source}:{shard.first + number + 1}"
        subject = str(row.get("id") or row.get("url") or where)
        made = _guarded(attempts, number, subject, partial(_report, recipe, row, where))
        if isinstance(made, Failure):
            failures.append(made)
        else:
            reports.append(made)
    return BatchRead(pages=(), reports=reports, failures=failures, outcomes=(), lacking=())


def _read_pages(recipe: Recipe, shard: Shard, attempts: Attempts) -> BatchRead:
    if shard.archive is None:
        raise ShardError(f"shard {shard.name}: its pages have no archive")
    due, newest = read_page_list(shard.part)
    scans = scan_reader(*recipe.scans) if recipe.scans else None
    reader = PageReader(Archive(shard.archive), newest, scans=scans, names=recipe.names)
    numbers = {page.url: number for number, page in enumerate(due)}
    return read_batch(
        reader,
        due,
        recipe.version,
        report=lambda page: _guarded(
            attempts, numbers[page.url], page.url, partial(reader.report, page)
        ),
    )


def _report(recipe: Recipe, row: Mapping[str, Any], where: str) -> Report | Failure:
    """Return the report of a row; whatever goes wrong with it stays with it."""
    try:
        article = build_article(row) if row.keys() >= _OWN else article_of(row)
        first_seen = _first_seen(row, recipe.today)
    except (LoadError, ValueError, TypeError, KeyError) as error:
        message = f"{where}: {error}; wanted a row with text, and url or id"
        return Failure(subject=where, stage="load", kind="row", message=message)
    try:
        facts = read_facts(article, names=recipe.names)
    except Exception as error:  # noqa: BLE001 - one bad article is a dead letter, never a lost shard
        message = f"{where}: {type(error).__name__}: {error}"
        return Failure(subject=article.id, stage="read", kind="bug", message=message)
    return Report(article=article, facts=facts, first_seen=first_seen)


def _first_seen(row: Mapping[str, Any], today: date) -> date:
    """Return the day that a row was first seen on, as far as it tells."""
    if isinstance(row.get("fetched"), datetime) and not row.get("first_seen"):
        fetched: datetime = row["fetched"]
        return china_day(fetched if fetched.tzinfo else fetched.replace(tzinfo=UTC))
    told = row.get("first_seen") or row.get("published")
    return date.fromisoformat(str(told)[:10]) if told else today


_READERS: Mapping[str, Callable[[Recipe, Shard, Attempts], BatchRead]] = {
    "articles": _read_articles,
    "pages": _read_pages,
}
