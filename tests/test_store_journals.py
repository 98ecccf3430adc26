"""What the crawl did, what went wrong, runs, stories and digests."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.health import Problem, SourceHealth
from crawler.ledger import Fetch
from crawler.sources import Preset, Source
from store import Failure, PageRead, Store
from tests.store_samples import (
    FIRST,
    SECOND,
    THIRD,
    rows,
    sample,
    story,
    write,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bole.duckdb"


@pytest.fixture
def store(path, empty):
    shutil.copyfile(empty, path)  # quicker than to make the tables anew
    with Store(path) as opened:
        opened._db.execute("pragma disable_checkpoint_on_shutdown")  # quicker, and nobody reopens
        yield opened


def fetch(number, **changes):
    values = {
        "id": number,
        "url": f"http://news.example/{number}",
        "final_url": f"http://news.example/{number}",
        "source_id": "liuxi",
        "kind": "article",
        "fetched": datetime(2024, 3, 1, 2, tzinfo=UTC),
        "status": 200,
    }
    return Fetch(**{**values, **changes})


def source(name, **changes):
    values = {"level": "city", "publisher": "official", "district": "320300"}
    url = f"http://{name}.example/"
    preset = Preset(name="any", kind="html_list")
    return Source(id=name, name=name, url=url, preset=preset, **{**values, **changes})


def test_fetches_are_written_once_by_their_number(store):
    assert store.last_fetch() == 0
    store.write_fetches([fetch(1), fetch(2, list_date=FIRST, warc_offset=2**40)])
    store.write_fetches([fetch(2, status=404, problem="not_found"), fetch(3)])
    assert store.last_fetch() == 3
    sql = "select id, status, problem, fetched from fetches order by id"
    noted = datetime(2024, 3, 1, 2)  # noqa: DTZ001
    assert rows(store, sql) == [
        (1, 200, None, noted),
        (2, 404, "not_found", noted),
        (3, 200, None, noted),
    ]


def test_a_source_that_left_the_watchlist_is_not_enabled(store):
    store.write_sources([source("a"), source("b", enabled=False)])
    store.write_sources([source("c"), source("b")])
    sql = "select id, enabled from sources order by id"
    assert rows(store, sql) == [("a", False), ("b", True), ("c", True)]


def test_pages_read_hold_the_last_reading_of_each_page(store):
    store.write_pages_read(
        [PageRead(url="u", sha256="1", version="1"), PageRead(url="v", sha256="1", version="1")]
    )
    store.write_pages_read([PageRead(url="u", sha256="2", version="1", article_id="full")])
    assert store.pages_read() == {"u": ("2", "1"), "v": ("1", "1")}
    assert store.article_pages() == ["u"]


def test_failures_do_not_double_and_can_be_cleared(store):
    first = Failure(subject="u", stage="read", kind="no_body", message="u: no body")
    other = replace(first, subject="v")
    store.write_failures([first, other])
    since = rows(store, "select since from failures where subject = 'u'")
    store.write_failures([replace(first, message="x"), replace(first, kind="bug")])
    assert store.failures() == [replace(first, kind="bug"), other]
    assert rows(store, "select since from failures where subject = 'u'") == since
    store.clear_failures("fetch", ["u"])
    assert len(store.failures()) == 2
    store.clear_failures("read", ["u", "w"])
    assert store.failures() == [other]


def test_runs_are_numbered_and_show_how_they_ended(store):
    assert [store.start_run(FIRST), store.start_run(command="digest")] == [1, 2]
    store.finish_run(1, outcome="partly")
    sql = "select id, command, day, outcome, finished >= started from runs order by id"
    assert rows(store, sql) == [(1, "run", FIRST, "partly", True), (2, "digest", None, None, None)]


# stories and digests


def test_stories_know_their_articles_canonical_first(store):
    a, b, c = sample(1, day=SECOND), sample(2, day=FIRST), sample(3)
    write(store, a, b, c)
    store.write_stories([story("s", a, b), story("t", c)])
    assert store.known_stories() == {a.article.id: "s", b.article.id: "s", c.article.id: "t"}
    sql = "select * from stories order by id"
    assert rows(store, sql) == [("s", a.article.id, 2, FIRST), ("t", c.article.id, 1, FIRST)]


def test_articles_of_a_story_stay_behind_those_told_now(store):
    a, b, c = sample(1), sample(2), sample(3)
    write(store, a, b, c)
    store.write_stories([story("s", a, b)])
    store.write_stories([story("s", c)])
    once = store.dump()
    store.write_stories([story("s", c)])
    assert store.dump() == once
    sql = "select article_id from story_articles order by position"
    assert [name[-1] for (name,) in rows(store, sql)] == ["3", "1", "2"]


def test_an_article_tells_one_story_only(store):
    a, b = sample(1), sample(2)
    write(store, a, b)
    store.write_stories([story("s", a, b), story("t")])
    store.write_stories([story("t", b, a)])
    assert rows(store, "select id, reports from stories") == [("t", 2)]


def test_digest_numbers_count_within_the_year_and_in_all(store):
    for day, numbers in [
        (date(2023, 12, 30), (1, 1)),
        (date(2024, 1, 1), (1, 2)),
        (date(2024, 1, 2), (2, 3)),
    ]:
        assert store.digest_numbers(day) == numbers
        store.write_digest(day, numbers, [], [])
    assert store.digest_numbers(date(2024, 1, 1)) == (1, 2)
    assert store.digest_numbers(date(2023, 12, 31)) == (2, 4)


HEALTH = SourceHealth(
    source_id="a",
    name="栏目",
    pages=2,
    articles=1,
    problems=(Problem(kind="not_found", url="http://example.cn/x", detail="HTTP 404"),),
)


def test_a_digest_replaces_that_of_the_day_and_tells_its_facts_to_later_ones(store):
    store.write_digest(FIRST, (1, 1), [], [(0, "points", "s", ["f0"])])
    store.write_digest(
        FIRST, (1, 1), [HEALTH], [(0, "points", "s", ["f1", "f2"]), (1, "x", None, [])]
    )
    store.write_digest(SECOND, (2, 2), [], [(0, "points", "s", ["f3"])])
    assert store.digest_health(FIRST) == [HEALTH]
    assert store.digest_health(SECOND) == []
    assert store.digest_health(THIRD) is None
    assert store.told_facts(FIRST) == set()
    assert store.told_facts(SECOND) == {"f1", "f2"}
    assert store.told_facts(before=THIRD) == {"f1", "f2", "f3"}
    assert [store.issue_before(day) for day in (FIRST, SECOND, THIRD)] == [None, FIRST, SECOND]
