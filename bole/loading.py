"""Bulk load: articles from Parquet or JSON lines, read for facts and kept."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from bole.config import Settings
from bole.version import reader_version
from crawler.article import Article, article_id
from crawler.errors import CrawlError
from crawler.language import detect_language
from extract import read_facts
from extract.models import tagger
from store import Failure, Store
from summarize.stories import Report, group_stories

#: Articles that are read and written in one go.
BATCH = 500
#: Stage of the failures that loading causes.
STAGE = "load"
_LANGS = ("zh-Hans", "zh-Hant", "en", "other")
_TEXTS = ("url", "title", "source", "publisher", "author", "editor", "publisher_code")
Row = Mapping[str, Any]


class LoadError(CrawlError):
    """A file or a row that no article can be made of."""


@dataclass(slots=True)
class Loaded:
    """What a load came to.

    Attributes:
        new: Articles that were read and written.
        known: Rows passed over: the same text, read by the same rules before.
        failures: Rows that could not become articles.
    """

    new: int = 0
    known: int = 0
    failures: list[Failure] = field(default_factory=list)


def load_files(settings: Settings, paths: Iterable[Path], *, today: date) -> Loaded:
    """Read the articles of files for facts, keep them, publish, and return what came of it.

    Raises:
        LoadError: A file that does not exist or is of another kind.
        ModelError: The model that finds names cannot be loaded.
    """
    tagger(settings.names)
    loaded, version = Loaded(), reader_version(settings.names)
    settings.data.mkdir(parents=True, exist_ok=True)
    rows = (located for path in paths for located in read_rows(path))
    with Store(settings.database) as store:
        known = store.known_pages()
        while batch := list(islice(rows, BATCH)):
            reports = []
            for where, row in batch:
                made = _report(where, row, today)
                if isinstance(made, Failure):
                    loaded.failures.append(made)
                elif known.get(made.id) == (made.sha256, version):
                    loaded.known += 1
                else:
                    first = row.get("first_seen")
                    day = date.fromisoformat(str(first)) if first else today
                    facts = read_facts(made, names=settings.names)
                    reports.append(Report(article=made, facts=facts, first_seen=day))
            store.write_articles(reports, reader_version=version)
            store.write_stories(group_stories(reports, known=store.known_stories()))
            loaded.new += len(reports)
        store.clear_failures(STAGE, [f.subject for f in store.failures() if f.stage == STAGE])
        store.write_failures(loaded.failures)
        store.publish()
    return loaded


def read_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a file, each with the place where it stands.

    Raises:
        LoadError: No such file, or not what its suffix says.
    """
    if not path.is_file():
        raise LoadError(f"{path}: no such file; check the name")
    if path.suffix == ".parquet":
        yield from _parquet_rows(path)
    elif path.suffix == ".jsonl":
        yield from _json_rows(path)
    else:
        raise LoadError(f"{path}: unknown suffix {path.suffix!r}; loadable are .parquet, .jsonl")


def _parquet_rows(path: Path) -> Iterator[tuple[str, Row]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise LoadError(f"{path}: not a readable Parquet file ({error}); write it again") from error
    number = 0
    for batch in file.iter_batches(BATCH):
        for row in batch.to_pylist():
            number += 1
            yield f"{path.name}:{number}", row


def _json_rows(path: Path) -> Iterator[tuple[str, Row]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield f"{path.name}:{number}", _json_row(line)


def _json_row(line: bytes) -> Row:
    """Return the object of a line; of one that is none, what is wrong with it."""
    try:
        value = json.loads(line.decode("utf-8-sig"))  # some editors put a mark before UTF-8
    except UnicodeDecodeError as error:
        return {"trouble": f"not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"}
    except ValueError as error:
        return {"trouble": f"not JSON ({error})"}
    return value if isinstance(value, dict) else {"trouble": f"a {type(value).__name__}"}


def _report(where: str, row: Row, today: date) -> Article | Failure:
    try:
        article = article_of(row)
        if row.get("first_seen"):
            first = date.fromisoformat(str(row["first_seen"]))
            if first > today:
                raise LoadError(f"first_seen is {first}, which is still to come")
    except (LoadError, ValueError) as error:
        message = f"{where}: {error}; wanted an object with text, and url or id"
        return Failure(subject=where, stage=STAGE, kind="row", message=message)
    return article


def article_of(row: Row) -> Article:
    """Return the article of a row.

    Raises:
        LoadError: Its text is missing, or its language unknown.
        ValueError: Its day of publication is none.
    """
    if "trouble" in row:
        raise LoadError(str(row["trouble"]))
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise LoadError(f"text is {text!r}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    given: dict[str, Any] = {name: str(row[name]) for name in _TEXTS if row.get(name)}
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    name = row.get("id") or (article_id(given["url"]) if "url" in given else digest[:16])
    lang = row.get("lang") or detect_language(text)
    if lang not in _LANGS:
        raise LoadError(f"lang is {lang!r}, wanted {', '.join(_LANGS)}")
    published = row.get("published")
    return Article(
        id=str(name),
        text=text,
        body=(0, len(text)),
        lang=lang,
        sha256=digest,
        published=date.fromisoformat(str(published)[:10]) if published else None,
        **given,
    )
