"""Lakes at size: committing shards, bytes, and named questions, beside the store of one machine.

    python -m benchmarks.lake --scratch FOLDER [--figures 1000000] [--each 250] [--no-store]

Shards of `--each` made-up articles with 20 figures each are committed to a lake of files and to one
whose catalog is in a PostgreSQL that is started for it; the same rows go into a store, which is
published, unless `--no-store` spares it. All answer the same questions, in the same minutes.
Times are of the clock; `_cpu` are those of this process's processors.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa

from benchmarks.store_clock import Times
from benchmarks.store_rows import EACH, batches
from bole.receipts import Receipt, write_manifest, write_shard
from store import Store
from store.lake import LakePlace, LakeReader, committing
from store.lake_shards import Shard, find_shards
from tests.postgres import Postgres

#: How often each question is asked, of another district each time.
ASKED = 10
_ABOUT = ("measures_of_district", "articles_of_district", "talents")
_WHOLE = ("support_by_benefit", "highest_support", "district_summary", "policies_by_issuer")

Results = dict[str, object]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder to write to")
    parser.add_argument("--figures", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=250, help="articles of a shard")
    parser.add_argument("--no-store", action="store_true", help="the lakes alone")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args()
    scratch = given.scratch.resolve() / "lake"
    shutil.rmtree(scratch, ignore_errors=True)
    with _server() as catalog:
        found = _measure(scratch, given, catalog)
    shutil.rmtree(scratch)
    if given.json:
        print(json.dumps(found))
        return
    for key, value in found.items():
        print(f"{key:44} {value}")


@contextmanager
def _server() -> Iterator[str]:
    home = Path(tempfile.mkdtemp(prefix="bole-postgres-"))
    server = Postgres(home, ("shared_buffers=256MB",))
    shutil.chown(home, server.user)
    server.start()
    try:
        yield f"host={home} user=bole dbname=postgres"
    finally:
        server.stop()
        shutil.rmtree(home)


def _measure(scratch: Path, given: argparse.Namespace, catalog: str) -> Results:
    shards, facts = _write(scratch, given.figures // EACH, given.each)
    places = {
        "files": LakePlace(folder=scratch / "files"),
        "ducklake": LakePlace(folder=scratch / "ducklake", catalog=catalog),
    }
    found: Results = {"facts": facts, "shards": len(shards)}
    found |= _size("shards", scratch / "shards", facts)
    for name, place in places.items():
        times = _committed(place, shards)
        found[f"{name}_commit_s"] = round(times.total, 1)
        found[f"{name}_commit_ms_per_shard"] = round(1000 * times.total / len(shards), 1)
        found[f"{name}_commit_facts_per_s"] = round(facts / times.total)
        found |= _size(name, place.folder, facts)
        compacting = Times()
        with committing(place) as committer:
            compacting.clock(committer.compact, 0)
        found[f"{name}_compact_s"] = round(compacting.total, 1)
        found |= _size(f"{name}_compacted", place.folder, facts)
        _say(f"{name}: committed")
    if not given.no_store:
        found |= _size("store", _load(scratch, shards), facts)
        _say("store: published")
    return found | _ask(None if given.no_store else scratch / "store", places)


def _write(scratch: Path, articles: int, each: int) -> tuple[list[Shard], int]:
    """Write shards as workers do, and return them with how many facts they hold."""
    out, receipts, facts = scratch / "shards", [], 0
    for tables in batches(articles):
        owner = pa.array(range(tables["articles"].num_rows))
        place = dict(zip(tables["articles"]["id"].to_pylist(), owner.to_pylist(), strict=True))
        for first in range(0, len(place), each):
            name = f"{len(receipts):08x}"
            rows = {"articles": tables["articles"].slice(first, each)}
            for table in tables.keys() - {"articles"}:
                many = tables[table].num_rows // len(place)  # they lie in the order of articles
                rows[table] = tables[table].slice(first * many, each * many)
            receipt = Receipt(name=name, source="made", first=first)
            receipts.append(write_shard(out, receipt, rows))
            facts += sum(table.num_rows for key, table in rows.items() if key != "articles")
    write_manifest(out, "bench", receipts, [])
    return find_shards(out)[0], facts


def _committed(place: LakePlace, shards: list[Shard]) -> Times:
    times = Times()
    with committing(place) as committer:
        done = times.clock(committer.commit, shards)
    assert done.new == len(shards), done
    return times


def _load(scratch: Path, shards: list[Shard]) -> Path:
    """Write the same rows into a store, and return its newest snapshot."""
    from store.lake_batches import Committed, gather

    with Store(_made(scratch / "store") / "bole.duckdb") as store:
        for batch in gather(shards, {}, Committed()):
            articles = batch.tables["articles"].drop_columns(["shard"])
            store.write_tables({**batch.tables, "articles": articles})
        return store.publish()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _ask(store_folder: Path | None, places: dict[str, LakePlace]) -> Results:
    found: Results = {}
    with ExitStack() as opened:
        asked: dict[str, Callable[..., pa.Table]] = {}
        for name, place in places.items():
            opening = Times()
            lake = opened.enter_context(opening.clock(LakeReader, place))
            found |= opening.median(f"{name}_open")
            asked[name] = lake.ask
        if store_folder:
            asked["store"] = opened.enter_context(Store.open_snapshot(store_folder)).ask
        known = lake.query("select distinct in_district as c from figures order by c")["c"]
        codes = known.to_pylist()[:: max(1, len(known) // ASKED)][:ASKED]
        for question in (*_ABOUT, *_WHOLE):
            given = [{"district": code} for code in codes] if question in _ABOUT else [{}] * 3
            rows = set()
            for name, ask in asked.items():
                times = Times()
                answers = [times.clock(ask, question, **one) for one in given]
                rows.add(tuple(answer.num_rows for answer in answers))
                found |= times.p95(f"{name}_{question}")
            assert len(rows) == 1, (question, rows)
    return found


def _size(name: str, path: Path, facts: int) -> Results:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    size = sum(one.stat().st_size for one in files)
    return {
        f"{name}_files": len(files),
        f"{name}_mb": round(size / 1e6, 1),
        f"{name}_mb_per_million_facts": round(size / facts, 1),
    }


def _say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr)


if __name__ == "__main__":
    main()
