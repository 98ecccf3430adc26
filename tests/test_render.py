import re
from dataclasses import replace
from typing import Any

import pytest

from crawler.health import Problem, SourceHealth
from extract.facts import Facts
from summarize.digest import Digest, Issue, compose
from summarize.render import publish_pages, render_html, render_markdown
from summarize.stories import Report, group_stories
from summarize.wording import WordingError, inert, load_wording
from tests.reports import DAY, NAMES, chunan, figure, health, policy, report, xuzhou


def made(*reports: Report, sources: list[SourceHealth] | None = None, **issue: Any) -> Digest:
    return compose(
        group_stories(reports),
        issue=Issue(**{"day": DAY, "number_in_year": 1, "number_in_all": 1} | issue),
        told=(),
        health=health() if sources is None else sources,
        names=NAMES,
    )


FULL = made(xuzhou(), xuzhou("copy", grade="D"), chunan(), home="320505", issuer="人才办")


def test_a_page_shows_each_district_with_its_code_and_its_facts() -> None:
    html = render_html(FULL)
    for words in ("徐州市（320300）", "徐州市沛县（320322）", "杭州市淳安县（330127）",
                  "最高5000万元", "新引进的顶尖人才团队", "1亿元", "人才发展专项资金"):  # fmt: skip
        assert words in html


def test_every_number_links_to_its_evidence() -> None:
    html = render_html(FULL)
    links = set(re.findall(r'href="#f-(\w+)"', html))
    marks = re.findall(r'<mark id="f-(\w+)">', html)
    assert links
    assert links <= set(marks)
    assert len(marks) == len(set(marks))
    markdown = render_markdown(FULL)
    assert set(re.findall(r"\(#f-(\w+)\)", markdown)) <= set(
        re.findall(r'<a id="f-(\w+)">', markdown)
    )


def test_citations_lead_to_their_source() -> None:
    html = render_html(FULL)
    assert set(re.findall(r'href="#s-(\d+)"', html)) <= set(re.findall(r'id="s-(\d+)"', html))
    assert "徐报融媒" in html
    assert 'href="http://127.0.0.1/xuzhou.html"' in html


def test_the_repost_is_counted_and_not_shown() -> None:
    html = render_html(FULL)
    assert "共合并1篇转载" in html
    assert "copy.html" not in html


def test_health_names_what_failed() -> None:
    for page in (render_html(FULL), render_markdown(FULL)):
        assert "页面不存在" in page
        assert "gone.html" in page
        assert "网站规则禁止抓取" in page
        assert "http://127.0.0.1/inner/" in page.replace("\\", "")


def test_a_problem_without_a_word_shows_its_kind() -> None:
    odd = SourceHealth(source_id="x", name="x", pages=0, articles=0,
                       problems=(Problem(kind="melted"),))  # fmt: skip
    assert "melted" in render_html(made(sources=[odd]))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_issue_says_so_in_every_section(lang: str) -> None:
    words = load_wording(lang)
    pages = publish_pages(made(), lang=lang)
    for page in (pages.html, pages.markdown):
        for name in words.table["sections"].values():
            assert name in page
        assert page.count(words.word("page", "nothing")) >= 6
        assert words.fill("page", "read_so_far", 9) in page


def test_the_same_digest_gives_the_same_bytes() -> None:
    again = made(chunan(), xuzhou("copy", grade="D"), xuzhou(), home="320505", issuer="人才办")
    assert publish_pages(again) == publish_pages(FULL)


def test_the_page_stands_alone() -> None:
    html = render_html(FULL)
    assert not re.search(r"<(script|link|img|iframe|object|form)\b|@import|url\(", html)
    assert "@page" in html
    assert "max-width: 40rem" in html


def test_an_english_issue_has_english_words_and_amounts() -> None:
    html = render_html(FULL, lang="en")
    assert "up to 50 million yuan" in html
    assert "Key points" in html
    assert "8 August 2023" in html


def test_a_chinese_issue_gives_chinese_amounts_for_english_sources() -> None:
    html = render_html(FULL)
    assert ">5亿元</a>" in html
    assert "机器翻译稿" in html


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(WordingError, match=r"'fr'.*labels\.fr\.toml"):
        render_html(FULL, lang="fr")


