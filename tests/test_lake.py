"""Tables of several machines: shards come into a lake once, and it is asked as the store is."""

import json
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bole import lakes
from bole.config import ConfigError, Settings, load_settings, write_settings
from bole.lakes import commit_folders, lake_place
from store import Store, StoreError, lake_batches, named_queries
from store.lake import LakePlace, LakeReader, committing
from store.lake_errors import masked
from store.lake_files import read_list
from store.lake_shards import FORM, find_shards
from store.lake_views import HELD, left_out
from store.rows import report_tables
from tests.killing import kept_moments
from tests.lake_samples import SHARDS, commit, content, write_folder
from tests.store_samples import FIRST, SECOND, sample
from tests.test_cli import bole
from tests.test_store_strangers import CALLS, FILES, STATEMENTS

#: What only a lake has behind its tables.
BEHIND = [
    "from '{folder}/articles/*.parquet'",
    'select * from "{folder}/lake.json"',
    "explain analyze from '{folder}/articles/*.parquet'",
    "with a as (from '{folder}/articles/*.parquet') from a",
    "select (select id from '{folder}/articles/one.parquet')",
    "from bole_lake.articles",
    "from BOLE_LAKE.main.state",
    'select * from "bole_lake"."shards"',
    "from bole_lake.snapshots()",
    "describe bole_lake.state",
    "show tables from bole_lake",
    "with recursive r as (select 1 union all from bole_lake.state) from r",
    "select exists(from bole_lake.state)",
    "select a.id from articles a, lateral (from bole_lake.shards) s",
    "from __ducklake_metadata_bole_lake.bole_lake.ducklake_data_file",
    "from ducklake_snapshots('bole_lake')",
    "from ducklake_set_option('bole_lake', 'a', 'b')",
    "from postgres_query('__ducklake_metadata_bole_lake', 'select 1')",
    "from postgres_scan('host=/tmp', 'public', 'x')",
    "select * from postgres_scan_pushdown('host=/tmp', 'public', 'x')",
    "call postgres_execute('__ducklake_metadata_bole_lake', 'drop schema x')",
    "call ducklake_expire_snapshots('bole_lake')",
]


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("shards"))


@pytest.fixture(scope="module")
def lake(tmp_path_factory, shards):
    place = LakePlace(folder=tmp_path_factory.mktemp("lake") / "lake")
    assert commit(place, shards) == (3, 0)
    return place


@pytest.fixture
def place(tmp_path):
    return LakePlace(folder=tmp_path / "lake")


def test_a_lake_answers_as_the_store_does(lake, tmp_path):
    with Store(tmp_path / "bole.duckdb") as store:
        for reports in SHARDS.values():
            store.write_tables(report_tables(reports, reader_version="1"))
    asked, refused = 0, []
    with Store(tmp_path / "bole.duckdb", read_only=True) as store, LakeReader(lake) as reader:
        for name in named_queries():
            wanted = store.ask(name)
            try:
                found = reader.ask(name)
            except StoreError:
                refused.append(name)
                continue
            asked += found.num_rows
            assert found.schema == wanted.schema, name
            assert sorted(map(str, found.to_pylist())) == sorted(map(str, wanted.to_pylist())), name
        comments = "select comment from duckdb_columns() where column_name = 'qualifier'"
        assert "exact, approx, nearly, more_than, at_least or up_to." in str(reader.query(comments))
    assert asked > 300
    assert refused == ["corrected", "failures", "sources_by_yield", "stories_by_reports"]
    assert {"runs", "fetches", "corrections"} < left_out()


def test_a_shard_comes_once_and_an_article_counts_where_it_came_last(lake, shards, tmp_path, place):
    assert commit(place, shards, shards) == (3, 3)
    assert content(place) == content(lake)
    with LakeReader(place) as reader:
        sql = "select article_id, count(*) as n from figures group by all order by all"
        counts = {row["article_id"]: row["n"] for row in reader.query(sql).to_pylist()}
        days = reader.query("select id, first_seen from articles").to_pylist()
        kept = reader.query("select shard, articles, facts from shards order by 1").to_pylist()
    assert counts["article-00004"] == 1
    assert counts["article-00003"] == 3
    assert {"id": "article-00004", "first_seen": SECOND} in days
    assert [row["articles"] for row in kept] == [3, 2, 3]
    # within one commit too
    twice = write_folder(tmp_path / "twice", {"one": [sample(1, figures=1)]})
    assert commit(place, twice, shards, twice) == (3, 2)
    # the same shard with other content takes the place of the one before
    fewer = write_folder(tmp_path / "fewer", {"one": [sample(1, figures=1)]})
    assert commit(place, fewer) == (0, 1)
    with LakeReader(place) as reader:
        left = reader.query("select id, first_seen from articles order by id").to_pylist()
    assert left[:2] == [
        {"id": "article-00001", "first_seen": FIRST},
        {"id": "article-00003", "first_seen": FIRST},
    ]
    assert len(left) == 5


