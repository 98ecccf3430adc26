"""`bole sources`: list, check, add; on loopback, through the real crawl."""

import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bole.cli import main
from bole.config import Settings, write_settings
from crawler.adding import _free_name
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
        assert "2 of 4 sources are broken\n1 of 4 sources is stale\n" in run.stderr
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
                    status=412,
                    problem="challenged",
                )
            )
        run = bole("sources", "check", "-C", folder, "--json")
        assert (run.returncode, json.loads(run.stdout)["problem"]) == (3, "challenged")
        assert "its host rests since" in json.loads(run.stdout)["detail"]
        assert site.log == []


def closed_now() -> str:
    """Hours in China that do not contain the present."""
    china = datetime.now(timezone(timedelta(hours=8)))
    return f"{china + timedelta(hours=2):%H:%M}-{china + timedelta(hours=4):%H:%M}"


def test_outside_its_hours_a_source_is_left_and_that_is_told(tmp_path: Path) -> None:
    hours = closed_now()
    with serve_kinds() as site:
        folder = office(tmp_path, table(site, "night", "/x/", f'hours = "{hours}"'))
        run = bole("sources", "check", "-C", folder, "--json")
        row = json.loads(run.stdout)
        assert site.log == []
    assert (run.returncode, row["problem"]) == (0, "not_asked")
    assert row["detail"] == f"left for its hours, {hours} in China"
    assert "change hours" in row["cure"]
    assert "1 of 1 sources is left for its hours" in run.stderr


@pytest.mark.slow
def test_a_source_on_a_host_at_rest_is_told_by_every_command(tmp_path: Path) -> None:
    with serve_kinds() as site:
        site.pages["/q/"] = kinds.html_list(ROWS)
        folder = office(tmp_path, table(site, "q", "/q/"))
        (folder / "data").mkdir()
        with Ledger(folder / "data" / "ledger.sqlite") as ledger:
            ledger.record(
                Fetch(
                    url=f"{site.base}/w/",
                    final_url=f"{site.base}/w/",
                    source_id="w",
                    kind="list",
                    fetched=datetime.now(UTC),
                    status=412,
                    problem="challenged",
                )
            )
        crawled = bole("crawl", "q", "-C", folder)
        assert (crawled.returncode, crawled.stdout) == (3, "")
        assert "q: 0 lists, 0 new or changed, 0 unchanged, 1 problem" in crawled.stderr
        assert re.search(r"q: challenged \S+/q/ its host rests since .*; try", crawled.stderr)
        assert site.log == []
        assert [row["state"] for row in listed(folder)] == ["challenged"]
        run = bole("run", "-C", folder)
        assert (run.returncode, "broken sources: q;" in run.stderr) == (3, True)
        page = next((folder / "digests").glob("*.md")).read_text("utf-8")
        assert "其余0个来源正常" in page
        assert "遇到验证" in page


@pytest.mark.slow
def test_the_newest_item_is_one_thing_and_the_last_new_article_another(tmp_path: Path) -> None:
    with serve_kinds() as site:
        site.pages["/old/"] = kinds.html_list(ROWS)
        site.put_articles(ROWS)
        folder = office(tmp_path, table(site, "old", "/old/"))
        bole("run", "-C", folder)
        (row,) = listed(folder)
        shown = bole("sources", "check", "-C", folder, "--json").stdout
        check = json.loads(shown)
    today = datetime.now(timezone(timedelta(hours=8))).date().isoformat()
    assert (row["state"], check["problem"]) == ("stale", "stale")
    assert (row["newest"], row["last_new"]) == ("2024-01-13", today)
    assert (check["newest"], check["last_new"]) == ("2024-01-13", today)


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
        assert (refused.returncode, "--allow-private" in refused.stderr) == (1, True)
        assert (folder / "sources.toml").read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("text", [None, "", "# mine\n[defaults]\ndelay = 0\n"])
def test_add_begins_a_watchlist(tmp_path: Path, text: str | None) -> None:
    write_settings(tmp_path, Settings(delay=0.0))
    watchlist = tmp_path / "sources.toml"
    if text is not None:
        watchlist.write_text(text, encoding="utf-8")
    with serve_kinds() as site:
        site.pages["/news/"] = kinds.nested_json(NEWS)
        site.put_articles(NEWS)
        run = bole("sources", "add", f"{site.base}/news/", "-C", tmp_path)
        assert f"may be asked: --allow-private {site.host}" in run.stderr
        assert "allow_private" not in run.stderr
        private = ["--allow-private", site.host]
        run = bole("sources", "add", f"{site.base}/news/", "-C", tmp_path, *private)
        assert run.returncode == 0, run.stderr
        (source,) = load_sources(watchlist)
        assert source.name == f"{site.host}/news"
        assert (text or "").strip() in watchlist.read_text("utf-8")


def test_sources_of_one_host_have_names_of_their_own(tmp_path: Path) -> None:
    with serve_kinds() as site:
        folder = office(
            tmp_path, table(site, "127.0.0.1:1/a", "/").replace('id = "127.0.0.1:1/a"', 'id = "a"')
        )
        known = load_sources(folder / "sources.toml")
    assert _free_name("", "http://127.0.0.1:1/b/?c=5", known) == "127.0.0.1:1/b"
    assert _free_name("", "http://127.0.0.1:1/a?c=5", known) == "127.0.0.1:1/a?c=5"
    assert _free_name("127.0.0.1:1/a", "http://x.cn/b", known) == "127.0.0.1:1/a (x.cn/b)"
    assert _free_name("新闻", "http://x.cn/b", known) == "新闻"


@pytest.mark.parametrize(
    ("url", "about", "told"),
    [
        ("http://a.cn/api", {"total": 30}, "the list has 30, page 1 gives 12: add the paging"),
        (
            "http://a.cn/api",
            {"totalCount": "30", "pageNo": 1},
            'url = "http://a.cn/api?pageNo={n}"',
        ),
        ("http://a.cn/api?c=5", {"total": 30}, 'url = "http://a.cn/api?c=5&page={n}"'),
        ("http://a.cn/api", {"total": 12}, None),
        ("http://a.cn/api", {"totalPages": 30}, None),
        ("http://a.cn/api?page=1", {"total": 30}, None),
    ],
)
def test_a_list_that_has_more_rows_than_its_page_is_warned_of(
    url: str, about: dict[str, object], told: str | None
) -> None:
    guess = guess_list(url, json.dumps({**json.loads(kinds.nested_json(NEWS)), **about}).encode())
    assert guess is not None
    assert (guess.warning is None) if told is None else (told in (guess.warning or ""))


@pytest.mark.parametrize(
    ("href", "form"),
    [
        ("/news/{n}", r"/news/\d+$"),
        ("/{y}/{m}/t{day}_{n}.html", r"/\d+/\d+/t\d+_\d+\.html$"),
        ("/x/{ym}/{hex}.shtml", r"/x/\d+/[0-9a-f]+\.shtml$"),
        ("/show?id={n}", r"/show\?id=\d+$"),
    ],
)
def test_a_sitemap_is_read_by_the_form_of_most_of_its_addresses(href: str, form: str) -> None:
    rows = [*rows_of(href, 12), *[(f"/{name}/", "", date(2024, 1, 1)) for name in ("a", "about")]]
    guess = guess_list(URL, kinds.sitemap(rows, "http://a.cn").encode())
    assert guess is not None
    assert guess.keys == {"item_url": form}
    assert len(guess.rows) == 12


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
