"""Shards: Parquet files of articles and their facts, as `bole extract --to parquet` leaves them.

A folder of them holds `manifest.json`, which names the shards that are whole, and a folder for each
table with one file a shard.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from store.errors import StoreError
from store.grounding import ground_tables
from store.lake_views import HELD
from store.schema import FACT_TABLES, SCHEMAS

#: Changes with the columns of the tables that a lake holds.
FORM = blake2b(
    "\n".join(f"{table} {SCHEMAS[table]}" for table in HELD).encode(), digest_size=4
).hexdigest()
_MANIFEST, _MANIFEST_FORM = "manifest.json", 1
_AGAIN = "extract it again: bole extract --to parquet"


class ShardError(StoreError):
    """A shard that cannot come into a lake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Articles with their facts that came of one unit of work.

    Attributes:
        name: What it is called; the same input read by the same rules comes under the same name.
        files: The Parquet file of each table.
        dead: Articles of it that could not be read.
    """

    name: str
    files: Mapping[str, Path]
    dead: int = 0

    def digest(self) -> str:
        """Return what changes with its content.

        Raises:
            ShardError: A file cannot be read.
        """
        whole = blake2b(digest_size=16)
        for table in HELD:
            path = self.files[table]
            try:
                with path.open("rb") as file:
                    whole.update(file_digest(file, "sha256").digest())
            except OSError as error:
                raise ShardError(f"{path}: {error.strerror}; {_AGAIN}") from error
        return whole.hexdigest()


def find_shards(folder: Path) -> tuple[list[Shard], bool]:
    """Return the shards of a folder that are whole, and whether these are all.

    Raises:
        StoreError: It holds no list of shards, or one of another bole.
    """
    path = folder / _MANIFEST
    if not path.is_file():
        raise StoreError(
            f"no {_MANIFEST} in {folder}; name a folder that bole extract --to parquet has written"
        )
    try:
        manifest = json.loads(path.read_text("utf-8"))
        form, is_whole = manifest["form"], bool(manifest["complete"])
        shards = [
            Shard(
                name=row["name"],
                files={table: folder / table / f"{row['name']}.parquet" for table in HELD},
                dead=row["dead"],
            )
            for row in manifest["shards"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: not a list of shards ({error}); {_AGAIN}") from error
    if form != _MANIFEST_FORM:
        raise StoreError(
            f"{path}: a list of form {form}, this bole knows {_MANIFEST_FORM}; {_AGAIN}"
        )
    return shards, is_whole


def read_shard(shard: Shard) -> dict[str, pa.Table]:
    """Return the rows of a shard by table, after a check that they can be stored.

    Raises:
        ShardError: A file is broken, or of another form, or a fact does not point at its words.
    """
    tables = {table: _read(shard.files[table], SCHEMAS[table]) for table in HELD}
    ids = tables["articles"]["id"].to_pylist()
    if len(set(ids)) < len(ids):
        raise ShardError(f"shard {shard.name}: an article stands in it twice; {_AGAIN}")
    known = pa.array(ids, pa.string())
    for table in FACT_TABLES:
        has_article = pa.compute.is_in(tables[table]["article_id"], known)
        if not pa.compute.all(has_article, min_count=0).as_py():
            raise ShardError(f"shard {shard.name}: {table} of articles that it lacks; {_AGAIN}")
    _, failures = ground_tables(tables)
    if failures:
        raise ShardError(f"shard {shard.name}: {failures[0].message}; {_AGAIN}")
    return tables


def _read(path: Path, wanted: pa.Schema) -> pa.Table:
    try:
        rows = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        said = " ".join(str(error).split())
        raise ShardError(f"{path}: not a readable Parquet file ({said}); {_AGAIN}") from error
    for field in wanted:
        found = rows.schema.field(field.name).type if field.name in rows.schema.names else None
        if found != field.type:
            raise ShardError(
                f"{path}: column {field.name} is {found or 'missing'}, wanted {field.type}; "
                f"another bole wrote it: {_AGAIN}"
            )
    return rows.select(wanted.names)
