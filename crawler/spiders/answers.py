"""What an answer says besides its body, and why one did not come."""

from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response

from crawler.browsing import is_without_program
from crawler.spiders.guard import Challenged, Forbidden, NoRobots, Refused, Skipped


def failure_words(error: BaseException) -> tuple[str, str]:
    """Return (kind of problem, detail) of a request that got no answer to judge."""
    if isinstance(error, Skipped) and error.rest is not None:
        return error.rest.kind, error.rest.words
    kinds: list[tuple[type[BaseException], str]] = [
        (Forbidden, "forbidden"),
        (Refused, "refused"),
        (Challenged, "challenged"),
        (NoRobots, "unreachable"),
        (DownloadCancelledError, "too_large"),
    ]
    for kind, problem in kinds:
        if isinstance(error, kind):
            return problem, _one_line(error)
    if isinstance(error, IgnoreRequest):  # Scrapy's own: redirects, unpacked size
        return ("too_large" if "MAXSIZE" in str(error) else "http_error"), _one_line(error)
    if is_without_program(error):
        return "no_browser", "playwright: no Chromium"
    return "unreachable", f"{type(error).__name__}: {_one_line(error)}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def header_of(response: Response, name: str) -> str | None:
    """Return a header; None if the answer has none of that name."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def headers_of(response: Response) -> tuple[tuple[str, str], ...]:
    """Return all headers in the order they came."""
    pairs = response.headers.items()
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in pairs
        for value in values
    )
