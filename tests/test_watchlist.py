"""`bole sources`: list, check, add; on loopback, through the real crawl."""

import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bole.cli import main
from bole.config import Settings, write_settings
from crawler.fetches import Fetch
from crawler.guessing import guess_list
from crawler.ledger import Ledger
from crawler.sources import load_sources
from tests.sites import kinds
from tests.sites.kinds import KindSite, rows_of, serve_kinds

ROWS = rows_of("/x/{ym}/t{day}_{n}.html", 12)
NEWS = rows_of("/news/{n}", 12)


@dataclass(frozen=True)
class Run:
    returncode: int
    stdout: str
    stderr: str


def bole(*words: object) -> Run:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as end:
            code = int(end.code or 0)
    return Run(code, out.getvalue(), err.getvalue())


def table(site: KindSite, name: str, url: str, more: str = "") -> str:
    return (
        f'[[source]]\nid = "{name}"\nname = "{name}"\nlevel = "national"\npublisher = "media"\n'
        f'preset = "trs"\nurl = "{site.base}{url}"\nallow_private = ["{site.host}"]\n{more}\n'
    )


def office(folder: Path, tables: str) -> Path:
    write_settings(folder, Settings(delay=0.0))
    (folder / "sources.toml").write_text(f"schema = 1\n\n{tables}", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_check_says_what_each_source_yields(tmp_path: Path) -> None:
    with serve_kinds() as site:
        site.pages["/good/"] = site.pages["/old/"] = kinds.html_list(ROWS)
        site.pages["/few/"] = kinds.html_list(ROWS[:2])
        site.put_articles(ROWS)
        tables = [
            table(site, "good", "/good/", "stale_after_days = 90000"),
            table(site, "old", "/old/"),
            table(site, "few", "/few/", "stale_after_days = 90000"),
            table(site, "gone", "/gone/"),
            table(site, "off", "/off/", "enabled = false"),
        ]
        folder = office(tmp_path, "\n".join(tables))
        run = bole("sources", "check", "-C", folder, "--json")
        rows = {row["id"]: row for row in map(json.loads, run.stdout.splitlines())}
        assert run.returncode == 3
        assert "3 of 4 sources are broken" in run.stderr
        assert {name: row["problem"] for name, row in rows.items()} == {
            "good": None,
            "old": "stale",
            "few": "no_rows",
            "gone": "not_found",
        }
        good = rows["good"]
        assert (good["rows"], good["min_items"], good["newest"]) == (12, 3, "2024-01-13")
        assert rows["few"]["detail"] == "2 rows, at least 3 expected"
        assert not [one.path for one in site.log if "/t2024" in one.path or "index_" in one.path]
        assert (good["status"], good["cure"], good["statuses"]) == (200, None, None)
        assert "list_item" in rows["few"]["cure"]
        assert bole("sources", "check", "good", "-C", folder).returncode == 0
        site.pages["/off/"] = site.pages["/good/"]
        off = bole("sources", "check", "off", "-C", folder)
        assert (off.returncode, "off is disabled; set enabled = true" in off.stderr) == (3, True)
        assert "stale" in off.stdout
    assert not (folder / "data").exists()


def test_listing_is_what_sources_does_alone(tmp_path: Path) -> None:
    with serve_kinds() as site:
        folder = office(tmp_path, table(site, "one", "/"))
    for words in (["sources", "-C", folder, "--json"], ["sources", "list", "-C", folder, "--json"]):
        assert [row["id"] for row in map(json.loads, bole(*words).stdout.splitlines())] == ["one"]
    run = bole("sources", "check", "two", "-C", folder)
    assert (run.returncode, "no source 'two'" in run.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["crawl", "off"], "disabled sources: off; set enabled = true in "),
        (["crawl"], "no source is enabled; set enabled = true in "),
        (["sources", "check"], "no source is enabled; set enabled = true in "),
        (["crawl", "of"], "no source 'of' in the watchlist; sources: off"),
        (["sources", "add", "http://a.cn/", "--district", "320399"], "district '320399' is none"),
    ],
)
def test_what_cannot_be_collected_is_told_in_a_line(
    tmp_path: Path, words: list[str], told: str
) -> None:
    with serve_kinds() as site:
        folder = office(tmp_path, table(site, "off", "/off/", "enabled = false"))
        run = bole(*words, "-C", folder)
        assert site.log == []
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert told in run.stderr


