"""Crawling at scale: workers that die, shards that fail, hosts that belong to others."""

import json
import os
import shutil
import signal
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from bole.attempts import Attempts
from bole.backup import back_up
from bole.config import Settings, load_settings, write_settings
from bole.crawling import driving, working
from bole.crawling.driving import Crawled, crawl_in_shards
from bole.crawling.parts import Parts
from bole.engine import EngineSettings, open_engine
from bole.extraction import PRELOAD
from bole.reading import PageReader
from bole.upkeep import prune_archive, rebuild
from crawler.archive import Archive, Record
from crawler.collect import Begun, Job
from crawler.errors import CrawlError
from crawler.fetches import Fetch, Listing
from crawler.ledger import Ledger, Page
from crawler.locking import crawl_lock
from crawler.progress import Tell
from crawler.spiders.keeper import Keeper
from store import Store
from store.search import SearchIndex
from tests.sites.hosts import Hosts, article, path_of, serve_hosts, sites, watchlist_of

#: Seconds of a lease here: nobody waits for its end, dead workers are proven to be dead.
LEASE = 20


def house(folder: Path, hosts: Hosts, empty: Path) -> Settings:
    (folder / "data").mkdir(parents=True)
    shutil.copy(empty, folder / "data" / empty.name)
    write_settings(folder, Settings(delay=0.0))
    (folder / "sources.toml").write_text(watchlist_of(hosts), encoding="utf-8")
    return load_settings(folder, {})


def crawl(settings: Settings, *, engine: str = "local", workers: int = 1, **more) -> Crawled:
    given = {"say": lambda _: None, "lease": LEASE, "ids": [], **more}
    with open_engine(engine, EngineSettings(workers=workers, preload=PRELOAD)) as opened:
        return crawl_in_shards(settings, given.pop("ids"), opened, **given)


def ask(settings: Settings, *questions: str) -> list[list[tuple]]:
    """Return the answers of the tables as readers see them."""
    with Store.open_snapshot(settings.data) as store:
        return [[tuple(row.values()) for row in store.select(sql)] for sql in questions]


def articles_of_store(settings: Settings) -> list[tuple]:
    """Return the articles that no reader sees yet."""
    with Store(settings.database) as store:
        return [tuple(row.values()) for row in store.select("select url from articles")]


def articles_in(settings: Settings) -> list[str]:
    (rows,) = ask(settings, "select url from articles order by url")
    return [url for (url,) in rows]


def state(settings: Settings) -> list[list[tuple]]:
    """Return all that a crawl writes, but for the journal of runs."""
    tables = ("articles", "figures", "names", "pages_read", "failures", "fetches")
    return ask(settings, *(f"select * from {table} order by all" for table in tables))


def facts(settings: Settings) -> list[list[tuple]]:
    return ask(settings, "select fact_id, article_id, quote from figures order by all")


def registered(settings: Settings) -> list[str]:
    sql = "select command from runs where starts_with(command, 'crawl ') and outcome = 'done'"
    (rows,) = ask(settings, sql)
    return sorted(command for (command,) in rows)


def parts_of(settings: Settings) -> list[str]:
    folders = sorted(settings.data.glob("shards/hosts-*"))
    return [f"crawl {part.name}" for folder in folders for part in Parts(folder).whole()]


def holders(settings: Settings) -> list[int]:
    """Return the workers that hold a shard now."""
    found = []
    for folder in settings.data.glob("shards/*/lease"):
        paths = sorted((path for path in folder.iterdir() if path.name.isdecimal()), key=_number)
        values = json.loads(paths[-1].read_text("utf-8") or "{}") if paths else {}
        if values and not values["is_free"] and values["pid"] != os.getpid():
            found.append(values["pid"])
    return found


def _number(path: Path) -> int:
    return int(path.name)


# --- whole crawls -------------------------------------------------------------------------------


@pytest.mark.slow
def test_three_workers_crawl_thirty_hosts_and_one_is_killed(tmp_path: Path, empty: Path) -> None:
    killed: list[int] = []

    def kill_one(request: int) -> None:
        at_work = holders(settings) if request >= 75 and not killed else []
        for pid in at_work[:1]:
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    with serve_hosts(30, articles=2, pace=0.005) as hosts:
        settings = house(tmp_path / "house", hosts, empty)
        hosts.heard = kill_one
        crawled = crawl(settings, engine="pool", workers=3, largest=10)
        everything = sorted(hosts.articles())
    assert killed
    assert crawled == Crawled(shards=3, parts=crawled.parts)
    assert len(everything) == 60
    assert articles_in(settings) == everything
    with Ledger(settings.ledger) as ledger:
        pages = list(ledger.pages())
    assert sorted(page.url for page in pages) == everything
    archive = Archive(settings.data)
    assert all(b"TRS_Editor" in archive.read_record(page.location) for page in pages)
    # one worker a host, and nobody asked again for more than what was in flight
    assert set(hosts.most.values()) == {1}
    assert max(hosts.log.count(one) for one in set(hosts.log)) <= 2


