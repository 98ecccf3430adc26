"""A driver that is killed: python -m tests.engine_driver ENGINE ADDRESS SOURCE OUT."""

import multiprocessing
import sys
from pathlib import Path

import bole.splitting
from bole.engine import EngineSettings, open_engine
from bole.extraction import extract_shards
from bole.shards import Tally
from bole.splitting import article_shards, find_tables
from tests.engine_work import end_process
from tests.shard_samples import recipe_of, without_facts

#: Shards after whose end it is killed.
_LAST = 2


def main() -> None:
    engine, address, source, out = sys.argv[1:]
    bole.splitting.ROWS = 1
    told = 0

    def tell(tally: Tally, was_there: bool) -> None:
        nonlocal told
        del tally, was_there
        told += 1
        if told == _LAST:
            print(*(child.pid for child in multiprocessing.active_children()), flush=True)
            end_process()

    settings = EngineSettings(workers=2, scheduler=address, prepare=without_facts)
    with open_engine(engine, settings) as opened:
        recipe = recipe_of(Path(out))
        extract_shards(opened, recipe, article_shards(recipe, find_tables([Path(source)])), tell)


if __name__ == "__main__":
    main()
