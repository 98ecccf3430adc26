"""Tables of several machines: shards into the lake of bole.toml, and its upkeep."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from bole.config import FILE, ConfigError, Settings
from store.lake import LakePlace, committing
from store.lake_batches import Committed
from store.lake_shards import Shard, find_shards

#: Shards from one line about them to the next.
_TOLD = 500


def lake_place(settings: Settings) -> LakePlace:
    """Return where the lake of these settings is.

    Raises:
        ConfigError: They name none.
    """
    if not settings.lake:
        raise ConfigError(f'no lake in {FILE}; name its folder: lake = "/mnt/lake"')
    return LakePlace(folder=Path(settings.lake), catalog=settings.lake_catalog)


def commit_folders(
    settings: Settings, folders: Iterable[Path], tell: Callable[[str], None]
) -> Committed:
    """Register the shards of folders in the lake, and say what came of it.

    Raises:
        ConfigError: There is no lake.
        StoreError: A folder without shards, another committer, or a lake that cannot be written.
    """
    place, shards = lake_place(settings), []
    for folder in folders:
        found, is_whole = find_shards(folder)
        shards += found
        if not is_whole:
            tell(f"{folder} is not complete; its dead_letters.jsonl tells what is missing and why")
    with committing(place) as committer:
        return committer.commit(_counted(shards, tell))


def _counted(shards: Sequence[Shard], tell: Callable[[str], None]) -> Iterator[Shard]:
    """Yield shards, and say now and then how many there were."""
    for number, shard in enumerate(shards):
        if number and number % _TOLD == 0:
            tell(f"{number} of {len(shards)} shards")
        yield shard


def compact(settings: Settings, *, days: float) -> None:
    """Put small files of the lake together, and delete what was replaced so many days ago.

    Raises:
        ConfigError: There is no lake.
        StoreError: Another is writing it, or it cannot be written.
    """
    with committing(lake_place(settings)) as committer:
        committer.compact(days)