@pytest.mark.slow
def test_what_lies_on_hosts_of_others_is_had_when_they_are_not_asked(
    tmp_path: Path, empty: Path
) -> None:
    with serve_hosts(3, articles=1) as hosts:
        first, second, nobodys = hosts.bases
        hosts.put(first, path_of(3), "", 302, Location=hosts.bases[second] + path_of(7))
        hosts.put(second, path_of(7), article("搬家的人才政策消息发布", "2026-01-08", 7, 70))
        hosts.put(nobodys, path_of(8), article("别处的人才政策消息发布", "2026-01-09", 8, 80))
        hosts.link(first, hosts.bases[second] + path_of(0), hosts.bases[nobodys] + path_of(8))
        hosts.link(second, hosts.bases[first] + path_of(3))
        hosts.put(nobodys, "/robots.txt", "User-agent: *\nDisallow: /t20260101_0.html\n")
        hosts.link(first, hosts.bases[nobodys] + path_of(0))
        settings = house(tmp_path / "house", hosts, empty)
        keep_sources(settings, 2)
        said: list[str] = []
        crawl(settings, largest=1, say=said.append)
        forbidden = hosts.bases[nobodys] + path_of(0)
        everything = sorted(hosts.articles() - {forbidden})
    assert articles_in(settings) == everything
    sql = "select url, problem from fetches where problem is not null"
    assert ask(settings, sql) == [[(forbidden, "forbidden")]]
    assert [line for line in said if "left for" in line] == []
    assert hosts.log.count((nobodys, path_of(0))) == 0
    # what two shards list is asked for once
    assert hosts.log.count((second, path_of(0))) == 1


def keep_sources(settings: Settings, count: int) -> None:
    """Leave the first so many sources on the watchlist."""
    head, *tables = settings.watchlist.read_text("utf-8").split("[[source]]")
    kept = "[[source]]".join([head, *tables[:count]])
    settings.watchlist.write_text(kept, encoding="utf-8")


# --- the driver, with a crawl that only writes -----------------------------------------------


