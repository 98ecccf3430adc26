"""The store at size: loading, questions, comparisons, aggregates and search, beside two peers.

    python benchmarks/store.py --scratch /tmp/bench [--figures 10000000] [--no-peers] [--json]

Synthetic articles with figures in their text (every quote is checked at the door) are written by
`Store.write_tables`, published, and asked as `bole query` asks. SQLite and PostgreSQL (`initdb` on
the machine; run by an unprivileged user, on a socket in the scratch folder) answer five of the
questions in the same run, with indexes on what they are asked by. The scratch folder is emptied.
"""

import argparse
import csv
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

# this file is called as a package of bole is: its own folder must not be searched first
sys.path.pop(0)

import duckdb
import pyarrow as pa

from store import Store
from store.comparison import compare
from store.database import Database
from store.schema import SCHEMAS

EACH = 20  # figures of an article
BATCH = 50_000  # articles of a batch
SEARCHED = 100_000

#: A batch of articles with the figures that their texts state, from the numbers $first to $last.
_MAKE = f"""
create or replace temp table one as
select
    n, printf('%016x', hash(n)) as id, d.code as district, 1 + h(n, 0, 1) % 50000 as policy,
    date '2015-01-01' + (n // 140)::integer as day,
    ['A', 'B', 'C', 'D'][1 + h(n, 0, 2) % 4] as grade
from range($first, $last) numbers(n)
join codes d on d.place = h(n, 0, 3) % (select count(*) from codes);
create or replace temp table figure as
select
    n, k, 1000 + h(n, k, 0) % 9000 as tens, h(n, k, 1) % 2000 as target,
    h(n, k, 2) % 12 as tier, h(n, k, 3) % 15 as benefit, h(n, k, 4) % 20 as role,
    '对' || printf('%04d', h(n, k, 1) % 2000) || '类人才团队给予最高' as lead
from range($first, $last) numbers(n), range({EACH}) figures(k);
"""
_SENTENCE = "lead || tens || '万元的一次性支持，符合条件的单位和个人可以按程序申报；'"
_ARTICLES = f"""
select
    id, 'http://news.example/' || id || '.html' as url, '第' || n || '篇：人才政策落地' as title,
    text, 0::integer as body_start, length(text)::integer as body_end, day as published,
    'meta' as published_from, '柳溪日报' as source, '柳溪网' as publisher, null::varchar as author,
    district as publisher_code, 'zh-Hans' as lang,
    []::struct(url varchar, name varchar)[] as attachments,
    null::timestamp as fetched, sha256(id) as sha256, sha256(text) as text_sha256,
    'bench' as reader_version, day as first_seen, district, grade
from one join (
    select n, string_agg({_SENTENCE}, '' order by k) as text from figure group by n
) using (n)
order by day, n
"""
_FIGURES = f"""
with wide as (select *, length({_SENTENCE}) as width from figure)
select
    printf('%012x', h(n, k, 5) >> 15) as fact_id, id as article_id, k::integer as position,
    (tens * 10000)::decimal(38, 6) as value, null::decimal(38, 6) as value_max,
    if(role < 14, 'CNY', 'person') as unit, 'up_to' as qualifier, '支持' as counted,
    case when role < 8 then 'support' when role < 9 then 'fund' when role < 13 then 'talent'
        else 'other' end as role,
    target || '类人才' as target, null::varchar as per, false as cumulative,
    null::varchar as district, '第' || policy || '号英才办法' as policy,
    printf('%012x', policy) as policy_id,
    ['project_funding', 'settling_in', 'home_purchase', 'rent', 'living', 'salary',
     'loan_interest', 'award', 'employer_reward', 'platform', 'training', 'talent_housing',
     'fund_access', 'tax', 'other'][1 + benefit] as benefit,
    ['top', 'leading', 'high_level', 'young', 'doctor', 'master', 'bachelor', 'skilled', 'team',
     'firm', 'platform', 'other'][1 + tier] as tier,
    []::varchar[] as conditions, (k * width + length(lead))::integer as start,
    (k * width + length(lead) + 6)::integer as "end", tens || '万元' as quote,
    one.district as in_district, null::varchar as repeats
from wide join one using (n)
order by n, k
"""
_MENTIONS = """
select
    printf('%012x', h(n, 0, 9) >> 15) as fact_id, id as article_id, 0::integer as position,
    printf('%012x', policy) as policy_id, '第' || policy || '号英才办法' as name,
    'document' as kind, if(n % 3 = 0, 'issued', 'mentioned') as action,
    null::varchar as doc_number, '柳溪市' as issuer, district, null::varchar as issued,
    null::varchar as valid_from, null::varchar as valid_to, false as trial, 0::integer as start,
    1::integer as "end", '对' as quote, '第' || policy || '号英才办法' as family
from one order by n
"""

