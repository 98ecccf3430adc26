"""Private addresses get no connection: whole crawls with a stubbed resolver and connector.

No packet can leave this machine here, whatever the guard does: nothing is looked up, and what would
connect only notes where to.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.collect import Job
from crawler.health import source_health
from crawler.ledger import Ledger
from crawler.sources import Source, load_presets

pytestmark = pytest.mark.slow

ADDRESSES = {
    "public.cn": ["93.184.216.34"],
    "mixed.cn": ["10.9.9.9", "93.184.216.35"],
    "metadata.cn": ["169.254.169.254"],
    "private.cn": ["10.0.0.5"],
    "loop.cn": ["127.0.0.1"],
    "six.cn": ["fd00::1"],
    "link.cn": ["fe80::1"],
    "mapped.cn": ["::ffff:192.168.1.1"],
    "169.254.169.254": ["169.254.169.254"],
}
PUBLIC = {"93.184.216.34", "93.184.216.35"}

CODE = """
import json, sys
from pathlib import Path
from twisted.internet import error
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.python.failure import Failure
import crawler.spiders.guard as guard
from crawler.spiders.running import run_job

TABLE, is_broken, out = json.loads(sys.argv[1]), sys.argv[2] == "broken", Path(sys.argv[3])
seen = set()

class Names:
    def resolveHostName(self, receiver, host, port=0, *rest, **more):
        receiver.resolutionBegan(None)
        for address in TABLE[host]:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()

class Connector:
    def stopConnecting(self):
        pass

def connect(self, host, port, factory, *rest, **more):
    seen.add(host)
    failure = Failure(error.ConnectionRefusedError())
    self.callLater(0, factory.clientConnectionFailed, Connector(), failure)
    return Connector()

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


def crawl(folder: Path, guard: str) -> tuple[set[str], dict[str, list[str]]]:
    """Return where connections would have gone, and the problems of each source."""
    sources = tuple(
        Source(
            id=host.replace(".", "_"),
            name=host,
            url=f"http://{host}/",
            preset=load_presets()["rss"],
            level="city",
            publisher="media",
            delay=0.0,
        )
        for host in ADDRESSES
    )
    folder.mkdir(exist_ok=True)
    job = Job(sources=sources, folder=str(folder), user_agent="bole/test")
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, json.dumps(ADDRESSES), guard, str(folder / "seen.json")],
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
        health = source_health(ledger, sources)
    return seen, {one.name: [problem.kind for problem in one.problems] for one in health}


def test_only_public_addresses_are_connected_to(tmp_path: Path) -> None:
    seen, problems = crawl(tmp_path, "whole")
    assert seen == PUBLIC
    reachable = {"public.cn", "mixed.cn"}
    assert {name for name, kinds in problems.items() if kinds == ["refused"]} == (
        ADDRESSES.keys() - reachable
    )
    assert all(problems[name] == ["unreachable"] for name in reachable)


def test_without_the_guard_the_stub_would_have_seen_it(tmp_path: Path) -> None:
    """The test above can fail: it is the guard that keeps connections back, not the stub."""
    seen, _ = crawl(tmp_path, "broken")
    assert seen >= {"169.254.169.254", "10.0.0.5", "127.0.0.1"}
