"""Private addresses get no connection: whole crawls with a stubbed resolver and connector.

No packet can leave this machine here, whatever the guard does: nothing is looked up, what would
connect only notes where to, and a socket that is used all the same ends the crawl. Only the site of
the test itself is really asked.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from crawler.collect import Job
from crawler.ledger import Ledger
from crawler.sources import Source, load_presets
from tests.sites.server import serve

pytestmark = pytest.mark.slow

#: What each name is answered, question after question; numbers are read by the system.
ADDRESSES = {
    "public.cn": [["93.184.216.34"]],
    "mixed.cn": [["10.9.9.9", "93.184.216.35"]],
    "rebound.cn": [["93.184.216.36"], ["10.0.0.6"]],
    "metadata.cn": [["169.254.169.254"]],
    "private.cn": [["10.0.0.5"]],
    "class-b.cn": [["172.16.0.5"]],
    "carrier.cn": [["100.64.0.5"]],
    "all.cn": [["224.0.0.5"]],
    "none.cn": [["0.0.0.0"]],
    "loop.cn": [["127.0.0.1"]],
    "loop.cn.": [["127.0.0.1"]],
    "loop6.cn": [["::1"]],
    "six.cn": [["fd00::1"]],
    "link.cn": [["fe80::1"]],
    "mapped.cn": [["::ffff:192.168.1.1"]],
    "nat64.cn": [["64:ff9b::a00:5"]],
}
NUMBERS = {
    *("169.254.169.254", "127.0.0.1", "0.0.0.0", "10.0.0.5", "2130706433", "0177.0.0.1"),
    *("0x7f.1", "127.1", "017700000001", "0x7f000001", "user:pass@127.0.0.1", "[::1]"),
    *("[::ffff:127.0.0.1]", "[fd00::1]", "[fe80::1]", "[::]", "2852039166", "10.0.5"),
}
PUBLIC = {"93.184.216.34", "93.184.216.35", "93.184.216.36"}
REACHABLE = {"public.cn", "mixed.cn", "rebound.cn"}
#: Where the pages of a public site lead on to, and what is told of each.
JUMPS = {
    **{f"http://{host}/": "refused" for host in sorted((ADDRESSES.keys() - REACHABLE) | NUMBERS)},
    "//10.0.0.5/": "refused",
    "https://private.cn/": "refused",
    "http://public.cn@private.cn/": "refused",
    "http://private.cn:8080/": "refused",
    "http://LOOP.cn./": "refused",
    "file:///etc/hostname": "http_error",
    "ftp://private.cn/": "http_error",
    "gopher://private.cn:70/": "http_error",
    "data:text/html,x": "http_error",
}

CODE = """
import json, os, socket, sys
from collections import Counter
from pathlib import Path
from twisted.internet import error
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.python.failure import Failure
import crawler.spiders.guard as guard
from crawler.spiders.running import run_job

TABLE, is_broken, out = json.loads(sys.argv[1]), sys.argv[2] == "broken", Path(sys.argv[3])
SITE = ("127.0.0.1", int(sys.argv[4]))
seen, turns = set(), Counter()

def addresses_of(host):
    turns[host] += 1
    if host in TABLE:
        return TABLE[host][min(turns[host], len(TABLE[host])) - 1]
    try:
        found = socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return []
    return [one[4][0] for one in found]

class Names:
    def resolveHostName(self, receiver, host, port=0, *rest, **more):
        receiver.resolutionBegan(None)
        for address in addresses_of(host):
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()

class Connector:
    def stopConnecting(self):
        pass

really = AsyncioSelectorReactor.connectTCP
def connect(self, host, port, factory, *rest, **more):
    if (host, port) == SITE:
        return really(self, host, port, factory, *rest, **more)
    seen.add(host)
    failure = Failure(error.ConnectionRefusedError())
    self.callLater(0, factory.clientConnectionFailed, Connector(), failure)
    return Connector()

# the last wall: whatever comes to a socket of the system ends the process
def send(name):
    send_really = getattr(socket.socket, name)
    def to(self, *more):
        address = more[0] if name.startswith("connect") else more[-1]
        return send_really(self, *more) if address == SITE else os._exit(9)
    return to
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, send(name))

AsyncioSelectorReactor.connectTCP = connect
begin = guard.GuardedResolver.__init__
def init(self, reactor, *rest):
    begin(self, reactor, *rest)
    self.original_resolver = Names()
