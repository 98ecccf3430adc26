"""Which hosts are crawled together, and what their ledgers know of one another."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bole.crawling.planning import Manners, first_turn, next_turns
from crawler.archive import Archive, Location
from crawler.article import Attachment
from crawler.away import Away, read_away, write_away
from crawler.collect import Job, Share
from crawler.errors import CrawlError
from crawler.fetches import Fetch, Listing
from crawler.ledger import Ledger
from crawler.merging import merge_ledger, seed_ledger
from crawler.resting import Rest, busy_at, challenged_at
from crawler.settings import scrapy_settings
from crawler.shards import Shard, hosts_of, plan_shards, read_hosts, size_for
from crawler.sources import Source, load_presets

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


def source(name: str, host: str, **more: object) -> Source:
    rule = load_presets()["trs"]
    own = {key: more.pop(key) for key in list(more) if hasattr(rule, key)}
    return Source(
        id=name,
        name=name,
        url=f"http://{host}/",
        preset=replace(rule, **own),
        level="county",
        publisher="official",
        **{"delay": 1.0, **more},
    )


def sources(count: int) -> list[Source]:
    return [source(f"s{n:02}", f"h{n:02}.cn") for n in range(count)]


def plan(folder: Path, given: Sequence[Source], **more: object) -> dict[str, list[str]]:
    shards = plan_shards(folder, given, **{"yields": {}, "largest": 4, **more})
    return {shard.name: [one.id for one in shard.sources] for shard in shards}


# --- hosts to shards ----------------------------------------------------------------------------


def test_hosts_fill_as_few_shards_as_hold_them(tmp_path: Path) -> None:
    shards = plan_shards(tmp_path, sources(10), yields={}, largest=4)
    assert sorted(len(shard.hosts) for shard in shards) == [3, 3, 4]
    assert sorted(host for shard in shards for host in shard.hosts) == [
        f"h{n:02}.cn" for n in range(10)
    ]


@pytest.mark.parametrize(
    ("count", "workers", "size"), [(30, 3, 5), (3, 8, 1), (3000, 8, 16), (33, 1, 16)]
)
def test_each_worker_has_two_shards_unless_they_would_be_too_large(
    count: int, workers: int, size: int
) -> None:
    assert size_for(sources(count), workers) == size


def test_shards_are_balanced_by_what_is_expected_and_the_heaviest_begins(tmp_path: Path) -> None:
    yields = {f"s{n:02}": weight for n, weight in enumerate([90, 10, 20, 50, 30, 40])}
    shards = plan_shards(tmp_path, sources(6), yields=yields, largest=3)
    weights = [sum(yields[one.id] for one in shard.sources) for shard in shards]
    assert weights == [130, 110]


def test_a_host_stays_where_it_is(tmp_path: Path) -> None:
    before = plan(tmp_path, sources(10))
    known = read_hosts(tmp_path)
    # sources go, come, and change their order
    after = plan(tmp_path, [*sources(14)[::-1]][:12], yields={"s13": 900.0})
    assert {host: read_hosts(tmp_path)[host] for host in known} == known
    for name, ids in before.items():
        assert [one for one in after[name] if one in ids] == [
            one for one in ids[::-1] if one in after[name]
        ]
    assert plan(tmp_path, sources(10)) == before


def test_the_same_plan_whatever_the_order_of_the_watchlist(tmp_path: Path) -> None:
    plan(tmp_path / "a", sources(10))
    plan(tmp_path / "b", sources(10)[::-1])
    assert read_hosts(tmp_path / "a") == read_hosts(tmp_path / "b")


def test_columns_of_one_host_are_crawled_together(tmp_path: Path) -> None:
    given = [source(f"c{n}", "one.cn") for n in range(5)] + [source("d", "two.cn")]
    shards = plan_shards(tmp_path, given, yields={}, largest=1)
    assert [len(shard.sources) for shard in shards] == [5, 1]


def test_a_column_whose_list_comes_from_another_host_has_both(tmp_path: Path) -> None:
    rule = {"kind": "json_list", "endpoint": "http://api.cn/list?page={n}"}
    given = [source("a", "www.cn", **rule), source("b", "api.cn"), source("c", "far.cn")]
    assert hosts_of(given[0]) == ["www.cn", "api.cn"]
    shards = plan_shards(tmp_path, given, yields={}, largest=2)
    assert [shard.hosts for shard in shards] == [{"www.cn", "api.cn"}, {"far.cn"}]


def test_a_torn_list_of_hosts_is_named_with_its_cure(tmp_path: Path) -> None:
    plan(tmp_path, sources(1))
    (tmp_path / "hosts-0001/hosts.json").write_text('["h0', encoding="utf-8")
    with pytest.raises(CrawlError, match=r"hosts\.json: not a list of hosts .* put it back"):
        plan(tmp_path, sources(1))


# --- who may ask what, when ---------------------------------------------------------------------


def shard(name: str, *given: Source) -> Shard:
    return Shard(name=name, hosts=frozenset(h for s in given for h in hosts_of(s)), sources=given)


def left(source_id: str, *hosts: str, url: str | None = "http://x/") -> Away:
    return Away(source_id=source_id, url=url, hosts=hosts)


def test_a_round_has_no_host_twice() -> None:
    given = sources(4)
    shards = {one.id: shard(one.id, one) for one in given}
    away = {
        "s00": [left("s00", "weixin.cn"), left("s00", "h01.cn", url="http://y/")],
        "s01": [left("s01", "weixin.cn")],
        "s02": [left("s02", "other.cn")],
        "s03": [],
    }
    turns = next_turns(away, shards, Manners(given, None), {})
    assert [(turn.shard.name, turn.share.hosts) for turn in turns] == [
        ("s00", ["h01.cn", "weixin.cn"]),
        ("s02", ["other.cn"]),
    ]
    assert turns[0].share.articles == ["http://x/", "http://y/"]
    assert turns[0].share.walked == []


def test_a_list_that_was_led_elsewhere_is_read_from_its_start() -> None:
    (given,) = sources(1)
    away = {"s00": [left("s00", "api.cn", url=None)]}
    (turn,) = next_turns(away, {"s00": shard("s00", given)}, Manners([given], None), {})
    assert turn.share.hosts == ["api.cn", "h00.cn"]
    assert turn.share.walked == ["s00"]
    assert turn.share.articles == []


def test_a_shard_is_as_patient_as_the_most_patient_column_asks() -> None:
    given = [source("a", "h.cn", delay=2.0), source("b", "x.cn", delay=7.0)]
    manners = Manners(given, None)
    assert first_turn(shard("a", given[0]), manners, {}).share.delays == {"h.cn": 2.0, "": 7.0}
    away = {"a": [left("a", "x.cn", "weixin.cn")]}
    (turn,) = next_turns(away, {"a": shard("a", given[0])}, manners, {})
    assert turn.share.delays == {"x.cn": 7.0, "": 7.0}
    settings = scrapy_settings(
        [given[0]], user_agent="x", delay=None, more_delays=turn.share.delays
    )
    assert settings["DOWNLOAD_DELAY"] == 7.0
    slots = {host: slot["delay"] for host, slot in settings["DOWNLOAD_SLOTS"].items()}
    assert slots == {"x.cn": 7.0, "h.cn": 2.0}


def test_what_one_shard_knows_of_hosts_at_rest_the_others_heed() -> None:
    (given,) = sources(1)
    rests = {"h00.cn:80": busy_at(NOW, 600), "far.cn:80": challenged_at(NOW)}
    share = first_turn(shard("a", given), Manners([given], None), rests).share
    assert {pair: Rest.from_row(row) for pair, row in share.rests.items()} == {
        "h00.cn:80": rests["h00.cn:80"]
    }
    job = Job(sources=(given,), folder="x", user_agent="y", share=share)
    assert Job.from_json(job.to_json()).share.rests["h00.cn:80"] == [
        "busy",
        *share.rests["h00.cn:80"][1:],
    ]


def test_what_was_left_is_told_as_it_was_written(tmp_path: Path) -> None:
    one = Away(source_id="a", url="http://x/é", hosts=("x", "y"), is_known=True)
    assert read_away(tmp_path) == []
    write_away(tmp_path, [left("b", "z", url=None), one, one])
    assert read_away(tmp_path) == [one, left("b", "z", url=None)]


# --- ledgers ------------------------------------------------------------------------------------


def fetch(url: str, day: int = 0, **more: object) -> Fetch:
    given = {"final_url": url, "source_id": "a", "kind": "article", "status": 200, **more}
    return Fetch(url=url, fetched=NOW + timedelta(days=day), **given)


def had(url: str, offset: int, day: int = 0, **more: object) -> Fetch:
    place = {"warc_file": "pages-000001.warc.gz", "warc_offset": offset}
    return fetch(url, day, sha256=f"{offset:064}", **place, **more)


def fill(path: Path, *fetches: Fetch, source_id: str = "a", until: int = 9) -> None:
    with Ledger(path) as ledger:
        ledger.begin_walk(source_id, "rule")
        ledger.add_listings(source_id, [Listing(url=one.url, title="题") for one in fetches])
        for one in fetches:
            ledger.record(one)
        ledger.end_walk(source_id)
        ledger.rests.add("h:80", busy_at(NOW, until))


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    with Ledger(path) as ledger:
        return [tuple(row) for row in ledger._con.execute(f"select * from {table}")]


def test_a_ledger_is_merged_once_however_often(tmp_path: Path) -> None:
    shard, house = tmp_path / "shard.sqlite", tmp_path / "house.sqlite"
    told_twice = fetch("http://h/", kind="list", items=0)
    fill(shard, had("http://h/1", 0), told_twice, replace(told_twice, problem="no_rows"))
    fill(house, had("http://g/1", 0, source_id="b"), source_id="b")
    for _ in range(2):
        merge_ledger(shard, house, place="shards/hosts-0001/warc/")
    with Ledger(house) as ledger:
        assert [(one.url, one.problem) for one in ledger.fetches()] == [
            ("http://g/1", None),
            ("http://h/1", None),
            ("http://h/", None),
            ("http://h/", "no_rows"),
        ]
        assert [page.location for page in ledger.pages()] == [
            Location("pages-000001.warc.gz", 0),
            Location("shards/hosts-0001/warc/pages-000001.warc.gz", 0),
        ]
        assert ledger.last_news("a") == NOW.date()
    fill(shard, had("http://h/2", 5, day=1))
    merge_ledger(shard, house, place="shards/hosts-0001/warc/")
    assert len(rows(house, "fetches")) == 5
    assert rows(house, "walks") == [("b", 1, "rule", 1), ("a", 2, "rule", 1)]


def test_the_longer_rest_holds(tmp_path: Path) -> None:
    shard, house = tmp_path / "shard.sqlite", tmp_path / "house.sqlite"
    fill(shard, until=60)
    fill(house, until=600)
    merge_ledger(shard, house, place="x/")
    with Ledger(house) as ledger:
        assert ledger.rests.hosts(NOW) == {"h:80": busy_at(NOW, 600)}
    merge_ledger(house, shard, place="x/")
    with Ledger(shard) as ledger:
        assert ledger.rests.hosts(NOW) == {"h:80": busy_at(NOW, 600)}


def test_an_article_that_has_lost_its_parts_loses_them_in_the_house(tmp_path: Path) -> None:
    shard, house = tmp_path / "shard.sqlite", tmp_path / "house.sqlite"
    fill(shard, had("http://h/1", 0))
    with Ledger(shard) as ledger:
        ledger.parts.add("a", "http://h/1", {2: "http://h/1_2", 3: "http://h/1_3"})
        ledger.add_attachments("a", "http://h/1", [Attachment(url="http://h/f.pdf", name="附件")])
    merge_ledger(shard, house, place="x/")
    with Ledger(house) as ledger:
        assert [part.number for part in ledger.parts.of_page("http://h/1")] == [2, 3]
    with Ledger(shard) as ledger:
        ledger.parts.forget("http://h/1")
        ledger.parts.add("a", "http://h/1", {2: "http://h/1_two"})
    merge_ledger(shard, house, place="x/")
    with Ledger(house) as ledger:
        assert [part.url for part in ledger.parts.of_page("http://h/1")] == ["http://h/1_two"]
    assert len(rows(house, "attachments")) == 1


def test_a_shard_hears_of_its_new_sources_only(tmp_path: Path) -> None:
    shard, house = tmp_path / "shard.sqlite", tmp_path / "house.sqlite"
    fill(house, had("http://h/1", 0), fetch("http://h/2", problem="not_found"))
    fill(house, had("http://g/1", 7, source_id="b"), source_id="b")
    seed_ledger(house, shard, ["a"])
    seed_ledger(house, shard, ["a"])
    with Ledger(shard) as ledger:
        assert [one.url for one in ledger.fetches()] == ["http://h/1", "http://h/2"]
        assert ledger.is_settled("http://h/1")
        assert list(ledger.pages()) == []  # they lie in the archive of the house
        assert ledger.newest_content("http://h/1") is None
    merge_ledger(shard, house, place="x/")
    assert len(rows(house, "fetches")) == 3


def test_without_a_house_there_is_nothing_to_hear(tmp_path: Path) -> None:
    seed_ledger(tmp_path / "none.sqlite", tmp_path / "shard.sqlite", ["a"])
    assert not (tmp_path / "none.sqlite").exists()
    assert rows(tmp_path / "shard.sqlite", "fetches") == []


def test_the_mean_of_what_a_source_takes_is_known(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    fill(path, had("http://h/1", 0), had("http://h/2", 1), had("http://h/3", 2))
    fill(path, had("http://h/1", 0, day=1))
    with Ledger(path) as ledger:
        assert ledger.mean_requests() == {"a": 2.0}


def test_an_archive_names_the_files_of_its_shards(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for folder in (tmp_path, tmp_path / "shards/hosts-0002"):
        (folder / "warc").mkdir(parents=True)
        (folder / "warc/pages-000001.warc.gz").write_bytes(b"")
    names = [archive.name_of(path) for path in archive.files()]
    assert names == ["pages-000001.warc.gz", "shards/hosts-0002/warc/pages-000001.warc.gz"]
    assert [archive.path_of(name) for name in names] == archive.files()


def test_a_share_travels_with_its_job() -> None:
    share = Share(hosts=("a", "b"), walked=("s",), articles=None, delays={"": 2.0}, patience=4.5)
    job = Job(sources=(source("a", "h.cn"),), folder="x", user_agent="y", share=share)
    again = Job.from_json(job.to_json()).share
    assert json.dumps(again.hosts) == '["a", "b"]'
    assert (again.delays, again.articles, again.patience) == ({"": 2.0}, None, 4.5)
