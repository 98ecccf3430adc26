"""Articles on several pages: how pages name the others, what is fetched, and all of them joined."""

import re
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bole.config import Settings
from bole.daily import health_of, import_crawl, read_pages
from crawler.archive import Archive
from crawler.article import Article, Attachment
from crawler.collect import collect
from crawler.fetches import Fetch
from crawler.health import source_health
from crawler.joining import join_parts
from crawler.ledger import Ledger
from crawler.partrows import MOST_TRIES
from crawler.parts import first_named, parts_named
from crawler.restoring import rebuild_ledger
from crawler.sources import Source, load_presets
from store import Store
from summarize.stories import Report
from tests.sites.server import Site, list_page, serve

TABLE = tomllib.loads(
    (Path(__file__).parents[1] / "crawler" / "data" / "parts.toml").read_text("utf-8")
)
FIRST = "http://a.cn/art/1.html"
BODY = "<p>各县区要完善人才公寓的配租办法，让青年人才住得下、留得住。</p>" * 3


TWO = "<a href='1_2.html'>【2】</a>"
TRS = "http://a.cn/art/t1_5.html"


def script(values: str) -> str:
    return f"<script>createPageHTML({values});</script>"


def page(links: str, below: str = "") -> bytes:
    return f"<html><body><h1>人才公寓配租办法</h1>{BODY}{below}{links}</body></html>".encode()


def named(links: str, url: str = FIRST, number: int = 1) -> dict[int, str]:
    found = parts_named(page(links), url, number)
    return {place: address.rpartition("/art/")[2] for place, address in found.items()}


@pytest.mark.parametrize(
    ("url", "number", "links", "parts"),
    [
        (FIRST, 1, "<a href='1_2.html'>下一页</a>", {2: "1_2.html"}),
        (FIRST, 1, f"【1】{TWO}<a href='1_3.html'>【3】</a>", {2: "1_2.html", 3: "1_3.html"}),
        (FIRST, 1, "<a href='1-2.shtml'>2</a>", {}),
        ("http://a.cn/art/c1-9.html", 1, "<a href='c1-9-2.html'>[2]</a>", {2: "c1-9-2.html"}),
        (FIRST, 1, "<a href='1.html'>1</a><a href='1_1.html'>2</a>", {2: "1_1.html"}),
        (FIRST, 1, "<a href='1_1.html'>下一页</a>", {2: "1_1.html"}),
        (FIRST, 1, "<a href='1_1.html'>1</a><a href='1_2.html'>2</a>", {2: "1_2.html"}),
        ("http://a.cn/art/1_1.html", 1, f"<a href='1_1.html'>1</a>{TWO}", {2: "1_2.html"}),
        (FIRST, 1, "<a href='1_2.html'>第2页</a>", {2: "1_2.html"}),
        ("http://a.cn/art/1_2.html", 2, "<a href='1_3.html'>[3]</a>", {3: "1_3.html"}),
        ("http://a.cn/art/1_1.html", 2, "<a href='1_2.html'>下一页 &gt;</a>", {3: "1_2.html"}),
        ("http://a.cn/art/?id=7", 1, "<a href='?id=7&page=2'>Next page</a>", {2: "?id=7&page=2"}),
        ("http://a.cn/art/7", 1, "<a href='/art/7/2/'>2</a>", {2: "7/2/"}),
        ("http://a.cn/art/7/2", 2, "<a href='/art/7/3'>3</a>", {3: "7/3"}),
        (FIRST, 1, "<a href='1_2.html'><img src='n.gif' alt='下一页'></a>", {2: "1_2.html"}),
        (TRS, 1, script("3, 0, 't1_5', \"html\""), {2: "t1_5_1.html", 3: "t1_5_2.html"}),
        ("http://a.cn/art/t1_5_1.html", 2, script("3,1,'t1_5','html'"), {3: "t1_5_2.html"}),
        (FIRST, 1, script("'bar', 2, 1, '1', 'html', 40"), {2: "1_2.html"}),
    ],
)  # fmt: skip
def test_parts_are_named_by_address_and_label(
    url: str, number: int, links: str, parts: dict[int, str]
) -> None:
    assert named(links, url, number) == parts


