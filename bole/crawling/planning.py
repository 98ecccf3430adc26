"""Which shards there are, and which of them may ask what at the same time.

Lists lead to other hosts than their own, and those may be another shard's, or everybody's. While
all shards run, each asks its own hosts only. What it had to leave is asked for in rounds of shards
that have no host in common, so that at any moment a host is asked by one worker.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.away import Away
from crawler.collect import Share
from crawler.resting import Rest
from crawler.settings import host_delays
from crawler.shards import Shard, hosts_of
from crawler.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A shard's turn to be crawled, and what it may ask then."""

    shard: Shard
    share: Share


class Manners:
    """What a shard must know of the others to be as polite as one crawl of all would be."""

    def __init__(self, sources: Sequence[Source], delay: float | None) -> None:
        self._delays = host_delays(sources, delay)
        self._slowest = max(self._delays.values(), default=0.0)

    def delays(self, hosts: Iterable[str]) -> dict[str, float]:
        """Return the delays of hosts; under "" that of those which belong to no source."""
        known = {host: self._delays[host] for host in hosts if host in self._delays}
        return {**known, "": self._slowest}


def first_turn(shard: Shard, manners: Manners, rests: Mapping[str, Rest]) -> Turn:
    """Return the turn in which a shard asks its own hosts."""
    share = Share(
        hosts=sorted(shard.hosts),
        delays=manners.delays(shard.hosts),
        rests=_rows(rests, shard.hosts),
    )
    return Turn(shard=shard, share=share)


def next_turns(
    away: Mapping[str, Sequence[Away]],
    shards: Mapping[str, Shard],
    manners: Manners,
    rests: Mapping[str, Rest],
) -> list[Turn]:
    """Return the turns of one round: shards that left something, no two with a host in common.

    Args:
        away: What each shard has left, by its name.
        shards: The shards by name.
        manners: The delays of all hosts.
        rests: Hosts at rest, by `host:port`.
    """
    taken: set[str] = set()
    turns: list[Turn] = []
    for name in sorted(away, key=lambda name: (-len(away[name]), name)):
        hosts = _hosts(away[name], shards[name])
        if hosts and not hosts & taken:
            taken |= hosts
            share = Share(
                hosts=sorted(hosts),
                walked=sorted({one.source_id for one in away[name] if one.url is None}),
                articles=sorted({one.url for one in away[name] if one.url is not None}),
                delays=manners.delays(hosts),
                rests=_rows(rests, hosts),
            )
            turns.append(Turn(shard=shards[name], share=share))
    return turns


def _hosts(away: Iterable[Away], shard: Shard) -> frozenset[str]:
    """Return the hosts that it takes to ask for what was left; lists are read from their start."""
    own: defaultdict[str, list[str]] = defaultdict(list)
    for source in shard.sources:
        own[source.id] = hosts_of(source)
    return frozenset(
        host
        for one in away
        for host in (*one.hosts, *(own[one.source_id] if one.url is None else ()))
    )


def _rows(rests: Mapping[str, Rest], hosts: Iterable[str]) -> dict[str, Sequence[str]]:
    chosen = frozenset(hosts)
    return {
        pair: rest.to_row() for pair, rest in rests.items() if pair.rpartition(":")[0] in chosen
    }