guard.GuardedResolver.__init__ = init
if is_broken:
    guard.is_public = lambda address: True
code = run_job()
out.write_text(json.dumps(sorted(seen)), encoding="utf-8")
sys.exit(code)
"""


def source_of(name: str, url: str, preset: str = "rss", **more: object) -> Source:
    return Source(
        id=name,
        name=name,
        url=url,
        preset=load_presets()[preset],
        level="city",
        publisher="media",
        delay=0.0,
        **more,
    )


def crawl(
    folder: Path, guard: str, names: Iterable[str], goals: Sequence[str]
) -> tuple[set[str], dict[str, str]]:
    """Return where connections would have gone, and the problem of each address.

    Each of `names` is watched by a source; pages of one more source lead to `goals`.
    """
    folder.mkdir(exist_ok=True)
    with serve() as site:
        sources = [source_of(f"s{n}", f"http://{host}/") for n, host in enumerate(sorted(names))]
        jumps = [f"{site.base}/{n}.html" for n in range(len(goals))]
        for n, there in enumerate(goals):
            site.redirect(f"/{n}.html", there)
        site.put("/list.txt", "\n".join([*jumps, "file:///etc/hostname", "ftp://loop.cn/x"]))
        own = source_of("jumps", f"{site.base}/list.txt", "urls", allow_private=(site.host,))
        job = Job(sources=(*sources, own), folder=str(folder), user_agent="bole/test")
        told = [json.dumps(ADDRESSES), guard, str(folder / "seen.json"), site.host.split(":")[1]]
        process = subprocess.Popen(
            [sys.executable, "-c", CODE, *told],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        with process:
            assert process.stdin is not None
            process.stdin.write(job.to_json())
            process.stdin.flush()
            code = process.wait(60)
            assert process.stderr is not None
            assert code == 0, process.stderr.read().decode()
    seen = set(json.loads((folder / "seen.json").read_text("utf-8")))
    with Ledger(folder / "ledger.sqlite") as ledger:
        fetches = [one for one in ledger.fetches(after_id=0) if one.kind != "robots"]
    ends = {
        **dict(zip(jumps, goals, strict=True)),
        **{one.url: host_in(one.url) for one in sources},
    }
    return seen, {ends.get(one.url, one.url): one.problem or "" for one in fetches}


def host_in(url: str) -> str:
    return url.removeprefix("http://").removesuffix("/")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], dict[str, str]]:
    folder = tmp_path_factory.mktemp("guarded")
    return crawl(folder, "whole", ADDRESSES.keys() | NUMBERS, [*JUMPS])


def test_only_public_addresses_are_connected_to(guarded: tuple[set[str], dict[str, str]]) -> None:
    """Also of a name that is public when it is asked for first, and private the next time."""
    assert guarded[0] == PUBLIC


@pytest.mark.parametrize("host", sorted((ADDRESSES.keys() - REACHABLE) | NUMBERS))
def test_a_private_host_is_refused_by_name(
    guarded: tuple[set[str], dict[str, str]], host: str
) -> None:
    assert guarded[1][host] == "refused"


@pytest.mark.parametrize("host", sorted(REACHABLE))
def test_a_public_host_is_asked_at_its_public_address(
    guarded: tuple[set[str], dict[str, str]], host: str
) -> None:
    assert guarded[1][host] == "unreachable"  # the stub has no site there


@pytest.mark.parametrize("there", JUMPS)
def test_a_redirect_to_where_nobody_may_go_is_told(
    guarded: tuple[set[str], dict[str, str]], there: str
) -> None:
    assert guarded[1][there] == JUMPS[there]


def test_what_is_no_web_address_is_no_row(guarded: tuple[set[str], dict[str, str]]) -> None:
    asked = [name for name in guarded[1] if not name.startswith("http://127.0.0.1:")]
    assert sorted(asked) == sorted({*ADDRESSES, *NUMBERS, *JUMPS})


def test_without_the_guard_the_stub_would_have_seen_it(tmp_path: Path) -> None:
    """The tests above can fail: it is the guard that keeps connections back, not the stub."""
    names = ("169.254.169.254", "loop.cn", "2130706433", "six.cn")
    seen, _ = crawl(tmp_path, "broken", names, ["http://carrier.cn/", "http://[::1]/"])
    assert seen == {"169.254.169.254", "127.0.0.1", "fd00::1", "100.64.0.5", "::1"}
