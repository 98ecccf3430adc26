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
