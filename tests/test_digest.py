import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crawler.article import Attachment
from extract.facts import fact_id
from summarize.digest import Digest, Issue, compose
from summarize.feed import digest_row
from summarize.render import render_html, render_markdown
from summarize.sections import last_day
from summarize.stories import Report, group_stories
from tests.reports import (
    DAY,
    NAMES,
    PEI,
    Place,
    chunan,
    evidence,
    figure,
    health,
    policy,
    report,
    xuzhou,
)

NEXT = DAY + timedelta(days=1)


def made(reports: Iterable[Report], *, told: Iterable[str] = (), **issue: Any) -> Digest:
    numbered = {"day": DAY, "number_in_year": 1, "number_in_all": 1} | issue
    return compose(
        group_stories(reports),
        issue=Issue(**numbered),
        told=frozenset(told),
        health=health(),
        names=NAMES,
    )


def all_ids(one: Report) -> set[str]:
    name = one.article.id
    figures = {fact_id(name, "figure", f.evidence) for f in one.facts.figures}
    return figures | {fact_id(name, "policy", p.evidence) for p in one.facts.policies}


def quotes(digest: Digest, section: str, code: str | None) -> str:
    items = [i for i in digest.section(section) if i.district == code and i.quote]
    return " ".join(part.text for i in items for clause in i.quote.clauses for part in clause)


def offer(name: str, code: str, amount: str, value: str, **fields: Any) -> Report:
    text = f"本地出台新政，对新引进的领军人才最高给予{amount}项目资助。"
    found = figure(
        text, amount, value, qualifier="up_to", role="support", benefit="project_funding",
        tier="leading",
    )  # fmt: skip
    return report(name, text, title=f"{name}新政出台公告", district=code, figures=[found], **fields)


def test_each_district_is_told_with_its_own_facts() -> None:
    digest = made([xuzhou(), chunan()])
    assert "1亿元" in quotes(digest, "points", "320322")
    assert "最高给与5000万元" in "".join(quotes(digest, "points", "320322").split())
    assert "2000万元" in quotes(digest, "points", "320300")
    assert "500 million yuan" in quotes(digest, "points", "330127")
    assert digest.names["320322"] == "徐州市沛县"


def test_a_figure_brings_its_target_and_its_qualifier() -> None:
    (row,) = [
        item
        for item in made([xuzhou()]).section("figures")
        if item.quote and "5000万元" in "".join(p.text for c in item.quote.clauses for p in c)
    ]
    assert row.district == "320322"
    assert "最高" in "".join(p.text for c in row.quote.clauses for p in c)


def test_every_quote_is_word_for_word_in_its_source() -> None:
    digest = made([xuzhou(), chunan()])
    for item in digest.items:
        for clause in item.quote.clauses if item.quote else ():
            assert "".join(p.text for p in clause) in digest.source(item.quote.source).body


def test_all_new_facts_of_the_stories_count_as_told() -> None:
    first, second = xuzhou(), chunan()
    assert made([first, second]).told == all_ids(first) | all_ids(second)


def test_what_was_told_is_not_told_again() -> None:
    digest = made([xuzhou()], told=all_ids(xuzhou()), day=NEXT)
    assert digest.items == ()
    assert digest.sources == ()


def test_only_the_new_fact_of_a_story_is_told() -> None:
    known = all_ids(xuzhou())
    fund = xuzhou().facts.figures[1]
    digest = made([xuzhou()], told=known - {fact_id("xuzhou", "figure", fund.evidence)}, day=NEXT)
    assert digest.told == {fact_id("xuzhou", "figure", fund.evidence)}
    assert {item.district for item in digest.items} == {"320322"}


def test_a_repost_of_told_facts_is_a_title_on_its_day_and_then_silent() -> None:
    repost = xuzhou("repost", grade="D", first_seen=NEXT)
    on_the_day = made([xuzhou(), repost], told=all_ids(xuzhou()), day=NEXT)
    assert [item.section for item in on_the_day.items if item.section != "doubts"] == ["titles"]
    later = made([xuzhou(), repost], told=all_ids(xuzhou()), day=NEXT + timedelta(days=1))
    assert later.items == ()


def test_reports_since_the_last_issue_are_new_after_a_gap() -> None:
    story = report("quiet", "没有数字的消息。", title="没有数字的消息", first_seen=DAY)
    told = all_ids(xuzhou())
    monday = DAY + timedelta(days=3)
    assert made([story], told=told, day=monday).items == ()
    gap = made([story], told=told, day=monday, since=DAY - timedelta(days=1))
    assert [item.section for item in gap.items] == ["titles"]


def test_a_repost_is_merged_and_counted() -> None:
    digest = made([xuzhou(), xuzhou("repost", grade="D")])
    assert [source.article_id for source in digest.sources] == ["xuzhou"]
    assert digest.sources[0].reposts == 1
    assert digest.reposts == 1


