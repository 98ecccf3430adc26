"""A page made of hostile articles, opened in a real browser: nothing in it runs or reaches out."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from crawler.health import Problem, SourceHealth
from summarize.entries import Part
from summarize.render import render_html
from summarize.wording import load_wording
from tests.days import full_day
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
  const turned = (document.body.textContent.match(
    /[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g) || []).length;
  document.querySelectorAll("*").forEach(e => ["mouseover", "focus", "click"].forEach(
    name => e.tagName === "A" || e.dispatchEvent(new Event(name, {bubbles: true}))));
  const asked = performance.getEntriesByType("resource").length;
  const ran = !!window.ran;
  document.title = `seen wide=${wide} odd=${odd} handlers=${handlers} links=${links} `
    + `turned=${turned} asked=${asked} ran=${ran}`;
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
    "<!--<script>window.ran=1</script>--><!doctype html><plaintext>",
    "]]><math><mtext><style><img src=x onerror=window.ran=1></style></mtext></math>",
    '" autofocus tabindex=1 onfocus="window.ran=1" onmouseover=\'window.ran=1\' x="',
    "\u2028</style></script><script>window.ran=1</script>\u200b\u200f\ufeff",
    "<form action=javascript:window.ran=1><input type=submit><object data=data:text/html,x>",
    "长" * 4000,
    "W" * 4000,
]


_ADDRESSES = [
    "javascript:window.ran=1",
    "data:text/html,<script>window.ran=1</script>",
    'http://127.0.0.1/"onmouseover="window.ran=1',
    "vbscript:window.ran=1",
    " \tJaVaScRiPt:window.ran=1",
    "http://127.0.0.1/'><script>window.ran=1</script>",
]


def attack(number: int, words: str):
    text = f"沛县设立{number + 11}亿元{words}人才基金，{words}支持青年人才创业{words}。"
    fund = figure(text, f"{number + 11}亿元", f"{number + 11}e8", counted=words[:300], role="fund")
    return report(
        f"attack{number}",
        text,
        title=f"{words[:300]}新政{number}",
        source=words[:200],
        url=_ADDRESSES[number % len(_ADDRESSES)],
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
    calm = "seen wide=false odd=0 handlers=0 links=0 turned=0 asked=0 ran=false"
    if width > 500:
        assert opened(render_html(digest), tmp_path, width) == calm
        return
    # nor is what a model made of them, on a phone
    first = next(item for item in digest.items if item.section == "points")
    retold = replace(first, retold=tuple((Part(words),) for words in ATTACKS if "7" not in words))
    said = dict.fromkeys((source.title for source in digest.sources), "".join(ATTACKS[:9]))
    items = tuple(retold if item is first else item for item in digest.items)
    sources = tuple(replace(s, body=s.body + "0123456789 1 9 127 0 1 9") for s in digest.sources)
    made_up = replace(digest, items=items, sources=sources, translations=said)
    assert opened(render_html(made_up, lang="en"), tmp_path, width) == calm


def printed(html: str, folder: Path) -> list[str]:
    """Return the words of each A4 page that Chromium prints, blanks left out."""
    page, paper = folder / "page.html", folder / "page.pdf"
    page.write_text(html, encoding="utf-8")
    subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", f"--user-data-dir={folder / 'profile'}",
            "--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri(),
        ],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    with pypdfium2.PdfDocument(paper) as document:
        sizes = {
            (round(w * 25.4 / 72), round(h * 25.4 / 72))
            for w, h in map(document.get_page_size, range(len(document)))
        }
        assert sizes == {(210, 297)}
        return ["".join(one.get_textpage().get_text_bounded().split()) for one in document]


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; `make browser` installs it")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_full_day_prints_on_two_pages_before_its_annex(tmp_path, lang):
    digest = full_day()
    words = load_wording(lang)
    sections = {item.section for item in digest.items}
    assert {"points", "policies", "figures", "regions", "doubts", "titles"} <= sections
    html = render_html(digest, lang=lang)
    assert html.count('<figure class="chart">') >= 2
    pages = printed(html, tmp_path)
    annex = "".join(words.word("sections", "titles").split())
    (first,) = [number for number, text in enumerate(pages) if text.startswith(annex)]
    assert first <= 2
    assert words.word("sections", "health") in pages[first - 1] or lang == "en"


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; `make browser` installs it")
def test_the_probe_sees_what_runs(tmp_path):
    html = "<html><head><title>x</title></head><body><img src=x onerror=window.ran=1></body></html>"
    seen = opened(html, tmp_path, 900)
    assert "odd=1 handlers=1 links=0" in seen
    assert "ran=true" in seen
    asks = "<link rel=stylesheet href=http://127.0.0.1:9/x.css>"
    turned = f"<html><head><title>x</title>{asks}</head><body>\u202eabc</body></html>"
    assert "turned=1 asked=1" in opened(turned, tmp_path, 900)