LIST = "".join(f"<li><a href='x{n}.html'>别的地方也在做人才工作之{n}</a></li>" for n in range(4))


@pytest.mark.parametrize(
    ("links", "below"),
    [
        ("<a href='2.html'>下一篇</a> <a href='1_2.html'>下一篇：人才</a>", ""),
        ("<a href='1_2.html'>打印</a>", ""),
        ("<a href='1_2.html'>下一张</a> <a href='1_2.html'>下一组</a>", ""),
        ("<a href='index_2.html'>下一页</a> <a href='http://b.cn/art/1_2.html'>2</a>", ""),
        ("<a href='http://[x'>2</a> <a href='1_3.html'>2</a> <a href='javascript:go(2)'>2</a>", ""),
        ("<div class='pager'><a href='1_2.html'>下一页</a></div>", f"<ul>{LIST}</ul>"),
        ("<a href='1_2.html'>2</a>", "<p>网友说这个办法好。</p>" * 40),
        ("<script>createPageHTML(9, 0, 'index', 'html');</script>", ""),
        ("<script>\n//createPageHTML(9, 0, '1', 'html');\n</script>", ""),
        ("<script>createPageHTML(1, 0, '1', 'html');</script>", ""),
        ("<a href='20240312_20240313.html'>下一页</a><a href='1_2024.html'>2024</a>", ""),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_part_is_none(links: str, below: str) -> None:
    assert parts_named(page(links, below), FIRST) == {}


def test_a_script_that_counts_without_end_is_cut() -> None:
    found = parts_named(page(script("900, 0, '1', 'html'")), FIRST)
    assert (min(found), max(found)) == (2, 21)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 1_2.html", b"\x00" * 99, b"='1_2.html'>"])
def test_what_is_no_page_names_no_parts(data: bytes) -> None:
    assert parts_named(data, FIRST) == {}
    assert first_named(data, "http://a.cn/art/1_2.html") is None


@pytest.mark.parametrize("label", TABLE["next"])
def test_each_word_for_the_next_part_counts(label: str) -> None:
    assert named(f"<a href='1_2.html'>{label} »</a>") == {2: "1_2.html"}


@pytest.mark.parametrize("label", TABLE["back"])
def test_each_word_for_the_part_before_counts(label: str) -> None:
    data = page(f"<a href='1.html'>{label}</a>")
    assert first_named(data, "http://a.cn/art/1_2.html") == (FIRST, 2)


@pytest.mark.parametrize("name", TABLE["params"])
def test_each_parameter_that_counts_parts_is_known(name: str) -> None:
    url = "http://a.cn/art/?id=7"
    assert named(f"<a href='?id=7&{name}=2'>2</a>", url) == {2: f"?id=7&{name}=2"}


@pytest.mark.parametrize("name", TABLE["fenced"])
def test_comments_are_paged_for_themselves(name: str) -> None:
    assert named(f"<div class='{name}-bar'><a href='1_2.html'>2</a></div>") == {}


@pytest.mark.parametrize(
    ("url", "links", "first"),
    [
        ("1_2.html", "<a href='1.html'>1</a><a href='1_3.html'>3</a>", ("1.html", 2)),
        ("1_2.html", "<a href='1.html'>1</a><a href='1_1.html'>2</a>", ("1.html", 3)),
        ("1_3.html", "<a href='1_1.html'>【1】</a><a href='1_2.html'>上一页</a>", ("1_1.html", 3)),
        ("t_1.html", "<script>createPageHTML(4, 1, 't', 'html');</script>", ("t.html", 2)),
        ("?id=3&page=2", "<a href='?id=3'>首页</a>", ("?id=3", 2)),
        ("1.html", "<a href='1.html'>1</a><a href='1_2.html'>2</a>", None),
        ("1_1.html", "<a href='1_1.html'>1</a><a href='1_2.html'>2</a>", None),
        ("art_7_2.html", "<a href='art_7_1.html'>上一篇</a><a href='/'>首页</a>", None),
        ("t_9.html", "<script>createPageHTML(4, 0, 't_9', 'html');</script>", None),
    ],
)
def test_a_later_part_names_the_first(url: str, links: str, first: tuple[str, int] | None) -> None:
    address = f"http://a.cn/art/{url}"
    expected = (f"http://a.cn/art/{first[0]}", first[1]) if first else None
    assert first_named(page(links), address) == expected


# --- joining ------------------------------------------------------------------------------------


def article(text: str, author: str | None = None, *files: str) -> Article:
    attachments = tuple(Attachment(url=file, name=file) for file in files)
    return Article(
        id="a", url=FIRST, text=text, body=(0, len(text)), lang="zh-Hans", sha256=text,
        author=author, attachments=attachments,
    )  # fmt: skip


def test_parts_are_one_article() -> None:
    parts = [
        article("导语说了人才工作的三件大事。\n第一段。\n第二段。", None, "http://a.cn/a.pdf"),
        article("导语说了人才工作的三件大事。\n第三段。", "王一", "http://a.cn/a.pdf", "http://a.cn/b.pdf"),
        article("第三段。\n第四段。\n导语说了人才工作的三件大事。\n第一段。"),
    ]  # fmt: skip
    whole = join_parts(parts)
    assert (
        whole.text
        == "导语说了人才工作的三件大事。\n第一段。\n第二段。\n第三段。\n第四段。\n第一段。"
    )
    assert whole.body == (0, len(whole.text))
    assert (whole.author, whole.url) == ("王一", FIRST)
    assert [file.url for file in whole.attachments] == ["http://a.cn/a.pdf", "http://a.cn/b.pdf"]
    assert whole.sha256 != join_parts([parts[0], parts[2], parts[1]]).sha256
    assert join_parts(parts[:1]) == parts[0]
    again = join_parts([parts[0], parts[0]])  # a site that gives the first page for any number
    assert again.text == parts[0].text


# --- the ledger ---------------------------------------------------------------------------------


def test_a_ledger_of_the_form_before_gets_the_table_of_parts(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.parts.add("s", FIRST, {2: "http://a.cn/art/1_2.html"})
        new = forms(path)
    with closing(sqlite3.connect(path)) as con:
        con.executescript(
            "drop table parts; drop table rests; drop index fetches_by_page;"
            " create index fetches_by_page on fetches (final_url, sha256)"
            " where kind in ('article', 'attachment'); pragma user_version=2"
        )
    assert forms(path) != new
    with Ledger(path) as ledger:
        assert list(ledger.parts.of_page(FIRST)) == []
    assert forms(path) == new


def forms(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as con:
        rows = con.execute("select name, sql from sqlite_master where sql is not null")
        return {name: " ".join(re.sub("--.*", "", sql).split()) for name, sql in rows}


def test_a_part_that_does_not_come_is_asked_for_so_often_and_no_more(tmp_path: Path) -> None:
    url = "http://a.cn/art/1_2.html"
    values = {"final_url": url, "source_id": "s", "kind": "part", "problem": "not_found"}
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.parts.add("s", FIRST, {2: url})
        for day in range(1, 1 + MOST_TRIES):
            assert [part.number for part in ledger.parts.pending("s")] == [2], day
            ledger.record(Fetch(url=url, fetched=datetime(2026, 1, day, tzinfo=UTC), **values))
        assert ledger.parts.pending("s") == []
        assert not ledger.parts.is_due(url)


# --- crawl and reading --------------------------------------------------------------------------

TITLE = "清河区人才公寓配租办法出台"
TEXTS = (
    "清河区今天公布办法，对新引进的博士给予最高30万元安家补贴，分三年发放到位。",
    "办法还提出，青年人才租住公寓的，每月补贴1500元，期限不超过三十六个月。",
    "区里将筹建人才公寓2000套，由住建部门负责分配，每年六月向社会公布结果。",
)


def printed(text: str, bar: str) -> str:
    """A page with one part of an article."""
    head = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
    lead = "<p>本报讯：清河区人才工作领导小组会议近日召开，研究人才安居。</p>"
    body = f"<p>2026-01-02 来源：清河日报</p>{lead}<p>{text}</p><p>{bar}</p>"
    return f"{head}{body}</body></html>"


def put_parts(site: Site, name: str = "a", texts: tuple[str, ...] = TEXTS) -> list[str]:
    """Put an article on so many pages as there are texts; return their paths."""
    names = [f"{name}.html", *(f"{name}_{n}.html" for n in range(2, len(texts) + 1))]
    bar = "".join(f"<a href='{one}'>【{n}】</a>" for n, one in enumerate(names, 1))
    for one, text in zip(names, texts, strict=True):
        site.put(f"/col/{one}", printed(text, bar))
    return [f"/col/{one}" for one in names]


def source_of(site: Site) -> Source:
    return Source(
        id="s",
        name="s",
        url=f"{site.base}/col/",
        preset=replace(load_presets()["html"], list_item="ul.list li"),
        level="city",
        publisher="official",
        min_items=1,
        delay=0.0,
        allow_private=(site.host,),
    )


class Office:
    """A folder that a site is crawled and read into."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder, self.source = site, folder, source_of(site)
        self.settings = Settings(data=folder)

    def run(self, *listed: str) -> None:
        rows = [(path, TITLE, "2026-01-02") for path in listed]
        if rows:
            self.site.put("/col/", list_page(rows))
        self.site.log.clear()
        self.site.conditional.clear()
        collect([self.source], self.folder, user_agent="bole/test (tests)")
        self.read()

    def read(self) -> None:
        with Store(self.settings.database) as store, Ledger(self.settings.ledger) as ledger:
            import_crawl(store, ledger, [self.source])
            read_pages(store, ledger, Archive(self.folder), lambda _: None)

    def reports(self) -> list[Report]:
        with Store(self.settings.database) as store:
            return store.read_reports(until=date.max)

    def failures(self) -> list[tuple[str, str]]:
        with Store(self.settings.database) as store:
            return [(one.kind, one.message) for one in store.failures()]

    def problems(self) -> set[tuple[str, str]]:
        with Ledger(self.settings.ledger) as ledger:
            (health,) = source_health(ledger, [self.source])
        return {(one.kind, (one.url or "").rpartition("/")[2]) for one in health.problems}

    def asked(self) -> list[str]:
        return sorted(path for path in self.site.asked("/col/") if path != "/col/")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with serve() as site:
        yield Office(site, tmp_path)


def whole_text(report: Report) -> bool:
    text = report.article.text
    ends = [text.find(part) for part in TEXTS]
    return -1 not in ends and ends == sorted(ends) and text.count("本报讯") == 1


@pytest.mark.slow
def test_parts_become_one_article_with_facts_of_all(office: Office) -> None:
    paths = put_parts(office.site)
    office.run("/col/a.html", "/col/a_2.html")  # the list names a part too
    assert office.asked() == paths
    (report,) = office.reports()
    assert whole_text(report)
    assert report.article.url == f"{office.site.base}/col/a.html"
    assert (report.article.source, str(report.article.published)) == ("清河日报", "2026-01-02")
    figures = {int(one.value): one.evidence for one in report.facts.figures}
    assert figures.keys() >= {300_000, 1500, 2000}
    for evidence in figures.values():
        assert report.article.text[evidence.start : evidence.end] == evidence.quote
    assert (office.failures(), office.problems()) == ([], set())
    with Store(office.settings.database) as store, Ledger(office.settings.ledger) as ledger:
        (health,) = health_of(store, ledger, [office.source], report.first_seen)
        pages = list(ledger.pages())
    assert (health.pages, health.articles) == (1, 1)
    assert sorted((page.part or 1, page.parent is not None) for page in pages) == [
        (1, False),
        (2, True),
        (3, True),
    ]

    office.run()
    assert sorted(set(office.site.conditional) - {"/col/"}) == paths
    put_parts(office.site, texts=(*TEXTS[:2], TEXTS[2].replace("2000", "3000")))
    office.run()
    (changed,) = office.reports()
    assert "3000套" in changed.article.text
    assert changed.article.id == report.article.id
    assert changed.article.sha256 != report.article.sha256

    rebuild_ledger(Archive(office.folder), office.folder / "again.sqlite")
    with (
        Ledger(office.settings.ledger) as ledger,
        Ledger(office.folder / "again.sqlite") as again,
    ):
        assert list(again.pages()) == list(ledger.pages())
        page_url = f"{office.site.base}/col/a.html"
        assert again.parts.of_page(page_url) == ledger.parts.of_page(page_url)


@pytest.mark.slow
def test_a_list_that_names_a_later_part_leads_to_the_first(office: Office) -> None:
    paths = put_parts(office.site)
    office.run("/col/a_2.html")
    assert office.asked() == paths
    (report,) = office.reports()
    assert whole_text(report)
    assert report.article.title == TITLE
    office.settings.database.unlink()
    office.settings.ledger.unlink()
    rebuild_ledger(Archive(office.folder), office.settings.ledger)
    office.read()
    assert [one.article for one in office.reports()] == [report.article]


@pytest.mark.slow
def test_a_part_that_is_missing_is_named_and_asked_for_again(office: Office) -> None:
    put_parts(office.site)
    second = office.site.pages.pop("/col/a_2.html")
    office.run("/col/a.html")
    (report,) = office.reports()
    assert TEXTS[0] in report.article.text
    assert TEXTS[2] in report.article.text
    ((kind, message),) = office.failures()
    assert kind == "incomplete"
    assert "part 2 is not there" in message
    assert office.problems() == {("not_found", "a_2.html")}

    office.site.pages["/col/a_2.html"] = second
    office.run()
    (report,) = office.reports()
    assert whole_text(report)
    assert (office.failures(), office.problems()) == ([], set())


@pytest.mark.slow
def test_loops_and_endless_parts_end(office: Office) -> None:
    site = office.site

    def more(path: str) -> str | None:
        if not path.startswith("/col/e"):
            return None
        number = int("".join(filter(str.isdigit, path)) or 1)
        text = f"第{number}部分：{TEXTS[number % 3]}"
        return printed(text, f"<a href='e_{number + 1}.html'>下一页</a>")

    site.made.append(more)
    put_parts(site, "a", TEXTS[:2])  # its second page names the first: a ring
    site.put("/col/b.html", printed(TEXTS[0], "<a href='b_2.html'>下一页</a>"))
    site.redirect("/col/b_2.html", "/col/b.html")
    office.run("/col/e.html", "/col/a.html", "/col/b.html")
    asked = office.asked()
    assert len([path for path in asked if path.startswith("/col/e")]) == 20
    assert len(office.reports()) == 3
    assert office.problems() == {("not_found", "b_2.html")}
    messages = " ".join(message for _, message in office.failures())
    assert "it goes on after part 20" in messages
    assert messages.count("part 2 is not there") == 1


@pytest.mark.slow
def test_a_part_behind_a_test_for_robots_is_lacking(office: Office) -> None:
    put_parts(office.site, "c", TEXTS[:2])
    office.site.put("/col/c_2.html", "<script>document.cookie='a=1';location.reload()</script>")
    office.run("/col/c.html")
    assert office.problems() == {("challenged", "c_2.html")}
    assert [kind for kind, _ in office.failures()] == ["incomplete"]
    office.run()
    assert office.asked() == []  # its host is left alone for a day
    assert len(office.reports()) == 1
