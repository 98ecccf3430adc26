"""One crawl, from its job to its exit code."""

import os
import sys
from pathlib import Path
from threading import Thread

from scrapy.crawler import CrawlerProcess

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
    Thread(target=_die_with_parent, daemon=True).start()
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
    )
    with Keeper(folder, _tell) as keeper:
        process = CrawlerProcess(settings)
        crawler = process.create_crawler(ColumnSpider)
        process.crawl(crawler, sources=job.sources, keeper=keeper, only_lists=job.only_lists)
        process.start()
    stats = crawler.stats.get_stats()
    spider = crawler.spider
    is_whole = isinstance(spider, ColumnSpider) and spider.has_started
    if not is_whole or stats.get("spider_exceptions/count") or process.bootstrap_failed:
        return _fail(f"the crawl met a bug; the trace is in {folder / 'crawl.log'}")
    if stats.get("finish_reason") != "finished":
        return _fail(f"the crawl was stopped ({stats.get('finish_reason')}); run it again")
    return 0


def _tell(progress: Progress) -> None:
    sys.stdout.buffer.write(progress.to_json())
    sys.stdout.buffer.flush()


def _fail(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 1


def _die_with_parent() -> None:
    """End at once when the parent is gone: two crawls would ask every page twice."""
    while os.read(0, 4096):
        continue
    os._exit(1)
