"""All archived pages read by an engine: the workers write shards, one process keeps them."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from bole.config import Settings
from bole.daily import BATCH, Say, keep_batches
from bole.engine import EngineSettings, open_engine
from bole.extraction import PRELOAD, be_ready, read_in_shards
from bole.reading import BatchRead, china_day
from bole.shards import Recipe
from bole.splitting import page_shards
from bole.version import reader_version
from crawler.archive import Archive
from crawler.ledger import Ledger
from store import Store

#: Where shards wait until all are kept: a rebuild that was killed finds them again.
FOLDER = "rebuild-shards"


def reread_pages(
    settings: Settings, store: Store, ledger: Ledger, archive: Archive, say: Say
) -> None:
    """Read every archived page by the engine of the settings and keep what came of it.

    Raises:
        EngineError: The engine is gone, or a part could not be read; the others are read.
    """
    recipe = Recipe(
        out=(settings.data / FOLDER).resolve(),
        version=reader_version(settings.names),
        names=settings.names,
        today=china_day(datetime.now(UTC)),
        scans=((settings.data / "ocr").resolve(), settings.ocr_pages),
    )
    newest = {page.url: page for page in ledger.pages()}
    due = [page for page in newest.values() if page.part is None]
    say(f"reading {len(due)} pages by the engine {settings.engine}")
    batches = [(start, due[start : start + BATCH]) for start in range(0, len(due), BATCH)]
    whole = Archive(archive.folder.parent.resolve())  # workers may stand elsewhere
    shards = page_shards(recipe, whole, batches, newest, source="archive")
    ready = EngineSettings(
        workers=settings.engine_workers,
        scheduler=settings.engine_scheduler,
        prepare=partial(be_ready, settings.names),
        preload=PRELOAD,
    )
    with open_engine(settings.engine, ready) as engine:
        read = read_in_shards(engine, recipe, shards)
        keep_batches(store, ledger, _told(read, len(due), say), recipe.version)


def forget_shards(settings: Settings) -> None:
    """Take away the shards of a rebuild that is done."""
    shutil.rmtree(settings.data / FOLDER, ignore_errors=True)


def _told(batches: Iterator[BatchRead], total: int, say: Say) -> Iterator[BatchRead]:
    """Yield the batches and say each tenth of the way."""
    done = 0
    for batch in batches:
        yield batch
        before, done = done, done + len(batch.pages)
        if done * 10 // total > before * 10 // total:
            say(f"{done} of {total} pages are read and kept")
