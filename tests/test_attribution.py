"""Whose figure it is, and under which policy."""

from decimal import Decimal

import pytest

from extract.attribution import attribute_figures
from extract.background import Background
from extract.facts import Figure
from extract.places import find_places, settle_places
from extract.policies import find_policies
from extract.reading import read_text


def attributed(text, quote, district, lang="zh-Hans", role="support"):
    reading = read_text(text, lang)
    context = [district] if district else []
    places = settle_places(find_places(reading), context=context)
    policies = find_policies(Background(reading=reading, places=places, district=district))
    start = text.index(quote)
    evidence = reading.evidence(start, start + len(quote))
    figure = Figure(value=Decimal(1), unit="CNY", evidence=evidence, role=role)
    (found,) = attribute_figures(
        [figure], reading, places=places, policies=policies, district=district
    )
    return found


@pytest.mark.parametrize(
    ("text", "quote", "district", "code"),
    [
        ("全市引进人才，奖励5万元。", "5万元", "320300", "320300"),
        ("沛县设立1亿元资金。", "1亿元", "320300", "320322"),
        ("沛县表现突出。\n全市发放2亿元。", "2亿元", "320300", "320300"),
        ("沛县先行。奖励3万元。", "3万元", "320300", "320322"),
        ("沛县先行。\n随后奖励3万元。", "3万元", "320300", "320300"),
        ("“我们设置1亿元资金。”沛县县委常委张毅表示。", "1亿元", "320300", "320322"),
        ("“企业很好，投资1亿元。”沛县县委常委张毅表示。", "1亿元", "320300", "320300"),
        ("例如新加坡，可以申请7万元。", "7万元", "810000", None),
        ("来自美国、加拿大等国的团队获得6万元。", "6万元", "320300", "320300"),
        ("大连发放补贴1万元。\n太原表示，补贴2万元。", "2万元", None, "140100"),
        ("福建泉州宣布补贴2万元。", "2万元", None, "350500"),
        ("联合沛县企业投入4万元。", "4万元", "320300", "320300"),
        ("江苏省表彰，奖励8万元。", "8万元", "320300", "320300"),
    ],
)
def test_district_of_a_figure(text, quote, district, code):
    assert attributed(text, quote, district).district == code


@pytest.mark.parametrize(
    ("text", "quote", "code"),
    [
        ("Tianhe's measures give 1 million yuan.", "1 million", "440106"),
        ("Tianhe district gives cash. Firms get 5,000 yuan.", "5,000", "440106"),
        ("In Singapore, Japan and other places 8 teams were met.", "8", "440100"),
        ("Singapore pays 700 yuan.", "700", None),
        ("The city at the end of Tianhe district pays 9,000 yuan.", "9,000", "440100"),
    ],
)
def test_district_of_an_english_figure(text, quote, code):
    text = f"Tianhe district of Guangzhou.\n{text}"
    assert attributed(text, quote, "440100", "en").district == code


def test_a_round_of_districts_goes_on_over_paragraphs():
    text = "Tianhe district leads.\nNansha district follows.\nFirms get 5,000 yuan."
    assert attributed(text, "5,000", "440100", "en").district == "440115"


def test_policy_of_a_figure():
    text = "设置1亿元人才发展专项资金。"
    assert attributed(text, "1亿元", "320300", role="fund").policy == "人才发展专项资金"
    text = "实施“汉风英才计划”，给予人才5万元补贴。"
    assert attributed(text, "5万元", "320300").policy == "汉风英才计划"
    assert attributed(text, "5万元", "320300", role="talent").policy is None
    text = "根据《引进人才办法》要求。\n给予人才5万元补贴。"
    assert attributed(text, "5万元", "320300").policy is None
