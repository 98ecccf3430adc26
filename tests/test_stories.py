import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from summarize.stories import Report, Story, group_stories
from tests.quality.stories import load_reports, measure_pairs
from tests.reports import CHUNAN, DAY, PEI, chunan, figure, policy, report, xuzhou

HANT = (
    "「我們出臺了加快建設(shè)區域性人才高地的意見和15項配套文件,設(shè)置1億元人才發(fā)展專項資金,"
    "對新引進的頂尖人才團隊,最高給與5000萬元的項目資金支持。」沛縣縣委常委張毅表示。\n"
    "近年來,我市制定了「1+20」的政策體系,給予來徐創(chuàng)業(yè)的領(lǐng)軍人才最高2000萬元項目資助;"
    "設(shè)立規(guī)模10億元的「彭城英才」投資基金。\n"
    "本次活動共計吸引全球180多個高層次人才項目踴躍報名。"
)
CHUNAN_ZH = (
    "今年以来，淳安县成功引进总投资5亿元的签约项目，推动12名海外高层次人才、4个海外团队来淳。"
    "举办人才工作培训16期，与侨企达成合作项目16个。"
)
RENT = "沛县印发租房补贴办法，博士每月补贴3000元，硕士每月1500元，本科每月800元，最长发放36个月。"


def ids(stories: list[Story]) -> list[list[str]]:
    return sorted([r.article.id for r in story.reports] for story in stories)


def rent(name: str, **fields: object) -> Report:
    figures = [
        figure(RENT, "3000元", "3000", role="support"),
        figure(RENT, "1500元", "1500", role="support"),
        figure(RENT, "800元", "800", role="support"),
        figure(RENT, "36个月", "36", "month"),
    ]
    own = {"title": "沛县印发青年人才租房补贴办法", "district": "320322", "figures": figures}
    return report(name, RENT, **(own | fields))


def test_a_repost_joins_its_story_whatever_its_title() -> None:
    copy = xuzhou("copy", title="转载：沛县重金引才", source="某网")
    assert ids(group_stories([xuzhou(), copy])) == [["copy", "xuzhou"]]


def test_a_cut_repost_joins_its_story() -> None:
    first = xuzhou()
    text = PEI[: PEI.index("本次活动")]
    cut = report("cut", text, title="摘要", district="320300", figures=first.facts.figures[:5])
    assert len(group_stories([first, cut])) == 1


def test_scripts_and_pinyin_notes_do_not_part_a_story() -> None:
    copy = report("hant", HANT, title="另一標題", lang="zh-Hant", district="320300")
    assert len(group_stories([xuzhou(), copy])) == 1


def test_a_translation_joins_by_the_facts_that_it_shares() -> None:
    figures = [
        figure(CHUNAN_ZH, "5亿元", "5e8", role="investment"),
        figure(CHUNAN_ZH, "12名", "12", "person"),
        figure(CHUNAN_ZH, "4个", "4", "count"),
        figure(CHUNAN_ZH, "16期", "16", "count"),
    ]
    original = report(
        "original", CHUNAN_ZH, title="淳安引才", district="330127", grade="B", figures=figures
    )
    (story,) = group_stories([chunan(), original])
    assert [r.article.id for r in story.reports] == ["original", "chunan"]


def test_same_district_and_other_policy_are_two_stories() -> None:
    assert len(group_stories([xuzhou(district="320322"), rent("rent")])) == 2


def test_a_shared_round_number_is_no_story() -> None:
    texts = ["沛县设立1亿元人才发展专项资金。", "沛县获得1亿元产业投资，另有3个项目落地。"]
    reports = [
        report(
            f"r{i}",
            t,
            title=f"沛县新闻之{i}",
            district="320322",
            figures=[figure(t, "1亿元", "1e8")],
        )
        for i, t in enumerate(texts)
    ]
    assert len(group_stories(reports)) == 2


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("沛县2024年高层次人才项目申报通知", PEI.replace("1亿元", "2亿元")),
        ("沛县2023年高层次人才项目申报通知", PEI),
    ],
)
def test_this_years_edition_is_not_last_years(title: str, text: str) -> None:
    last = xuzhou(title="沛县2022年高层次人才项目申报通知")
    assert len(group_stories([last, report("next", text, title=title, district="320300")])) == 2


def test_a_neighbours_notice_in_the_same_words_is_another_story() -> None:
    text = RENT.replace("沛县", "丰县").replace("3000", "2800").replace("800元，最", "600元，最")
    other = report(
        "feng",
        text,
        title="丰县印发青年人才租房补贴办法",
        district="320321",
        figures=[
            figure(text, "2800元", "2800"),
            figure(text, "1500元", "1500"),
            figure(text, "600元", "600"),
        ],
    )
    assert len(group_stories([rent("rent"), other])) == 2


def test_one_title_is_one_story_for_some_weeks() -> None:
    short = report("short", "详见附件。", title="沛县印发青年人才租房补贴办法", district="320322")
    assert len(group_stories([rent("rent"), short])) == 1
    late = replace(short, article=replace(short.article, published=DAY + timedelta(days=90)))
    assert len(group_stories([rent("rent"), late])) == 2


