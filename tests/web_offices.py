"""An office whose pages tests share: filters, conflicts, traditional script, hostile words."""

from datetime import date

import pytest

from bole.config import Settings
from store import Failure, Store
from tests.asked import fetch, page_of, source
from tests.reports import figure, policy, report
from tests.store_samples import FULL, sample, story
from tests.web_client import make_office
from tests.web_site import TRADITIONAL

__all__ = ["shared_office"]
TEXT = "对博士给予30万元安家补贴。"
OTHER = "对博士给予40万元安家补贴。"
PEOPLE = "全市引进高层次人才12人。"
HOSTILE = "<script>window.ran=1</script>沛县设立3亿元基金"
_made: list[Settings] = []


def offer(name, text, quote, value, **fields):
    doctor = {"role": "support", "tier": "doctor", "benefit": "settling_in", "target": "博士"}
    fields = {"district": "320300", "published": date(2024, 3, 1)} | fields
    return report(name, text, figures=[figure(text, quote, value, **doctor)], **fields)


REPORTS = [
    *(sample(number, figures=3) for number in range(1, 20)),
    FULL,
    TRADITIONAL,
    offer("here", TEXT, "30万元", "3e5", grade="B"),
    offer("there", OTHER, "40万元", "4e5", grade="C"),
    offer("beside", TEXT, "30万元", "3e5", district="320500", grade="A"),
    report(
        "people",
        PEOPLE,
        title="柳溪引才",
        published=None,
        figures=[figure(PEOPLE, "12人", "12", "person", role="talent")],
        policies=[policy(PEOPLE, "引进", "programme", name="引才行动", district="320500")],
    ),
    report(
        "hostile",
        HOSTILE,
        title="=1+1<img src=x>",
        url="javascript:window.ran=1",
        source="<b>x</b>",
        district="320322",
        published=date(2024, 4, 1),
        figures=[figure(HOSTILE, "3亿元", "3e8", role="fund", counted="<i>基金</i>")],
        policies=[policy(HOSTILE, "基金", "fund", issuer="<u>沛县</u>")],
    ),
]


def write_journals(store: Store) -> None:
    """Note what was asked for: one page came late, one is gone, one is forbidden, one unread."""
    gone = {"status": 404, "problem": "not_found", "detail": "HTTP 404"}
    barred = {"problem": "forbidden", "detail": "robots.txt", "status": None, "sha256": None}
    store.write_sources([source("city"), source("calm")])
    store.write_fetches(
        [
            fetch(1, "city", REPORTS[0], **gone),
            fetch(2, "city", REPORTS[0]),
            fetch(3, "city", url="http://city.example/gone", **gone),
            fetch(4, "city", url="http://city.example/barred", **barred),
            fetch(5, "city", url="http://city.example/robots.txt", kind="robots", **gone),
            fetch(6, "calm", REPORTS[1]),
        ]
    )
    store.write_pages_read([page_of(REPORTS[0]), page_of(REPORTS[1])])
    unread = {"stage": "read", "kind": "no_body", "message": "the page has no body"}
    store.write_failures([Failure(subject="http://city.example/empty", **unread)])


def shared_office(factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of an office that nobody may change, made once."""
    if not _made:
        settings = make_office(factory.mktemp("pages") / "office", 0)
        with Store(settings.database) as store:
            store.write_articles(REPORTS, reader_version="1")
            store.write_stories([story("s", sample(1), sample(2)), story("t", FULL)])
            write_journals(store)
            store.publish()
        _made.append(settings)
    return _made[0]
