"""Private addresses: judged without a packet, by a resolver that is a stub."""

import subprocess
import sys

import pytest

CODE = """
from twisted.internet.address import IPv4Address, IPv6Address
from scrapy.resolver import dnscache
from crawler.spiders.guard import GuardedResolver

class Names:
    def resolveHostName(self, receiver, host, port=0, *rest, **more):
        receiver.resolutionBegan(None)
        for address in TABLE[host]:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()

class Reactor:
    nameResolver = Names()

class Receiver:
    def __init__(self): self.got = []
    def resolutionBegan(self, resolution): pass
    def addressResolved(self, address): self.got.append(address.host)
    def resolutionComplete(self): pass

TABLE = {"mixed.cn": ["10.0.0.1", "93.184.216.34"], "in.cn": ["192.168.1.1", "fe80::1"]}
resolver = GuardedResolver(Reactor(), 100, frozenset({"in.cn:8080"}))
for _ in range(2):  # the second time from the cache
    for pair in (("mixed.cn", 80), ("in.cn", 80), ("in.cn", 8080)):
        receiver = Receiver()
        resolver.resolveHostName(receiver, *pair)
        print(*pair, receiver.got, resolver.refused.get("%s:%s" % pair))
"""


@pytest.mark.slow
def test_private_addresses_are_given_out_to_allowed_pairs_only() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == 2 * [
        "mixed.cn 80 ['93.184.216.34'] ['10.0.0.1']",
        "in.cn 80 [] ['192.168.1.1', 'fe80::1']",
        "in.cn 8080 ['192.168.1.1', 'fe80::1'] None",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_what_is_not_on_the_internet_is_not_public(address: str) -> None:
    from crawler.spiders.guard import is_public

    assert not is_public(address)
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1::1")
