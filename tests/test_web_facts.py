"""Facts: filters, orders and paging, a fact in its article, marks."""

import csv
import re
from decimal import Decimal
from io import StringIO

import pytest

from bole.config import ConfigError
from bole.web.app import create_app
from bole.web.around import surroundings
from bole.web.filters import Filters, count_facts, find_facts, make_cursor, read_cursor
from bole.web.marks import FOLDER, read_mark
from bole.web.sidebyside import Span, lay_side_by_side
from store import Store
from tests.reports import DAY
from tests.store_samples import FIRST, FULL, SECOND, THIRD, figure_ids, sample
from tests.web_client import client_of
from tests.web_offices import shared_office
from tests.web_site import SCRIPT, TRADITIONAL


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return shared_office(tmp_path_factory)


@pytest.fixture(scope="module")
def client(settings):
    with client_of(create_app(settings.data.parent, settings)) as made:
        yield made


@pytest.fixture(scope="module")
def store(settings):
    with Store.open_snapshot(settings.data) as opened:
        yield opened


CASES = {
    "district": ("320300", "lies_in(in_district, '320300')"),
    "role": ("fund", "role = 'fund'"),
    "unit": ("CNY", "unit = 'CNY'"),
    "tier": ("doctor", "tier = 'doctor'"),
    "benefit": ("living", "benefit = 'living'"),
    "least": ("400000", "coalesce(value_max, value) >= 400000"),
    "most": ("400000", "value <= 400000"),
    "target": ("博士", "contains(target, '博士')"),
    "words": ("30万元", "contains(quote, '30万元')"),
    "article": ("full", "article_id = 'full'"),
    "since": ("2024-03-01", "coalesce(published, first_seen) >= '2024-03-01'"),
    "until": ("2024-02-29", "coalesce(published, first_seen) <= '2024-02-29'"),
    "grade": ("A", "grade = 'A'"),
    "source": ("柳溪日报", "article_id in (select id from articles where source = '柳溪日报')"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_filter_lets_through_what_it_says(client, store, name):
    value, where = CASES[name]
    sql = f"select count(*) as n from cited_figures where repeats is null and {where}"
    wanted = store.select(sql)[0]["n"]
    every = store.select("select count(*) as n from figures where repeats is null")[0]["n"]
    assert 0 < wanted < every
    page = client.get("/facts", params={name: value}).text
    assert f"共{wanted}条事实" in page
    lines = list(csv.reader(StringIO(client.get("/facts.csv", params={name: value}).text)))
    assert len(lines) - 1 == wanted


def test_a_source_of_the_watchlist_is_a_filter_too(store):
    assert count_facts(store, Filters(source="nobody")) == 0
    found = find_facts(store, Filters(source="calm")).rows
    assert {row["article_id"] for row in found} == {sample(2).article.id}
    assert count_facts(store, Filters(source="calm", role="fund")) == 0


def test_a_day_of_collection_is_not_told_as_one_of_publication(client):
    page = client.get("/facts?article=people").text
    assert re.search(rf"未注明</span> <span class=.tight.>（采集于{DAY}）", page)
    dated = client.get("/facts?article=here").text
    assert "2024-03-01" in dated
    assert "采集于" not in dated
    (row,) = csv.DictReader(StringIO(client.get("/facts.csv?article=people").text))
    assert (row["\ufeff发布日期"], row["首次采集"]) == ("", str(DAY))
    for path in ("/", "/search?q=高层次人才", "/districts/320500", "/policies?words=引才行动"):
        assert "（采集于" in client.get(path).text, path


def test_a_quote_stands_among_its_words(client):
    page = client.get("/facts?article=people").text
    assert "<q>全市引进高层次人才<b>12人</b></q>" in page


@pytest.mark.parametrize(
    ("text", "quote", "before", "after"),
    [
        ("甲。乙方引进12人，另有3人；丙", "12人", "乙方引进", "，另有3人"),
        ("人" * 50 + "12人，" + "才" * 50, "12人", "…" + "人" * 36, "，" + "才" * 35 + "…"),
        ("It gave 1.5 million. It held 6 meetings, too. End", "6", "It held ", " meetings, too"),
        ("word " * 30 + "held 6 meetings" + " word" * 30, "6", "…" + "word " * 13 + "held ",
         " meetings" + " word" * 12 + "…"),
    ],
)  # fmt: skip
def test_words_around_a_quote_are_of_its_sentence(text, quote, before, after):
    start = text.index(quote)
    assert surroundings(text, start, start + len(quote)) == (before, after)


def day_of(row):
    return row["published"] or row["first_seen"]


@pytest.mark.parametrize("order", ["newest", "oldest", "highest", "lowest"])
def test_pages_hold_every_fact_once_and_in_order(store, order):
    found, after = [], ""
    while after is not None:
        page = find_facts(store, Filters(order=order), after=after, limit=7)
        found += page.rows
        after = page.after
    assert len(found) == count_facts(store, Filters())
    assert len({row["fact_id"] for row in found}) == len(found)
    keys = {
        "newest": lambda row: -day_of(row).toordinal(),
        "oldest": lambda row: day_of(row).toordinal(),
        "highest": lambda row: -(row["value_max"] or row["value"]),
        "lowest": lambda row: row["value"],
    }
    assert found == sorted(found, key=lambda row: (keys[order](row), row["fact_id"]))


@pytest.mark.parametrize(
    "after",
    ["x", "é", "bnVsbA", make_cursor(FIRST, "f", "oldest"), make_cursor(SECOND, "f", "lowest")],
)
def test_a_place_that_no_page_gave_is_refused(client, after):
    with pytest.raises(ConfigError, match="no place in this list"):
        read_cursor(after, "newest")
    page = client.get("/facts", params={"after": after})
    assert page.status_code == 400
    assert 'role="alert"' in page.text


def test_a_place_comes_back_as_it_was():
    assert read_cursor(make_cursor(THIRD, "f", "newest"), "newest") == (THIRD, "f")
    place = make_cursor(Decimal("3000.500000"), "f", "highest")
    assert read_cursor(place, "highest") == (Decimal("3000.5"), "f")


def test_empty_fields_of_a_form_ask_for_nothing(client):
    empty = dict.fromkeys((*CASES, "policy"), "")
    whole, asked = client.get("/facts").text, client.get("/facts", params=empty).text
    count = re.compile(r"共\d+条事实")
    assert count.search(asked)[0] == count.search(whole)[0]


def test_a_fact_stands_in_its_article_and_in_simplified_script(client):
    (fact, *_) = figure_ids(TRADITIONAL)
    page = client.get(f"/facts/{fact}").text
    marked = re.findall(r'<mark class="on"[^>]*><a[^>]*>(.*?)</a>', page)
    assert marked == ["30 萬元", "30万元"]
    assert "安家費" not in page
    assert f'href="/articles/script#f-{fact}"' in page


def test_lines_outside_the_article_proper_are_grey(client):
    page = client.get("/articles/script").text
    assert page.count('<tr class="outside') == 1
    assert "9億元" in page


def test_text_side_by_side_is_whole_and_marks_are_apart():
    spans = [Span(start=3, end=9, fact="a"), Span(start=5, end=8, fact="b")]
    lines = lay_side_by_side(SCRIPT, "zh-Hant", (0, len(SCRIPT)), spans)
    assert "\n".join("".join(p.text for p in line.raw) for line in lines) == SCRIPT
    assert {piece.fact for line in lines for piece in line.raw} == {None, "a"}
    assert lines[0].clean[0].text == "无锡高"
    assert not lines[0].is_same


def test_a_mark_waits_for_the_next_run_and_the_tables_stay(client, settings):
    fact = figure_ids(FULL)[0]
    before = settings.database.read_bytes()
    wrong = client.post(f"/facts/{fact}/mark", data={"verdict": "wrong"}, follow_redirects=False)
    assert (wrong.status_code, wrong.headers["location"]) == (303, f"/facts/{fact}#mark")
    assert read_mark(settings.data / FOLDER, fact).verdict == "wrong"
    assert "已记录：错误" in client.get(f"/facts/{fact}").text
    given = {"verdict": "corrected", "value": "abc"}
    refused = client.post(f"/facts/{fact}/mark", data=given)
    assert refused.status_code == 400
    assert "abc" in refused.text
    assert client.post(f"/facts/{fact}/mark", data={}).status_code == 400
    assert client.post("/facts/000000000000/mark", data={"verdict": "right"}).status_code == 404
    client.post(f"/facts/{fact}/mark", data={"verdict": "withdraw"})
    assert read_mark(settings.data / FOLDER, fact) is None
    assert settings.database.read_bytes() == before


def test_only_fields_that_a_person_changed_are_corrected(client, settings):
    fact = figure_ids(FULL)[0]
    form = {"verdict": "corrected", "value": "20000000", "qualifier": "exact", "target": "团队"}
    client.post(f"/facts/{fact}/mark", data=form)
    said = read_mark(settings.data / FOLDER, fact)
    assert (said.fields["qualifier"], said.fields["target"]) == ("exact", "团队")
    assert said.fields["conditions"] == ["年龄不超过45周岁", "全职"]
    assert "已记录：更正" in client.get(f"/facts/{fact}").text
    client.post(f"/facts/{fact}/mark", data={"verdict": "right"})
    assert "已记录：正确" in client.get(f"/facts/{fact}").text
    client.post(f"/facts/{fact}/mark", data={"verdict": "withdraw"})
