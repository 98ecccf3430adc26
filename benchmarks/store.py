"""The store at size: loading, questions, comparisons, aggregates and search, beside two peers.

    python benchmarks/store.py --scratch FOLDER [--figures 10000000] [--only load,ask] [--json]

Sections, all of them unless `--only` names some: `load` writes made-up articles with figures in
their texts (every quote is checked at the door) through `Store.write_tables` and publishes them;
`ask` asks the published snapshot as `bole query` and `bole compare` do; `peers` asks five of these
questions of SQLite and PostgreSQL too, in the same minutes, with indexes on what they are asked by;
`index` indexes articles of many words and `search` searches them. Each takes what an earlier `load`
or `index` left in the folder; `--clean` empties it at the end. Times are of the clock; beside them
stand the `_cpu` ones, of this process's processors, which other programs disturb less.
"""

import argparse
import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from random import Random

# this file is called as a package of bole is: its own folder must not be searched first
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.store_clock import Times, spent
from benchmarks.store_peers import WHOLE, ask_postgres, ask_sqlite, shared_questions, write_csv
from benchmarks.store_rows import EACH, batches, search_words, worded_batches
from store import Store, StoreError
from store.comparison import compare
from store.database import Database
from store.search import SearchIndex

#: Articles that are searched.
SEARCHED = 100_000
#: How often each question about one district, target or policy is asked, of another one each time.
ASKED = 20

