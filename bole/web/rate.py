"""How often one client may ask: a bucket of requests for each, refilled by the second."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

#: Clients that are remembered; who has asked nothing for longest is forgotten first.
_CLIENTS = 10_000
#: Part of an IPv6 address that one household or office shares.
_SHARED_BITS = 64


class RateLimit:
    """Lets each client ask so often a minute, and a part of that at once.

    >>> limit = RateLimit(60, at_once=2, clock=lambda: 0.0)
    >>> [limit.wait("192.0.2.1") for _ in range(3)]
    [0.0, 0.0, 1.0]
    >>> limit.wait("192.0.2.2")
    0.0
    """

    def __init__(self, a_minute: int, *, at_once: int, clock: Callable[[], float]) -> None:
        self._per_second = a_minute / 60
        self._at_once = at_once
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Return the seconds until `client` may ask; 0 if now, and then count this request."""
        seconds = self.seconds_left(client)
        if not seconds:
            left, now = self._left[_group(client)]
            self._left[_group(client)] = left - 1, now
        return seconds

    def seconds_left(self, client: str) -> float:
        """Return the seconds until `client` may ask; 0 if now. Nothing is counted."""
        name, now = _group(client), self._clock()
        left, since = self._left.pop(name, (float(self._at_once), now))
        left = min(float(self._at_once), left + (now - since) * self._per_second)
        self._left[name] = left, now
        if len(self._left) > _CLIENTS:
            self._left.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / self._per_second


def _group(client: str) -> str:
    """Return the address that is counted: of IPv6 the part that one network has.

    >>> _group("2001:db8::1") == _group("2001:db8::2"), _group("2001:db8::1") == _group("::1")
    (True, False)
    """
    try:
        address = ip_address(client)
    except ValueError:  # a test's client has a name
        return client
    if isinstance(address, IPv6Address):
        return f"v6:{int(address) >> (128 - _SHARED_BITS):x}"
    return client
