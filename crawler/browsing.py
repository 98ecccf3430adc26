"""Whether lists that scripts draw can be had here, and how the browser is set up for them."""

import os
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from crawler.sources import Source

#: What Playwright says where the extra is installed and no Chromium is.
_NO_PROGRAM = "Executable doesn't exist"
#: Names under which systems install Chromium; without one Playwright's own is taken.
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_HANDLERS = dict.fromkeys(("http", "https"), "crawler.spiders.browser.BrowserGate")
#: Milliseconds for a page to be drawn.
_PATIENCE = 30_000


def has_browser() -> bool:
    """Whether the extra bole[browser] is installed."""
    return find_spec("scrapy_playwright") is not None


def is_without_program(error: BaseException) -> bool:
    """Whether a request failed because there is no Chromium for the extra to drive."""
    return _NO_PROGRAM in str(error)


def browser_settings(sources: Sequence[Source]) -> dict[str, Any]:
    """Return Scrapy's settings for the browser; none if no source wants one or there is none."""
    if not (any(source.browser for source in sources) and has_browser()):
        return {}
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    launch = {
        "headless": True,
        "chromium_sandbox": not _is_root(),  # Chromium's own walls do not work for root
        "args": [
            "--disable-background-networking",
            "--no-first-run",
            "--disable-gpu",
            # nothing may go past the guard: no names are resolved, no packets but through it
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        ],
        **({"executable_path": program} if program else {}),
    }
    return {
        "DOWNLOAD_HANDLERS_BASE": _HANDLERS,
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch,
        "PLAYWRIGHT_ABORT_REQUEST": "crawler.spiders.browser.is_needless",
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": _PATIENCE,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
    }


def _is_root() -> bool:
    return getattr(os, "geteuid", lambda: 1)() == 0
