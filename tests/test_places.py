"""Places: each line of the specs, how they are settled, and what an article is about."""

import json
from pathlib import Path

import pytest

from crawler.article import Article
from extract.gazetteer import (
    all_districts,
    all_zones,
    ancestors,
    current_code,
    district_name,
    districts_by_code,
    english_name,
    parent,
)
from extract.places import article_district, find_places, own_district, settle_places
from extract.reading import read_body, read_text

SPECS = Path(__file__).parent / "specs"


def cases(name):
    lines = (SPECS / name).read_text("utf-8").splitlines()
    return [pytest.param(case, id=case["text"][:30]) for case in map(json.loads, lines)]


def found_in(text, lang):
    places = find_places(read_text(text, lang))
    assert all(text[p.evidence.start : p.evidence.end] == p.evidence.quote for p in places)
    return {p.evidence.quote: p.code or list(p.candidates) for p in places}


@pytest.mark.parametrize("case", cases("places.zh.jsonl"))
def test_chinese_places(case):
    assert found_in(case["text"], case.get("lang", "zh-Hans")) == case["places"]


@pytest.mark.parametrize("case", cases("places.en.jsonl"))
def test_english_places(case):
    assert found_in(case["text"], "en") == case["places"]


def article(text, lang="zh-Hans", **more):
    return Article(id="a", text=text, body=(0, len(text)), lang=lang, sha256="0" * 64, **more)


@pytest.mark.parametrize(
    ("text", "context", "code"),
    [
        ("鼓楼区发布办法", ["320300"], "320302"),
        ("鼓楼区发布办法", ["350000"], "350102"),
        ("鼓楼区发布办法", ["320000"], None),  # 南京 and 徐州 both have one
        ("鼓楼区与福州的企业", [], "350102"),
        ("鼓楼区发布办法", [], None),
    ],
)
def test_context_settles_a_name(text, context, code):
    places = settle_places(find_places(read_text(text, "zh-Hans")), context=context)
    assert places[0].code == code


@pytest.mark.parametrize(
    ("word", "district", "code"),
    [
        ("全市", "320322", "320300"),
        ("我县", "320322", "320322"),
        ("该县", "320322", "320322"),
        ("全省", "320300", "320000"),
        ("全市", "310115", "310000"),
        ("我区", "320500", None),
        ("全国", "320500", None),
    ],
)
def test_own_district(word, district, code):
    assert own_district(word, district, "zh-Hans") == code


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (article("近日举行大会。", title="徐州市沛县举办人才活动"), "320322"),
        (article("吴中区人才办发布通知。", title="人才政策发布"), "320506"),
        (
            article("苏州高新区集聚人才。高新区将继续努力。", title="江苏省案例发布 高新区入选"),
            "320505",
        ),
        (article("南京、郑州、长沙、三亚、苏州发布新政。", title="多地出台新政"), None),
        (article("国家出台政策。", title="全国人才工作会议召开"), None),
        (article("人才政策发布。", publisher_code="370211"), "370211"),
        (article("人才政策发布。", publisher_code="320602"), "320613"),
        (article("新华社北京2月22日电 会议召开。", title="会议召开"), None),
        (article("鼓楼区出台办法。", title="鼓楼区出台办法", publisher_code="320300"), "320302"),
        (article("The fair opened.", "en", title="Hong Kong's future role"), "810000"),
        (article("勞動部今天說明。", "zh-Hant", title="擬放寬聘僱"), "710000"),
        (article("勞動部今天說明。", "zh-Hant", title="日本收緊居留"), None),
        (article("桃園市政府表示。", "zh-Hant", title="桃園招募"), "710000"),
        (article("教育部今（11）日預告修正辦法。", "zh-Hant", title="擬提高薪資"), "710000"),
        (article("航港局表揚航商。", "zh-Hant", title="育才計畫"), "710000"),
        (article("文化部訂定。", "zh-Hant", title="中華民國人才辦法"), "710000"),
        (article("黄埔区和南沙区的政策。", title="广州：黄埔区、南沙区人才政策"), "440100"),
        (article("新郑市和港区协作。新郑市加强。", title="郑州航空港经济综合实验区条例"), "410100"),
        (article("国家鼓励创新。" * 200 + "上海的企业。上海的公司。", title="各地创新"), None),
        (article("国家鼓励创新。" * 200 + "上海的企业。上海的公司。本市很好。本市好。"), "310000"),
        (
            article("浙江、浙江省的人才。\n辽宁、辽宁省的人才。", title="浙江：引才 辽宁：创新"),
            None,
        ),
        (article("企业用人。\n大家来了。\n有人说好。\n《北京蓝皮书》说，北京的人。"), None),
        (
            article("包头好。\n包头的人才。\n包头市的企业。\n江西、赣州、抚州、江西省也好。"),
            "150200",
        ),
        (article("國立飛鶴體育大學來了。", "zh-Hant", title="校長來了"), "710000"),
        (article("日本國立飛鶴大學來了。", "zh-Hant", title="校長來了"), None),
        (article("AI is used. " * 300 + "Beijing firms. Beijing labs.", "en", title="AI"), None),
    ],
)
def test_article_district(made, code):
    assert article_district(made, find_places(read_body(made))) == code


def test_the_table_is_whole():
    levels = [d.level for d in districts_by_code().values()]
    assert levels.count("province") == 34
    assert 330 <= levels.count("city") <= 340
    assert 2800 <= levels.count("county") <= 2900


def test_every_parent_and_successor_is_a_district_of_today():
    known = districts_by_code()
    assert all(d.parent in known for d in known.values() if d.level != "province")
    assert all(d.successor in known for d in all_districts() if d.successor)


def test_every_zone_points_at_districts_of_today():
    known = districts_by_code()
    for zone in all_zones():
        assert {zone.city, zone.district, *zone.hosts} <= set(known), zone.name


def test_zones_know_their_hosts_and_codes():
    zones = {zone.name: zone for zone in all_zones()}
    assert zones["徐州经开区"].code == "320371"
    assert zones["徐州经开区"].hosts == ("320305",)
    assert zones["苏州工业园区"].hosts == ("320505", "320506")
    assert zones["苏州工业园区"].same_as is None
    assert zones["雄安新区"].code == "133100"


def test_changes_have_their_years():
    past = {(d.name, d.valid_from, d.valid_to, d.successor) for d in all_districts()}
    assert ("吴县市", 1995, 2000, "320506") in past
    assert ("萧山市", 1995, 2001, "330109") in past
    assert ("襄樊市", None, 2010, "420600") in past
    assert ("崇川区", 1991, 2020, "320613") in past


def test_names_with_what_is_above():
    assert district_name("320322") == "徐州市沛县"
    assert district_name("110000") == "北京市"
    assert english_name("330127") == "Chun'an County, Hangzhou City"
    assert parent("320322") == "320300"
    assert ancestors("469007") == ("469007", "460000")
    assert current_code("999999") is None
