"""Shards on their way into a lake: known ones are passed over, small ones come in together.

A shard is what a worker reads in seconds; a transaction and five files for each would cost more
than its rows do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from store.lake_shards import Shard, ShardError, read_shard
from store.schema import FACT_TABLES

#: Articles from which on a batch is full.
FULL = 10_000
#: Order of the rows of large tables: most questions are about one district or policy, and pass
#: over what lies elsewhere by groups of rows.
ORDER: Mapping[str, Sequence[str]] = {
    "articles": ("district", "id"),
    "figures": ("in_district", "article_id", "position"),
    "policy_mentions": ("policy_id", "article_id", "position"),
}
#: Rows of such a group.
GROUP = 20_480


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a lake notes of a shard.

    Attributes:
        shard: Its name.
        digest: Of its content, as it came.
        articles: How many it brought.
        facts: How many it brought.
        dead: How many of its articles could not be read.
    """

    shard: str
    digest: str
    articles: int
    facts: int
    dead: int


@dataclass(slots=True)
class Batch:
    """Shards that come in together; no article stands in two of them.

    Attributes:
        entries: What is noted of each.
        tables: Their rows by table; `articles` has the further column `shard`.
    """

    entries: list[Entry]
    tables: Mapping[str, pa.Table]

    @property
    def names(self) -> list[str]:
        """Return the names of the shards."""
        return [entry.shard for entry in self.entries]


@dataclass(slots=True)
class Committed:
    """What a commit came to.

    Attributes:
        new: Shards that were registered, or replaced.
        known: Shards passed over: the same content is registered.
        refused: One line for each shard that is broken.
    """

    new: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)


def gather(shards: Iterable[Shard], known: Mapping[str, str], done: Committed) -> Iterator[Batch]:
    """Yield what of the shards is to come in; note in `done` what is not.

    Args:
        shards: The shards, in the order in which they count: of an article that stands in two of
            them the last.
        known: The digest of each shard that is registered.
        done: Counts what is known or refused.
    """
    registered = dict(known)
    waiting: list[tuple[Entry, Mapping[str, pa.Table]]] = []
    ids: set[str] = set()
    for shard in shards:
        try:
            digest = shard.digest()
            if registered.get(shard.name) == digest:
                done.known += 1
                continue
            tables = read_shard(shard)
        except ShardError as error:  # one broken shard never costs the others
            done.refused.append(str(error))
            continue
        new = set(tables["articles"]["id"].to_pylist())
        is_again = shard.name in (entry.shard for entry, _ in waiting)
        if waiting and (is_again or ids & new or len(ids) + len(new) > FULL):
            yield _joined(waiting)
            waiting, ids = [], set()
        waiting.append((_entry(shard, digest, tables), _named(shard, tables)))
        ids |= new
        registered[shard.name] = digest
    if waiting:
        yield _joined(waiting)


def _entry(shard: Shard, digest: str, tables: Mapping[str, pa.Table]) -> Entry:
    return Entry(
        shard=shard.name,
        digest=digest,
        articles=tables["articles"].num_rows,
        facts=sum(tables[table].num_rows for table in FACT_TABLES),
        dead=shard.dead,
    )


def _named(shard: Shard, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    names = pa.array([shard.name] * tables["articles"].num_rows, pa.string())
    return {**tables, "articles": tables["articles"].append_column("shard", names)}


def _joined(waiting: list[tuple[Entry, Mapping[str, pa.Table]]]) -> Batch:
    names = list(waiting[0][1])
    tables = {name: joined(name, [tables[name] for _, tables in waiting]) for name in names}
    return Batch([entry for entry, _ in waiting], tables)


def joined(table: str, pieces: Sequence[pa.Table]) -> pa.Table:
    """Return the rows of all pieces of a table, in its order."""
    rows = pa.concat_tables(pieces)
    order = [(column, "ascending") for column in ORDER.get(table, ())]
    return rows.sort_by(order) if order else rows
