"""The crawl against a loopback site: complete, incremental, polite, safe, and safe to kill."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from time import monotonic

import pytest

from crawler.archive import Archive
from crawler.collect import Job, collect, start_crawl
from crawler.errors import CrawlError
from crawler.health import broken_sources, source_health
from crawler.ledger import Ledger
from crawler.progress import Progress
from crawler.restoring import rebuild_ledger
from crawler.sources import Source, load_presets
from tests.sites.server import Answer, Site, article_page, list_page, packed, serve

pytestmark = pytest.mark.slow

AGENT = "bole/test (tests)"


def source(site: Site, name: str, url: str, preset: str = "trs", **more: object) -> Source:
    keys = {"list_item", "item_url", "pages"} & more.keys()
    rule = replace(load_presets()[preset], **{key: more.pop(key) for key in keys})
    values = {"level": "city", "publisher": "official", "min_items": 1, "delay": 0.0, **more}
    private = values.pop("allow_private", (site.host,))
    return Source(
        id=name, name=name, url=site.base + url, preset=rule, allow_private=private, **values
    )


def crawl(sources: list[Source], folder: Path) -> None:
    collect(sources, folder, user_agent=AGENT)


def pages_of(folder: Path) -> dict[str, str]:
    """Address -> what was archived; fails if any content is there twice."""
    archive = Archive(folder)
    with Ledger(folder / "ledger.sqlite") as ledger:
        pages = list(ledger.pages())
    assert len({(page.url, page.sha256) for page in pages}) == len(pages)
    return {page.url: archive.read_record(page.location).decode() for page in pages}


def put_column(site: Site, path: str, numbers: list[list[int]], second: int = 1) -> None:
    """A TRS column: `numbers` are the articles of each of its pages, page 2 is index_`second`."""
    for place, page in enumerate(numbers):
        name = "" if place == 0 else f"index_{place - 1 + second}.html"
        rows = [
            (f"./202401/t202401{n:02}_{n}.html", f"第{n}条消息标题", f"2024-01-{n:02}")
            for n in page
        ]
        site.put(path + name, list_page(rows))
        for n in page:
            site.put(f"{path}202401/t202401{n:02}_{n}.html", article_page(f"第{n}条消息标题"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """Everything a watchlist meets, crawled twice with nothing changed in between."""
    folder = tmp_path_factory.mktemp("crawl")
    with serve() as site, serve() as hidden, serve() as tester:
        hidden.put("/secret.html", article_page("秘密"))
        site.put("/robots.txt", "User-agent: *\nDisallow: /trs/202401/t20240103_3.html\n")
        put_column(site, "/trs/", [[5, 4, 3], [2, 1]])
        put_column(site, "/alt/", [[9, 8], [7, 6]], second=2)
        put_column(site, "/endless/", [[12, 11], [12, 11], [12, 11]])
        odd = [
            ("a.html", "打包的网页标题"),
            ("b.html", "炸弹"),
            ("c.html", "去内网"),
            ("d.html", "没有"),
        ]
        odd += [
            ("e.html", "忙"),
            ("f.html", "搬走了"),
            ("mailto:a@b.cn", "信"),
            ("http://[x", "坏"),
        ]
        site.put("/odd/", list_page([(href, title, "") for href, title in odd]))
        site.put("/odd/a.html", packed(article_page("打包的网页标题")), Content_Encoding="gzip")
        site.put("/odd/b.html", packed(bytes(21 * 2**20)), Content_Encoding="gzip")
        site.redirect("/odd/c.html", f"{hidden.base}/secret.html")
        site.put("/odd/e.html", "busy", 503)
        site.redirect("/odd/f.html", "/moved/g.html#top")
        site.put("/moved/g.html", article_page("搬走了"))
        site.put("/few/", list_page([("x.html", "唯一的一条", "")]))
        site.put("/few/x.html", article_page("唯一的一条"))
        tester.put("/col/", list_page([(f"{n}.html", f"第{n}条", "") for n in range(5)]))
        for n in range(5):
            tester.put(f"/col/{n}.html", "", 521)
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        sources = [
            source(site, "trs", "/trs/"),
            source(site, "alt", "/alt/"),
            source(site, "endless", "/endless/"),
            source(site, "odd", "/odd/", "html", list_item="ul.list li"),
            source(site, "few", "/few/", "html", list_item="ul.list li", min_items=2),
            source(tester, "test", "/col/", "html", list_item="ul.list li"),
            source(hidden, "sly", "/secret.html", "html", list_item="li", allow_private=()),
            Source(
                id="off",
                name="off",
                url=f"http://127.0.0.1:{port}/",
                preset=load_presets()["rss"],
                level="city",
                publisher="media",
                delay=0.0,
                allow_private=(f"127.0.0.1:{port}",),
            ),
        ]
        state = {"site": site, "hidden": hidden, "tester": tester, "sources": sources}
        for run in (1, 2):
            crawl([*sources], folder)
            with Ledger(folder / "ledger.sqlite") as ledger:
                state[f"health{run}"] = source_health(ledger, sources)
            state[f"pages{run}"] = pages_of(folder)
            state[f"log{run}"] = [*site.log]
            state[f"tests{run}"] = [*tester.log]
            site.log.clear()
            tester.log.clear()
        yield {**state, "folder": folder}


def problems(world: dict, name: str) -> list[tuple[str, str]]:
    found = next(one for one in world["health1"] if one.source_id == name).problems
    return [(p.kind, (p.url or "").rpartition("/")[2]) for p in found]


def test_a_column_is_collected_to_its_last_page(world: dict) -> None:
    base = world["site"].base
    for path, numbers in (("trs", (1, 2, 4, 5)), ("alt", (6, 7, 8, 9)), ("endless", (11, 12))):
        for n in numbers:
            url = f"{base}/{path}/202401/t202401{n:02}_{n}.html"
            assert world["pages1"][url] == article_page(f"第{n}条消息标题")
    assert world["log1"].count(("/trs/index_1.html", 200)) == 1
    assert ("/endless/index_3.html", 404) not in world["log1"]


def test_what_robots_forbids_is_not_asked_for_but_told(world: dict) -> None:
    assert ("forbidden", "t20240103_3.html") in problems(world, "trs")
    assert world["site"].base + "/trs/202401/t20240103_3.html" not in world["pages1"]
    assert "/trs/202401/t20240103_3.html" not in [path for path, _ in world["log1"]]


def test_each_fault_is_told_with_its_address(world: dict) -> None:
    assert problems(world, "odd") == [
        ("too_large", "b.html"),
        ("refused", "c.html"),
        ("not_found", "d.html"),
        ("http_error", "e.html"),
    ]
    assert problems(world, "few") == [("no_rows", "")]
    assert problems(world, "off") == [("unreachable", "")]
    assert problems(world, "alt") == problems(world, "endless") == []


def test_a_private_host_that_no_source_allows_gets_no_request(world: dict) -> None:
    assert world["hidden"].log == []
    assert problems(world, "sly") == [("refused", "secret.html")]


def test_pages_are_archived_unpacked_under_the_address_that_answered(world: dict) -> None:
    base = world["site"].base
    assert world["pages1"][f"{base}/odd/a.html"] == article_page("打包的网页标题")
    assert world["pages1"][f"{base}/moved/g.html"] == article_page("搬走了")
    assert f"{base}/odd/f.html" not in world["pages1"]


def test_a_test_for_robots_ends_the_crawl_of_its_host_for_the_day(world: dict) -> None:
    assert [status for _, status in world["tests1"]].count(521) == 1
    assert [kind for kind, _ in problems(world, "test")] == ["challenged"]
    assert world["tests2"] == []
    second = next(one for one in world["health2"] if one.source_id == "test").problems
    assert [problem.kind for problem in second] == ["challenged"] * 2
    assert (second[0].url or "").endswith("/col/")  # the list that was not asked is told
    assert (second[0].detail or "").startswith("its host rests since ")


def test_a_source_is_broken_by_its_list_not_by_a_page(world: dict) -> None:
    assert broken_sources(world["health1"], world["sources"]) == ["few", "test", "sly", "off"]


def test_the_list_tells_title_and_day(world: dict) -> None:
    with Ledger(world["folder"] / "ledger.sqlite") as ledger:
        page = next(one for one in ledger.pages() if one.url.endswith("t20240105_5.html"))
    assert (page.source_id, page.list_title) == ("trs", "第5条消息标题")
    assert page.list_date == date(2024, 1, 5)


def test_a_second_run_fetches_nothing_that_is_unchanged(world: dict) -> None:
    assert world["pages2"] == world["pages1"]
    first, second = (
        [one for one in world[name] if one.source_id != "test"] for name in ("health1", "health2")
    )
    assert second == first
    fetched = {path for path, status in world["log2"] if status == 200}
    assert fetched == {"/robots.txt", "/few/"}  # a list without its rows is read again
    assert not [path for path, _ in world["log2"] if "index_" in path]


def test_the_ledger_can_be_rebuilt_from_the_archive(world: dict, tmp_path: Path) -> None:
    archive = Archive(world["folder"])
    rebuild_ledger(archive, tmp_path / "ledger.sqlite")
    with (
        Ledger(tmp_path / "ledger.sqlite") as new,
        Ledger(world["folder"] / "ledger.sqlite") as old,
    ):
        assert list(new.pages()) == list(old.pages())
    with pytest.raises(CrawlError, match="move it away"):
        rebuild_ledger(archive, tmp_path / "ledger.sqlite")


def test_changes_and_news_arrive(tmp_path: Path) -> None:
    with serve() as site:
        put_column(site, "/trs/", [[2, 1]])
        sources = [source(site, "trs", "/trs/")]
        crawl(sources, tmp_path)
        put_column(site, "/trs/", [[3, 2], [1]])
        site.put("/trs/202401/t20240101_1.html", "改过的")
        site.log.clear()
        crawl(sources, tmp_path)
    assert pages_of(tmp_path)[f"{site.base}/trs/202401/t20240101_1.html"] == "改过的"
    assert f"{site.base}/trs/202401/t20240103_3.html" in pages_of(tmp_path)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        contents = [one for one in ledger.pages() if one.url.endswith("_1.html")]
    assert [one.first_fetched for one in contents] == [contents[0].fetched] * 2
    assert contents[1].fetched > contents[0].fetched
    assert ("/trs/202401/t20240102_2.html", 304) in site.log


def test_a_page_that_goes_back_to_old_words_says_them_last(tmp_path: Path) -> None:
    address = "/trs/202401/t20240101_1.html"
    with serve() as site:
        put_column(site, "/trs/", [[1]])
        sources = [source(site, "trs", "/trs/")]
        for words in ("先前的", "改过的", "先前的"):
            site.put(address, words)
            crawl(sources, tmp_path)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        contents = [page.sha256 for page in ledger.pages() if page.url.endswith(address)]
    rebuild_ledger(Archive(tmp_path), tmp_path / "again.sqlite")
    with Ledger(tmp_path / "again.sqlite") as again:
        rebuilt = [page.sha256 for page in again.pages() if page.url.endswith(address)]
    assert rebuilt == contents
    assert contents[-1] == sha256("先前的".encode()).hexdigest()


def test_outside_its_hours_a_source_is_not_asked(tmp_path: Path) -> None:
    china = datetime.now(timezone(timedelta(hours=8)))
    open_now, closed = (
        f"{china + timedelta(hours=a):%H:%M}-{china + timedelta(hours=b):%H:%M}"
        for a, b in ((-2, 2), (2, 4))
    )
    with serve() as site:
        put_column(site, "/a/", [[1]])
        put_column(site, "/b/", [[1]])
        sources = [source(site, "a", "/a/", hours=open_now), source(site, "b", "/b/", hours=closed)]
        crawl(sources, tmp_path)
        assert site.asked("/a/")
        assert site.asked("/b/") == []
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert [health.problems for health in source_health(ledger, sources)] == [(), ()]


def gaps(site: Site) -> list[float]:
    """Seconds between the requests from now on, filled as they come."""
    times: list[float] = []
    found: list[float] = []

    def note(_: str) -> None:
        if times:
            found.append(monotonic() - times[-1])
        times.append(monotonic())

    site.made.insert(0, note)
    return found


def put_missing(site: Site, count: int) -> None:
    """A list of pages that are not there, so that each request is seen."""
    site.put("/a/", list_page([(f"{n}.html", f"第{n}条", "") for n in range(count)]))


def test_a_delay_is_the_least_gap_between_two_requests(tmp_path: Path) -> None:
    with serve() as site:
        put_missing(site, 8)
        found = gaps(site)
        one = source(site, "a", "/a/", "html", list_item="ul.list li", delay=0.1)
        crawl([one], tmp_path)
    assert len(found) == 8
    assert min(found) >= 0.1


def test_robots_says_how_far_apart_requests_are(tmp_path: Path) -> None:
    with serve() as site:
        put_missing(site, 4)
        site.put("/robots.txt", "User-agent: *\nCrawl-delay: 0.2\n")
        found = gaps(site)
        crawl([source(site, "a", "/a/", "html", list_item="ul.list li")], tmp_path)
    assert len(found) == 3
    assert min(found) >= 0.2


@pytest.mark.parametrize("where", ["/a/0.html", "/robots.txt"])
def test_a_host_that_asks_for_a_long_rest_gets_it(tmp_path: Path, where: str) -> None:
    with serve() as site:
        put_column(site, "/b/", [[1]])
        put_missing(site, 3)
        for n in range(3):
            site.put(f"/a/{n}.html", article_page(f"第{n}条"))
        site.fail_first(where, Answer(status=503, headers={"Retry-After": "500"}))
        one = source(site, "a", "/a/", "html", list_item="ul.list li")
        crawl([one], tmp_path)
        asked = len(site.log)
        assert (site.log[-1], where in site.asked()[:-1]) == ((where, 503), False)
        both = [one, source(site, "b", "/b/")]
        crawl(both, tmp_path)
        assert len(site.log) == asked
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            health = source_health(ledger, both)
            until = datetime.now(UTC) + timedelta(seconds=500)
            (rest,) = ledger.rests.hosts(datetime.now(UTC)).values()
            assert until - timedelta(seconds=60) < rest.until <= until
            assert broken_sources(health, both) == ["a", "b"]
            told = [[(p.kind, (p.detail or "")[:21]) for p in h.problems] for h in health]
            first = [("busy", "HTTP 503, asks to be ")] if where == "/a/0.html" else []
            assert told[1] == [("busy", "its host rests since ")]
            assert told[0] == [*told[1], *first]
        forget_rests(tmp_path)
        crawl(both, tmp_path)
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            assert [one.problems for one in source_health(ledger, both)] == [(), ()]
        assert len(pages_of(tmp_path)) == 4


def forget_rests(folder: Path) -> None:
    """Let the time of the hosts at rest be over."""
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as con:
        con.execute("update rests set until = since")
        con.commit()


def test_pages_that_come_whole_but_as_they_were_are_told_unchanged(tmp_path: Path) -> None:
    with serve() as site:
        put_column(site, "/a/", [[3, 2, 1]])
        for path in [path for path in site.pages if path.endswith(".html")]:
            site.put(path, site.pages[path].body, ETag="")
        last: list[Progress] = []
        counts = []
        for _ in range(2):
            collect([source(site, "a", "/a/")], tmp_path, user_agent=AGENT, tell=last.append)
            counts.append((last[-1].fetched, last[-1].unchanged))
        assert [path for path in site.conditional if path != "/a/"] == []
    assert counts == [(3, 0), (0, 3)]


def test_a_killed_crawl_is_completed_by_the_next(tmp_path: Path) -> None:
    with serve() as site:
        put_column(site, "/trs/", [[9, 8, 7, 6], [5, 4, 3], [2, 1]])
        sources = [source(site, "trs", "/trs/")]
        for moment in (1, 4, 9):
            site.log.clear()
            site.held.clear()
            site.go_on.clear()
            site.hold_at = moment
            job = Job(sources=tuple(sources), folder=str(tmp_path), user_agent=AGENT)
            with start_crawl(job) as process:
                assert site.held.wait(30)
                process.kill()
            site.go_on.set()
        site.hold_at = None
        crawl(sources, tmp_path)
        assert set(pages_of(tmp_path)) == {
            f"{site.base}/trs/202401/t202401{n:02}_{n}.html" for n in range(1, 10)
        }


def test_a_crawl_ends_with_its_parent(tmp_path: Path) -> None:
    with serve() as site:
        put_column(site, "/trs/", [[1]])
        site.hold_at = 1
        job = Job(sources=(source(site, "trs", "/trs/"),), folder=str(tmp_path), user_agent=AGENT)
        with start_crawl(job) as process:
            assert site.held.wait(30)
            process.stdin.close()  # what the system does when the parent is gone
            assert process.wait(30) == 1


def test_what_stops_a_crawl_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(
        b"no ledger at all, but long enough to be looked at" * 9
    )
    with serve() as site, pytest.raises(CrawlError, match=r"not a ledger.*bole rebuild"):
        crawl([source(site, "trs", "/trs/")], tmp_path)
    assert site.log == []


def test_a_job_travels_whole() -> None:
    with serve() as site:
        job = Job(
            sources=(source(site, "trs", "/人才/"),), folder="数据", user_agent=AGENT, delay=0.5
        )
    assert Job.from_json(job.to_json()) == job
