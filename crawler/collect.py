"""Collecting: the crawl of a watchlist into archive and ledger.

It runs in a process of its own: Scrapy's reactor starts once in a process only, and its memory is
given back at the end.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, Self

from crawler.errors import CrawlError
from crawler.progress import Progress, Tell
from crawler.settings import TIMEOUT
from crawler.sources import Preset, Source

#: Is given the process of a crawl that has begun.
Begun = Callable[[subprocess.Popen[bytes]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one of several crawls that run at the same time may do.

    Attributes:
        hosts: The hosts that are its own for as long as it runs; others get no request from it.
        walked: Ids of the sources whose lists are read; None for all.
        articles: Addresses of articles, parts and documents that lists do not name now and are
            asked for all the same; None for all that are due.
        delays: Seconds between two requests, of hosts that belong to sources of others; "" stands
            for hosts that belong to no source.
        rests: Hosts that others have found to be at rest, as `host:port` -> `Rest.to_row`.
        patience: Seconds after which it ends if its parent gave no sign of life on stdin.
    """

    hosts: Sequence[str]
    walked: Sequence[str] | None = None
    articles: Sequence[str] | None = None
    delays: Mapping[str, float] = field(default_factory=dict)
    rests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    patience: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one crawl is to do; travels as a line of JSON.

    Attributes:
        sources: The columns.
        folder: Where archive and ledger lie.
        user_agent: What it calls itself.
        delay: Seconds between two requests to a host; None leaves it to each source.
        only_lists: Whether the first list of each source is all that is asked for.
        timeout: Seconds for one request and its answer.
        share: What it may ask, if others crawl at the same time; None: whatever its lists name.
    """

    sources: tuple[Source, ...]
    folder: str
    user_agent: str
    delay: float | None = None
    only_lists: bool = False
    timeout: float = TIMEOUT
    share: Share | None = None

    def to_json(self) -> bytes:
        """Return the job as one line."""
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """Return the job that `to_json` wrote."""
        values = json.loads(line)
        sources, share = tuple(map(_source, values["sources"])), values["share"]
        return cls(**{**values, "sources": sources, "share": Share(**share) if share else None})


def collect(
    sources: Sequence[Source],
    folder: Path,
    *,
    user_agent: str,
    delay: float | None = None,
    only_lists: bool = False,
    tell: Tell = lambda _: None,
) -> None:
    """Fetch what is new at the sources into `folder`: warc/*.warc.gz and ledger.sqlite.

    It may be stopped at any moment and run again: what was had is not fetched twice. What goes
    wrong at a source is in the ledger; `tell` hears how far each has come.

    Raises:
        CrawlError: The crawl itself failed.
    """
    job = Job(
        sources=tuple(sources),
        folder=str(folder),
        user_agent=user_agent,
        delay=delay,
        only_lists=only_lists,
    )
    run_crawl(job, tell)


def run_crawl(job: Job, tell: Tell = lambda _: None, begun: Begun = lambda _: None) -> None:
    """Do a job in a process of its own; `tell` hears how far its sources have come.

    `begun` is given the process.

    Raises:
        CrawlError: The crawl itself failed.
    """
    Path(job.folder).mkdir(parents=True, exist_ok=True)
    errors: list[bytes] = []
    with start_crawl(job) as process:
        begun(process)
        if process.stdout is None or process.stderr is None:  # for the type checker: pipes
            raise CrawlError("no way to hear from the crawl; run it again")
        # both at once: a pipe that nobody reads would stop the crawl when it is full
        hearing = Thread(target=errors.extend, args=(process.stderr,))
        hearing.start()
        for line in process.stdout:
            tell(Progress.from_json(line))
        hearing.join()
    if process.returncode != 0:
        lines = b"".join(errors).decode("utf-8", "replace").strip().splitlines()
        raise CrawlError(
            lines[-1] if lines else f"the crawl ended with code {process.returncode}; run it again"
        )


def start_crawl(job: Job) -> subprocess.Popen[bytes]:
    """Start the process of a crawl; it ends by itself, or when its stdin is closed.

    Its stdout is one `Progress` a line.
    """
    packages = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, (packages, os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        # -P: a json.py in the user's folder is none of ours
        [sys.executable, "-P", "-m", "crawler.spiders"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    if process.stdin is None:  # for the type checker: it is a pipe
        raise CrawlError("no way to hand the job to the crawl; run it again")
    process.stdin.write(job.to_json())
    process.stdin.flush()
    return process


def _source(values: dict[str, Any]) -> Source:
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Source(**{**given, "preset": Preset(**values["preset"])})
