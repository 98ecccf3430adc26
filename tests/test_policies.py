"""Policies: each line of the specs, what documents tell of themselves, and the days in a text."""

import json
from datetime import date
from pathlib import Path

import pytest

from extract.background import Background
from extract.days import day_before, find_dates, plus_years
from extract.places import find_places
from extract.policies import find_policies
from extract.reading import read_text

SPECS = Path(__file__).parent / "specs"


def cases(name):
    lines = (SPECS / name).read_text("utf-8").splitlines()
    return [pytest.param(case, id=case["text"][:30]) for case in map(json.loads, lines)]


def policies_of(text, lang="zh-Hans", *, title=None, **more):
    reading = read_text(text, lang)
    background = Background(
        reading=reading, places=find_places(reading), published=date(2023, 6, 7), **more
    )
    found = find_policies(background, read_text(title, lang) if title else None)
    own = (title or "", text)
    assert all(any(p.evidence.quote in words for words in own) for p in found)
    return found


@pytest.mark.parametrize("case", cases("policies.zh.jsonl") + cases("policies.en.jsonl"))
def test_policies(case):
    lang = case.get("lang", "en" if case["text"].isascii() else "zh-Hans")
    found = policies_of(case["text"], lang)
    assert [p.name for p in found] == [p["name"] for p in case["policies"]]
    for policy, wanted in zip(found, case["policies"], strict=True):
        assert {key: getattr(policy, key) for key in wanted} == wanted


DOCUMENT = """为吸引人才，制定本办法。
第一条 本办法所称人才，是指大学生。
第二条 对符合条件的给予补贴。
第三条 本办法自2023年6月1日起施行，有效期5年，由沛县人力资源和社会保障局负责解释。"""


def test_a_document_tells_its_own_term_and_interpreter():
    (policy,) = policies_of(DOCUMENT, title="沛县人才补贴办法（试行）")
    assert policy.name == "沛县人才补贴办法（试行）"
    assert (policy.kind, policy.action, policy.trial) == ("document", "issued", True)
    assert (policy.valid_from, policy.valid_to) == ("2023-06-01", "2028-05-31")
    assert policy.issuer == "沛县人力资源和社会保障局"


def test_a_document_names_its_bodies_in_its_title():
    found = policies_of(
        "各单位：现印发给你们。", title="沛县人才办 沛县财政局关于印发人才办法的通知"
    )
    assert found[0].issuer == "沛县人才办、沛县财政局"


def test_a_law_carries_the_number_and_day_of_its_last_revision():
    head = read_text(
        "1.中華民國一百零三年一月二日總統華總一義字第 10300012345 號令制定公布\n"
        "2.中華民國一百零八年五月六日總統華總一經字第 10800054321 號令修正公布；"
        "行政院令發布定自一百零八年九月十五日施行",
        "zh-Hant",
    )
    (policy,) = policies_of("第 1 條\n為留才。", "zh-Hant", title="攬才專法", head=head)
    assert (policy.action, policy.issuer) == ("revised", "總統")
    assert policy.doc_number == "華總一經字第 10800054321 號"
    assert (policy.issued, policy.valid_from) == ("2019-05-06", "2019-09-15")


def test_a_revision_may_have_a_number_with_a_letter_in_two_lines():
    head = read_text(
        "1.中華民國一百零七年二月六日勞動部勞動發管字第 10705016091  號令訂定發布；並自發布日施行\n"
        "2.中華民國一百十二年十二月十八日行政院體育委員會體委競字第 1120516\n  187A  號令修正發布",
        "zh-Hant",
    )
    text = "第 1 條\n為留才。\n第 16 條\n本辦法修正條文自發布日施行。"
    (policy,) = policies_of(text, "zh-Hant", title="藝術工作許可辦法", head=head)
    assert (policy.action, policy.issuer) == ("revised", "行政院體育委員會")
    assert policy.doc_number == "體委競字第 1120516\n  187A  號"
    assert (policy.issued, policy.valid_from) == ("2023-12-18", "2023-12-18")


def test_a_local_regulation_is_issued_by_who_passed_it():
    head = read_text(
        "2022年11月25日 江湾市第十六届人民代表大会常务委员会第八次会议通过\n"
        "2023年1月9日 南湾省第十三届人民代表大会常务委员会第四十八次会议批准",
        "zh-Hans",
    )
    text = "第一条 制定本条例。\n第二条 本条例自2023年3月1日起施行。"
    (policy,) = policies_of(text, title="江湾市人才发展条例", head=head)
    assert policy.issuer == "江湾市第十六届人民代表大会常务委员会"
    assert (policy.issued, policy.valid_from) == ("2022-11-25", "2023-03-01")


def test_a_notice_is_signed_at_its_foot():
    foot = read_text("特此通告。\n　　江湾市住房保障办公室\n　　2025年3月19日\n版权所有", "zh-Hans")
    text = "根据《江湾市住房办法》（江府规〔2024〕13号），通告如下。"
    own, cited = policies_of(text, title="关于推出人才住房的通告", foot=foot)
    assert (own.issuer, own.issued, own.doc_number) == ("江湾市住房保障办公室", "2025-03-19", None)
    assert cited.doc_number == "江府规〔2024〕13号"


def test_a_notice_is_signed_in_the_letter_that_it_comes_with():
    head = read_text("网站首页" * 200 + "\n文　　号：\n江府办规〔2020〕10号\n", "zh-Hans")
    text = (
        "各单位：现印发给你们。\n江湾市人民政府办公厅\n2020年6月29日\n江湾市引进人才办法\n"
        "第一条 为了引才。\n第二条 本办法自印发之日起施行，有效期5年。"
    )
    (own,) = policies_of(text, title="江湾市引进人才办法", head=head)
    assert (own.issuer, own.issued) == ("江湾市人民政府办公厅", "2020-06-29")
    assert (own.valid_from, own.valid_to) == ("2020-06-29", "2025-06-28")
    assert own.doc_number == "江府办规〔2020〕10号"