def test_a_new_fact_of_a_second_report_is_told_from_that_report() -> None:
    text = PEI + "沛县另建成人才公寓600套。"
    flats = figure(text, "600套", "600", "count", role="space", counted="人才公寓")
    second = xuzhou("second", first_seen=NEXT)
    facts = replace(second.facts, figures=(*second.facts.figures, flats))
    body = (0, len(text))
    second = replace(second, facts=facts, article=replace(second.article, text=text, body=body))
    digest = made([xuzhou(), second], told=all_ids(xuzhou()), day=NEXT)
    assert digest.told == {fact_id("second", "figure", flats.evidence)}
    assert {p.quote for p in digest.proofs.values()} == {"600套"}
    assert digest.source(digest.section("figures")[0].source).article_id == "second"


def test_an_earlier_issue_knows_nothing_of_later_reports() -> None:
    later = xuzhou("later", grade="A", first_seen=NEXT)
    assert made([xuzhou(), later]) == made([xuzhou()])


def test_the_same_data_give_the_same_digest_in_any_order() -> None:
    reports = [xuzhou(), chunan(), xuzhou("copy"), offer("新吴", "320214", "800万元", "8e6")]
    expected = made(reports)
    for seed in range(4):
        random.Random(seed).shuffle(reports)
        assert made(reports) == expected


def test_the_home_province_comes_first() -> None:
    reports = [xuzhou(published=DAY), offer("淳安", "330127", "9亿元", "9e8")]
    assert made(reports, home="320505").section("points")[0].district == "320300"
    assert made(reports, home="330100").section("points")[0].district == "330127"


@pytest.mark.parametrize(("days", "first"), [(31, "320300"), (32, "330127")])
def test_what_is_old_comes_last_however_much_it_is(days: int, first: str) -> None:
    old = xuzhou(published=DAY - timedelta(days=days))
    digest = made([old, offer("淳安", "330127", "9万元", "9e4")], home="320505")
    assert digest.section("points")[0].district == first
    assert ("旧闻" in render_html(digest)) == ("旧闻" in render_markdown(digest)) == (days > 31)


def test_an_issue_of_days_finds_old_what_was_old_on_its_first_day() -> None:
    digest = made([xuzhou(published=DAY - timedelta(days=33))], first=DAY - timedelta(days=6))
    assert "旧闻" not in render_html(digest)


def test_what_has_no_day_is_no_news_before_what_has_one() -> None:
    reports = [
        offer("淳安", "330127", "9亿元", "9e8", published=None),
        offer("新吴", "320214", "8万元", "8e4", published=DAY - timedelta(days=300)),
        offer("沛县", "320322", "9亿元", "9e8", published=DAY - timedelta(days=366)),
        offer("虎丘", "320505", "7万元", "7e4"),
    ]
    points = [item.district for item in made(reports).section("points")]
    assert points[:2] == ["320505", "320214"]


def test_an_article_without_facts_is_a_title() -> None:
    digest = made([report("quiet", "没有数字的消息。", title="没有数字的消息")])
    assert [item.section for item in digest.items] == ["titles"]
    assert digest.sources[0].title == "没有数字的消息"


def test_more_stories_than_fit_are_titles_and_count_as_told() -> None:
    reports = [offer(f"第{i}号", f"3203{i:02}", f"{i + 10}万元", f"{i + 10}e4") for i in range(20)]
    digest = made(reports)
    assert len(digest.section("points")) == 5
    assert len(digest.section("regions")) == 7
    assert len(digest.section("titles")) == 8
    assert len(digest.told) == 20


def test_three_districts_make_a_ranking() -> None:
    digest = made(
        [
            offer("甲地", "320214", "800万元", "8e6"),
            offer("乙地", "320505", "1000万元", "1e7"),
            offer("丙地", "320322", "800万元", "8e6"),
        ],
        home="320322",
    )
    (comparison,) = digest.comparisons
    assert [(r.place, r.district) for r in comparison.ranks] == [
        (1, "320505"),
        (2, "320322"),
        (2, "320214"),
    ]


def test_two_districts_make_none() -> None:
    (comparison,) = made(
        [offer("甲地", "320214", "800万元", "8e6"), offer("乙地", "320505", "1000万元", "1e7")]
    ).comparisons
    assert comparison.ranks == ()
    assert len(comparison.offers) == 2


def test_told_offers_are_compared_with_new_ones_but_make_no_news_alone() -> None:
    old = [offer("甲地", "320214", "800万元", "8e6"), offer("乙地", "320505", "500万元", "5e6")]
    told = all_ids(old[0]) | all_ids(old[1])
    assert made(old, told=told, day=NEXT).comparisons == ()
    fresh = offer("丙地", "320322", "900万元", "9e6", first_seen=NEXT)
    (comparison,) = made([*old, fresh], told=told, day=NEXT).comparisons
    assert [r.district for r in comparison.ranks] == ["320322", "320214", "320505"]