@pytest.mark.slow
def test_crawl_and_run_end_with_3_if_a_list_is_broken_and_the_list_says_how_each_stands(
    tmp_path: Path,
) -> None:
    with serve_kinds() as site:
        site.pages["/good/"] = kinds.html_list(ROWS)
        site.put_articles(ROWS)
        much = "stale_after_days = 90000"
        tables = [
            table(site, "good", "/good/", much),
            table(site, "few", "/few/", much),
            table(site, "off", "/off/", "enabled = false"),
        ]
        folder = office(tmp_path, "\n".join(tables))
        assert [row["state"] for row in listed(folder)] == ["new", "new", "disabled"]
        assert bole("crawl", "good", "-C", folder).returncode == 0
        crawled = bole("crawl", "-C", folder)
        assert crawled.returncode == 3
        assert f"few: not_found {site.base}/few/ HTTP 404" in crawled.stderr
        run = bole("run", "-C", folder)
        assert (run.returncode, "broken sources: few;" in run.stderr) == (3, True)
        good, few, off = listed(folder)
        assert (good["state"], few["state"], off["state"]) == ("ok", "not_found", "disabled")
        assert (good["articles"], good["unread"], good["undated"]) == (12, 0, 0)
        assert (good["list_rows"], good["min_items"], few["list_rows"]) == (12, 3, None)
        assert (few["statuses"], off["statuses"]) == ("404×2", None)
        assert good["statuses"] == "200×13, 304×26"
        assert "12, at least 3 expected" in bole("sources", "-C", folder).stdout
        page = next((folder / "digests").glob("*.md")).read_text("utf-8")
        assert "其余1个来源正常；停用1个来源" in page


def listed(folder: Path) -> list[dict[str, object]]:
    out = bole("sources", "list", "-C", folder, "--json").stdout
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.slow
def test_check_leaves_a_host_alone_that_has_shown_a_test_for_robots(tmp_path: Path) -> None:
    with serve_kinds() as site:
        site.pages["/good/"] = kinds.html_list(ROWS)
        folder = office(tmp_path, table(site, "good", "/good/"))
        (folder / "data").mkdir()
        with Ledger(folder / "data" / "ledger.sqlite") as ledger:
            ledger.record(
                Fetch(
                    url=f"{site.base}/x.html",
                    final_url=f"{site.base}/x.html",
                    source_id="good",
                    kind="article",
                    fetched=datetime.now(UTC),
                    problem="challenged",
                )
            )
        run = bole("sources", "check", "-C", folder, "--json")
        assert (run.returncode, json.loads(run.stdout)["problem"]) == (3, "challenged")
        assert site.log == []


def page_with_list(rows: list[kinds.Row], footer: str = "") -> str:
    menu = "".join(f'<li><a href="/m{n}.html">栏目{n}</a></li>' for n in range(20))
    items = "".join(
        f'<li><span class="d">{day}</span><a href="{href}">{title}</a></li>'
        for href, title, day in rows
    )
    return (
        f'<html><head><title>工作动态 - 某市人才网</title></head><body><ul class="nav">{menu}</ul>'
        f'<div class="main"><ul class="news">{items}</ul><div><a href="/news/list_2.html">2</a>'
        f"</div></div>{footer}</body></html>"
    )


@pytest.mark.slow
def test_add_writes_a_source_that_then_yields_its_rows(tmp_path: Path) -> None:
    footer = "<p>苏公网安备 32031102000168号</p>"
    with serve_kinds() as site:
        site.pages["/news/index.html"] = page_with_list(NEWS, footer)
        site.put_articles(NEWS)
        folder = office(tmp_path, table(site, "one", "/one/") + "# der Schluss\n")
        private = ["--allow-private", site.host]
        url = f"{site.base}/news/index.html"
        shown = bole("sources", "add", url, "-C", folder, "--dry-run", *private)
        assert shown.returncode == 0, shown.stderr
        assert len(load_sources(folder / "sources.toml")) == 1
        run = bole("sources", "add", url, "-C", folder, *private)
        assert run.returncode == 0, run.stderr
        assert run.stdout == shown.stdout
        assert "12 rows, 12 with a day, newest 2024-01-13" in run.stdout
        read = r"# article read: 第12条人才工作消息; 2024-01-13 \(list\); \d+ characters by \w+"
        assert re.search(read, run.stdout)
        old, new = load_sources(folder / "sources.toml")
        assert (old.id, new.district, new.level) == ("one", "320311", "county")
        assert (new.publisher, new.name) == ("official", "工作动态 - 某市人才网")
        assert (new.preset.name, new.preset.list_item) == ("html", "ul.news li")
        assert (new.preset.pages, new.preset.page_base) == ("/news/list_{n}.html", 2)
        assert "# der Schluss" in (folder / "sources.toml").read_text("utf-8")
        checked = bole("sources", "check", new.id, "-C", folder, "--json")
        assert json.loads(checked.stdout)["rows"] == 12
        again = bole("sources", "add", url, "-C", folder, *private)
        assert (again.returncode, again.stdout) == (0, "")
        assert "nothing was written" in again.stderr
        taken = bole("sources", "add", f"{site.base}/b/", "--id", "one", "-C", folder, *private)
        assert (taken.returncode, "'one'" in taken.stderr) == (2, True)


