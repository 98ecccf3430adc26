"""Feeds: RSS and Atom of districts and of named questions."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest

from bole.web.api.feeds import Entry, Feed, atom, rss
from tests.web_api import ask_api, shared_app


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    return ask_api(shared_app(tmp_path_factory))


ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize(
    "path", ["districts/320300", "questions/new_policies", "questions/talents"]
)
def test_feeds_are_well_formed(api, path):
    given = api.get(f"/feeds/{path}.atom")
    assert given.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(given.content)
    ids = [one.text for one in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    for needed in ("id", "title", "updated", "link", "author"):
        assert feed.find(f"{ATOM}{needed}") is not None
    given = api.get(f"/feeds/{path}.rss")
    assert given.headers["content-type"] == "application/rss+xml; charset=utf-8"
    channel = ET.fromstring(given.content).find("channel")
    assert len(channel.findall("item")) == len(feed.findall(f"{ATOM}entry"))


def test_a_districts_feed_tells_what_is_new(api):
    feed = ET.fromstring(api.get("/feeds/districts/320322.atom").content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text == "【沛县】柳溪英才办法"
    assert entry.find(f"{ATOM}link").get("href") == "http://news.example/full.html"
    assert "最高资助2000万元 [B]" in entry.find(f"{ATOM}summary").text
    again = api.get("/feeds/districts/320322.atom")
    assert (
        api.get(
            "/feeds/districts/320322.atom", headers={"If-None-Match": again.headers["etag"]}
        ).status_code
        == 304
    )


@pytest.mark.parametrize("write", [atom, rss])
def test_a_feed_shows_texts_as_texts(write):
    hostile = "<script>alert(1)</script> & ]]> \x01"
    entry = Entry(
        id='"', title=hostile, text=hostile, url="javascript:alert(1)", day=None, published=None
    )
    feed = Feed(id="x", title=hostile, address='http://a/?"<', entries=[entry])
    text = write(feed)
    ET.fromstring(text.encode())
    assert "<script" not in text
    assert "javascript" not in text


def test_an_empty_feed_tells_no_day(api):
    channel = ET.fromstring(api.get("/feeds/districts/110000.rss").content).find("channel")
    assert channel.find("lastBuildDate") is None
    assert channel.findall("item") == []


def test_a_day_of_collection_is_no_day_of_publication():
    shown = Entry(id="a", title="甲", text="乙", url=None, day=date(2024, 1, 2), published=None)
    feed = Feed(id="x", title="x", address="http://a/", entries=[shown])
    assert "<pubDate>" not in rss(feed)
    assert "<published>" not in atom(feed)
    assert "<updated>2024-01-02" in atom(feed)


def test_a_feed_speaks_the_language_of_its_reader(api):
    path = "/feeds/questions/funds.atom"
    told = [api.get(path, headers={"Accept-Language": lang}) for lang in ("zh", "en")]
    assert "有哪些基金与资金" in told[0].text
    assert "Which funds and budgets" in told[1].text
    assert told[0].headers["etag"] != told[1].headers["etag"]
