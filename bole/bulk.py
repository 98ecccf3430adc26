"""Facts of large inputs as Parquet: what `bole extract --to parquet` does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

from bole.config import ConfigError
from bole.engine import EngineSettings, open_engine
from bole.extraction import PRELOAD, Extraction, be_ready, extract_shards
from bole.receipts import MANIFEST, RECEIPTS, TABLES, read_manifest
from bole.shards import Recipe, Shard
from bole.shardtalk import shown_shards
from bole.splitting import Say, archive_shards, archive_source, article_shards, find_tables
from bole.version import reader_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be read, and where it goes.

    Attributes:
        inputs: Parquet files of articles, or folders of them; or folders of archives.
        form: Which of the two.
        out: Folder of the shards.
        names: Model that finds people and organizations.
        today: Day on which articles are first seen that do not say it.
        scans: As in `Recipe`.
        retry: Whether what could not be read before is tried again.
    """

    inputs: Sequence[Path]
    form: Literal["parquet", "warc"]
    out: Path
    names: str
    today: date
    scans: tuple[Path, int] | None = None
    retry: bool = False


def extract_bulk(order: Order, engine: str, settings: EngineSettings, say: Say) -> Extraction:
    """Read what is ordered by an engine; what was read before is passed over.

    Raises:
        ConfigError: The folder holds other inputs, or the engine cannot be had.
        LoadError: An input that is not there, or of another kind.
        EngineError: What runs the shards is gone; those that are done are kept.
    """
    folder = Path(order.names)
    names = str(folder.resolve()) if folder.is_dir() else order.names  # workers stand elsewhere
    recipe = Recipe(
        out=order.out.resolve(),
        version=reader_version(names),
        names=names,
        today=order.today,
        scans=order.scans,
    )
    inputs = [path.resolve() for path in order.inputs]
    _check_folder(recipe.out)
    total, shards = _plan(recipe, order.form, inputs, say)
    ready = EngineSettings(
        workers=settings.workers,
        scheduler=settings.scheduler,
        retries=settings.retries,
        prepare=partial(be_ready, names),
        preload=PRELOAD,
    )
    with open_engine(engine, ready) as opened, shown_shards(total) as tell:
        return extract_shards(opened, recipe, shards, tell, retry=order.retry)


def _plan(
    recipe: Recipe, form: str, inputs: Sequence[Path], say: Say
) -> tuple[int, Iterable[Shard]]:
    """Return how many shards there are, and the shards."""
    if form == "warc":
        _check_sources(recipe.out, {archive_source(path) for path in inputs})
        found = list(chain.from_iterable(archive_shards(recipe, path, say) for path in inputs))
        return len(found), found
    tables = find_tables(inputs)
    _check_sources(recipe.out, {table.source for table in tables})
    return sum(table.shards for table in tables), article_shards(recipe, tables)


def _check_folder(out: Path) -> None:
    """Refuse a folder whose tables are not bole's: what the list does not name is taken away."""
    if (out / MANIFEST).is_file() or (out / RECEIPTS).is_dir():
        return
    strange = next((path for table in TABLES for path in (out / table).glob("*")), None)
    if strange:
        raise ConfigError(
            f"{out} holds {strange.relative_to(out)}, which is no shard; name another folder with "
            "--out"
        )


def _check_sources(out: Path, given: set[str]) -> None:
    """Refuse to drop what was read of other inputs."""
    manifest = read_manifest(out) or {"shards": []}
    others = sorted({one["source"] for one in manifest["shards"]} - given)
    if others:
        raise ConfigError(
            f"{out} holds facts of {len(others)} inputs that are not given now ({others[0]}…); "
            "give them too, or name another folder with --out"
        )
