"""Folders of shards, and what a lake holds of them."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event

from bole.receipts import Receipt, write_manifest, write_shard
from store import lake_batches, lake_catalog, lake_files
from store.lake import LakePlace, committing
from store.lake_catalog import CatalogCommitter
from store.lake_shards import find_shards
from store.rows import report_tables
from summarize.stories import Report
from tests.store_samples import BARE, FULL, SECOND, THIRD, sample

#: Shards of one run; an article stands in two of them.
SHARDS: Mapping[str, Sequence[Report]] = {
    "one": [sample(1), sample(2, figures=40), FULL],
    "two": [sample(3), sample(4, day=SECOND), BARE],
    "three": [sample(5), sample(4, figures=1, day=THIRD)],
}


def write_folder(out: Path, shards: Mapping[str, Sequence[Report]] = SHARDS) -> Path:
    """Write shards as `bole extract --to parquet` does."""
    receipts = []
    for number, (name, reports) in enumerate(shards.items()):
        tables = report_tables(reports, reader_version="1")
        receipt = Receipt(name=name, source="in.parquet", first=number)
        receipts.append(write_shard(out, receipt, tables))
    write_manifest(out, "1", receipts, [])
    return out


def commit(place: LakePlace, *folders: Path) -> tuple[int, int]:
    """Commit folders, and return how many of their shards were new, and how many known."""
    shards = [shard for folder in folders for shard in find_shards(folder)[0]]
    with committing(place) as committer:
        done = committer.commit(shards)
    assert done.refused == []
    return done.new, done.known


def stop_behind(place: LakePlace, folder: Path, step: str, left: int, here) -> None:
    """Commit one by one, but stop for good behind the n-th time of a step, and say so."""
    lake_batches.FULL = 1
    lake_catalog._OFFLINE["allow_unsigned_extensions"] = True
    method = getattr(CatalogCommitter, step)

    def stop_or(*words):
        nonlocal left
        left -= 1
        done = method(*words)
        if left == 0:
            here.set()
            Event().wait()
        return done

    setattr(CatalogCommitter, step, stop_or)
    commit(place, folder)


def content(place: LakePlace) -> dict[str, list[str]]:
    """Return all rows of a lake by table, and which shards it knows; no views are made for that."""
    if place.catalog:
        con, held = lake_catalog.open_rows(place.folder, place.catalog)
    else:
        con, held = lake_files.open_rows(place.folder)
    with closing(con):
        noted = f"select * exclude (committed, articles, facts) from ({held['shards']})"
        asked = {**held, "shards": noted}
        rows = {name: con.execute(sql).to_arrow_table().to_pylist() for name, sql in asked.items()}
    return {name: sorted(map(str, found)) for name, found in rows.items()}
