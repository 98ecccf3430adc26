"""A crawl in shards as a whole: planned, spread over workers, registered as the shards end."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bole.config import Settings
from bole.crawling.committing import Committer
from bole.crawling.planning import Manners, Turn, first_turn, next_turns
from bole.crawling.working import Done, Unit, crawl_shard
from bole.daily import Say, due_sources
from bole.engine import Engine, Outcome
from bole.engines.worker import core_count
from bole.watched import load_watchlist
from crawler.archive import SHARDS
from crawler.away import Away
from crawler.collect import Job
from crawler.errors import CrawlError
from crawler.lease import LEASE, HeldError, LostError, hold
from crawler.ledger import Ledger
from crawler.locking import crawl_lock
from crawler.progress import Progress
from crawler.resting import Rest
from crawler.shards import LARGEST, Shard, plan_shards, read_hosts, size_for
from crawler.sources import Source
from store import Failure, Store

#: Stage of the failures of shards.
STAGE = "crawl"
#: Turns of a shard in one crawl; what it finds on others' hosts still later waits for the next.
_TURNS = 6


@dataclass(slots=True)
class Crawled:
    """What a crawl in shards came to.

    Attributes:
        shards: Shards that were crawled.
        parts: Parts that were registered.
        failed: One line for each shard that could not be crawled to its end.
    """

    shards: int = 0
    parts: int = 0
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = _count(self.parts, "part")
        return f"{_count(self.shards, 'shard')} crawled, {parts} with new articles registered"


def crawl_in_shards(
    settings: Settings,
    ids: Sequence[str],
    engine: Engine,
    *,
    say: Say,
    largest: int | None = None,
    lease: float = LEASE,
) -> Crawled:
    """Crawl the enabled sources, or those named, on the workers of an engine; publish the tables.

    It may be killed at any moment, as may its workers, and run again.

    Args:
        settings: The settings.
        ids: Ids of sources; empty for all that are enabled.
        engine: What runs the shards.
        say: Is told how it goes on.
        largest: Hosts that a shard is filled up to; None: as many as suit the engine.
        lease: Seconds after which a worker that gives no sign of life has lost its shard.

    Raises:
        CrawlError: Another crawl is at work in this house, or has taken it over.
        EngineError: The workers are gone for good.
    """
    sources = due_sources(settings, ids, say)
    settings.data.mkdir(parents=True, exist_ok=True)
    with (
        crawl_lock(settings.data),
        hold(settings.data / SHARDS, seconds=lease) as house,
        Store(settings.database) as store,
    ):
        run = store.start_run(command="crawl")
        store.write_sources(load_watchlist(settings))
        committer = Committer(settings, store, house, lease=lease)
        crawl = _Crawl(settings, engine, store, committer, say=say, lease=lease)
        shards = crawl.plan(sources, largest or _size(settings, engine, sources))
        say(
            f"collecting from {_count(len(sources), 'source')} in {_count(len(shards), 'shard')} "
            f"({engine.name})"
        )
        crawl.rounds(shards, sources)
        store.finish_run(run, outcome="partly" if crawl.outcome.failed else "done")
        store.publish()
    return crawl.outcome


class _Crawl:
    """The driver's state while a crawl runs."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        store: Store,
        committer: Committer,
        *,
        say: Say,
        lease: float,
    ) -> None:
        self.outcome = Crawled()
        self._settings = settings
        self._engine = engine
        self._store = store
        self._say = say
        self._lease = lease
        self._delay = None if settings.delay < 0 else settings.delay
        self._committer = committer

    def plan(self, sources: Sequence[Source], largest: int) -> list[Shard]:
        """Return the shards; what lies in the folders of others is registered."""
        with Ledger(self._settings.ledger) as ledger:
            yields = ledger.mean_requests()
        folder = self._settings.data / SHARDS
        shards = plan_shards(folder, sources, yields=yields, largest=largest)
        planned = {shard.name for shard in shards}
        for name in sorted(set(read_hosts(folder).values()) - planned):
            self._commit(name)
        for shard in shards:
            try:
                self._committer.seed(shard.name, [source.id for source in shard.sources])
            except (CrawlError, sqlite3.DatabaseError) as error:
                self._say(f"{shard.name}: {error}")  # its crawl tells if that lasts
        return shards

    def rounds(self, shards: Sequence[Shard], sources: Sequence[Source]) -> None:
        """Crawl the shards' own hosts, then round by round what they had to leave."""
        manners = Manners(sources, self._delay)
        named = {shard.name: shard for shard in shards}
        self.outcome.shards = len(shards)
        turns: Iterable[Turn] = (first_turn(shard, manners, self._rests()) for shard in shards)
        away: dict[str, Sequence[Away]] = {}
        had: Counter[str] = Counter()
        while ended := self._round(turns, away):
            had.update(ended)
            more = {name: left for name, left in away.items() if left and had[name] < _TURNS}
            turns = next_turns(more, named, manners, self._rests())
        for name, left in sorted(away.items()):
            if left:
                pages = _count(len(left), "page")
                self._say(f"{name}: {pages} on hosts of others left for the next crawl")

    def _round(self, turns: Iterable[Turn], away: dict[str, Sequence[Away]]) -> list[str]:
        """Crawl these turns, register what comes of them, and return whose they were."""
        names = []
        for ended in self._engine.run(crawl_shard, map(self._unit, turns)):
            name = ended.unit.name
            names.append(name)
            away[name] = ended.result.away if ended.result else ()
            self._end(ended)
            self._commit(name)
        with Ledger(self._settings.ledger) as ledger:  # another shard may have had it by now
            for name, left in away.items():
                away[name] = [one for one in left if not _is_had(ledger, one)]
        return names

    def _end(self, ended: Outcome[Unit, Done]) -> None:
        name = ended.unit.name
        if ended.result is None:
            tries = _count(ended.tries, "try", "tries")
            self._fail(name, f"not crawled to its end after {tries}: {ended.problem}")
            return
        self._store.clear_failures(STAGE, [name])
        self._say(f"{name}: {_sum_words(ended.result.progress)}")

    def _commit(self, name: str) -> None:
        try:
            self.outcome.parts += self._committer.commit(name)
        except HeldError as error:
            self._say(f"{error}; what it has is registered by the next crawl")
        except LostError:
            raise
        except (CrawlError, sqlite3.DatabaseError) as error:
            self._fail(name, f"not registered: {error}")

    def _fail(self, name: str, why: str) -> None:
        line = f"{name}: {why}; what it has is kept, and the next crawl goes on with it"
        self.outcome.failed.append(line)
        self._store.write_failures([Failure(subject=name, stage=STAGE, kind="shard", message=line)])

    def _unit(self, turn: Turn) -> Unit:
        settings = self._settings
        job = Job(
            sources=turn.shard.sources,
            folder=str((settings.data / SHARDS / turn.shard.name).absolute()),
            user_agent=settings.user_agent,
            delay=self._delay,
        )
        return Unit(
            name=turn.shard.name,
            job=job,
            share=turn.share,
            names=settings.names,
            ocr=str((settings.data / "ocr").absolute()),
            ocr_pages=settings.ocr_pages,
            lease=self._lease,
        )

    def _rests(self) -> Mapping[str, Rest]:
        with Ledger(self._settings.ledger) as ledger:
            return ledger.rests.hosts(datetime.now(UTC))


def _size(settings: Settings, engine: Engine, sources: Sequence[Source]) -> int:
    """Return how many hosts a shard should have: one worker asks as many at a time as it can."""
    if engine.name == "local":
        return LARGEST
    return size_for(sources, settings.engine_workers or core_count())


def _is_had(ledger: Ledger, away: Away) -> bool:
    return away.url is not None and not away.is_known and ledger.is_settled(away.url)


def _sum_words(progress: Iterable[Progress]) -> str:
    """Return how far the sources of a shard have come, in a few words."""
    told = list(progress)
    problems = _count(sum(one.problems for one in told), "problem")
    return (
        f"{sum(one.fetched for one in told)} new or changed, "
        f"{sum(one.unchanged for one in told)} unchanged, "
        f"{problems} at {_count(len(told), 'source')}"
    )


def _count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> _count(1, "try", "tries"), _count(2, "try", "tries"), _count(2, "shard")
    ('1 try', '2 tries', '2 shards')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"