class Crawls:
    """Stands for the process of a crawl: it has all pages of its hosts at once."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.jobs: list[Job] = []
        #: Hosts whose crawl fails, and how often it still does.
        self.failing: dict[str, int] = {}

    def __call__(self, job: Job, tell: Tell, begun: Begun) -> None:
        assert callable(begun)
        self.jobs.append(job)
        assert job.share is not None
        assert job.share.patience == LEASE / 2
        for host in job.share.hosts:
            if self.failing.get(host, 0):
                self.failing[host] -= 1
                raise CrawlError(f"{host}: no crawl today")
        with Keeper(Path(job.folder), tell) as keeper:
            for source in job.sources:
                self._keep(keeper, source.id, source.url)

    def _keep(self, keeper: Keeper, source: str, base: str) -> None:
        keeper.ledger.begin_walk(source, "rule")
        host = base.split("/")[2].partition(":")[0]
        for path, (_, _, body) in self.hosts.pages[host].items():
            url = base.rstrip("/") + path
            if "/t2026" not in path or keeper.ledger.is_settled(url):
                continue
            keeper.ledger.add_listings(source, [Listing(url=url)])
            now, data = datetime.now(UTC), body.encode()
            known = {"source_id": source, "kind": "article", "fetched": now}
            place = keeper.archive(Record(url=url, asked=url, body=data, **known))
            keeper.keep(
                Fetch(
                    url=url,
                    final_url=url,
                    status=200,
                    sha256=sha256(data).hexdigest(),
                    warc_file=place.file,
                    warc_offset=place.offset,
                    **known,
                )
            )
        keeper.ledger.end_walk(source)


@pytest.fixture
def hosts() -> Hosts:
    return sites(2, articles=1)


@pytest.fixture
def crawls(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> Crawls:
    made = Crawls(hosts)
    monkeypatch.setattr(working, "run_crawl", made)
    monkeypatch.setattr(SearchIndex, "refresh", lambda *_args, **_more: None)  # nobody searches
    return made


@pytest.fixture
def settings(tmp_path: Path, hosts: Hosts, empty: Path, crawls: Crawls) -> Settings:
    assert crawls.jobs == []
    return house(tmp_path / "house", hosts, empty)


def test_a_rerun_adds_nothing(settings: Settings, hosts: Hosts) -> None:
    assert crawl(settings, largest=1) == Crawled(shards=2, parts=2)
    assert articles_in(settings) == sorted(hosts.articles())
    before, files = state(settings), sorted(settings.data.glob("shards/*/parts/*/*"))
    assert registered(settings) == parts_of(settings)
    assert crawl(settings, largest=1) == Crawled(shards=2)
    assert state(settings) == before
    assert sorted(settings.data.glob("shards/*/parts/*/*")) == files
    # what is new is one more part, by its number and its content
    hosts.put("127.0.0.1", path_of(9), article("又一条人才政策消息发布", "2026-02-01", 1, 90))
    assert crawl(settings, largest=1) == Crawled(shards=2, parts=1)
    assert registered(settings) == parts_of(settings)
    assert articles_in(settings) == sorted(hosts.articles())


def test_a_shard_that_fails_three_times_is_one_line_and_the_others_go_on(
    settings: Settings, hosts: Hosts, crawls: Crawls
) -> None:
    crawls.failing = {"127.0.0.2": 3}
    line = (
        "hosts-0002: not crawled to its end after 3 tries: CrawlError: 127.0.0.2: no crawl today; "
        "what it has is kept, and the next crawl goes on with it"
    )
    assert crawl(settings, largest=1) == Crawled(shards=2, parts=1, failed=[line])
    (failures,) = ask(settings, "select subject, stage, kind, message from failures")
    assert failures == [("hosts-0002", "crawl", "shard", line)]
    assert articles_in(settings) == [url for url in hosts.articles() if "127.0.0.1:" in url]
    assert crawl(settings, largest=1) == Crawled(shards=2, parts=1)
    assert articles_in(settings) == sorted(hosts.articles())
    assert ask(settings, "select * from failures") == [[]]


def test_half_written_parquet_is_passed_over_and_written_again(
    settings: Settings, empty: Path
) -> None:
    crawl(settings)
    folder = settings.data / "shards/hosts-0001/parts"
    before, (whole,) = state(settings), folder.glob("articles/*.parquet")
    shutil.copy(empty, settings.database)
    # a worker that died while it wrote: a file cut short, one without its receipt, one aside
    whole.write_bytes(whole.read_bytes()[:-100])
    torn = whole.with_name("hosts-0001-000002-00.parquet")
    torn.write_bytes(b"PAR1 torn")
    aside = whole.with_name("hosts-0001-000003-00.parquet.1.part")
    aside.write_bytes(b"PAR1")
    assert [part.name for part in Parts(folder.parent).whole()] == []
    assert crawl(settings) == Crawled(shards=1, parts=1)
    assert [row[:3] for row in state(settings)[0]] == [row[:3] for row in before[0]]
    assert not torn.exists()
    assert not aside.exists()


def test_a_page_that_kills_its_readers_is_left_out_and_the_others_are_had(
    settings: Settings, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly = min(hosts.articles())
    read, leave = PageReader.report, Attempts.__exit__
    deaths: list[str] = []

    def report(reader: PageReader, page: Page) -> object:
        if page.url == deadly:
            deaths.append(page.url)
            raise MemoryError
        return read(reader, page)

    def die(mark: Attempts, kind: type | None, *more: object) -> None:
        mark._file.close() if kind else leave(mark, kind, *more)  # as a dead process leaves it

    monkeypatch.setattr(PageReader, "report", report)
    monkeypatch.setattr(Attempts, "__exit__", die)
    crawl(settings)
    (failures,) = ask(settings, "select subject, kind from failures")
    assert len(deaths) == 2
    assert failures == [(deadly, "fatal")]
    assert articles_in(settings) == sorted(hosts.articles() - {deadly})


@pytest.mark.parametrize("step", ["write_tables", "finish_run"])
def test_a_driver_that_dies_while_it_registers_doubles_nothing(
    settings: Settings, hosts: Hosts, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DiedError(BaseException):
        pass

    def die(*_args, **_more) -> None:
        raise DiedError

    with monkeypatch.context() as patched:
        patched.setattr(Store, step, die)
        with pytest.raises(DiedError):
            crawl(settings, largest=1)
    crawl(settings, largest=1)
    assert articles_in(settings) == sorted(hosts.articles())
    fetches, figures = ask(
        settings,
        "select count(*), count(distinct id) from fetches",
        "select count(*), count(distinct fact_id) from figures",
    )
    assert fetches == [(2, 2)]
    assert figures[0][0] == figures[0][1] > 0


def test_nobody_else_crawls_in_the_house_meanwhile(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = partial(crawl_lock, patience=0.01)
    monkeypatch.setattr(driving, "crawl_lock", hasty)
    with crawl_lock(settings.data), pytest.raises(CrawlError, match="another crawl is at work"):
        crawl(settings)


def test_a_driver_whose_house_was_taken_over_registers_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = driving.plan_shards

    def lose(*args: object, **more: object) -> object:
        (settings.data / "shards/lease/2").write_text('{"who": "another", "count": 1}', "utf-8")
        return plan(*args, **more)

    monkeypatch.setattr(driving, "plan_shards", lose)
    with pytest.raises(CrawlError, match="another worker has taken it over"):
        crawl(settings)
    assert articles_of_store(settings) == []


def test_a_shard_without_a_source_is_still_registered(
    settings: Settings, hosts: Hosts, empty: Path
) -> None:
    crawl(settings, largest=1)
    shutil.copy(empty, settings.database)
    keep_sources(settings, 1)
    assert crawl(settings, largest=1) == Crawled(shards=1, parts=2)
    assert articles_in(settings) == sorted(hosts.articles())


def test_corrections_stay_over_what_is_read_anew(settings: Settings, hosts: Hosts) -> None:
    crawl(settings)
    with Store(settings.database) as store:
        article_row = store.select("select id from articles order by url limit 1")[0]
        report = store.reports_of([article_row["id"]])[0]
        figure = report.facts.figures[0]
        store.write_corrections([wrong(report.article.id, figure)])
        assert figure not in store.reports_of([report.article.id])[0].facts.figures
    url = str(report.article.url)
    host = url.split("/")[2].partition(":")[0]
    path = "/" + url.rpartition("/")[2]
    status, headers, body = hosts.pages[host][path]
    hosts.pages[host][path] = status, headers, body.replace("留得住", "留得下")
    with Ledger(settings.data / "shards/hosts-0001/ledger.sqlite") as ledger:
        ledger._con.execute("update fetches set problem = 'unreachable' where url = ?", (url,))
    crawl(settings)
    with Store(settings.database) as store:
        again = store.reports_of([report.article.id])[0]
    assert "留得下" in again.article.text
    assert figure.evidence not in [one.evidence for one in again.facts.figures]


def wrong(name: str, figure) -> object:
    from store.corrections import Correction

    return Correction(article_id=name, kind="figure", evidence=figure.evidence, fields=None)


# --- beside the daily run -----------------------------------------------------------------------


def test_the_house_is_rebuilt_from_the_archives_of_its_shards(
    settings: Settings, hosts: Hosts
) -> None:
    crawl(settings, largest=1)
    before = facts(settings)
    settings.ledger.unlink()
    counts = rebuild(settings, lambda _: None)
    assert counts["articles"] == len(hosts.articles())
    assert articles_in(settings) == sorted(hosts.articles())
    assert facts(settings) == before
    assert crawl(settings, largest=1).shards == 2
    assert facts(settings) == before
    with Ledger(settings.ledger) as ledger:
        assert len(list(ledger.fetches())) == len(hosts.articles())


def test_a_backup_holds_the_archives_of_shards(settings: Settings, tmp_path: Path) -> None:
    crawl(settings, largest=1)
    copied = back_up(settings, tmp_path / "house", tmp_path / "copy")
    assert copied.missing == []
    there = load_settings(tmp_path / "copy", {})
    with Ledger(there.ledger) as ledger:
        pages = list(ledger.pages())
    archive = Archive(there.data)
    assert len({page.location.file for page in pages}) == 2
    assert all(b"TRS_Editor" in archive.read_record(page.location) for page in pages)


def test_what_the_daily_run_has_had_is_not_asked_for_again(
    settings: Settings, hosts: Hosts, crawls: Crawls
) -> None:
    with Keeper(settings.data) as keeper:
        crawls._keep(keeper, "s00", f"{hosts.bases['127.0.0.1']}/")
    crawl(settings)
    with Ledger(settings.data / "shards/hosts-0001/ledger.sqlite") as ledger:
        asked = [fetch.url for fetch in ledger.fetches() if fetch.warc_file]
    assert sorted(asked) == sorted(url for url in hosts.articles() if "127.0.0.1:" not in url)
    with Ledger(settings.ledger) as ledger:
        assert sorted(page.url for page in ledger.pages()) == sorted(hosts.articles())
        assert len(list(ledger.fetches())) == len(hosts.articles())


def test_pruning_moves_records_in_the_archives_of_shards_too(
    settings: Settings, hosts: Hosts
) -> None:
    crawl(settings, largest=1)
    with Store(settings.database) as store:
        store._db.execute("delete from figures")
        store._db.execute("delete from names")
        store._db.execute("delete from policy_mentions")
        store._db.execute("delete from places")
    pruned = prune_archive(settings, days=None, gigabytes=0.0, is_dry=False)
    assert pruned.pages == len(hosts.articles())
    for path in (settings.ledger, *settings.data.glob("shards/*/ledger.sqlite")):
        with Ledger(path) as ledger:
            assert list(ledger.pages()) == []
    assert crawl(settings, largest=1) == Crawled(shards=2)
