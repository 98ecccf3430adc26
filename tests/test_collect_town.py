"""A crawl of two thousand articles in columns of every kind, among all that can go wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.collect import Job, run_crawl
from crawler.decode import decode
from crawler.health import SourceHealth, source_health
from crawler.ledger import Ledger
from crawler.presets import load_presets
from crawler.progress import Progress
from crawler.settings import REASKED
from tests.sites.server import serve
from tests.sites.town import Town, add_faults, build_town, heal

pytestmark = pytest.mark.slow

ARTICLES = 2_000
#: Seconds that a request may take; an answer that comes by drops takes longer.
TIMEOUT = 1.5


def job_for(town: Town, folder: Path) -> Job:
    return Job(
        sources=tuple(town.sources),
        folder=str(folder),
        user_agent="bole/test (tests)",
        timeout=TIMEOUT,
    )


def pages_of(folder: Path) -> dict[str, bytes]:
    """Address -> what was archived; fails if any content is there twice."""
    archive = Archive(folder)
    with Ledger(folder / "ledger.sqlite") as ledger:
        pages = list(ledger.pages())
    assert len({(page.url, page.sha256) for page in pages}) == len(pages)
    return {page.url: archive.read_record(page.location) for page in pages}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    folder = tmp_path_factory.mktemp("town")
    with serve() as site, serve() as elsewhere:
        elsewhere.put("/secret.html", "秘密")
        town = build_town(site, ARTICLES)
        add_faults(town, elsewhere.base)
        told: list[Progress] = []
        run_crawl(job_for(town, folder), told.append)
        state = {"town": town, "folder": folder, "told": told, "elsewhere": elsewhere}
        state["first"] = pages_of(folder)
        state["asked"] = [path for path, _ in site.log]
        with Ledger(folder / "ledger.sqlite") as ledger:
            state["health"] = source_health(ledger, town.sources)
        state["faults"] = town.faults
        state["healed"] = heal(town)
        site.log.clear()
        site.conditional.clear()
        again: list[Progress] = []
        run_crawl(job_for(town, folder), again.append)
        with Ledger(folder / "ledger.sqlite") as ledger:
            state["health2"] = source_health(ledger, town.sources)
        yield {**state, "again": again, "second": pages_of(folder), "log2": [*site.log]}


#: So many faults at one source are told of the source, too.
MANY = {("odd", "many_failed", "")}


def faults_in(health: list[SourceHealth]) -> set[tuple[str, str, str]]:
    """(source, kind of problem, end of the address) of all problems."""
    return {
        (one.source_id, problem.kind, (problem.url or "").rpartition("/")[2])
        for one in health
        for problem in one.problems
    }


def test_every_kind_of_list_is_there(crawled: dict) -> None:
    presets = {source.preset.name for source in crawled["town"].sources}
    kinds = {source.preset.kind for source in crawled["town"].sources}
    assert kinds == {preset.kind for preset in load_presets().values()}
    assert presets == {
        *("trs", "jcms", "jcms_js", "jpaas", "gkmlpt", "ucap_api", "json", "search_jcms"),
        *("rss", "sitemap", "urls", "html"),
    }


def test_every_article_that_can_be_had_is_had_once(crawled: dict) -> None:
    there = {
        url: body for url, body in crawled["town"].pages.items() if url not in crawled["healed"]
    }
    assert len(there) > ARTICLES
    assert crawled["first"].keys() == there.keys()
    assert crawled["first"] == there


def test_no_article_is_asked_for_twice(crawled: dict) -> None:
    names = ("reset503", "later", "reset", "always503", "late")
    retried = {f"/odd/{name}.html" for name in names}
    loops = {"/odd/loop1.html", "/odd/loop2.html"}
    base = crawled["town"].site.base
    articles = {url.removeprefix(base) for url in crawled["town"].pages} - retried - loops
    asked = [path for path in crawled["asked"] if path in articles]
    assert len(asked) == len(articles)


def test_every_fault_is_told(crawled: dict) -> None:
    assert faults_in(crawled["health"]) == crawled["faults"] | MANY


def test_what_heals_is_had_the_next_time_and_told_no_more(crawled: dict) -> None:
    new = crawled["second"].keys() - crawled["first"].keys()
    assert new == crawled["healed"]
    assert faults_in(crawled["health2"]) == crawled["town"].faults | MANY


def test_nobody_is_led_to_a_private_host(crawled: dict) -> None:
    assert crawled["elsewhere"].log == []


def test_a_page_that_lies_about_its_encoding_is_kept_as_it_came(crawled: dict) -> None:
    body = crawled["first"][crawled["town"].site.base + "/odd/gbk.html"]
    assert "编码不符的消息" in decode(body)
    assert "说是别的编码" in decode(crawled["first"][crawled["town"].site.base + "/odd/lies.html"])


def test_lists_without_an_end_are_left_at_their_page(crawled: dict) -> None:
    """One has always a page more, one leads round in a ring, a sitemap's index names itself."""
    lists = {progress.source_id: progress.lists for progress in crawled["told"]}
    assert (lists["endless"], lists["ring"], lists["index"]) == (5, 4, 3)


def test_a_second_run_asks_for_lists_and_the_newest_articles_with_a_condition(
    crawled: dict,
) -> None:
    assert {**crawled["second"], **crawled["first"]} == crawled["second"] == crawled["town"].pages
    site, base = crawled["town"].site, crawled["town"].site.base
    articles = {url.removeprefix(base) for url in crawled["first"]}
    asked = [path for path, _ in crawled["log2"] if path in articles]
    assert set(asked) <= set(site.conditional)
    assert {status for path, status in crawled["log2"] if path in articles} == {304}
    for source in crawled["town"].sources:
        own = [path for path in asked if path.startswith(f"/{source.id}/")]
        assert 0 < len(own) <= REASKED


def test_progress_is_told_source_by_source(crawled: dict) -> None:
    last = {progress.source_id: progress for progress in crawled["told"]}
    assert last.keys() == {source.id for source in crawled["town"].sources}
    assert sum(progress.fetched for progress in last.values()) == len(crawled["first"])
    assert last["odd"].problems == len(crawled["faults"])
    again = {progress.source_id: progress for progress in crawled["again"]}
    assert again["rss"].fetched == 0
    assert again["rss"].unchanged == REASKED
