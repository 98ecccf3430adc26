"""How sources stand: by the last fetch of each address."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.health import Problem, SourceHealth, source_health
from crawler.ledger import Fetch, Ledger, Listing
from crawler.sources import Source, load_presets

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
    (health,) = source_health(ledger, [COLUMN], today=date(2026, 1, day))
    expected = (Problem(kind="stale", detail="2026-01-02"),)
    assert health.problems == (expected if stale else ())
    assert source_health(ledger, [COLUMN])[0].problems == ()


def test_a_source_that_was_never_asked_has_no_problem_yet(tmp_path: Path) -> None:
    with Ledger(tmp_path / "new.sqlite") as ledger:
        (health,) = source_health(ledger, [COLUMN], today=date(2026, 1, 1))
    assert (health.pages, health.articles, health.problems) == (0, 0, ())


def test_without_days_on_its_list_a_source_is_as_fresh_as_its_newest_page(tmp_path: Path) -> None:
    with Ledger(tmp_path / "new.sqlite") as ledger:
        note(ledger, A, None, status=200, sha256="1", warc_file="w", warc_offset=0)
        assert ledger.last_news("xz") == date(2026, 1, 2)
