"""Compare, Policies and Districts: what is laid side by side, and what a district shows."""

import csv
import re
from datetime import date
from decimal import Decimal
from io import StringIO
from itertools import combinations

import pytest

from bole.config import ConfigError
from bole.web.app import create_app
from bole.web.drawing import TREE_HEIGHT, WIDTH, draw_bars, draw_tree
from bole.web.pages.compare import narrow
from store import Store
from tests.reports import figure, policy, report
from tests.web_client import client_of, make_office, publish
from tests.web_offices import shared_office


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


def test_a_comparison_tells_conflicts_reasons_and_heat(client):
    page = client.get("/compare?district=320300&district=320500&benefit=settling_in").text
    assert "说法不一" in page
    assert re.search(r'<td class="h4">.*?<td class="h\d">', page, re.DOTALL)
    for words in ("30万元", "40万元", "#f-"):
        assert words in page
    rows = list(
        csv.DictReader(
            StringIO(client.get("/compare.csv?district=320300,320500&benefit=settling_in").text)
        )
    )
    assert {row["状态"] for row in rows} == {"conflict", "one"}


def test_districts_are_compared_by_name_as_well_and_without_any_the_own_is_proposed(client):
    named = client.get("/compare?district=徐州市、苏州市").text
    assert 'href="/districts/320500"' in named
    proposed = client.get("/compare").text
    assert "未选地区" in proposed
    assert 'href="/districts/320300"' in proposed


def test_too_many_offers_are_narrowed_to_one_benefit(client, monkeypatch):
    monkeypatch.setattr("bole.web.pages.compare._OFFERS", 3)
    path = "/compare?district=320300&district=320500&tier=doctor"
    page = client.get(path).text
    assert "措施过多，先显示“安家费 · 博士”" in page
    assert page.count(" selected>") == 2  # the form shows what was chosen
    monkeypatch.setattr("bole.web.pages.compare._OFFERS", 0)
    answer = client.get("/compare?district=320300&tier=doctor")
    assert answer.status_code == 400
    assert "too much" in answer.text


def test_a_benefit_that_is_too_much_is_narrowed_to_one_tier(monkeypatch):
    monkeypatch.setattr("bole.web.pages.compare._OFFERS", 5)
    counts = {("rent", "doctor"): 4, ("rent", "master"): 3, ("award", "doctor"): 9, (None, None): 8}
    facets = [{"benefit": b, "tier": t, "n": n} for (b, t), n in counts.items()]
    assert narrow(facets, ["rent"], []) == (["rent"], ["doctor"])
    assert narrow(facets, [], ["master"]) == ([], ["master"])
    assert narrow(facets, [], ["doctor"]) == (["rent"], ["doctor"])
    for benefits, tiers in ((["award"], []), ([], [])):  # the largest is more than can be shown
        with pytest.raises(ConfigError, match="choose one benefit and one tier"):
            narrow(facets, benefits, tiers)


def test_a_policy_has_its_timeline_versions_and_grants(client, store):
    (found,) = store.select("select id from policies where name = '柳溪英才办法'")
    page = client.get(f"/policies/{found['id']}").text
    assert "最高2000万元" in page
    assert "柳府发[2024]1号" in page
    assert page.count("<time") == 1


def test_what_a_new_version_changed_is_told_with_both_quotes(tmp_path):
    reports = []
    for year, quote, value in ((2023, "30万元", "3e5"), (2024, "40万元", "4e5")):
        text = f"《彭城英才办法》对博士给予{quote}安家补贴。"
        fields = {"role": "support", "tier": "doctor", "benefit": "settling_in"}
        money = figure(text, quote, value, policy="彭城英才办法", **fields)
        rule = policy(text, "彭城英才办法", district="320300", issued=f"{year}-05-01")
        day = date(year, 5, 1)
        reports.append(
            report(f"v{year}", text, figures=[money], policies=[rule], published=day, grade="A")
        )
    settings = make_office(tmp_path / "office", 0)
    publish(settings, reports)
    with client_of(create_app(tmp_path, settings)) as client:
        found = re.search(r"/policies/([0-9a-f]{12})", client.get("/policies").text)[1]
        page = client.get(f"/policies/{found}").text
    assert re.search(r"提高.*?30万元.*?2023-05-01.*?40万元.*?2024-05-01", page, re.DOTALL)


def test_policies_are_filtered_and_paged(client, store):
    every = store.select("select count(*) as n from latest_policies")[0]["n"]
    rows = list(csv.reader(StringIO(client.get("/policies.csv").text)))
    assert len(rows) - 1 == every
    assert "英才办法" in client.get("/policies?words=英才").text
    assert "没有符合条件" in client.get("/policies?words=没有").text
    assert "没有符合条件" in client.get("/policies?page=9").text


def test_a_district_shows_what_is_below_it_and_its_trend_as_rows(client):
    page = client.get("/districts/320000").text
    assert page.count("<rect") > 3
    assert "徐州市沛县" in page
    rows = list(csv.DictReader(StringIO(client.get("/districts/320300/trend.csv").text)))
    assert sum(int(row["事实"]) for row in rows) > 10


@pytest.mark.parametrize(
    ("typed", "first"), [("徐州", "320300"), ("xuz", "320300"), ("3203", "320300")]
)
def test_districts_are_proposed_by_name_pinyin_and_code(client, typed, first):
    found = client.get("/districts/suggest", params={"q": typed}).json()
    assert found[0]["code"] == first
    assert client.get("/districts/suggest?q=").json() == []


def test_tiles_fill_the_drawing_and_lie_apart():
    sizes = [50, 30, 7, 7, 3, 2, 1]
    tiles = draw_tree([(str(n), f"地区{n}", size) for n, size in enumerate(sizes)])
    area = sum(tile.width * tile.height for tile in tiles)
    assert abs(area - WIDTH * TREE_HEIGHT) < 20
    for tile in tiles:
        share = tile.value / sum(sizes)
        assert abs(tile.width * tile.height / (WIDTH * TREE_HEIGHT) - share) < 0.001
    for a, b in combinations(tiles, 2):
        apart_x = a.x + a.width <= b.x + 0.1 or b.x + b.width <= a.x + 0.1
        apart_y = a.y + a.height <= b.y + 0.1 or b.y + b.height <= a.y + 0.1
        assert apart_x or apart_y
    assert draw_tree([]) == []
    assert draw_bars([("a", Decimal(0))]) == []
