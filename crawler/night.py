"""The hours of the day in which a source may be asked."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import Self

_CHINA = timezone(timedelta(hours=8))
_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` to `end` in China time, over midnight if `end` is earlier."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the hours in a text such as 22:00-06:00; None if it is none.

        >>> Hours.parse("22:00-06:00")
        Hours(start=datetime.time(22, 0), end=datetime.time(6, 0))
        """
        match = _FORM.fullmatch(text.strip())
        if match is None:
            return None
        first, first_minute, last, last_minute = map(int, match.groups())
        return cls(time(first, first_minute), time(last, last_minute))

    def contain(self, instant: datetime) -> bool:
        """Whether an aware instant lies in them; equal ends are the whole day."""
        now = instant.astimezone(_CHINA).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


def may_ask(hours: str | None, instant: datetime) -> bool:
    """Whether a source with these hours may be asked now.

    >>> from datetime import UTC
    >>> instants = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (13, 14, 21, 22)]
    >>> [may_ask("22:00-06:00", instant) for instant in instants]
    [False, True, True, False]
    """
    parsed = Hours.parse(hours) if hours else None
    return parsed is None or parsed.contain(instant)