def listed(place):
    """Return the rows of the files that the list names, by table."""
    files = read_list(place.folder).bundles.values()
    return {
        table: sorted(
            str(row)
            for one in files
            if table in one
            for row in pq.read_table(place.folder / one[table], partitioning=None).to_pylist()
        )
        for table in HELD
    }


def test_a_commit_that_is_killed_anywhere_is_finished_by_the_next(
    shards, tmp_path, place, monkeypatch
):
    monkeypatch.setattr(lake_batches, "FULL", 1)
    with kept_moments(place.folder, tmp_path / "moments", besides=".lock") as moments:
        commit(place, shards)
    assert len(moments) > 25
    wanted = listed(place)
    files = sorted(
        one for bundle in read_list(place.folder).bundles.values() for one in bundle.values()
    )
    for moment in moments[::9]:
        there = LakePlace(folder=moment)
        commit(there, shards)
        assert listed(there) == wanted
        with committing(there) as committer:
            committer.compact(0)
        left = sorted(p.relative_to(moment).as_posix() for p in moment.glob("*/*"))
        assert left == files
        assert listed(there) == wanted


def test_one_commits_at_a_time_and_what_is_not_listed_is_deleted_later(shards, place):
    with committing(place) as committer:
        committer.commit(find_shards(shards)[0])
        with pytest.raises(StoreError, match=r"lake.json is being written by process \d+"):
            commit(place, shards)
        stray = place.folder / "figures" / "stray.parquet"
        stray.write_bytes(b"x")
        committer.compact(1)
        assert stray.exists()
        committer.compact(0)
        assert not stray.exists()
    assert sorted(read_list(place.folder).shards) == ["one", "three", "two"]


def test_small_bundles_are_put_together(lake, shards, place, monkeypatch):
    monkeypatch.setattr(lake_batches, "FULL", 1)
    commit(place, shards)
    assert len(read_list(place.folder).bundles) == 3
    monkeypatch.setattr(lake_batches, "FULL", 7)
    for path in place.folder.rglob("*.parquet"):
        os.utime(path, (0, 0))  # old, but somebody may be reading them
    with committing(place) as committer:
        committer.compact(1)
        assert len(list(place.folder.rglob("*.parquet"))) > 10
        committer.compact(0)
    assert [len(bundle) for bundle in read_list(place.folder).bundles.values()] == [5]
    assert len(list(place.folder.rglob("*.parquet"))) == 5
    assert content(place) == content(lake)


def spoil_none(folder, _):
    (folder / "figures" / "two.parquet").unlink()


def spoil_half(folder, _):
    path = folder / "figures" / "two.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def spoil_column(folder, tables):
    write(folder, "figures", tables["figures"].drop_columns(["in_district"]))


def spoil_type(folder, tables):
    ids = pa.array(range(len(tables["articles"])), pa.int64())
    write(folder, "articles", tables["articles"].drop_columns(["id"]).append_column("id", ids))


def spoil_words(folder, tables):
    moved = pa.compute.add(tables["figures"]["start"], pa.scalar(1, pa.int32()))
    write(
        folder, "figures", tables["figures"].drop_columns(["start"]).append_column("start", moved)
    )


def spoil_twice(folder, tables):
    write(folder, "articles", pa.concat_tables([tables["articles"], tables["articles"][:1]]))


def spoil_orphans(folder, tables):
    write(folder, "articles", tables["articles"][:1])