HOSTILE = (
    "<script>alert('x')</script>沛县设立1亿元“<img src=x onerror=alert(1)>”人才基金\u202e，"
    "详见[此处](javascript:alert(2))和|表|格`码`**粗**。" + "长" * 3000
)


def hostile() -> Report:
    return report(
        "h",
        HOSTILE,
        title='"><script>alert(3)</script>\u202e新政\u200b|1',
        source="<b onclick=alert(4)>社</b>",
        url="javascript:alert(5)",
        district="320322",
        figures=[figure(HOSTILE, "1亿元", "1e8", counted="<i>基金</i>", role="fund")],
        policies=[policy(HOSTILE, "人才基金", "fund", issuer="<u>沛县</u>")],
    )


def test_hostile_text_is_inert_in_html() -> None:
    problem = Problem(kind="<p>", url="javascript:alert(7)", detail="<q>")
    odd = SourceHealth(
        source_id="<s>", name="<svg onload=alert(6)>", pages=1, articles=1, problems=(problem,)
    )
    html = render_html(made(hostile(), sources=[odd], issuer="<marquee>"))
    assert not re.search(r"<(script|img|svg|b|i|u|p|q|marquee)\b[^>]*(on\w+=|alert)", html)
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b]", html)


def test_hostile_text_is_inert_in_markdown() -> None:
    markdown = render_markdown(made(hostile()))
    assert not re.search(r"(?<!\\)<script", markdown)
    assert not re.search(r"(?<!\\)\]\(javascript", markdown)
    assert "\u202e" not in markdown


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " JaVaScRiPt:x", "data:text/html,x", "//host/x", "http://a b"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    odd = xuzhou(url=url)
    html = render_html(made(odd))
    assert not re.findall(r'href="(?!#)[^"]*"', html)


def test_an_article_without_title_date_and_medium_is_still_cited() -> None:
    bare = xuzhou(title=None, published=None, source=None, url=None)
    html = render_html(made(bare))
    assert "未见发布日期" in html
    assert "来源未署" in html


def test_a_policy_keeps_the_marks_of_its_name() -> None:
    html = render_html(FULL)
    assert "《加快建设区域性人才高地的意见》" in html
    assert "《“彭城英才”" not in html


def test_facts_in_the_title_are_proven_too() -> None:
    title = "沛县人才公寓管理办法"
    text = title + "\n沛县为青年人才提供住房。"
    body = (len(title) + 1, len(text))
    named = policy(text, "人才公寓管理办法")
    html = render_html(
        made(report("t", text, title=title, body=body, district="320322", policies=[named]))
    )
    assert "《人才公寓管理办法》" in html


def test_unseen_marks_go_and_blanks_fold() -> None:
    assert inert("a\u202eb\u200b \n c\u2028d") == "ab cd"


def test_a_report_without_facts_object_fields_renders() -> None:
    bare = report("n", "消息。")
    bare = replace(bare, facts=Facts(article_id="n", district=None, grade="C"))
    assert "全国及其他" in render_html(made(bare))


