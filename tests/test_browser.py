"""A page made of hostile articles, opened in a real browser: nothing in it runs or reaches out."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.health import Problem, SourceHealth
from summarize.render import render_html
from tests.reports import figure, policy, report, xuzhou
from tests.test_render import hostile, made

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), "")
PROBE = """<script>
addEventListener("load", () => setTimeout(() => {
  const wide = document.documentElement.scrollWidth > innerWidth + 1;
  const odd = document.querySelectorAll(
    "img,svg,iframe,object,embed,form,input,marquee,base").length;
  const handlers = [...document.querySelectorAll("*")].filter(
    e => [...e.attributes].some(a => a.name.startsWith("on"))).length;
  const links = [...document.querySelectorAll("[href]")].filter(
    e => !/^(#|https?:)/.test(e.getAttribute("href"))).length;
  const ran = !!window.ran;
  document.title = `seen wide=${wide} odd=${odd} handlers=${handlers} links=${links} ran=${ran}`;
}, 50));
</script>"""

ATTACKS = [
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "</q></li></section><svg onload=window.ran=1>",
    "{{ 7*7 }}{% raw %}<iframe src=javascript:window.ran=1></iframe>",
    "&lt;script&gt;window.ran=1&lt;/script&gt;<base href=http://127.0.0.1:9/>",
    "\u202eevil\u2066\u2069<a href=javascript:window.ran=1>1</a>",
    "<style>@import url(http://127.0.0.1:9/x.css)</style>",
    "长" * 4000,
    "W" * 4000,
]


def attack(number: int, words: str):
    text = f"沛县设立{number + 11}亿元{words}人才基金，{words}支持青年人才创业{words}。"
    fund = figure(text, f"{number + 11}亿元", f"{number + 11}e8", counted=words[:300], role="fund")
    return report(
        f"attack{number}",
        text,
        title=f"{words[:300]}新政{number}",
        source=words[:200],
        url=f"javascript:window.ran={number}",
        district="320322",
        figures=[fund],
        policies=[policy(text, "人才基金", "fund", issuer=words[:200])],
    )


def opened(html: str, folder: Path, width: int) -> str:
    """Return the title of a page after a probe looked at it in headless Chromium."""
    page = folder / "page.html"
    page.write_text(html.replace("</head>", PROBE + "</head>"), encoding="utf-8")
    run = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},900", "--virtual-time-budget=2000", "--dump-dom",
            page.as_uri(),
        ],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    start = run.stdout.index("seen wide=")
    return run.stdout[start : run.stdout.index("<", start)]


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; `make browser` installs it")
@pytest.mark.parametrize("width", [1280, 500])
def test_hostile_articles_are_inert_in_a_browser(tmp_path, width):
    attacks = [attack(number, words) for number, words in enumerate(ATTACKS)]
    problem = Problem(kind="not_found", url="javascript:1", detail="<img src=x onerror=ran=1>")
    odd = SourceHealth(source_id="x", name="<svg onload=window.ran=1>", pages=1, articles=1,
                       problems=(problem,))  # fmt: skip
    digest = made(*attacks, hostile(), xuzhou(), sources=[odd], issuer="<marquee>")
    digest = replace(digest, issue=replace(digest.issue, home="320322"))
    seen = opened(render_html(digest), tmp_path, width)
    assert seen == "seen wide=false odd=0 handlers=0 links=0 ran=false"


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; `make browser` installs it")
def test_the_probe_sees_what_runs(tmp_path):
    html = "<html><head><title>x</title></head><body><img src=x onerror=window.ran=1></body></html>"
    assert "odd=1 handlers=1 links=0 ran=true" in opened(html, tmp_path, 900)