def write(folder, table, rows):
    pq.write_table(rows, folder / table / "two.parquet")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_none, "figures/two.parquet: No such file or directory; extract it again"),
        (spoil_half, "figures/two.parquet: not a readable Parquet file ("),
        (spoil_column, "figures/two.parquet: column in_district is missing, wanted string"),
        (spoil_type, "articles/two.parquet: column id is int64, wanted string; another bole"),
        (spoil_words, "facts are refused, the text has other words there"),
        (spoil_twice, "shard two: an article stands in it twice"),
        (spoil_orphans, "shard two: figures of articles that it lacks"),
    ],
)
def test_a_broken_shard_costs_a_line_and_the_others_come_in(shards, tmp_path, spoil, said):
    folder = tmp_path / "shards"
    shutil.copytree(shards, folder)
    spoil(folder, report_tables(SHARDS["two"], reader_version="1"))
    settings = Settings(lake=str(tmp_path / "lake"))
    done = commit_folders(settings, [folder], print)
    assert (done.new, done.known, len(done.refused)) == (2, 0, 1)
    assert said in done.refused[0]
    assert "\n" not in done.refused[0]
    assert "extract it again: bole extract --to parquet" in done.refused[0]
    assert (commit_folders(settings, [shards], print)).new == 1


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "no manifest.json in"),
        ("{", "not a list of shards"),
        ('{"form": 1}', "not a list of shards"),
        ('{"form": 9, "complete": true, "shards": []}', "a list of form 9, this bole knows 1"),
    ],
)
def test_a_folder_that_holds_no_shards_is_named(tmp_path, manifest, said):
    if manifest:
        (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(StoreError, match=said) as caught:
        find_shards(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_file_that_a_lake_has_lost_is_named(tmp_path, place):
    commit(place, write_folder(tmp_path / "shards", {"one": SHARDS["one"]}))
    (lost,) = (place.folder / "figures").iterdir()
    fewer = write_folder(tmp_path / "fewer", {"one": [sample(1, figures=1)]})
    for spoil in (lambda: lost.write_bytes(b"x"), lost.unlink):
        spoil()
        with pytest.raises(StoreError, match=lost.name) as caught, LakeReader(place) as reader:
            reader.query("from figures")
        assert "\n" not in str(caught.value)
        with pytest.raises(StoreError, match=rf"{lost.name}: not a readable Parquet .* a backup"):
            commit(place, fewer)
    assert read_list(place.folder).shards["one"]["articles"] == 3


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[]", "not the list of a lake"),
        (
            '{"form": "x", "shards": {}, "bundles": {}}',
            f"tables of form x, this bole knows {FORM}: another bole",
        ),
    ],
)
def test_a_lake_of_another_form_is_left_alone(place, shards, written, said):
    with pytest.raises(StoreError, match=r"no lake in .*; make one: bole lake commit"):
        content(place)
    place.folder.mkdir()
    (place.folder / "lake.json").write_text(written, encoding="utf-8")
    for use in (content, lambda there: commit(there, shards)):
        with pytest.raises(StoreError, match=said):
            use(place)
    assert (place.folder / "lake.json").read_text("utf-8") == written


@pytest.mark.parametrize("sql", [*FILES, *STATEMENTS, *CALLS, *BEHIND])
def test_strangers_reach_nothing_beyond_the_tables(reader, tmp_path, monkeypatch, sql):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    lake, opened = reader
    with pytest.raises(StoreError) as caught:
        opened.query(sql.replace("{folder}", str(lake.folder)))
    assert "\n" not in str(caught.value)
    assert [one.name for one in tmp_path.iterdir()] == ["secret.csv"]
    assert opened.query("select count(*) as n from articles").to_pylist() == [{"n": 7}]


@pytest.fixture(scope="module")
def reader(lake):
    with LakeReader(lake) as opened:
        yield lake, opened


def test_strangers_read_so_many_rows_for_so_long(reader):
    _, opened = reader
    assert opened.query("from figures, range(1000)", limit=7).num_rows == 7
    assert opened.query("with a as (from articles) select id from a").num_rows == 7
    assert opened.query("explain select 1").num_rows == 1
    with pytest.raises(StoreError, match=r"over 0\.05 s; narrow it"):
        opened.query("select count(*) from range(99999) a, range(99999) b", seconds=0.05)
    for sql in ("from 'a.parquet'", "copy articles to 'out'", "attach 'out' as other"):
        with pytest.raises(Exception, match=r"disabled by config|does not exist"):
            opened._con.execute(sql)
    with pytest.raises(Exception, match="has been locked"):
        opened._con.execute("set allowed_paths = ['/etc/passwd']")


