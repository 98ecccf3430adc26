"""What a folder of shards holds: a receipt for each that is done, the list of those that count.

    OUT/manifest.json          the list; what it does not name is no part of the whole
    OUT/dead_letters.jsonl     what could not be read: shard, subject, reason, tries
    OUT/articles/NAME.parquet  rows of a shard; so in figures/, policy_mentions/, places/, names/
    OUT/receipts/NAME.json     written last: the shard is whole

Each file is written aside and renamed.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from store import Failure
from store.schema import FACT_TABLES

#: What a shard holds.
TABLES = ("articles", *FACT_TABLES)
MANIFEST, DEAD_LETTERS = "manifest.json", "dead_letters.jsonl"
RECEIPTS = "receipts"
#: Form of the manifest.
FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """What could not be read, after all tries.

    Attributes:
        shard: Name of the shard.
        subject: Address or id of the article; the source, if it is a whole shard.
        stage, kind: Step that failed, and class of the failure.
        reason: One line.
        tries: How often it was tried.
    """

    shard: str
    subject: str
    stage: str
    kind: str
    reason: str
    tries: int

    @property
    def failure(self) -> Failure:
        """Return it as the store keeps it."""
        return Failure(subject=self.subject, stage=self.stage, kind=self.kind, message=self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a finished shard holds.

    Attributes:
        name: Its name: digest of what it was read from, number of its first row, reader's version.
        source: Input that it is a part of, and `first`, the number of its first row there.
        rows, bytes: Rows of each table, and size of its file.
        dead: What could not be read.
        notes: What else is to be known of pages.
    """

    name: str
    source: str
    first: int
    rows: Mapping[str, int] = field(default_factory=dict)
    bytes: Mapping[str, int] = field(default_factory=dict)
    dead: tuple[DeadLetter, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


def table_path(out: Path, table: str, name: str) -> Path:
    """Return where the rows of a shard lie."""
    return out / table / f"{name}.parquet"


def write_shard(out: Path, receipt: Receipt, tables: Mapping[str, pa.Table]) -> Receipt:
    """Write the rows of a shard, then its receipt with their counts, and return that."""
    for table in TABLES:
        path = table_path(out, table, receipt.name)
        part = _aside(path)
        pq.write_table(tables[table], part, compression="zstd")
        part.replace(path)
    counts = {table: tables[table].num_rows for table in TABLES}
    sizes = {table: table_path(out, table, receipt.name).stat().st_size for table in TABLES}
    whole = replace(receipt, rows=counts, bytes=sizes)
    write_text(_receipt_path(out, receipt.name), json.dumps(asdict(whole), ensure_ascii=False))
    return whole


def read_receipt(out: Path, name: str) -> Receipt | None:
    """Return the receipt of a shard; None if the shard is not whole."""
    try:
        row = json.loads(_receipt_path(out, name).read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # a file of which a power cut has left nothing
        return None
    for table, size in row["bytes"].items():
        path = table_path(out, table, name)
        if not path.is_file() or path.stat().st_size != size:
            return None
    dead = tuple(DeadLetter(**one) for one in row.pop("dead"))
    return Receipt(**row, dead=dead)


def read_tables(out: Path, name: str) -> dict[str, pa.Table]:
    """Return the rows of a finished shard."""
    return {
        table: pq.read_table(table_path(out, table, name), partitioning=None) for table in TABLES
    }


def forget_receipt(out: Path, name: str) -> None:
    """Have a shard read again."""
    _receipt_path(out, name).unlink(missing_ok=True)


def read_manifest(out: Path) -> dict[str, Any] | None:
    """Return what the list of a folder says; None if there is none."""
    path = out / MANIFEST
    if not path.is_file():
        return None
    manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return manifest


def write_manifest(
    out: Path, version: str, receipts: Iterable[Receipt], lost: Iterable[DeadLetter]
) -> dict[str, Any]:
    """Make the list of what counts, then take away what it does not name; return it.

    Args:
        out: The folder.
        version: Version of what read the articles.
        receipts: The finished shards.
        lost: Whole shards that could not be read.
    """
    whole = sorted(receipts, key=lambda one: (one.source, one.first, one.name))
    missing = sorted(lost, key=lambda one: (one.subject, one.shard))
    dead = [*(letter for one in whole for letter in one.dead), *missing]
    lines = [json.dumps(asdict(letter), ensure_ascii=False) + "\n" for letter in dead]
    shards = [
        {
            "name": one.name,
            "source": one.source,
            "first": one.first,
            "rows": dict(one.rows),
            "bytes": dict(one.bytes),
            "dead": len(one.dead),
        }
        for one in whole
    ]
    manifest = {
        "form": FORM,
        "reader_version": version,
        "complete": not missing,
        "rows": _sums(one.rows for one in whole),
        "bytes": _sums(one.bytes for one in whole),
        "dead": len(dead),
        "shards": shards,
    }
    write_text(out / DEAD_LETTERS, "".join(lines))
    write_text(out / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    _sweep(out, {one.name for one in whole})
    return manifest


def _sums(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    totals = dict.fromkeys(TABLES, 0)
    for one in counts:
        for table, count in one.items():
            totals[table] += count
    return totals


def _sweep(out: Path, named: set[str]) -> None:
    """Take away files of shards that the list does not name, and halves of files."""
    for folder in (*TABLES, RECEIPTS):
        for path in (out / folder).glob("*"):
            if path.suffix == ".part" or path.name.removesuffix(path.suffix) not in named:
                path.unlink(missing_ok=True)


def _receipt_path(out: Path, name: str) -> Path:
    return out / RECEIPTS / f"{name}.json"


def _aside(path: Path) -> Path:
    """Return where a file is written first; two workers at one shard write two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.{uuid4().hex}.part")


def write_text(path: Path, text: str) -> None:
    """Write a text, whole or not at all, and see that it is on the disk."""
    part = _aside(path)
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