@pytest.mark.parametrize(
    ("valid_to", "day"),
    [
        ("2023-08-08", DAY),
        ("2023-11-06", date(2023, 11, 6)),
        ("2023-11-07", None),
        ("2023-08-07", None),
        ("2023-10", date(2023, 10, 31)),
        (None, None),
    ],
)
def test_the_end_of_a_policy_is_announced(valid_to: str | None, day: date | None) -> None:
    text = "沛县印发人才公寓管理办法。"
    ending = policy(text, "人才公寓管理办法", valid_to=valid_to)
    digest = made([report("r", text, district="320322", policies=[ending])])
    assert [item.day for item in digest.section("deadlines")] == ([day] if day else [])


@pytest.mark.parametrize(
    ("stated", "day"), [("2023", date(2023, 12, 31)), ("2023-02", date(2023, 2, 28))]
)
def test_the_last_day_of_a_period(stated: str, day: date) -> None:
    assert last_day(stated) == day


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ({"lang": "en", "grade": "D"}, "machine_translation"),
        ({"grade": "D"}, "repost"),
        ({"grade": "D", "read_by": "ocr"}, "ocr"),
        ({"published": None}, "no_date"),
        ({"published_from": "footer"}, "guessed_date"),
        ({"published_from": "htmldate"}, "guessed_date"),
        ({"published": date(2020, 6, 15)}, "stale"),
        ({"attachments": (Attachment(url="http://127.0.0.1/a.pdf", name="附件"),)}, "attachments"),
    ],
)
def test_what_to_verify(fields: dict[str, Any], doubt: str) -> None:
    (item,) = made([report("r", "A line of news.", **fields)]).section("doubts")
    assert item.doubts == (doubt,)


def test_a_sound_report_raises_no_doubt() -> None:
    assert made([xuzhou()]).section("doubts") == ()


def test_an_unsettled_place_is_named_once() -> None:
    text = "朝阳区发布新政。朝阳区表示欢迎。"
    places = [
        Place(name="朝阳区", evidence=evidence(text, "朝阳区", n), candidates=("110105", "220104"))
        for n in (0, 1)
    ]
    (item,) = made([report("r", text, places=places)]).section("doubts")
    assert item.doubts == ("unsettled_place",)
    assert item.quote is not None
    assert item.quote.clauses[0][0].text == "朝阳区"


def test_reports_that_differ_are_set_side_by_side() -> None:
    text = PEI.replace("1亿元", "2亿元")
    other = xuzhou("other")
    figures = [
        replace(f, value=f.value * 2, evidence=evidence(text, "2亿元"))
        if f.evidence.quote == "1亿元"
        else f
        for f in other.facts.figures
    ]
    other = replace(
        other,
        article=replace(other.article, text=text),
        facts=replace(other.facts, figures=tuple(figures)),
    )
    digest = made([xuzhou(), other])
    (clash,) = [i for i in digest.section("doubts") if "conflict" in i.doubts]
    assert {digest.proofs[fact].quote for fact in clash.facts} == {"1亿元", "2亿元"}


def test_health_is_shown_by_source_id() -> None:
    digest = made([])
    assert [source.source_id for source in digest.health] == ["feed", "xz"]
    assert digest.pages_read == 9


def test_doubts_of_a_crowded_day_keep_to_the_weightiest_stories() -> None:
    reports = [
        offer(f"第{i}号", "320322", f"{i + 10}万元", f"{i + 10}e4", published=None)
        for i in range(40)
    ]
    assert len(made(reports).section("doubts")) == 24


def test_measures_that_can_be_ranked_go_before_those_that_cannot() -> None:
    alone = offer("丁地", "320214", "700万元", "7e6")
    figures = [replace(f, tier="doctor") for f in alone.facts.figures]
    alone = replace(alone, facts=replace(alone.facts, figures=tuple(figures)))
    codes = {"甲地": "320214", "乙地": "320505", "丙地": "320322"}
    offers = [offer(n, code, f"{i + 3}00万元", f"{i + 3}e6") for i, (n, code) in
              enumerate(codes.items())]  # fmt: skip
    digest = made([alone, *offers])
    assert [bool(c.ranks) for c in digest.comparisons] == [True, False]
    assert digest.comparisons[1].tier == "doctor"


def test_no_district_crowds_another_out_of_a_table() -> None:
    text = "市里印发" + "、".join(f"人才实施办法{i}" for i in range(30)) + "。"
    many = [policy(text, f"人才实施办法{i}") for i in range(9)]
    crowd = report("crowd", text, title="一次出台多个办法", district="320300", policies=many)
    digest = made([crowd, xuzhou(district="320505")])
    rows = [item.district for item in digest.section("policies")]
    assert rows.count("320300") == 3
    assert "320322" in rows
    assert "320505" in rows