#: Questions in SQL that all three engines understand, each with the values that it is asked for.
SHARED = {
    "district": (
        "select fact_id, amount, unit, tier, benefit, quote, grade, published, url, title "
        "from measures where district = '{district}' order by amount desc, fact_id"
    ),
    "policy": (
        "select fact_id, amount, unit, tier, benefit, quote, grade, published, url, title "
        "from measures where policy_id = '{policy}' order by amount desc, fact_id"
    ),
    "tiers": (
        "select tier, benefit, count(*), max(amount), avg(amount) from measures "
        "where unit = 'CNY' group by tier, benefit order by tier, benefit"
    ),
    "districts": (
        "select district, count(*) as n, sum(amount) as total from measures "
        "where unit = 'CNY' group by district order by total desc limit 20"
    ),
    "months": (
        "select substr(cast(published as varchar(10)), 1, 7) as month, count(*), max(amount) "
        "from measures group by substr(cast(published as varchar(10)), 1, 7) order by month"
    ),
}
_WHOLE = ("tiers", "districts", "months")
_PEER_TABLES = {
    "articles": "id, url, title, grade, published",
    "figures": "fact_id, article_id, value, unit, role, target, tier, benefit, in_district, "
    "policy_id, repeats, quote",
}
_PEER_SCHEMA = """
create table articles (id varchar(16), url text, title text, grade text, published {date});
create table figures (fact_id text, article_id varchar(16), value {number}, unit text, role text,
    target text, tier text, benefit text, in_district text, policy_id text, repeats text,
    quote text);
create view measures as
select f.fact_id, f.in_district as district, f.policy_id, f.target, f.tier, f.benefit,
    f.value as amount, f.unit, a.grade, a.published, a.url, a.title, f.quote
from figures f join articles a on a.id = f.article_id
where f.role = 'support' and {repeats};
"""
_PEER_INDEXES = """
create unique index by_id on articles (id);
create index by_district on figures (in_district);
create index by_policy on figures (policy_id);
create index by_article on figures (article_id);
analyze;
"""


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder to write to; emptied")
    parser.add_argument("--figures", type=int, default=10_000_000)
    parser.add_argument("--no-peers", action="store_true", help="without SQLite and PostgreSQL")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args()
    scratch = given.scratch.resolve()
    for name in ("store", "search", "peers"):
        shutil.rmtree(scratch / name, ignore_errors=True)
        (scratch / name).mkdir(parents=True)
    found: dict[str, object] = {}
    found |= load(scratch / "store", given.figures // EACH)
    found |= ask(scratch / "store")
    found |= search(scratch / "search", min(SEARCHED, given.figures // EACH))
    if not given.no_peers:
        found |= beside_peers(scratch)
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:32} {value}")


def load(folder: Path, articles: int) -> dict[str, object]:
    """Write all articles and figures; making them is not counted."""
    spent, rows = 0.0, 0
    with Store(folder / "bole.duckdb") as store:
        for tables in batches(articles):
            begun = time.perf_counter()
            store.write_tables(tables)
            spent += time.perf_counter() - begun
            rows += sum(table.num_rows for table in tables.values())
        refused = len(store.failures())
    begun = time.perf_counter()
    with closing(Database(folder / "bole.duckdb", read_only=False)) as db:
        told = {"story_id": "id", "article_id": "id", "position": "0::integer"}
        columns = ", ".join(f"{sql} as {name}" for name, sql in told.items())
        with db.transaction():
            db.insert("story_articles", db.arrow(f"select {columns} from articles"))
        db.publish()
    return {
        "rows": rows,
        "refused": refused,
        "load_s": round(spent, 1),
        "load_rows_per_s": round(rows / spent),
        "publish_s": round(time.perf_counter() - begun, 1),
        "database_mb": round((folder / "bole.duckdb").stat().st_size / 1e6),
    }


def batches(articles: int) -> Iterator[dict[str, pa.Table]]:
    """Yield rows of articles and facts, as `Store.write_tables` takes them."""
    from extract.gazetteer import districts_by_code

    maker = duckdb.connect()
    maker.execute("create macro h(a, b, c) as (hash(a, b, c) >> 1)::bigint")
    codes = pa.table({"code": [code for code in districts_by_code() if not code.endswith("0000")]})
    maker.register("given", codes)
    maker.execute("create table codes as select row_number() over () - 1 as place, code from given")
    for first in range(0, articles, BATCH):
        last = min(articles, first + BATCH)
        for statement in _MAKE.split(";\ncreate"):
            sql = statement if statement.lstrip().startswith("create") else f"create{statement}"
            maker.execute(sql.replace("$first", str(first)).replace("$last", str(last)))
        made = {"articles": _ARTICLES, "figures": _FIGURES, "policy_mentions": _MENTIONS}
        tables = {
            name: shaped(maker.execute(sql).to_arrow_table(), SCHEMAS[name])
            for name, sql in made.items()
        }
        yield tables | {name: SCHEMAS[name].empty_table() for name in ("places", "names")}


def shaped(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with all columns of a table; those that were not made are empty."""
    given = {name: rows[name] for name in rows.schema.names}
    columns = [given.get(field.name, pa.nulls(rows.num_rows, field.type)) for field in schema]
    return pa.table(columns, names=schema.names).cast(schema)


def ask(folder: Path) -> dict[str, object]:
    """Ask named questions, compare, and sum up whole tables."""
    random = Random(7)
    with Store.open_snapshot(folder) as store:
        every = store.query("select distinct in_district as code from figures order by code")
        codes = random.sample(every["code"].to_pylist(), 100)
        kinds = {
            "district": [("measures_of_district", {"district": code}) for code in codes[:40]],
            "target": [("measures_for", {"target": f"{n * 47}类人才"}) for n in range(3, 43)],
            "policy": [("measures_of_policy", {"id": f"{n * 977:012x}"}) for n in range(3, 43)],
        }
        found: dict[str, object] = {}
        for kind, questions in kinds.items():
            times = [clock(store.ask, name, **given) for name, given in questions]
            found[f"{kind}_p95_ms"] = p95(times)
        for name, benefits in (("compare_ms", ["settling_in"]), ("compare_all_ms", [])):
            times = [clock(matrix, store, codes, benefits) for _ in range(5)]
            found[name] = p95(times)
        whole = {
            **{name: lambda sql=SHARED[name]: store.query(sql) for name in _WHOLE},
            "highest_support": lambda: store.ask("highest_support"),
            "support_by_benefit": lambda: store.ask("support_by_benefit"),
        }
        each = {name: p95([clock(run) for _ in range(3)]) for name, run in whole.items()}
        found["aggregate_p95_ms"] = max(each.values())
        return found | {f"aggregate_{name}_ms": value for name, value in each.items()}


def matrix(store: Store, codes: list[str], benefits: list[str]) -> object:
    """Lay out what districts offer."""
    return compare(store.compare(codes, benefits=benefits), codes)


def fetch(con: sqlite3.Connection, sql: str) -> list[Any]:
    """Return the rows of a question to SQLite."""
    return con.execute(sql).fetchall()


def search(folder: Path, articles: int) -> dict[str, object]:
    """Index articles of varied words and search them."""
    from extract.gazetteer import all_districts

    random = Random(11)
    words = sorted({d.short for d in all_districts() if len(d.short) == 2})
    words += [f"{a}{b}" for a in "人引育留用才技科创产" for b in "才策金补贴住房计划团队企业园区"]
    weights = [1 / (place + 3) for place in range(len(words))]
    with Store(folder / "bole.duckdb") as store:
        from store.search import SearchIndex

        for tables in batches(articles):
            texts = [
                "，".join("".join(random.choices(words, weights, k=6)) for _ in range(50))
                for _ in range(tables["articles"].num_rows)
            ]
            at = tables["articles"].schema.get_field_index("text")
            some = tables["articles"].set_column(at, "text", pa.array(texts))
            ends = pa.array([len(text) for text in texts], pa.int32())
            some = some.set_column(some.schema.get_field_index("body_end"), "body_end", ends)
            none = {name: SCHEMAS[name].empty_table() for name in tables}
            store.write_tables(none | {"articles": some})
        begun = time.perf_counter()
        store.publish()
        built = time.perf_counter() - begun
    index = SearchIndex(folder / "search")
    asked = [random.choice(words[5:]) for _ in range(100)]
    asked += [" ".join(random.sample(words[5:], 2)) for _ in range(100)]
    index.find(asked[0], limit=10)
    with Store.open_snapshot(folder) as store:
        alone = [clock(index.find, one, limit=10) for one in asked]
        shown = [clock(store.search, one, limit=10) for one in asked]
    size = sum(file.stat().st_size for file in (folder / "search").rglob("*") if file.is_file())
    return {
        "searched_articles": articles,
        "search_p95_ms": p95(alone),
        "search_with_snippets_p95_ms": p95(shown),
        "index_mb": round(size / 1e6),
        "index_build_s": round(built, 1),
    }


def beside_peers(scratch: Path) -> dict[str, object]:
    """Ask the shared questions of all three engines, one after the other."""
    folder, peers = scratch / "store", scratch / "peers"
    write_csv(folder, peers)
    questions = shared_questions(folder)
    with Store.open_snapshot(folder) as store:
        ours = {
            name: p95([clock(store.query, sql) for sql in asked])
            for name, asked in questions.items()
        }
    found: dict[str, object] = {f"ours_{name}_ms": value for name, value in ours.items()}
    for peer, times in (
        ("sqlite", ask_sqlite(peers, questions)),
        ("postgres", ask_postgres(peers, questions)),
    ):
        found |= {f"{peer}_{name}_ms": value for name, value in times.items()}
        found |= {
            f"ratio_{peer}_{name}": round(value / max(ours[name], 0.01), 1)
            for name, value in times.items()
            if name in ours
        }
    return found


def shared_questions(folder: Path) -> dict[str, list[str]]:
    """Return the SQL of each shared question, for ten districts and policies."""
    with Store.open_snapshot(folder) as store:
        every = store.query("select distinct in_district as code from figures order by code")
    codes = Random(3).sample(every["code"].to_pylist(), 10)
    filled = [{"district": code, "policy": f"{n * 3001:012x}"} for n, code in enumerate(codes, 1)]
    return {
        name: [sql.format(**one) for one in filled][: 2 if name in _WHOLE else 10]
        for name, sql in SHARED.items()
    }


def write_csv(folder: Path, peers: Path) -> None:
    """Write what the peers load."""
    with duckdb.connect(str(folder / "bole.duckdb"), read_only=True) as con:
        for table, columns in _PEER_TABLES.items():
            con.execute(
                f"copy (select {columns} from {table}) to '{peers / table}.csv' (header false)"
            )


def ask_sqlite(peers: Path, questions: dict[str, list[str]]) -> dict[str, float]:
    """Load SQLite and ask it."""
    con = sqlite3.connect(peers / "peer.sqlite")
    con.executescript(
        "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -1000000;"
    )
    con.executescript(_PEER_SCHEMA.format(date="text", number="numeric", repeats="f.repeats = ''"))
    begun = time.perf_counter()
    for table, columns in _PEER_TABLES.items():
        marks = ", ".join("?" * len(columns.split(", ")))
        with (peers / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            con.executemany(f"insert into {table} values ({marks})", csv.reader(file))
    con.executescript(_PEER_INDEXES)
    con.commit()
    times = {"load": round(1000 * (time.perf_counter() - begun))}
    for name, asked in questions.items():
        times[name] = p95([clock(fetch, con, sql) for sql in asked])
    con.close()
    return times


def ask_postgres(peers: Path, questions: dict[str, list[str]]) -> dict[str, float]:
    """Start a PostgreSQL of our own on a socket in the folder, load it and ask it."""
    user, home = "postgres" if _has_user("postgres") else "nobody", peers / "pg"
    home.mkdir()
    for path in (peers, home, *peers.glob("*.csv")):
        shutil.chown(path, user)
    data, as_user = home / "data", {"user": user, "cwd": home}
    run(["initdb", "-D", data, "-A", "trust", "-U", "bole", "-E", "UTF8", "--locale=C"], **as_user)
    settings = ("shared_buffers=2GB", "work_mem=256MB", "max_wal_size=8GB", "fsync=off")
    options = f"-c listen_addresses='' -k {home} {' '.join(f'-c {one}' for one in settings)}"
    run(["pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"], **as_user)
    psql = ["psql", "-h", home, "-U", "bole", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1"]
    try:
        begun = time.perf_counter()
        copies = "".join(
            f"copy {table} from '{peers / table}.csv' (format csv);\n" for table in _PEER_TABLES
        )
        run(
            psql,
            input=_PEER_SCHEMA.format(
                date="date", number="numeric(38, 6)", repeats="f.repeats is null"
            )
            + copies
            + _PEER_INDEXES,
            **as_user,
        )
        times = {"load": round(1000 * (time.perf_counter() - begun))}
        for name, asked in questions.items():
            script = "\\timing on\n\\o /dev/null\n" + "".join(f"{sql};\n" for sql in asked)
            said = run(psql, input=script, **as_user)
            times[name] = p95(
                [
                    float(line.split()[1]) / 1000
                    for line in said.splitlines()
                    if line.startswith("Time:")
                ]
            )
    finally:
        run(["pg_ctl", "-D", data, "-m", "fast", "stop"], **as_user)
    return times


def run(words: list[object], **options: object) -> str:
    """Run a program and return what it prints; its errors end the benchmark."""
    done = subprocess.run(
        [str(word) for word in words], text=True, stdout=subprocess.PIPE, check=True, **options
    )
    return done.stdout or ""


def clock(action: Callable[..., object], *words: Any, **named: Any) -> float:
    """Return the seconds that an action takes."""
    begun = time.perf_counter()
    action(*words, **named)
    return time.perf_counter() - begun


def p95(seconds: list[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2)


def _has_user(name: str) -> bool:
    import pwd

    return any(one.pw_name == name for one in pwd.getpwall())


if __name__ == "__main__":
    sys.exit(main())