def test_commands_commit_and_ask(shards, tmp_path, monkeypatch):
    write_settings(tmp_path, Settings(home="320300"))
    run = bole("query", "--lake", "measures_of_district", folder=tmp_path)
    assert (run.returncode, "no lake in bole.toml" in run.stderr) == (2, True)
    write_settings(tmp_path, Settings(home="320300", lake="lake"))
    run = bole("query", "--lake", "articles", folder=tmp_path)
    assert (run.returncode, "make one: bole lake commit FOLDER" in run.stderr) == (1, True)
    with monkeypatch.context() as patched:
        patched.setattr(lakes, "_TOLD", 2)
        run = bole("lake", "commit", shards, folder=tmp_path)
    assert run.returncode == 0, run.stderr
    said = ["2 of 3 shards", "registered 3 shards, passed over 0 known ones"]
    assert run.stderr.splitlines() == said
    words = ("query", "--lake", "measures_of_district", "--district", "徐州市", "--json")
    found = [json.loads(line) for line in bole(*words, folder=tmp_path).stdout.splitlines()]
    assert max(row["amount"] for row in found) == 50_020_000
    run = bole("query", "--lake", "select count(*) as n from names", "--json", folder=tmp_path)
    assert json.loads(run.stdout) == {"n": 2}
    run = bole("query", "--lake", "failures", folder=tmp_path)
    assert run.stderr.startswith("bole: question 'failures' asks for failures, which a lake has")
    assert bole("lake", "compact", "--days", "0", folder=tmp_path).returncode == 0
    part = write_folder(tmp_path / "part")
    manifest = json.loads((part / "manifest.json").read_text("utf-8"))
    (part / "manifest.json").write_text(json.dumps(manifest | {"complete": False}))
    (part / "names" / "two.parquet").write_bytes(b"x")
    run = bole("lake", "commit", part, folder=tmp_path)
    assert run.returncode == 3
    assert f"{part} is not complete" in run.stderr
    assert "1 shards are refused; the others are in the lake" in run.stderr


def test_what_extract_writes_is_what_the_lake_takes(tmp_path):
    write_settings(tmp_path, Settings(home="320300", lake="lake"))
    texts = [f"沛县对第{n}类博士每人补贴{n + 1}万元。" for n in range(5)]
    rows = [{"id": f"a{n}", "text": text} for n, text in enumerate(texts)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    words = ("extract", "in.parquet", "--from", "parquet", "--to", "parquet", "--out", "out")
    run = bole(*words, folder=tmp_path)
    assert run.returncode == 0, run.stderr
    for new, known in ((1, 0), (0, 1)):
        said = bole("lake", "commit", "out", folder=tmp_path).stderr.splitlines()[-1]
        assert said == f"registered {new} shards, passed over {known} known ones"
    question = "select quote from figures where unit = 'CNY' order by value"
    found = bole("query", "--lake", question, "--json", folder=tmp_path).stdout.splitlines()
    assert [json.loads(line)["quote"] for line in found] == [f"{n + 1}万元" for n in range(5)]


@pytest.mark.parametrize(
    "catalog",
    [
        "host=db password=secret",
        "host=db PASSWORD = 'se cret'",
        "postgresql://bole:secret@db/lake",
    ],
)
def test_a_password_stands_in_no_file_and_no_message(tmp_path, catalog):
    write_settings(tmp_path, Settings(lake="lake", lake_catalog=catalog))
    with pytest.raises(ConfigError, match=r"holds a password.*PGPASSFILE") as caught:
        load_settings(tmp_path)
    assert "cret" not in str(caught.value)
    assert "cret" not in masked(f'unable to connect to "{catalog}": FATAL')
    assert masked("host=db passfile=x") == "host=db passfile=x"


def test_the_folder_of_a_lake_is_beside_the_settings(tmp_path):
    write_settings(tmp_path, Settings(lake="lake", lake_catalog="host=db"))
    place = lake_place(load_settings(tmp_path))
    assert place == LakePlace(folder=tmp_path / "lake", catalog="host=db")
    with pytest.raises(ConfigError, match='lake = "/mnt/lake"'):
        lake_place(Settings(data=tmp_path))
