"""One crawl, from its job to its exit code."""

import os
import sys
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from scrapy.crawler import CrawlerProcess

from crawler.away import write_away
from crawler.collect import Job
from crawler.errors import CrawlError
from crawler.locking import crawl_lock
from crawler.progress import Progress
from crawler.settings import scrapy_settings
from crawler.spiders.column import ColumnSpider
from crawler.spiders.keeper import Keeper


def run_job() -> int:
    """Run the job on stdin and return 0; 1 with a last line on stderr if something went wrong."""
    job = Job.from_json(sys.stdin.buffer.readline())
    parent = _Parent()
    Thread(target=parent.hear, daemon=True).start()
    if job.share is not None and job.share.patience is not None:
        Thread(target=parent.miss, args=(job.share.patience,), daemon=True).start()
    folder = Path(job.folder)
    try:
        with crawl_lock(folder):
            return _crawl(job, folder)
    except CrawlError as error:
        return _fail(str(error))


def _crawl(job: Job, folder: Path) -> int:
    settings = scrapy_settings(
        job.sources,
        user_agent=job.user_agent,
        delay=job.delay,
        timeout=job.timeout,
        log=folder / "crawl.log",
        more_delays=job.share.delays if job.share else None,
    )
    if job.share is not None:
        settings["OWN_HOSTS"] = tuple(job.share.hosts)
    with Keeper(folder, _tell) as keeper:
        process = CrawlerProcess(settings)
        crawler = process.create_crawler(ColumnSpider)
        process.crawl(
            crawler,
            sources=job.sources,
            keeper=keeper,
            only_lists=job.only_lists,
            share=job.share,
        )
        process.start()
    stats = crawler.stats.get_stats()
    spider = crawler.spider
    if (
        not isinstance(spider, ColumnSpider)
        or not spider.has_started
        or stats.get("spider_exceptions/count")
        or process.bootstrap_failed
    ):
        return _fail(f"the crawl met a bug; the trace is in {folder / 'crawl.log'}")
    if stats.get("finish_reason") != "finished":
        return _fail(f"the crawl was stopped ({stats.get('finish_reason')}); run it again")
    if job.share is not None:
        write_away(folder, spider.away)
    return 0


def _tell(progress: Progress) -> None:
    sys.stdout.buffer.write(progress.to_json())
    sys.stdout.buffer.flush()


def _fail(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 1


class _Parent:
    """Who has started this crawl, and goes on without it: then two would ask every page twice."""

    def __init__(self) -> None:
        self._heard = monotonic()

    def hear(self) -> None:
        """Hear its signs of life, and end at once when it is gone."""
        while os.read(0, 4096):
            self._heard = monotonic()
        os._exit(1)

    def miss(self, patience: float) -> None:
        """End when it has given no sign of life for so many seconds, though it is there."""
        while (silent := monotonic() - self._heard) < patience:
            sleep(patience - silent)
        os._exit(1)
