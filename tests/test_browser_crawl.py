"""Lists that scripts draw, in a real Chromium: read as drawn, and no way around the guard."""

import importlib.util
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.collect import collect
from crawler.health import source_health
from crawler.ledger import Ledger
from crawler.sources import Source, load_presets
from tests.sites.server import Site, article_page, serve

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("scrapy_playwright") is None,
        reason="scrapy-playwright is missing; `make extras` installs it",
    ),
    pytest.mark.skipif(
        not shutil.which("chromium"), reason="no Chromium here; `make browser` installs it"
    ),
]

#: A list whose rows come by a script, which also tries each way to a host that is not allowed.
DRAWN = """<html><head><meta charset=utf-8><title>人才要闻</title></head><body><ul id=rows></ul>
<img src="http://HIDDEN/image.png"><iframe src="http://HIDDEN/frame.html"></iframe>
<script>
  for (const address of ["http://HIDDEN/fetched.json", "http://127.0.0.1:1/", "http://[::1]:1/"])
    fetch(address, {mode: "no-cors"}).catch(() => 0);
  new WebSocket("ws://HIDDEN/socket").onerror = () => 0;
  navigator.sendBeacon("http://HIDDEN/beacon", "x");
  fetch("rows.json").then(answer => answer.json()).then(rows => {
    for (const [address, title, day] of rows) {
      const row = document.createElement("li");
      row.innerHTML = `<a href="${address}">${title}</a><span>${day}</span>`;
      document.getElementById("rows").append(row);
    }
  });
</script></body></html>"""
ROWS = """[["./202401/t20240102_2.html", "第二批人才项目公布", "2024-01-02"],
["./202401/t20240101_1.html", "第一批人才项目公布", "2024-01-01"]]"""


def drawn_source(site: Site, **more: object) -> Source:
    rule = replace(load_presets()["trs"], pages=None)
    return Source(
        id="drawn", name="drawn", url=f"{site.base}/col/", preset=rule, level="city",
        publisher="official", min_items=1, delay=0.0, browser=True, allow_private=(site.host,),
        **more,
    )  # fmt: skip


def crawl(source: Source, folder: Path) -> list[str]:
    """Crawl and return the paths of the articles in the ledger."""
    collect([source], folder, user_agent="bole/test (tests)")
    with Ledger(folder / "ledger.sqlite") as ledger:
        return sorted(page.url.partition("/col/")[2] for page in ledger.pages())


def test_a_drawn_list_is_read_and_its_scripts_reach_no_other_host(tmp_path):
    with serve() as site, serve() as hidden:
        hidden.put("/frame.html", "<p>秘密</p>")
        site.put("/col/", DRAWN.replace("HIDDEN", hidden.host))
        site.put("/col/rows.json", ROWS, Content_Type="application/json")
        for number in (1, 2):
            path = f"/col/202401/t2024010{number}_{number}.html"
            site.put(path, article_page(f"第{number}批人才项目公布"))
        assert crawl(drawn_source(site), tmp_path) == [
            "202401/t20240101_1.html", "202401/t20240102_2.html",
        ]  # fmt: skip
        assert site.asked("/col/rows.json")
        assert hidden.log == []
        # the same page does reach it where it is allowed: the silence above is the guard's
        allowed = replace(drawn_source(site), allow_private=(site.host, hidden.host))
        crawl(allowed, tmp_path / "allowed")
        assert {"/frame.html", "/fetched.json", "/socket"} <= set(hidden.asked())


def test_a_drawn_list_on_a_private_host_is_not_asked_for(tmp_path):
    with serve() as site:
        site.put("/col/", DRAWN)
        source = replace(drawn_source(site), allow_private=())
        assert crawl(source, tmp_path) == []
        assert site.log == []
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            (health,) = source_health(ledger, [source])
        assert [problem.kind for problem in health.problems] == ["refused"]
