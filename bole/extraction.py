"""Shards through an engine: facts of large inputs, each article once, whatever dies meanwhile."""

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from bole.engine import Engine, EngineError, Outcome
from bole.reading import BatchRead, Lacking
from bole.receipts import (
    DeadLetter,
    Receipt,
    forget_receipt,
    read_receipt,
    read_tables,
    write_manifest,
)
from bole.shards import MARKS, PARTS, Recipe, Shard, Tally, run_shard
from crawler.article import Article, Lang
from extract import read_facts
from extract.models import tagger
from store import PageRead
from store.lock import WriteLock
from store.reports import build_reports
from store.schema import FACT_TABLES

#: Hears what each shard that is done came to, and whether it was done before.
Tell = Callable[[Tally, bool], None]
#: Module whose import loads what the rules need.
PRELOAD = "bole.preloading"
#: Texts whose reading loads all tables.
_SAMPLES: tuple[tuple[Lang, str], ...] = (
    ("zh-Hans", "徐州市给予博士5万元。"),
    ("en", "Xuzhou grants 5 million yuan."),
)
#: Bytes of the mark of a shard at which no worker has died.
_NO_DEATHS = 8


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came of an extraction.

    Attributes:
        manifest: The list of the shards.
        known: How many of them were there already.
        dead: What could not be read.
    """

    manifest: Mapping[str, Any]
    known: int
    dead: tuple[DeadLetter, ...]


def be_ready(names: str) -> None:
    """Load the tables and the model that articles are read with."""
    tagger(names)
    for lang, text in _SAMPLES:
        article = Article(id="", text=text, body=(0, len(text)), lang=lang, sha256="")
        read_facts(article, names=names)


def extract_shards(
    engine: Engine, recipe: Recipe, shards: Iterable[Shard], tell: Tell, *, retry: bool = False
) -> Extraction:
    """Read shards into the folder of the recipe; those that are there are passed over.

    With `retry` those are read again of which something could not be read.

    Raises:
        EngineError: What runs the shards is gone; those that are done are kept.
        StoreError: Another process writes there.
    """
    recipe.out.mkdir(parents=True, exist_ok=True)
    lock = WriteLock(recipe.out / "shards")
    lock.acquire()
    try:
        was_there: dict[str, bool] = {}
        lost: list[DeadLetter] = []
        missing = _missing(recipe, shards, was_there, tell, retry=retry)
        for outcome in _run(engine, recipe, missing):
            if outcome.result is None:
                lost.append(_dead_letter(outcome))
            else:
                tell(outcome.result, False)
        receipts = [one for name in was_there if (one := read_receipt(recipe.out, name))]
        manifest = write_manifest(recipe.out, recipe.version, receipts, lost)
        _clean(recipe, receipts)
    finally:
        lock.release()
    dead = (*(letter for one in receipts for letter in one.dead), *lost)
    return Extraction(manifest, sum(was_there.values()), dead)


def read_in_shards(engine: Engine, recipe: Recipe, shards: Iterable[Shard]) -> Iterator[BatchRead]:
    """Yield what came of each shard of pages, in their order.

    Raises:
        EngineError: A shard could not be read, or what runs them is gone; the others are kept.
    """
    order: deque[str] = deque()
    ended: set[str] = set()

    def missing() -> Iterator[Shard]:
        for shard in shards:
            order.append(shard.name)
            if read_receipt(recipe.out, shard.name):
                ended.add(shard.name)
            else:
                yield shard

    for outcome in _run(engine, recipe, missing()):
        if outcome.problem:
            raise EngineError(f"{_dead_letter(outcome).reason}; mend that and run it again")
        ended.add(outcome.unit.name)
        while order and order[0] in ended:
            yield _batch(recipe, order.popleft())
    while order:
        yield _batch(recipe, order.popleft())


def _missing(
    recipe: Recipe,
    shards: Iterable[Shard],
    was_there: dict[str, bool],
    tell: Tell,
    *,
    retry: bool,
) -> Iterator[Shard]:
    """Yield the shards that are not done, and note of all whether they were."""
    for shard in shards:
        if shard.name in was_there:  # the same articles under another name
            continue
        receipt = read_receipt(recipe.out, shard.name)
        was_there[shard.name] = receipt is not None and not (retry and receipt.dead)
        if receipt is not None and was_there[shard.name]:
            tell(Tally(receipt.rows["articles"], len(receipt.dead)), True)
            if shard.is_made:
                shard.part.unlink(missing_ok=True)
            continue
        forget_receipt(recipe.out, shard.name)
        if retry:
            (recipe.out / MARKS / shard.name).unlink(missing_ok=True)
        yield shard


def _run(
    engine: Engine, recipe: Recipe, shards: Iterable[Shard]
) -> Iterator[Outcome[Shard, Tally]]:
    """Yield how each shard ended; one whose articles kill is gone through until all are known."""
    deaths: dict[str, int] = {}
    waiting = shards
    while True:
        again: list[Shard] = []
        for outcome in engine.run(partial(run_shard, recipe), waiting):
            name = outcome.unit.name
            size = _mark_size(recipe, outcome.unit) if outcome.problem else 0
            if size > deaths.get(name, _NO_DEATHS):
                deaths[name] = size
                again.append(outcome.unit)
            else:
                yield outcome
        if not again:
            return
        waiting = again


def _mark_size(recipe: Recipe, shard: Shard) -> int:
    path = recipe.out / MARKS / shard.name
    return path.stat().st_size if path.is_file() else 0


def _dead_letter(outcome: Outcome[Shard, Tally]) -> DeadLetter:
    shard = outcome.unit
    return DeadLetter(
        shard=shard.name,
        subject=shard.source,
        stage="shard",
        kind="failed",
        reason=f"{_place(shard)}: {outcome.problem}",
        tries=outcome.tries,
    )


def _place(shard: Shard) -> str:
    if shard.kind == "pages":
        return f"{shard.source}, pages of shard {shard.name}"
    return f"{shard.source} from row {shard.first + 1} on"


def _clean(recipe: Recipe, receipts: Iterable[Receipt]) -> None:
    """Take away what is needed no more: parts of inputs, marks of shards that are done."""
    shutil.rmtree(recipe.out / PARTS, ignore_errors=True)
    for receipt in receipts:
        (recipe.out / MARKS / receipt.name).unlink(missing_ok=True)
    with suppress(OSError):  # those of shards that failed stay
        (recipe.out / MARKS).rmdir()


def _batch(recipe: Recipe, name: str) -> BatchRead:
    """Return what a finished shard of pages holds."""
    receipt = read_receipt(recipe.out, name)
    if receipt is None:
        raise EngineError(f"{recipe.out}: shard {name} is gone; run the same command again")
    rows = {table: found.to_pylist() for table, found in read_tables(recipe.out, name).items()}
    lacking = [
        Lacking(**one | {"parts": {int(number): url for number, url in one["parts"].items()}})
        for one in receipt.notes["lacking"]
    ]
    return BatchRead(
        pages=receipt.notes["pages"],
        reports=build_reports(rows["articles"], {table: rows[table] for table in FACT_TABLES}),
        failures=[letter.failure for letter in receipt.dead],
        outcomes=[PageRead(**one) for one in receipt.notes["outcomes"]],
        lacking=lacking,
    )
