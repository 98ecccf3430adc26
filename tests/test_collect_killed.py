"""A crawl that is killed again and again: nothing is lost, nothing doubled."""

import random
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.collect import Job, run_crawl, start_crawl
from crawler.ledger import Ledger
from crawler.restoring import rebuild_ledger
from tests.sites.server import Site, serve
from tests.sites.town import Town, add_split, build_town

pytestmark = pytest.mark.slow

ARTICLES, KILLS = 200, 10


def contents(folder: Path) -> dict[str, bytes]:
    archive = Archive(folder)
    with Ledger(folder / "ledger.sqlite") as ledger:
        pages = list(ledger.pages())
    assert len({page.url for page in pages}) == len(pages)
    return {page.url: archive.read_record(page.location) for page in pages}


def job_for(town: Town, folder: Path) -> Job:
    return Job(sources=tuple(town.sources), folder=str(folder), user_agent="bole/test")


def kill_at(site: Site, job: Job, request: int, *, is_held: bool) -> None:
    """Kill a crawl with SIGKILL while it waits for an answer, or just as the answer comes."""
    site.held.clear()
    (site.go_on.clear if is_held else site.go_on.set)()
    site.hold_at = len(site.log) + request
    with start_crawl(job) as process:
        assert site.held.wait(30)
        process.kill()
    site.hold_at = None
    site.go_on.set()


def test_ten_kills_at_random_moments_change_nothing(tmp_path: Path) -> None:
    chance = random.Random(20260101)
    with serve() as site:
        town = build_town(site, ARTICLES)
        add_split(town)
        job = job_for(town, tmp_path)
        had = []
        for n in range(KILLS):
            kill_at(site, job, chance.randrange(1, 170), is_held=n % 2 == 0)
            had.append(len(contents(tmp_path)))
        run_crawl(job)
        assert contents(tmp_path) == town.pages
        run_crawl(job_for(town, tmp_path / "whole"))
        assert contents(tmp_path / "whole") == town.pages
    assert had == sorted(had)
    # the kills came in mid-crawl: something was had, and not all
    assert 0 < had[-1] < len(town.pages)
    rebuild_ledger(Archive(tmp_path), tmp_path / "again.sqlite")
    with Ledger(tmp_path / "again.sqlite") as again:
        assert {page.url for page in again.pages()} == town.pages.keys()
