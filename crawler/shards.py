"""Which hosts are crawled together: a shard is a folder of its own, and a host stays in its shard.

What a shard holds is written in its folder, so that a rerun finds the same folders though sources
come and go. A host is in one shard only: politeness knows no other way than one worker a host.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.lists import first_ask
from crawler.sources import Source

#: Hosts of one shard: as many as one crawl asks at a time.
LARGEST = 16
_HOSTS = "hosts.json"
#: Rows that a page of a list is taken to have as long as nobody has read it.
_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Sources that are crawled together, and the hosts that they are on."""

    name: str
    hosts: frozenset[str]
    sources: tuple[Source, ...]


def plan_shards(
    folder: Path,
    sources: Iterable[Source],
    *,
    yields: Mapping[str, float],
    largest: int = LARGEST,
) -> list[Shard]:
    """Return the shards of these sources, those with most to do first; new hosts are noted.

    Args:
        folder: Folder of the shards.
        sources: Those that are to be crawled.
        yields: Requests that a crawl of a source has taken so far, as far as known, by its id.
        largest: Hosts that a shard is filled up to.
    """
    known = read_hosts(folder)
    groups = [_Group(*pair) for pair in _grouped(sources)]
    for group in groups:
        group.weight = sum(yields.get(one.id, _guess(one)) for one in group.sources)
    homes = _assign(groups, known, largest)
    _note(folder, known, homes)
    members: defaultdict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        members[homes[min(group.hosts)]].append(group)
    heaviest = sorted(members.items(), key=lambda pair: (-sum(g.weight for g in pair[1]), pair[0]))
    return [
        Shard(
            name=name,
            hosts=frozenset(host for group in own for host in group.hosts if homes[host] == name),
            sources=tuple(source for group in own for source in group.sources),
        )
        for name, own in heaviest
    ]


def size_for(sources: Iterable[Source], workers: int) -> int:
    """Return how many hosts a shard should have so that each worker has two of them.

    >>> size_for([], 4)
    1
    """
    count = len({host for source in sources for host in hosts_of(source)})
    return max(1, min(LARGEST, -(-count // (2 * workers))))


def read_hosts(folder: Path) -> dict[str, str]:
    """Return the shard of each host that has one.

    Raises:
        CrawlError: What a shard's folder says of its hosts cannot be read.
    """
    known: dict[str, str] = {}
    for path in sorted(folder.glob(f"*/{_HOSTS}")):
        try:
            hosts = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise CrawlError(
                f"{path}: not a list of hosts ({error}); put it back from a backup, or write the "
                'hosts of this shard\'s sources, as in ["www.example.cn"]'
            ) from error
        for host in hosts:
            known.setdefault(host, path.parent.name)
    return known


def hosts_of(source: Source) -> list[str]:
    """Return the hosts that the list of a source is on, its own first."""
    urls = (source.url, first_ask(source).url)
    return list(dict.fromkeys(urlsplit(url).hostname or "" for url in urls))


class _Group:
    """Sources that share hosts, and how much they are expected to ask for."""

    def __init__(self, hosts: frozenset[str], sources: Sequence[Source]) -> None:
        self.hosts = hosts
        self.sources = sources
        self.weight = 0.0


def _grouped(sources: Iterable[Source]) -> list[tuple[frozenset[str], list[Source]]]:
    """Return sources that are on the same hosts together, in their order."""
    groups: list[tuple[frozenset[str], list[Source]]] = []
    for source in sources:
        hosts = frozenset(hosts_of(source))
        met = [group for group in groups if group[0] & hosts]
        groups = [group for group in groups if not group[0] & hosts]
        merged = [one for _, own in met for one in own]
        groups.append((hosts.union(*(own for own, _ in met)), [*merged, source]))
    return groups


def _assign(groups: Iterable[_Group], known: Mapping[str, str], largest: int) -> dict[str, str]:
    """Return the shard of each host: the one that it has, else the one with least to do."""
    homes = dict(known)
    weights: defaultdict[str, float] = defaultdict(float)
    sizes: defaultdict[str, int] = defaultdict(int)
    new = []
    for group in groups:
        home = next((known[host] for host in sorted(group.hosts) if host in known), None)
        if home is None:
            new.append(group)
        else:
            _put(group, home, homes, weights, sizes)
    total = sum(sizes.values()) + sum(len(group.hosts) for group in new)
    names = sorted(set(known.values()))
    while len(names) * largest < total:
        names.append(_next_name(names))
    for group in sorted(new, key=lambda one: (-one.weight, min(one.hosts))):
        open_ones = [name for name in names if sizes[name] < largest]
        if not open_ones:
            names.append(_next_name(names))
            open_ones = names[-1:]
        home = min(open_ones, key=lambda name: (weights[name], name))
        _put(group, home, homes, weights, sizes)
    return homes


def _put(
    group: _Group,
    home: str,
    homes: dict[str, str],
    weights: dict[str, float],
    sizes: dict[str, int],
) -> None:
    for host in group.hosts:
        homes.setdefault(host, home)
    weights[home] += group.weight
    sizes[home] += len(group.hosts)


def _next_name(names: Sequence[str]) -> str:
    """Return the name of one more shard.

    >>> _next_name([]), _next_name(["hosts-0001", "hosts-0007"])
    ('hosts-0001', 'hosts-0008')
    """
    return f"hosts-{int(names[-1].rpartition('-')[2]) + 1 if names else 1:04}"


def _note(folder: Path, known: Mapping[str, str], homes: Mapping[str, str]) -> None:
    """Write the hosts of each shard that has new ones."""
    for name in sorted({home for host, home in homes.items() if host not in known}):
        path = folder / name / _HOSTS
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        own = sorted(host for host, home in homes.items() if home == name)
        part.write_text(json.dumps(own, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        part.replace(path)


def _guess(source: Source) -> float:
    return min(source.max_items, source.max_pages * _ROWS)
