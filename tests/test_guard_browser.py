"""The browser's way to the web: private addresses get no connection there either.

Nothing is looked up and nothing is connected to: both are stubs, so no packet leaves this machine
whatever the gate does.
"""

import asyncio
import socket

import pytest

from crawler.spiders import browser
from crawler.spiders.browser import Door

ADDRESSES = {
    "public.cn": [["93.184.216.34"]],
    "mixed.cn": [["10.9.9.9", "93.184.216.35"]],
    "rebound.cn": [["93.184.216.36"], ["10.0.0.6"]],
    "metadata.cn": [["169.254.169.254"]],
    "private.cn": [["10.0.0.5"]],
    "private.cn.": [["10.0.0.5"]],
    "carrier.cn": [["100.64.0.5"]],
    "all.cn": [["224.0.0.5"]],
    "six.cn": [["fd00::1"]],
    "link.cn": [["fe80::1"]],
    "mapped.cn": [["::ffff:192.168.1.1"]],
    "demo.cn": [["127.0.0.1"]],
}
NUMBERS = ["127.0.0.1", "0.0.0.0", "2130706433", "0177.0.0.1", "0x7f.1", "[::1]", "[fe80::1]"]
REACHABLE = {
    "public.cn": "93.184.216.34",
    "mixed.cn": "93.184.216.35",
    "rebound.cn": "93.184.216.36",
}


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections would have gone."""
    seen: list[tuple[str, int]] = []
    turns: dict[str, int] = {}

    async def look_up(_: object, host: str, port: int, **_more: object) -> list[tuple]:
        if host not in ADDRESSES:
            return socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )
        turn = turns[host] = turns.get(host, 0) + 1
        found = ADDRESSES[host][min(turn, len(ADDRESSES[host])) - 1]
        return [(None, None, None, "", (address, port)) for address in found]

    async def connect(host: str, port: int) -> object:
        seen.append((host, port))
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    monkeypatch.setattr(asyncio, "open_connection", connect)
    return seen


def answers(heads: list[bytes], allowed: frozenset[str] = frozenset()) -> list[bytes]:
    """Return what a door answers to the heads of requests."""

    async def ask() -> list[bytes]:
        door = Door(allowed)
        await door.open()
        try:
            return [await _ask(door.port, head) for head in heads]
        finally:
            door.close()

    return asyncio.run(ask())


async def _ask(port: int, head: bytes) -> bytes:
    # by a socket of our own: what the door connects with is a stub
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, head)
        try:
            return await asyncio.wait_for(loop.sock_recv(client, 4096), 10)
        except ConnectionResetError:
            return b""


def heads_for(host: str) -> list[bytes]:
    """A page, and a tunnel for an encrypted one."""
    return [
        f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(),
        f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(),
    ]


@pytest.mark.parametrize("host", sorted(ADDRESSES.keys() - REACHABLE.keys()) + NUMBERS)
def test_a_private_host_is_refused_and_not_connected_to(
    connected: list[tuple[str, int]], host: str
) -> None:
    assert all(answer.startswith(b"HTTP/1.1 403 ") for answer in answers(heads_for(host)))
    assert connected == []


@pytest.mark.parametrize("host", sorted(REACHABLE))
def test_what_was_judged_is_what_is_connected_to(
    connected: list[tuple[str, int]], host: str
) -> None:
    """A name that changes its answer is judged for each connection: the second one is refused."""
    answers(heads_for(host))
    ports = [80] if host == "rebound.cn" else [80, 443]
    assert connected == [(REACHABLE[host], port) for port in ports]


def test_a_pair_that_is_allowed_is_that_pair_alone(connected: list[tuple[str, int]]) -> None:
    heads = [
        b"GET http://demo.cn:8437/ HTTP/1.1\r\n\r\n",
        b"GET http://demo.cn:8438/ HTTP/1.1\r\n\r\n",
        b"GET http://private.cn:8437/ HTTP/1.1\r\n\r\n",
    ]
    answers(heads, frozenset({"demo.cn:8437"}))
    assert connected == [("127.0.0.1", 8437)]


@pytest.mark.parametrize(
    "head",
    [
        b"GET file:///etc/hostname HTTP/1.1\r\n\r\n",
        b"GET ftp://private.cn/ HTTP/1.1\r\n\r\n",
        b"GET gopher://private.cn:70/ HTTP/1.1\r\n\r\n",
        b"GET http://public.cn@private.cn/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: private.cn\r\n\r\n",
        b"CONNECT private.cn HTTP/1.1\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
    ],
)
def test_what_is_no_request_to_a_proxy_gets_nowhere(
    connected: list[tuple[str, int]], head: bytes
) -> None:
    (answer,) = answers([head])
    assert answer == b"" or answer.startswith(b"HTTP/1.1 403 ")
    assert connected == []


def test_without_the_guard_the_stub_would_have_seen_it(
    connected: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "is_public", lambda _: True)
    answers(heads_for("metadata.cn"))
    assert connected == [("169.254.169.254", 80), ("169.254.169.254", 443)]
