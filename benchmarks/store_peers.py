"""The same questions to SQLite and to PostgreSQL, which hold the same rows.

PostgreSQL is made by `initdb` in the scratch folder, run by an unprivileged user on a socket there,
and stopped at the end. Both have indexes on what is asked; neither has to survive a crash.
"""

import csv
import shutil
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import pyarrow.csv

from benchmarks.store_clock import Times
from store import Store
from tests.postgres import Postgres

#: Whole tables summed up, in SQL that all three engines understand.
WHOLE: Mapping[str, str] = {
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
_MEASURES = "select fact_id, amount, unit, tier, benefit, quote, grade, published, url, title"
_LOOKED_UP: Mapping[str, str] = {
    "district": f"{_MEASURES} from measures where district = '{{district}}' order by amount desc, "
    "fact_id",
    "policy": f"{_MEASURES} from measures where policy_id = '{{policy}}' order by amount desc, "
    "fact_id",
}
_TABLES: Mapping[str, str] = {
    "articles": "id, url, title, grade, published",
    "figures": "fact_id, article_id, value, unit, role, target, tier, benefit, in_district, "
    "policy_id, repeats, quote",
}
_SCHEMA = """
create {kind} table articles (id varchar(16), url text, title text, grade text, published {date});
create {kind} table figures (fact_id text, article_id varchar(16), value {number}, unit text,
    role text, target text, tier text, benefit text, in_district text, policy_id text,
    repeats text, quote text);
create view measures as
select f.fact_id, f.in_district as district, f.policy_id, f.target, f.tier, f.benefit,
    f.value as amount, f.unit, a.grade, a.published, a.url, a.title, f.quote
from figures f join articles a on a.id = f.article_id
where f.role = 'support' and {repeats};
"""
_INDEXES = """
create unique index by_id on articles (id);
create index by_district on figures (in_district);
create index by_policy on figures (policy_id);
create index by_article on figures (article_id);
analyze;
"""
_SETTINGS = (
    "shared_buffers=2GB",
    "work_mem=256MB",
    "maintenance_work_mem=1GB",
    "max_wal_size=8GB",
    "fsync=off",
)
#: Rows that are handed to SQLite at once.
_CHUNK = 100_000

Questions = Mapping[str, Sequence[str]]


def shared_questions(codes: Sequence[str], policies: Sequence[str]) -> dict[str, list[str]]:
    """Return the SQL of each shared question, about each of these districts and policies."""
    about = [{"district": one, "policy": other} for one, other in zip(codes, policies, strict=True)]
    looked_up = {name: [sql.format(**one) for one in about] for name, sql in _LOOKED_UP.items()}
    return looked_up | {name: [sql] for name, sql in WHOLE.items()}


def write_csv(store: Store, folder: Path) -> None:
    """Write what the peers load."""
    for table, columns in _TABLES.items():
        rows = store.query(f"select {columns} from {table}", seconds=600)
        kept = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
        pyarrow.csv.write_csv(rows, folder / f"{table}.csv", kept)


def ask_sqlite(folder: Path, questions: Questions) -> dict[str, float]:
    """Load SQLite and ask it; milliseconds by question."""
    with closing(sqlite3.connect(folder / "peer.sqlite")) as con:
        con.executescript(
            "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -1000000;"
        )
        con.executescript(
            _SCHEMA.format(kind="", date="text", number="numeric", repeats="f.repeats = ''")
        )
        begun = time.perf_counter()
        for table, columns in _TABLES.items():
            marks = ", ".join("?" * len(columns.split(", ")))
            with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                rows = csv.reader(file)
                while chunk := list(islice(rows, _CHUNK)):
                    con.executemany(f"insert into {table} values ({marks})", chunk)
        con.executescript(_INDEXES)
        con.commit()
        found = {"load": round(1000 * (time.perf_counter() - begun), 2)}
        for name, asked in questions.items():
            times = Times()
            for sql in asked:
                times.clock(lambda sql=sql: con.execute(sql).fetchall())
            found |= {name: times.p95(name)[f"{name}_p95_ms"]}
    return found


def ask_postgres(folder: Path, questions: Questions) -> dict[str, float]:
    """Start a PostgreSQL of our own on a socket in the folder, load it and ask it."""
    home = folder / "postgres"
    home.mkdir()
    server = Postgres(home, _SETTINGS)
    for path in (folder, home, *folder.glob("*.csv")):
        shutil.chown(path, server.user)
    server.start()
    try:
        copies = "".join(
            f"copy {table} from '{folder / table}.csv' (format csv);\n" for table in _TABLES
        )
        schema = _SCHEMA.format(
            kind="unlogged", date="date", number="numeric(38, 6)", repeats="f.repeats is null"
        )
        begun = time.perf_counter()
        server.say(schema + copies + _INDEXES)
        found = {"load": round(1000 * (time.perf_counter() - begun), 2)}
        for name, asked in questions.items():
            script = "\\timing on\n\\o /dev/null\n" + "".join(f"{sql};\n" for sql in asked)
            said = server.say(script).splitlines()
            times = Times([float(s.split()[1]) / 1000 for s in said if s.startswith("Time:")])
            found |= {name: times.p95(name)[f"{name}_p95_ms"]}
    finally:
        server.stop()
    return found
