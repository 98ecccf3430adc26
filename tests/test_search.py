"""Searching articles: both scripts, two-character words, and an index that mends itself."""

import shutil
from contextlib import closing
from dataclasses import replace

import pytest

from extract.reading import read_text
from store import Store, StoreError
from store.database import Database
from store.hits import find_articles, mark
from store.search import SearchIndex, runs
from tests.store_samples import FIRST, sample


def article(number, text, *, title=None, lang="zh-Hans"):
    report = sample(number)
    changed = replace(report.article, text=text, body=(0, len(text)), title=title, lang=lang)
    facts = replace(report.facts, figures=(), policies=())
    return replace(report, article=changed, facts=facts)


HOUSING = article(1, "柳溪市新建人才公寓三千套，引才政策持续加码。", title="柳溪人才公寓开建")
TRADITIONAL = article(2, "政府推出專項資金，支援青年創業。", title="青年創業", lang="zh-Hant")
NOTED = article(3, "企業服務(wù)中心設立，提供人 才服務。", lang="zh-Hant")
ENGLISH = article(4, "The district offers 5G talent funds.", title="Talent funds", lang="en")
WORKERS = article(5, "工人才能出众。公开招聘。", title="工人")
ALL = [HOUSING, TRADITIONAL, NOTED, ENGLISH, WORKERS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    with Store(folder / "bole.duckdb") as store:
        store.write_articles(ALL, reader_version="1")
        store.publish()
    return folder


@pytest.fixture
def mine(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "mine")


def found(folder, words, **options):
    with Store.open_snapshot(folder) as store:
        return [int(hit.article_id[-1]) for hit in store.search(words, **options)]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("公寓", {1}),
        ("人才公寓", {1}),
        ("引才", {1}),
        ("专项资金", {2}),
        ("專項資金", {2}),
        ("創業", {2}),
        ("创业", {2}),
        ("服务中心", {3}),
        ("服務", {3}),
        ("talent", {4}),
        ("TALENT \uff15\uff27", {4}),
        ("青年 资金", {2}),
        ("青年 公寓", set()),
        ("没有的词", set()),
        ("招聘", {5}),
    ],
)
def test_words_of_either_script_find_both(folder, words, numbers):
    assert set(found(folder, words)) == numbers


def test_a_word_ranks_above_characters_that_only_stand_together(folder):
    ranked = found(folder, "人才")
    assert ranked[0] == 1
    assert ranked.index(5) == len(ranked) - 1


def test_hits_are_limited_and_ordered_the_same_each_time(folder):
    assert len(found(folder, "人才", limit=1)) == 1
    assert found(folder, "人才") == found(folder, "人才")


def test_a_hit_shows_its_words_in_its_own_script(folder):
    with Store.open_snapshot(folder) as store:
        (hit,) = store.search("服务中心")
    assert hit.snippet == NOTED.article.text
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["服務(wù)中心"]
    assert (hit.grade, hit.district, hit.day) == ("B", "320322", FIRST)


def test_a_snippet_is_taken_where_most_words_stand():
    text = "开头。" * 60 + "柳溪市设立人才基金，兴建公寓。" + "结尾。" * 60
    snippet, marks = mark(read_text(text, "zh-Hans"), runs("基金 公寓"))
    assert [snippet[a:b] for a, b in marks] == ["基金", "公寓"]
    assert len(snippet) == 90


def test_nothing_to_look_for_is_said(folder):
    with pytest.raises(StoreError, match="nothing to look for in '，。'"):
        found(folder, "，。")


def test_without_an_index_the_cure_is_named(mine):
    shutil.rmtree(mine / "search")
    with pytest.raises(StoreError, match=r"no search index in .*bole run"):
        found(mine, "公寓")


def test_only_what_changed_is_indexed(mine):
    changed = article(1, "柳溪市改建博物馆。", title="博物馆")
    with Store(mine / "bole.duckdb") as store:
        store.write_articles([changed, sample(9)], reader_version="2")
        store.publish()
    assert found(mine, "公寓") == []
    assert found(mine, "博物馆") == [1]
    assert found(mine, "专项资金") == [2]
    with closing(Database(mine / "bole.duckdb", read_only=False)) as db:
        index = SearchIndex(mine / "search")
        assert index.refresh(db) == 0
        db.execute("update articles set title = '新题' where id = 'article-00002'")
        assert index.refresh(db) == 1
        db.delete("articles", "id = 'article-00003'")
        assert index.refresh(db) == 0
    assert index.find("服务中心", limit=5) == []