#: Every value that facts and health may take (docs/words.md) has its word in every language.
VOCABULARY = {
    "kinds": "document programme system fund instrument strategy",
    "actions": "issued planned revised implemented repealed solicited mentioned",
    "roles": "support fund investment talent project enterprise platform policy event award "
    "space growth rank other",
    "benefits": "project_funding settling_in home_purchase rent living salary loan_interest award "
    "employer_reward platform training talent_housing fund_access tax other",
    "tiers": "top leading high_level young doctor master bachelor skilled team firm platform other",
    "per": "hour day week month year person unit person/month person/year",
    "qualifiers": "up_to nearly more_than at_least approx",
    "units": "CNY USD HKD TWD person percent m2 mu km2 rank year month week day hour ratio count",
    "problems": "not_found forbidden http_error challenged busy not_asked no_rows no_body "
    "no_browser unreachable stale many_failed many_unread many_undated empty binary too_large list "
    "navigation challenge error_page bug none",
    "cures": "no_rows no_browser challenged busy not_asked unreachable stale many_failed "
    "many_unread many_undated",
    "doubts": "machine_translation repost no_date guessed_date stale attachments ocr "
    "unsettled_place conflict",
    "sections": "points policies figures regions comparison deadlines doubts health titles",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("section", VOCABULARY)
def test_every_value_has_its_word(section: str, lang: str) -> None:
    assert set(VOCABULARY[section].split()) <= set(load_wording(lang).table[section])


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["停用1个来源", "许多文章未见发布日期（20/50）", "核对 row_date"]),
        ("en", ["1 disabled", "without a day of publication (20/50)", "compare row_date"]),
    ],
)
def test_health_tells_the_cure_once_and_what_is_disabled(lang: str, words: list[str]) -> None:
    gone = [Problem(kind="unreachable", url=f"http://a.cn/{n}") for n in range(2)]
    many = Problem(kind="many_undated", detail="20/50")
    sources = [
        SourceHealth(source_id="a", name="A", pages=9, articles=9, problems=(many, *gone)),
        SourceHealth(source_id="b", name="B", pages=0, articles=0, enabled=False),
        SourceHealth(source_id="c", name="C", pages=1, articles=1),
    ]
    pages = publish_pages(made(sources=sources), lang=lang)
    for page in (pages.html, pages.markdown):
        shown = page.replace("\\", "")
        assert [word for word in words if word not in re.sub("<[^>]+>", "", shown)] == []
        assert shown.count(load_wording(lang).cure("unreachable")) == 1


def test_cures_are_of_problems() -> None:
    table = load_wording("en").table
    assert table["cures"].keys() <= table["problems"].keys()


def test_both_languages_have_the_same_words() -> None:
    zh, en = load_wording("zh").table, load_wording("en").table
    assert zh.keys() == en.keys()
    for section in set(zh) - {"scales", "page", "han", "groups", "lang", "details"}:
        assert zh[section].keys() == en[section].keys()
    assert en["page"].keys() - zh["page"].keys() == {"months"}


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        ("5e7", "CNY", "5000万元", "50 million yuan"),
        ("1e8", "CNY", "1亿元", "100 million yuan"),
        ("2.5e12", "CNY", "25000亿元", "2,500 billion yuan"),
        ("123456", "CNY", "12.3456万元", "123,456 yuan"),
        ("1234567.8", "CNY", "1234567.8元", "1,234,567.8 yuan"),
        ("999", "person", "999人", "999 people"),
        ("1", "person", "1人", "1 person"),
        ("-1", "year", "-1年", "-1 years"),
        ("3.3e4", "m2", "3.3万平方米", "33,000 m²"),
        ("4", "rank", "第4位", "no. 4"),
        ("1", "ratio", "1:1", "1:1"),
        ("30", "percent", "30%", "30%"),
        ("7", "kWh", "7 kWh", "7 kWh"),
    ],
)
def test_amounts_in_both_languages(value: str, unit: str, zh: str, en: str) -> None:
    fact = figure("x1", "x1", value, unit)
    assert load_wording("zh").amount(fact, "x1") == zh
    assert load_wording("en").amount(fact, "x1") == en


@pytest.mark.parametrize(
    ("shown", "qualifier", "expected"),
    [
        ("5000万元", "up_to", "最高5000万元"),
        ("最高5000万元", "up_to", "最高5000万元"),
        ("5年以内", "up_to", "5年以内"),
        ("180多个", "more_than", "180多个"),
        ("20万元以上", "at_least", "20万元以上"),
        ("2000亿元", "nearly", "近2000亿元"),
        ("30家左右", "approx", "30家左右"),
    ],
)
def test_an_amount_keeps_its_qualifier(shown: str, qualifier: str, expected: str) -> None:
    fact = figure(shown, shown, "1", "CNY", qualifier=qualifier)
    assert load_wording("zh").amount(fact, shown) == expected


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Wuzhong builds a new highland", "Wuzhong builds a new highland"),
        ("沛 县 出 台 新 政", "沛县出台新政"),
        ("沛县出台新政 顶尖团队最高五千万", "沛县出台新政 顶尖团队最高五千万"),
    ],
)
def test_blanks_of_a_title_are_pauses_or_noise(title: str, shown: str) -> None:
    assert shown in render_html(made(xuzhou(title=title)))
