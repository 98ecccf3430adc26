"""A check of sources tells the next crawl which hosts want to be left alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import probing
from crawler.fetches import Fetch
from crawler.ledger import Ledger
from crawler.probing import check_sources, hosts_at_rest
from crawler.resting import BACK_OFF, busy_at
from crawler.sources import Source, load_presets

NOW = datetime.now(UTC)
HOST = "www.example.cn:80"
SOURCE = Source(
    id="a",
    name="a",
    url="http://www.example.cn/a/",
    preset=load_presets()["trs"],
    level="county",
    publisher="official",
)


def answer(**more: object) -> Fetch:
    given = {"source_id": "a", "kind": "list", "fetched": NOW, "status": 200, **more}
    return Fetch(url=SOURCE.url, final_url=SOURCE.url, **given)


def say_busy(ledger: Ledger) -> None:
    ledger.rests.add(HOST, busy_at(NOW, 500))
    ledger.record(answer(status=503, problem="busy"))


def show_test(ledger: Ledger) -> None:
    ledger.record(answer(status=412, problem="challenged"))


def check(
    house: Path, answers: Callable[[Ledger], None], monkeypatch: pytest.MonkeyPatch
) -> str | None:
    """Check the source, which answers so, and return its problem."""

    def collect(_sources: object, folder: Path, **_more: object) -> None:
        with Ledger(folder / "ledger.sqlite") as ledger:
            answers(ledger)

    monkeypatch.setattr(probing, "collect", collect)
    at_rest = hosts_at_rest(house)
    (found,) = check_sources(
        [SOURCE], user_agent="x", today=NOW.date(), at_rest=at_rest, house=house
    )
    return found.problem


@pytest.mark.parametrize(
    ("answers", "problem", "rest"),
    [(say_busy, "busy", timedelta(seconds=500)), (show_test, "challenged", BACK_OFF)],
)
def test_a_host_that_wants_rest_gets_it_from_the_next_crawl_too(
    answers: Callable[[Ledger], None],
    problem: str,
    rest: timedelta,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = tmp_path / "data/ledger.sqlite"
    assert check(house, answers, monkeypatch) == problem
    known = hosts_at_rest(house)
    assert {pair: (one.kind, one.until) for pair, one in known.items()} == {
        HOST: (problem, NOW + rest)
    }

    def ask(_ledger: Ledger) -> None:
        pytest.fail("a host at rest was asked")

    assert check(house, ask, monkeypatch) == problem


def test_what_a_list_yields_is_no_news_for_the_crawl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = tmp_path / "data/ledger.sqlite"
    assert check(house, lambda ledger: ledger.record(answer(items=9)), monkeypatch) is None
    assert not house.exists()
