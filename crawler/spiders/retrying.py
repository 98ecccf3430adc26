"""Asking again: at once after a reset, after a busy site's own time, or in the next run."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

#: Seconds that a crawl waits for a busy host; who wants more is asked by a later run.
PATIENCE = 60.0
#: Statuses that may say when to come back (RFC 9110, 10.2.3; RFC 6585, 4).
_BUSY = (429, 503)


class PatientRetry(RetryMiddleware):
    """Scrapy's own retrying, which lets a host rest for as long as its `Retry-After` says."""

    def process_response(  # type: ignore[override]  # Scrapy warns who still takes a spider
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the request to repeat, or the answer where asking again is for the next run."""
        wait = wait_of(response)
        if wait > PATIENCE:
            return response
        self._let_rest(request, wait)
        return super().process_response(request, response)

    def _let_rest(self, request: Request, wait: float) -> None:
        slot = self.crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is not None and wait > 0:
            slot.delay = max(slot.delay, 0.01)  # a slot without a delay looks at no time
            slot.lastseen = max(slot.lastseen, monotonic() + wait)


def wait_of(response: Response) -> float:
    """Return the seconds for which a busy site asks to be left alone; 0 if it does not."""
    said = response.headers.get("Retry-After")
    if response.status not in _BUSY or said is None:
        return 0.0
    return seconds_of(said.decode("latin-1"), datetime.now(UTC))


def seconds_of(said: str, now: datetime) -> float:
    """Return the seconds that a `Retry-After` header asks for; 0 if it cannot be read.

    >>> seconds_of("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> seconds_of("Thu, 01 Jan 2026 00:01:00 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    60.0
    >>> seconds_of("soon", datetime(2026, 1, 1, tzinfo=UTC))
    0.0
    """
    if said.strip().isdecimal():
        return float(said)
    try:
        when = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds())