def test_an_order_and_a_plenum_issue_documents():
    head = read_text("（2021年7月27日中华人民共和国国务院令第746号公布）", "zh-Hans")
    (own,) = policies_of("第一条 为了引才。", title="人才市场管理条例", head=head)
    assert (own.issuer, own.doc_number, own.issued) == ("国务院", "第746号", "2021-07-27")
    text = "（2025年10月23日中国飞鹤会第二十届中央委员会第四次全体会议通过）\n提出以下意见。"
    (own,) = policies_of(text, title="飞鹤人才工作的意见")
    assert (own.issuer, own.issued) == ("中国飞鹤会第二十届中央委员会", "2025-10-23")


def test_the_name_of_a_plan_tells_its_years():
    (own,) = policies_of("为了引才。", title="江湾人才行动方案（2015-2020）")
    assert (own.valid_from, own.valid_to) == ("2015", "2020")


def test_what_everybody_does_has_no_issuer():
    (found,) = policies_of("沛县好。各地都推出了“飞鹤引进计划”。", district="320322")
    assert found.issuer is None


def test_an_old_name_of_a_city_is_a_brand():
    text = "Wuzhong District, Suzhou uses the Soochow Talent Special Plan."
    (found,) = policies_of(text, "en", district="320506")
    assert found.district == "320506"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("《关于建设人才中心的意见》（简称22条意见）", "关于建设人才中心的意见"),
        ("关于建设人才中心的若干配套政策", "关于建设人才中心的若干配套政策"),
        ("护理师示警新手法", None),
        ("某市发布：人才新办法", None),
    ],
)
def test_a_title_may_be_the_name_of_the_document(title, name):
    found = policies_of("为留才，现提出以下意见。", title=title)
    assert [p.name for p in found] == ([name] if name else [])


def test_the_bodies_in_a_title_are_told_apart():
    found = policies_of(
        "现印发给你们。",
        title="江湾市住房和城乡建设局南湾区人力资源和社会保障局关于印发人才细则的通知",
    )
    assert found[0].issuer == "江湾市住房和城乡建设局、南湾区人力资源和社会保障局"


@pytest.mark.parametrize(
    ("text", "home", "codes"),
    [
        ("沛县出台《引进人才意见》。", "320300", ["320322"]),
        ("徐州市印发《引进人才意见》。", "320322", ["320300"]),
        ("省人社厅印发《引进人才意见》。", "320322", ["320000"]),
        ("国务院印发《引进人才意见》。", "320322", [None]),
        ("出台《引进人才意见》。", "320322", ["320322"]),
        ("根据《江苏省引进人才办法》，开展工作。", "320322", ["320000"]),
        ("根据《引进人才办法》，开展工作。", "320322", [None]),
        ("江苏医疗器械产业园发起设立医疗人才投资基金。", "320505", ["320505"]),
        ("勞動部公布「人才引進辦法」。", "710000", ["710000"]),
        ("依據《人才引進辦法》辦理。", "710000", ["710000"]),
    ],
)
def test_a_policy_belongs_to_the_district_of_its_issuer(text, home, codes):
    lang = "zh-Hant" if "據" in text or "勞" in text else "zh-Hans"
    assert [p.district for p in policies_of(text, lang, district=home)] == codes


def test_a_guide_puts_its_policy_to_use():
    text = "根据《引进人才办法》，本市人才可以申请。"
    assert policies_of(text)[0].action == "mentioned"
    assert policies_of(text, title="人才入户申报指南")[0].action == "implemented"


def test_a_list_of_benefits_makes_its_headings_instruments():
    text = "一、创业补贴\n给予补贴。\n二、扩岗补助\n给予补助。\n三、见习津贴\n给予津贴。"
    assert [p.name for p in policies_of(text)] == ["创业补贴", "扩岗补助", "见习津贴"]
    assert policies_of("一、创业补贴\n给予补贴。") == []


def test_a_law_without_marks_cites_others():
    text = "第 1 條\n為留才。\n第 2 條\n依就業服務法第四條辦理。\n第 3 條\n另定計畫。"
    assert [p.name for p in policies_of(text, "zh-Hant")] == ["就业服务法"]
    assert policies_of("依就業服務法第四條辦理。", "zh-Hant") == []


def test_the_title_alone_names_a_policy():
    found = policies_of("近日召开会议。", title="沛县发布《人才安居办法》")
    assert [p.name for p in found] == ["人才安居办法"]


@pytest.mark.parametrize(
    ("part", "text", "published", "days"),
    [
        ("去年", "", date(2023, 6, 7), ["2022"]),
        ("12月5日", "", date(2023, 6, 7), ["2022-12-05"]),
        ("29日", "", date(2024, 5, 30), ["2024-05-29"]),
        ("31日", "", date(2024, 5, 30), []),
        ("10月21日", "2019年的政策", None, ["2019-10-21"]),
        ("10月21日", "", None, []),
        ("中華民國一百零五年十二月二日", "", None, ["2016-12-02"]),
        ("on April 7, 2023", "", None, ["2023-04-07"]),
        ("2022年11月", "", None, ["2022-11"]),
        ("13月40日", "2019年", None, []),
    ],
)
def test_days(part, text, published, days):
    assert find_dates(part, text, published) == days


def test_terms():
    assert plus_years("2024-02-29", 1) == "2025-02-28"
    assert day_before("2024-03-01") == "2024-02-29"