@pytest.mark.slow
def test_add_says_why_it_cannot(tmp_path: Path) -> None:
    with serve_kinds() as site:
        site.pages["/app/"] = "<html><body><div id='app'></div></body></html>"
        folder = office(tmp_path, table(site, "one", "/one/"))
        before = (folder / "sources.toml").read_bytes()
        for path, words in (("/app/", "browser = true"), ("/gone/", "not_found: HTTP 404")):
            run = bole(
                "sources", "add", site.base + path, "-C", folder, "--allow-private", site.host
            )
            assert run.returncode == 1
            assert words in run.stderr
            assert len(run.stderr.splitlines()) == 1
        assert bole("sources", "add", "a.cn/x", "-C", folder).returncode == 2
        refused = bole("sources", "add", f"{site.base}/x/", "-C", folder)
        assert (refused.returncode, "refused" in refused.stderr) == (1, True)
        assert (folder / "sources.toml").read_bytes() == before


URL = "http://a.cn/col/index.html"


@pytest.mark.parametrize(
    ("preset", "url", "body"),
    [
        ("trs", URL, kinds.html_list(ROWS)),
        ("nfcms", URL, kinds.html_list(rows_of("/content/post_{n}.html", 9))),
        ("ucap", URL, kinds.html_list(rows_of("/x/{ym}/{hex}.shtml", 9))),
        ("jcms", URL, kinds.jcms_column(rows_of("/art/{y}/{m}/{d}/art_1_{n}.html", 9), 9)),
        ("jcms_js", URL, kinds.jcms_arrays(NEWS)),
        ("rss", URL, kinds.rss(NEWS)),
        ("sitemap", URL, kinds.sitemap(NEWS, "http://a.cn")),
        ("gkmlpt", "http://a.cn/gkmlpt/api/all/5?page=1&sid=2", kinds.gkmlpt(NEWS)),
        ("ucap_api", "http://a.cn/getInfoCommon/?currpage=1", kinds.ucap_info(NEWS)),
        ("json", "http://a.cn/api?p=1&c=1", kinds.nested_json(NEWS)),
        ("urls", "http://a.cn/urls.txt", kinds.address_list(NEWS, "http://a.cn")),
        ("html", URL, page_with_list(NEWS)),
    ],
)
def test_the_preset_is_guessed_from_the_page(preset: str, url: str, body: str) -> None:
    guess = guess_list(url, body.encode())
    assert guess is not None
    assert guess.preset == preset
    assert len(guess.rows) in (9, 12)
    assert preset in ("sitemap", "urls") or all(row.day for row in guess.rows)
    assert ("{n}" in guess.url) == ("?" in url)


def test_jpaas_is_known_by_its_script() -> None:
    values = {"webId": "w", "pageId": "p", "tplSetId": "t", "tagId": "l", "url": "jpaas"}
    guess = guess_list(URL, kinds.jpaas_column(values).encode())
    assert guess is not None
    assert guess.preset == "jpaas"


def test_articles_of_a_system_beside_the_list_do_not_count() -> None:
    aside = "".join(f'<p><a href="/x/t2020010{n}_1.html">热点{n}</a></p>' for n in range(1, 4))
    page = kinds.html_list(ROWS).replace("</body>", f"{aside}</body>")
    guess = guess_list(URL, page.encode())
    assert guess is not None
    assert (guess.preset, len(guess.rows)) == ("trs", 12)
    assert guess.keys == {"list_item": "ul.list li"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\x00\xff", b"<html></html>", b"[" * 9999])
def test_what_shows_no_list_is_not_guessed(body: bytes) -> None:
    assert guess_list(URL, body) is None