def broken_state(folder):
    (folder / "search" / "state.parquet").write_bytes(b"half")


def lost_state(folder):
    (folder / "search" / "state.parquet").unlink()


def lost_index(folder):
    shutil.rmtree(folder / "search" / "index")


def older_form(folder):
    import pyarrow.parquet as pq

    state = pq.read_table(folder / "search" / "state.parquet")
    form = {b"form": b"0"}
    pq.write_table(state.replace_schema_metadata(form), folder / "search" / "state.parquet")


def killed_before_noting(folder):
    """Leave the index as a kill between its commit and the note of what it holds."""
    state = (folder / "search" / "state.parquet").read_bytes()
    with Store(folder / "bole.duckdb") as store:
        store.write_articles([article(7, "新增基金。")], reader_version="1")
        store.publish()
    (folder / "search" / "state.parquet").write_bytes(state)


def empty_index(folder):
    """Leave an index that holds nothing beside a state that says it holds all."""
    state = (folder / "search" / "state.parquet").read_bytes()
    shutil.rmtree(folder / "search")
    with Store(folder / "bole.duckdb") as store:
        store._db.delete("articles", "true")
        store.publish()
        store.write_articles(ALL, reader_version="1")
    (folder / "search" / "state.parquet").write_bytes(state)


@pytest.mark.parametrize(
    "harm",
    [broken_state, lost_state, lost_index, older_form, killed_before_noting, empty_index],
)
def test_an_index_that_was_harmed_is_mended_by_the_next_run(mine, harm):
    harm(mine)
    with Store(mine / "bole.duckdb") as store:
        store.publish()
        articles = store.counts()["articles"]
    assert found(mine, "公寓") == [1]
    assert found(mine, "专项资金") == [2]
    index = SearchIndex(mine / "search")
    assert len(index.find("人才", limit=50)) == len(found(mine, "人才", limit=50))
    assert index._open().searcher().num_docs == articles


def test_an_index_that_cannot_be_written_is_named(mine):
    shutil.rmtree(mine / "search")
    (mine / "search").write_text("in the way", encoding="utf-8")
    with (
        Store(mine / "bole.duckdb") as store,
        pytest.raises(StoreError, match=r"cannot write the search index in .*search"),
    ):
        store.publish()


def test_a_hit_is_told_as_by_the_tables(mine):
    """Of the snapshot that it was made with, the index tells itself what a hit shows."""
    with Store.open_snapshot(mine) as store:
        assert store._index.is_of_snapshot()
        told = store.search("人才", limit=9)
    with closing(Database(mine / "bole.duckdb", read_only=False)) as db:
        index = SearchIndex(mine / "search", snapshot="bole.duckdb")
        assert not index.is_of_snapshot()
        assert find_articles(db, index, "人才", limit=9) == told
    assert len(told) > 1


@pytest.mark.parametrize(
    "change",
    ["district = null", "grade = 'A'", "published = '2024-01-05'", "url = null", "lang = 'other'"],
)
def test_what_a_hit_shows_is_indexed_anew(mine, change):
    with closing(Database(mine / "bole.duckdb", read_only=False)) as db:
        db.execute(f"update articles set {change} where id = 'article-00001'")
        index = SearchIndex(mine / "search", snapshot="next")
        assert index.refresh(db, snapshot="next") == 1
        assert index.is_of_snapshot()
        told = find_articles(db, index, "公寓", limit=5)
        assert index.refresh(db) == 0
        assert not index.is_of_snapshot()
        assert find_articles(db, index, "公寓", limit=5) == told
    assert found(mine, "公寓") == [1]


def test_an_index_that_is_being_written_is_of_no_snapshot(mine, monkeypatch):
    index = SearchIndex(mine / "search", snapshot="000001.duckdb")
    assert index.is_of_snapshot()
    seen = []
    monkeypatch.setattr(index, "_write", lambda *_: seen.append(index.is_of_snapshot()))
    with closing(Database(mine / "bole.duckdb", read_only=False)) as db:
        db.execute("update articles set title = '新题' where id = 'article-00002'")
        index.refresh(db, snapshot="000001.duckdb")
    assert seen[:1] == [False]


def test_articles_that_the_snapshot_does_not_have_are_left_out(mine):
    with closing(Database(mine / "bole.duckdb", read_only=False)) as db:
        db.execute("update articles set id = 'renamed-8' where id = 'article-00001'")
        SearchIndex(mine / "search").refresh(db)
    assert found(mine, "公寓") == []
