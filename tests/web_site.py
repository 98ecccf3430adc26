"""The web page of an office after its first run on loopback, and a browser to see it with."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bole.config import Settings
from store import Store
from tests.offices import DAY, copy_office
from tests.reports import figure, policy, report
from tests.test_browser import ATTACKS, CHROMIUM, attack

SCRIPT = (
    "無錫高新區(qū)印發(fā)《飛鳳人才辦法》。\n"
    "為做好服務(wù)，對新引進的博士給予每人30 萬元安家補貼，"
    "對領軍人才團隊最高資助500萬元。\n上一條：某地給予9億元。"
)
#: An article in traditional script with notes between its characters.
TRADITIONAL = report(
    "script",
    SCRIPT,
    title="無錫高新區(qū)人才新政",
    lang="zh-Hant",
    district="320214",
    body=(0, SCRIPT.index("\n上一條")),
    figures=[
        figure(
            SCRIPT, "30 萬元", "3e5", role="support", target="博士", tier="doctor",
            benefit="settling_in", per="person",
        ),
        figure(SCRIPT, "最高資助500萬元", "5e6", role="support", qualifier="up_to"),
    ],
    policies=[policy(SCRIPT, "飛鳳人才辦法", name="飞凤人才办法")],
)  # fmt: skip
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    "--disable-dev-shm-usage",
)
#: Notes what the policy of the page refused, before any script of the page runs.
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation",
    (event) => window.refused.push(event.violatedDirective + " " + event.blockedURI));
"""


def make_site(factory: pytest.TempPathFactory, folder: Path) -> Settings:
    """Return the settings of an office with two issues and with hostile articles."""
    settings = copy_office(factory, folder)
    attacks = [attack(number, words) for number, words in enumerate(ATTACKS)]
    with Store(settings.database) as store:
        store.write_articles([*attacks, TRADITIONAL], reader_version="1")
        store.publish()
    issue = json.loads((settings.digests / f"{DAY}.json").read_text("utf-8"))
    before = DAY - timedelta(days=1)
    older = issue | {"day": str(before), "title": f"人才政策动态 {before}", "items": []}
    (settings.digests / f"{before}.json").write_text(json.dumps(older), "utf-8")
    return settings


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve an office as `bole serve` does and give the address."""
    import uvicorn

    from bole.web.safety import Rules
    from bole.web.serve import make_app

    app = make_app(settings.data.parent, settings, Rules())
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        (port,) = {one.getsockname()[1] for one in server.servers[0].sockets}
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def chromium() -> Iterator[object]:
    """Start Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