Results = dict[str, object]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder to write to")
    parser.add_argument("--figures", type=int, default=10_000_000)
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, with commas")
    parser.add_argument("--clean", action="store_true", help="empty the folder at the end")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args()
    scratch, names = given.scratch.resolve(), given.only.split(",")
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {unknown[0]!r}; sections: {', '.join(SECTIONS)}")
    found: Results = {}
    for name in names:
        begun = time.perf_counter()
        found |= SECTIONS[name](scratch, given.figures)
        print(f"{name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    if given.clean:
        for folder in FOLDERS:
            shutil.rmtree(scratch / folder, ignore_errors=True)
    if given.json:
        print(json.dumps(found))
        return
    for key, value in found.items():
        print(f"{key:40} {value}")


def load(scratch: Path, figures: int) -> Results:
    """Write all articles and figures; making them is not counted."""
    folder = _emptied(scratch / "store")
    writing, rows = Times(), 0
    with Store(folder / "bole.duckdb") as store:
        for tables in batches(figures // EACH):
            writing.clock(store.write_tables, tables)
            rows += sum(table.num_rows for table in tables.values())
        refused = len(store.failures())
        writing.clock(store.close)  # what is still in the log goes to the file
    loading_peak = _peak_megabytes()
    with closing(Database(folder / "bole.duckdb", read_only=False)) as db:
        told = "select id as story_id, id as article_id, 0::integer as position from articles"
        with db.transaction():
            db.insert("story_articles", db.arrow(told))
        publishing = Times()
        snapshot = publishing.clock(db.publish)
    return {
        "rows": rows,
        "refused": refused,
        "load_s": round(writing.total, 1),
        "load_rows_per_s": round(rows / writing.total),
        "load_rows_per_cpu_s": round(rows / writing.total_cpu),
        "load_peak_mb": loading_peak,  # with the rows that are being made up
        "publish_s": round(publishing.total, 1),
        "publish_cpu_s": round(publishing.total_cpu, 1),
        "publish_peak_mb": _peak_megabytes(),
        "database_mb": _megabytes([folder / "bole.duckdb"]),
        "snapshot_mb": _megabytes([snapshot]),
    }


def ask(scratch: Path, figures: int) -> Results:
    """Ask named questions, compare, and sum up whole tables."""
    with _published(scratch, figures) as store:
        codes = _districts(store, 100)
        found: Results = {"figures": figures}
        for kind, questions in _questions(store, codes).items():
            times = Times()
            for name, given in questions:
                times.clock(store.ask, name, **given)
            found |= times.p95(kind)
        for kind, tiers in (("compare", []), ("compare_tier", ["doctor"])):
            times = Times()
            for _ in range(5):
                times.clock(_matrix, store, codes, tiers)
            found |= times.median(kind)
        return found | _aggregates(store)


def index(scratch: Path, figures: int) -> Results:
    """Write articles of varied words and index them."""
    folder = _emptied(scratch / "search")
    articles = min(SEARCHED, figures // EACH)
    with Store(folder / "bole.duckdb") as store:
        for tables in worded_batches(articles, search_words()):
            store.write_tables(tables)
        built = Times()
        built.clock(store.publish)
    files = (folder / "search").rglob("*")
    return {
        "indexed_articles": articles,
        "index_mb": _megabytes(file for file in files if file.is_file()),
        "index_build_s": round(built.total, 1),
        "index_build_cpu_s": round(built.total_cpu, 1),
    }


def search(scratch: Path, _: int) -> Results:
    """Search what the section `index` left, with snippets and without."""
    words, random = search_words(), Random(13)
    asked = [random.choice(words[5:]) for _ in range(100)]
    asked += [" ".join(random.sample(words[5:], 2)) for _ in range(100)]
    files = SearchIndex(scratch / "search" / "search")
    alone, shown = Times(), Times()
    with _opened(scratch / "search", "index") as store:
        spent(store.search, asked[0])  # what is loaded once is no part of a search
        for one in asked:
            shown.clock(store.search, one, limit=10)
            alone.clock(files.find, one, limit=10)
        articles = store.counts()["articles"]
    return {
        "searched_articles": articles,
        **shown.p95("search"),
        **alone.p95("search_without_snippets"),
    }


def peers(scratch: Path, figures: int) -> Results:
    """Ask the shared questions of all three engines, one after the other."""
    folder = _emptied(scratch / "peers")
    with _published(scratch, figures) as store:
        questions = shared_questions(
            _districts(store, 10), [one["id"] for one in _policies(store, 10)]
        )
        write_csv(store, folder)
        ours: dict[str, float] = {}
        for name, asked in questions.items():
            times = Times()
            for sql in asked:
                times.clock(store.query, sql)
            ours[name] = times.p95(name)[f"{name}_p95_ms"]
    found: Results = {f"ours_{name}_ms": value for name, value in ours.items()}
    for peer, answer in (("sqlite", ask_sqlite), ("postgres", ask_postgres)):
        for name, value in answer(folder, questions).items():
            found[f"{peer}_{name}_ms"] = value
            if name in ours:
                found[f"ratio_{peer}_{name}"] = round(value / ours[name], 2)
    return found


SECTIONS: Mapping[str, Callable[[Path, int], Results]] = {
    "load": load,
    "ask": ask,
    "peers": peers,
    "index": index,
    "search": search,
}
#: What the sections make in the scratch folder.
FOLDERS = ("store", "peers", "search")


def _questions(
    store: Store, codes: list[str]
) -> dict[str, list[tuple[str, Mapping[str, str | None]]]]:
    """Return by kind the named questions about one district, target or policy."""
    some, named = codes[:ASKED], _policies(store, ASKED)
    by_district = ("funds", "talents", "figures_about", "conflicts", "support_by_benefit")
    return {
        "district": [("measures_of_district", {"district": code}) for code in some],
        **{
            f"district_{name}": [(name, {"district": code}) for code in some]
            for name in by_district
        },
        "target": [("measures_for", {"target": f"{n * 47}类人才"}) for n in range(3, 3 + ASKED)],
        "policy": [("measures_of_policy", {"id": row["id"]}) for row in named],
        "policy_name": [("measures_of_policy", {"policy": row["name"]}) for row in named],
    }


def _aggregates(store: Store) -> Results:
    """Sum up whole tables; the slowest of all is `aggregate_p95_ms`."""
    found: Results = {}
    slowest = 0.0
    named = ("highest_support", "support_by_benefit", "district_summary", "policies_by_issuer")
    for name in (*WHOLE, *named):
        times = Times()
        for _ in range(3):
            times.clock(store.query, WHOLE[name]) if name in WHOLE else times.clock(store.ask, name)
        told = times.p95(f"aggregate_{name}")
        slowest = max(slowest, told[f"aggregate_{name}_p95_ms"])
        found |= told
    return {"aggregate_p95_ms": slowest, **found}


def _matrix(store: Store, codes: list[str], tiers: list[str]) -> object:
    """Lay out what districts offer to those who settle in, and look at what each cell shows."""
    matrix = compare(store.compare(codes, benefits=["settling_in"], tiers=tiers), codes)
    return [list(cell.offers[:1]) for cell in matrix.cells.values()]


def _districts(store: Store, count: int) -> list[str]:
    every = store.query("select distinct in_district as code from figures order by code")
    return Random(7).sample(every["code"].to_pylist(), count)


def _policies(store: Store, count: int) -> list[dict[str, str]]:
    every = store.query("select id, name from policies order by id").to_pylist()
    return Random(17).sample(every, count)


def _published(scratch: Path, figures: int) -> Store:
    """Return the snapshot that the section `load` left, if it is of so many figures."""
    store = _opened(scratch / "store", "load")
    (held,) = store.query("select count(*) as held from figures")["held"].to_pylist()
    if held != figures // EACH * EACH:
        raise SystemExit(f"{scratch / 'store'} holds {held} figures; load: --only load,...")
    return store


def _opened(folder: Path, section: str) -> Store:
    try:
        return Store.open_snapshot(folder)
    except StoreError as error:
        raise SystemExit(f"{error}; here: --only {section},...") from error


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _peak_megabytes() -> int:
    """Return the most memory that this process held until now."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)


def _megabytes(files: Iterable[Path]) -> int:
    return round(sum(file.stat().st_size for file in files) / 1e6)


if __name__ == "__main__":
    sys.exit(main())
