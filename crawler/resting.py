"""Hosts that are left alone for a while: after a test for robots, or because they asked for it."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, Self

#: How long a host that has shown a test for robots is left alone; who asks for more gets no more.
BACK_OFF = timedelta(days=1)
#: Problems of a host at rest: they tell nothing of the page that was asked for.
RESTING = ("challenged", "busy")
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Why and how long a host is left alone.

    Attributes:
        kind: challenged (it has shown a test for robots) or busy (it asked for it).
        since: Instant of the answer that said so.
        until: Instant from which on it may be asked again.
    """

    kind: Literal["challenged", "busy"]
    since: datetime
    until: datetime

    def to_row(self) -> tuple[str, str, str]:
        """Return it as texts."""
        return self.kind, _text(self.since), _text(self.until)

    @classmethod
    def from_row(cls, row: Sequence[str]) -> Self:
        """Return the rest that `to_row` wrote."""
        since, until = map(datetime.fromisoformat, row[1:])
        return cls(kind="busy" if row[0] == "busy" else "challenged", since=since, until=until)

    @property
    def words(self) -> str:
        """Return it in a few words, in China time.

        >>> day = datetime(2026, 1, 1, tzinfo=UTC)
        >>> Rest(kind="busy", since=day, until=day + timedelta(seconds=500)).words
        'its host rests since 2026-01-01 08:00, until 2026-01-01 08:08 in China'
        """
        since, until = (one.astimezone(_CHINA) for one in (self.since, self.until))
        return f"its host rests since {since:%Y-%m-%d %H:%M}, until {until:%Y-%m-%d %H:%M} in China"


def challenged_at(since: datetime) -> Rest:
    """Return the rest of a host that showed a test for robots."""
    return Rest(kind="challenged", since=since, until=since + BACK_OFF)


def busy_at(since: datetime, seconds: float) -> Rest:
    """Return the rest of a host that asked for so many seconds, a day at most."""
    wait = min(seconds, BACK_OFF.total_seconds())
    return Rest(kind="busy", since=since, until=since + timedelta(seconds=wait))


class RestRows:
    """What the ledger knows of hosts at rest: its fetches tell of tests, a table of the others."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    def add(self, host: str, rest: Rest) -> None:
        """Remember that a `host:port` has asked to be left alone."""
        values = (host, _text(rest.since), _text(rest.until))
        self._con.execute("insert or replace into rests values (?, ?, ?)", values)

    def hosts(self, now: datetime) -> dict[str, Rest]:
        """Return the hosts that are not to be asked now, by `host:port`."""
        asked = self._con.execute(
            "select host, since, until from rests where until > ?", (_text(now),)
        )
        busy = {
            row["host"]: Rest(
                kind="busy",
                since=datetime.fromisoformat(row["since"]),
                until=datetime.fromisoformat(row["until"]),
            )
            for row in asked
        }
        # without a status it is the note that a host at rest was not asked: that is no new test
        tests = self._con.execute(
            "select host, max(fetched) as since from fetches where problem = 'challenged'"
            " and status is not null and fetched > ? group by host",
            (_text(now - BACK_OFF),),
        )
        shown = {row["host"]: challenged_at(datetime.fromisoformat(row["since"])) for row in tests}
        return busy | shown


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