def test_a_fact_outside_body_and_headline_is_not_told() -> None:
    text = "相关链接：沛县设立1亿元基金。\n正文没有数字。"
    found = figure(text, "1亿元", "1e8", role="fund")
    digest = made([report("r", text, body=(text.index("正文"), len(text)), figures=[found])])
    assert digest.told == frozenset()
    assert digest.proofs == {}


def test_an_issue_of_several_days_names_them_and_has_no_number() -> None:
    week = made([xuzhou()], first=DAY - timedelta(days=6), since=DAY - timedelta(days=7))
    html = render_html(week)
    assert "2023年8月2日至2023年8月8日" in html
    assert "汇编" in html
    assert "第1期" not in html
    assert "2 August 2023 to 8 August 2023" in render_html(week, lang="en")


def corrected(**changes: Any) -> Digest:
    before = digest_row(made([xuzhou()]))
    facts = xuzhou().facts
    figures = [
        replace(f, **changes) if f.evidence.quote == "5000万元" else f for f in facts.figures
    ]
    now = xuzhou(figures=[f for f in figures if f.unit != "gone"])
    return compose(
        group_stories([now]),
        issue=Issue(day=NEXT, number_in_year=2, number_in_all=2),
        told=all_ids(xuzhou()),
        health=health(),
        names=NAMES,
        earlier=[before],
    )


def test_what_an_earlier_issue_showed_otherwise_is_corrected() -> None:
    digest = corrected(value=Decimal(60000000), qualifier="at_least")
    (item,) = digest.section("corrections")
    assert (item.earlier, item.day, len(item.facts)) == ("5000万元", DAY, 1)
    for page in (render_html(digest), render_markdown(digest)):
        assert "更正：2023年8月8日一期所载“5000万元”" in page


def test_what_no_article_states_any_more_is_withdrawn() -> None:
    digest = corrected(unit="gone")
    (item,) = digest.section("corrections")
    assert item.facts == ()
    assert "撤回" in render_html(digest)
    assert "withdrawn" in render_html(digest, lang="en")


def test_without_a_change_nothing_is_corrected() -> None:
    assert corrected().section("corrections") == ()


def point(text: str, *figures: Any) -> str:
    return quotes(made([report("r", text, district="320322", figures=figures)]), "points", "320322")


def test_a_key_point_keeps_a_plan_a_plan() -> None:
    text = "沛县明年将扩建人才公园，完善周边道路，新引进博士500名。"
    told = point(text, figure(text, "500名", "500", "person", role="talent", counted="博士"))
    assert "将" in told
    assert "新引进博士500名" in "".join(told.split())


def test_a_key_point_is_no_fragment() -> None:
    text = "根据《沛县人才新政》，全县设立人才发展专项资金。"
    named = policy(text, "沛县人才新政")
    digest = made([report("r", text, district="320322", policies=[named])])
    assert "全县设立人才发展专项资金" in quotes(digest, "points", "320322")


def test_bare_numbers_are_no_key_point() -> None:
    text = "博士：\n50周岁以下。\n沛县设立1亿元人才发展专项资金。"
    age = figure(text, "50周岁以下", "50", "year", qualifier="up_to", role="support")
    fund = figure(text, "1亿元", "1e8", role="fund", counted="人才发展专项资金")
    assert "50周岁" not in point(text, age, fund)


def test_a_quote_begins_behind_its_list_number() -> None:
    text = "（二）沛县设立1亿元人才发展专项资金。"
    told = point(text, figure(text, "1亿元", "1e8", role="fund", counted="人才发展专项资金"))
    assert told.startswith("沛县设立")


@pytest.mark.parametrize(
    ("text", "quote", "shown"),
    [
        (
            "依托全区总规模达100亿元的先进制造业母基金、15亿元的大健康产业基金和首期规模1亿元的天使基金",
            "100亿元",
            "依托全区总规模达100亿元的先进制造业母基金",
        ),
        (
            "今年以来全区上下在产业、科技、教育各条战线上都取得了扎实成效、全区各类单位累计引进高层次人才2万人",
            "2万人",
            "全区各类单位累计引进高层次人才2万人",
        ),
    ],
)
def test_a_cell_is_cut_at_a_mark(text: str, quote: str, shown: str) -> None:
    fact = figure(text, quote, "1e8", role="fund", counted="规模")
    digest = made([report("r", text + "。", district="320322", figures=[fact])])
    (row,) = digest.section("figures")
    assert row.quote
    assert "".join(part.text for part in row.quote.clauses[0]) == shown
