"""Which documents are asked for again, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.article import Attachment
from crawler.fetches import Fetch, Listing, Spell
from crawler.ledger import MOST_TRIES, Ledger
from crawler.reasking import MOST_MISSES, due_attachments, is_due
from crawler.settings import REASKED

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
BASE = "http://a.cn/"


def fetch(hours: float, url: str = "f.pdf", **more: object) -> Fetch:
    values = {"source_id": "s", "kind": "attachment", "status": 200, "sha256": "1", **more}
    fetched = NOW - timedelta(hours=hours)
    return Fetch(url=BASE + url, final_url=BASE + url, fetched=fetched, **values)


def spell(hours: float, since: float, tries: int, **more: object) -> Spell:
    last = fetch(hours, **more)
    return Spell(last=last, tries=tries, since=NOW - timedelta(hours=since))


MISSING = {"problem": "not_found", "status": 404, "sha256": None}


@pytest.mark.parametrize(
    ("made", "due"),
    [
        (spell(1, 1, 1, etag="x"), True),
        (spell(1, 1, 1, last_modified="x"), True),
        (spell(19, 19, 1), False),
        (spell(23, 23, 1), True),
        (spell(23, 95, 3), False),
        (spell(72, 144, 3), True),
        (spell(1, 1, 1, **MISSING), False),
        (spell(23, 23, 1, **MISSING), True),
        (spell(23, 71, 3, **MISSING), False),
        (spell(800, 1600, MOST_MISSES - 1, **MISSING), True),
        (spell(800, 1600, MOST_MISSES, **MISSING), False),
        (spell(23, 23, 1, problem="unreachable"), True),
        (spell(800, 1600, MOST_TRIES, problem="http_error"), False),
        (spell(800, 1600, 1, problem="too_large"), False),
        (spell(800, 1600, 1, problem="forbidden"), False),
    ],
)
def test_one_is_asked_for_again_after_as_long_as_it_has_been_so(made: Spell, due: bool) -> None:
    assert is_due(made, NOW) is due


def test_one_that_is_never_there_is_given_up() -> None:
    times, now = [NOW], NOW
    for _ in range(200):
        now += timedelta(hours=24, minutes=-1)
        last = Fetch(
            url="u", final_url="u", source_id="s", kind="attachment", fetched=times[-1], **MISSING
        )
        if is_due(Spell(last=last, tries=len(times), since=times[0]), now):
            times.append(now)
    assert [(time - NOW).days + 1 for time in times] == [1, 1, 2, 4, 8, 16, 32]


def test_only_those_of_the_newest_articles_are_due_and_not_too_many() -> None:
    with Ledger(":memory:") as ledger:
        articles = [f"a{n:02}.html" for n in range(REASKED + 3)]
        ledger.add_listings("s", [Listing(url=BASE + name) for name in articles])
        for name in articles:
            ledger.record(fetch(30, name, kind="article"))
            files = [f"{name}.{n}.pdf" for n in range(2)]
            ledger.add_attachments(
                "s", BASE + name, [Attachment(url=BASE + file, name=file) for file in files]
            )
            for file in files:
                ledger.record(fetch(30, file))
        assert len(ledger.attachments_of_newest("s", REASKED)) == 2 * REASKED
        due = due_attachments(ledger, "s", NOW)
        assert due == [
            f"{BASE}{name}.{n}.pdf" for name in articles[: REASKED // 2] for n in range(2)
        ]
        ledger.record(fetch(1, "a00.html.0.pdf", sha256="2"))
        assert due_attachments(ledger, "s", NOW)[0] == BASE + "a00.html.1.pdf"


def test_a_spell_begins_anew_with_another_content() -> None:
    with Ledger(":memory:") as ledger:
        assert ledger.last_spell(BASE + "f.pdf") is None
        for hours, digest in ((90, "1"), (60, "2"), (30, "2")):
            ledger.record(fetch(hours, sha256=digest))
        found = ledger.last_spell(BASE + "f.pdf")
    assert found is not None
    assert (found.tries, found.since) == (2, NOW - timedelta(hours=60))
