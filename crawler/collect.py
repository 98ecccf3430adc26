"""Collecting: the crawl of a watchlist into archive and ledger.

It runs in a process of its own: Scrapy's reactor starts once in a process only, and its memory is
given back at the end.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from crawler.errors import CrawlError
from crawler.sources import Preset, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one crawl is to do; travels as a line of JSON.

    Attributes:
        sources: The columns.
        folder: Where archive and ledger lie.
        user_agent: What it calls itself.
        delay: Seconds between two requests to a host; None leaves it to each source.
    """

    sources: tuple[Source, ...]
    folder: str
    user_agent: str
    delay: float | None = None

    def to_json(self) -> bytes:
        """Return the job as one line."""
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """Return the job that `to_json` wrote."""
        values = json.loads(line)
        return cls(**{**values, "sources": tuple(map(_source, values["sources"]))})


def collect(
    sources: Sequence[Source], folder: Path, *, user_agent: str, delay: float | None = None
) -> None:
    """Fetch what is new at the sources into `folder`: warc/*.warc.gz and ledger.sqlite.

    It may be stopped at any moment and run again: what was had is not fetched twice. What goes
    wrong at a source is in the ledger.

    Raises:
        CrawlError: The crawl itself failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    job = Job(sources=tuple(sources), folder=str(folder), user_agent=user_agent, delay=delay)
    with start_crawl(job) as process:
        errors = process.stderr.read() if process.stderr else b""
    if process.returncode != 0:
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        raise CrawlError(
            lines[-1] if lines else f"the crawl ended with code {process.returncode}; run it again"
        )


def start_crawl(job: Job) -> subprocess.Popen[bytes]:
    """Start the process of a crawl; it ends by itself, or when its stdin is closed."""
    packages = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, (packages, os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        # -P: a json.py in the user's folder is none of ours
        [sys.executable, "-P", "-m", "crawler.spiders"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    if process.stdin is None:  # for the type checker: it is a pipe
        raise CrawlError("no way to hand the job to the crawl; run it again")
    process.stdin.write(job.to_json())
    process.stdin.flush()
    return process


def _source(values: dict[str, Any]) -> Source:
    preset = Preset(**values["preset"])
    return Source(**{**values, "preset": preset, "allow_private": tuple(values["allow_private"])})