def test_one_document_number_tells_one_story_and_two_tell_two() -> None:
    one = "沛县出台人才新政。全文见县政府网站。"
    other = "关于沛县人才新政的解读：办法自发布之日起施行。"

    def with_number(name: str, text: str, number: str) -> Report:
        named = policy(text, "人才新政", "system", doc_number=number)
        return report(name, text, title=f"{name}篇", district="320322", policies=[named])

    same = [
        with_number("甲", one, "沛政发[2023]5号"),
        with_number("乙", other, "沛政发[2023]5号"),
    ]
    assert len(group_stories(same)) == 1
    assert len(group_stories([same[0], with_number("丙", other, "沛政发[2023]6号")])) == 2


def test_the_best_evidence_stands_first_then_the_order_of_arrival() -> None:
    late = DAY + timedelta(days=1)
    reports = [
        xuzhou("a-repost", grade="D"),
        xuzhou("paper", grade="C"),
        xuzhou("office", grade="B", first_seen=late),
    ]
    (story,) = group_stories(reports)
    assert [r.article.id for r in story.reports] == ["office", "a-repost", "paper"]


def test_the_order_of_the_reports_does_not_matter() -> None:
    reports = [xuzhou(), xuzhou("copy"), chunan(), rent("rent"), rent("rent2", grade="A")]
    expected = group_stories(reports)
    for seed in range(5):
        random.Random(seed).shuffle(reports)
        assert group_stories(reports) == expected


def test_a_story_keeps_its_id_as_reports_arrive() -> None:
    (first,) = group_stories([xuzhou("m")])
    known = {"m": first.id}
    later = xuzhou("a", grade="B", first_seen=DAY + timedelta(days=1))
    (story,) = group_stories([later, xuzhou("m")], known=known)
    assert story.id == first.id
    assert len(story.reports) == 2


def test_without_memory_the_earliest_report_names_the_story() -> None:
    (alone,) = group_stories([xuzhou("m")])
    (both,) = group_stories([xuzhou("m"), xuzhou("a", first_seen=DAY + timedelta(days=1))])
    assert both.id == alone.id


def test_stories_told_apart_once_stay_apart() -> None:
    known = {"a": "1" * 16, "b": "2" * 16}
    stories = group_stories([xuzhou("a"), xuzhou("b"), xuzhou("c")], known=known)
    assert sorted(s.id for s in stories) == ["1" * 16, "2" * 16]
    assert sum(len(s.reports) for s in stories) == 3


def test_known_reports_of_one_story_stay_together() -> None:
    known = {"xuzhou": "1" * 16, "chunan": "1" * 16}
    (story,) = group_stories([xuzhou(), chunan()], known=known)
    assert story.id == "1" * 16


def test_a_text_printed_hundreds_of_times_is_one_story() -> None:
    reports = [xuzhou(f"copy{i:03}", title=f"第{i}家转载") for i in range(200)]
    assert len(group_stories(reports)) == 1


def test_no_reports_no_stories() -> None:
    assert group_stories([]) == []


def test_texts_without_facts_or_titles_stay_apart() -> None:
    reports = [report(n, t, title=None) for n, t in (("a", "无。"), ("b", CHUNAN), ("c", ""))]
    assert len(group_stories(reports)) == 3
    assert group_stories(reports)[0].reports[0].first_seen == date(2023, 8, 8)


def test_common_strategies_make_no_story() -> None:
    texts = [
        "本市深入实施科教兴国战略和人才强国战略、创新驱动发展战略，出台建设条例。",
        "会议强调人才强国战略、科教兴国战略，部署创新驱动发展战略下的各项改革。",
    ]
    names = ["科教兴国战略", "人才强国战略", "创新驱动发展战略"]
    reports = [
        report(f"r{i}", t, title=f"各不相同的新闻标题{i}", district="110000",
               policies=[policy(t, n, "strategy", action="implemented") for n in names])
        for i, t in enumerate(texts)
    ]  # fmt: skip
    assert len(group_stories(reports)) == 2


def test_one_new_policy_told_by_two_outlets_is_a_story() -> None:
    texts = ["沛县正式出台彭城英才集聚行动和青年人才安居工程实施方案。",
             "安居、集聚两手抓：彭城英才集聚行动与青年人才安居工程实施方案落地沛县。"]  # fmt: skip
    reports = [
        report(f"r{i}", t, title=f"沛县{i}", district="320322",
               policies=[policy(t, "彭城英才集聚行动", "programme"),
                         policy(t, "青年人才安居工程实施方案")])
        for i, t in enumerate(texts)
    ]  # fmt: skip
    assert len(group_stories(reports)) == 1


def test_stories_of_the_sample_are_told_apart() -> None:
    score, misses = measure_pairs(load_reports())
    assert score >= 0.92, misses


def test_where_a_district_is_unknown_all_but_everything_must_be_shared() -> None:
    unknown = chunan("unknown", district=None, title="Overseas talents attracted")
    assert len(group_stories([chunan(), unknown])) == 1
    figures = rent("rent").facts.figures[:2]
    text = RENT[: RENT.index("本科")]
    other = report("other", text, title="别处的租房补贴", district=None, figures=figures)
    assert len(group_stories([rent("rent"), replace(other, article=replace(
        other.article, text="另一地" + text[::-1], body=(0, 10)))])) == 2  # fmt: skip
