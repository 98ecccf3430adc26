"""A digest as JSON and as a feed."""

import json

import feedparser
import pytest

from summarize.feed import ISSUES, digest_row, render_feed, render_json
from tests.test_render import FULL, hostile, made


def test_json_holds_lines_facts_and_sources():
    row = json.loads(render_json(FULL))
    assert row == json.loads(json.dumps(digest_row(FULL)))
    assert row["day"] == "2023-08-08"
    point = row["items"][0]
    assert point["section"] == "points"
    fact = row["facts"][point["facts"][0]]
    assert fact["quote"] in fact["sentence"] or fact["value"]
    assert row["sources"][point["source"] - 1]["grade"] in "ABCD"


@pytest.mark.parametrize("digest", [FULL, made(hostile()), made()], ids=["full", "hostile", "none"])
def test_a_feed_is_read_by_readers(digest):
    row = digest_row(digest)
    parsed = feedparser.parse(render_feed([row]))
    assert not parsed.bozo
    told = [i for i in row["items"] if i["section"] in ("points", "regions")]
    assert len(parsed.entries) == len(told)
    for entry in parsed.entries:
        assert not entry.get("link", "").startswith("javascript")


def test_a_feed_keeps_the_newest_issues_first():
    rows = [digest_row(FULL) | {"day": f"2023-08-{day:02}"} for day in range(1, 25)]
    parsed = feedparser.parse(render_feed(rows))
    days = list(dict.fromkeys(entry.updated[:10] for entry in parsed.entries))
    assert days == [f"2023-08-{day:02}" for day in range(24, 24 - ISSUES, -1)]
    assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)


def test_every_entry_ends_with_its_citation():
    for entry in feedparser.parse(render_feed([digest_row(FULL)])).entries:
        assert entry.summary.endswith(("C]", "D]"))


def test_json_tells_what_is_compared_and_what_is_corrected():
    row = digest_row(FULL)
    assert row["comparisons"]
    told = {fact for one in row["comparisons"] for fact in one["offers"]}
    told |= {rank["fact"] for one in row["comparisons"] for rank in one["ranks"]}
    assert told <= row["facts"].keys()
    assert {"earlier", "translated"} <= row["items"][0].keys()
