"""How sources stand: by the last fetch of each address."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.health import (
    Problem,
    SourceHealth,
    breaking,
    broken_sources,
    reading_problems,
    source_health,
)
from crawler.ledger import Fetch, Ledger, Listing
from crawler.sources import Source, load_presets
from crawler.spiders import walks
from crawler.spiders.answers import failure_words
from summarize.wording import load_wording

COLUMN = Source(
    id="xz",
    name="徐州",
    url="http://example.cn/",
    preset=load_presets()["trs"],
    level="city",
    publisher="official",
    stale_after_days=14,
)
A = "http://example.cn/a.html"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.add_listings("xz", [Listing(url=A, day=date(2026, 1, 2))])
        yield ledger


def note(ledger: Ledger, url: str, problem: str | None, **more: object) -> None:
    kind = "list" if url == COLUMN.url else "article"
    fetched = datetime(2026, 1, 2, tzinfo=UTC)
    ledger.record(
        Fetch(
            url=url,
            final_url=url,
            source_id="xz",
            kind=kind,
            fetched=fetched,
            problem=problem,
            **more,
        )
    )


def test_the_last_fetch_of_an_address_counts(ledger: Ledger) -> None:
    note(ledger, COLUMN.url, "no_rows", detail="0 rows, at least 3 expected")
    note(ledger, A, "not_found", detail="HTTP 404")
    (health,) = source_health(ledger, [COLUMN])
    assert health.problems == (
        Problem(kind="no_rows", url=COLUMN.url, detail="0 rows, at least 3 expected"),
        Problem(kind="not_found", url=A, detail="HTTP 404"),
    )
    note(ledger, COLUMN.url, None, status=304)
    content = {"sha256": "1", "warc_file": "w", "warc_offset": 0}
    note(ledger, A, None, status=200, **content)
    note(ledger, A, None, status=304, **content)
    assert source_health(ledger, [COLUMN]) == [
        SourceHealth(source_id="xz", name="徐州", pages=1, articles=1)
    ]


@pytest.mark.parametrize(("day", "stale"), [(16, False), (17, True)])
def test_a_source_without_news_is_stale(ledger: Ledger, day: int, stale: bool) -> None:
    note(ledger, COLUMN.url, None, status=200)
    (health,) = source_health(ledger, [COLUMN], today=date(2026, 1, day))
    expected = (Problem(kind="stale", detail="2026-01-02"),)
    assert health.problems == (expected if stale else ())
    assert source_health(ledger, [COLUMN])[0].problems == ()


NIGHT = replace(COLUMN, hours="22:00-06:00")


@pytest.mark.parametrize(
    ("column", "detail"), [(COLUMN, None), (NIGHT, "left for its hours, 22:00-06:00 in China")]
)
def test_a_source_that_was_never_asked_is_not_in_order_but_not_broken_either(
    tmp_path: Path, column: Source, detail: str | None
) -> None:
    with Ledger(tmp_path / "new.sqlite") as ledger:
        (health,) = source_health(ledger, [column], today=date(2026, 1, 1))
    assert health.problems == (Problem(kind="not_asked", detail=detail),)
    assert (health.pages, health.articles) == (0, 0)
    assert broken_sources([health], [column]) == []


@pytest.mark.parametrize(("day", "told"), [(16, False), (17, True)])
def test_a_source_whose_hours_never_come_is_told_in_the_end(
    ledger: Ledger, day: int, told: bool
) -> None:
    note(ledger, COLUMN.url, None, status=200)
    ledger.add_listings("xz", [Listing(url=f"{A}?new", day=date(2026, 1, 10))])
    (health,) = source_health(ledger, [NIGHT], today=date(2026, 1, day))
    words = "left for its hours, 22:00-06:00 in China; asked last on 2026-01-02"
    assert health.problems == ((Problem(kind="not_asked", detail=words),) if told else ())
    assert source_health(ledger, [COLUMN], today=date(2026, 1, day))[0].problems == ()


def test_without_days_on_its_list_a_source_is_as_fresh_as_its_newest_page(tmp_path: Path) -> None:
    with Ledger(tmp_path / "new.sqlite") as ledger:
        note(ledger, A, None, status=200, sha256="1", warc_file="w", warc_offset=0)
        assert ledger.last_news("xz") == date(2026, 1, 2)


def test_a_page_that_comes_in_two_contents_is_one_page(ledger: Ledger) -> None:
    for content in ("1", "2"):
        note(ledger, A, None, status=200, sha256=content, warc_file="w", warc_offset=int(content))
    (health,) = source_health(ledger, [COLUMN])
    assert (health.pages, health.articles) == (1, 1)


def note_many(ledger: Ledger, count: int, problem: str | None, **more: object) -> None:
    urls = [f"http://example.cn/{problem}{n}.html" for n in range(count)]
    ledger.add_listings("xz", [Listing(url=url, day=date(2026, 1, 2)) for url in urls])
    for url in urls:
        note(ledger, url, problem, **more)


@pytest.mark.parametrize(
    ("missing", "had", "told"), [(5, 8, True), (5, 20, False), (4, 0, False), (40, 0, True)]
)
def test_many_pages_that_do_not_come_are_told_of_the_source(
    ledger: Ledger, missing: int, had: int, told: bool
) -> None:
    note_many(ledger, missing, "not_found", status=404)
    note_many(ledger, had, None, status=200)
    (health,) = source_health(ledger, [COLUMN])
    whole = Problem(kind="many_failed", detail=f"{missing}/{missing + had}: 404×{missing}")
    assert (health.problems[0] == whole) == told
    assert sum(problem.kind == "many_failed" for problem in health.problems) == told
    assert breaking(health, COLUMN) == []


def test_the_mix_names_each_status_and_leaves_out_what_is_on_purpose(ledger: Ledger) -> None:
    note_many(ledger, 3, "not_found", status=404)
    note_many(ledger, 2, "http_error", status=503)
    note_many(ledger, 1, "unreachable")
    note_many(ledger, 9, "forbidden")
    (health,) = source_health(ledger, [COLUMN])
    assert health.problems[0].detail == "6/15: 404×3, 503×2, unreachable×1"


def test_a_source_that_is_disabled_has_no_problems(ledger: Ledger) -> None:
    note(ledger, COLUMN.url, "no_rows")
    off = replace(COLUMN, enabled=False)
    (health,) = source_health(ledger, [off], today=date(2027, 1, 1))
    assert (health.enabled, health.problems) == (False, ())


PAGES = [f"http://example.cn/{n}" for n in range(60)]


@pytest.mark.parametrize(
    ("unread", "undated", "told"),
    [
        (PAGES[:4], PAGES[4:8], []),
        (PAGES[:20], [], ["many_unread 20/50"]),
        ([], PAGES[:17], ["many_undated 17/50"]),
        (PAGES[:20], PAGES[20:30], ["many_unread 20/50", "many_undated 10/30"]),
        (PAGES[50:], PAGES[50:], []),
    ],
)
def test_pages_without_body_or_day_are_told_if_they_are_many(
    unread: list[str], undated: list[str], told: list[str]
) -> None:
    found = reading_problems(PAGES, unread=unread, undated=undated)
    assert [f"{problem.kind} {problem.detail}" for problem in found] == told


class Kept:
    """What a walk keeps, in a list."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.keep = ledger.record


def test_a_list_that_scripts_draw_says_that_there_is_no_browser(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walks, "has_browser", lambda: False)
    column = replace(COLUMN, browser=True)
    assert list(walks.ListWalks(None, Kept(ledger)).begin(column)) == []
    (health,) = source_health(ledger, [column])
    assert health.problems == (Problem(kind="no_browser", url=COLUMN.url),)
    assert breaking(health, column)
    for lang in ("zh", "en"):
        assert "playwright install chromium" in load_wording(lang).cure("no_browser")


def test_the_extra_without_chromium_is_no_browser_either() -> None:
    words = "BrowserType.launch: Executable doesn't exist at chrome\nrun: playwright install"
    assert failure_words(RuntimeError(words))[0] == "no_browser"
    assert failure_words(RuntimeError("closed"))[0] == "unreachable"
