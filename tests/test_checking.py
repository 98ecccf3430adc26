import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from summarize.checking import CheckError, check_html, check_markdown, check_page, proves
from summarize.digest import Digest, Issue, compose
from summarize.entries import Part, Quote
from summarize.render import publish_pages, render_html, render_markdown
from summarize.stories import group_stories
from summarize.wording import load_wording
from tests.reports import DAY, NAMES, chunan, figure, health, policy, report, xuzhou

NOTICE = "沛县印发人才公寓管理办法（沛政发[2023]5号），试行至2023年10月底，租金减免30%。"


def make() -> Digest:
    notice = report(
        "notice",
        NOTICE,
        title="沛县2023年人才公寓管理办法印发",
        grade="A",
        district="320322",
        policies=[
            policy(NOTICE, "人才公寓管理办法", doc_number="沛政发[2023]5号", valid_to="2023-10-31",
                   issued="2023-08-01", valid_from="2023-08-02", trial=True)
        ],
        figures=[figure(NOTICE, "30%", "30", "percent", role="support", counted="租金")],
    )  # fmt: skip
    quiet = report("quiet", "没有数字的消息。", title="2023年8月简讯")
    return compose(
        group_stories([xuzhou(), xuzhou("copy", grade="D"), chunan(), notice, quiet]),
        issue=Issue(day=DAY, number_in_year=33, number_in_all=208, home="320322", issuer="第1科"),
        told=(),
        health=health(),
        names=NAMES,
    )


DIGEST = make()
PAGES = {lang: publish_pages(DIGEST, lang=lang) for lang in ("zh", "en")}


def visible_digits(page: str, hidden: str) -> Iterator[int]:
    """Yield where each run of digits that a reader sees begins."""
    covered = [m.span() for m in re.finditer(hidden, page, re.DOTALL)]
    for hit in re.finditer(r"\d+", page):
        if not any(a <= hit.start() < b for a, b in covered):
            yield hit.start()


def planted(page: str, at: int) -> str:
    """Return the page with one digit changed."""
    return page[:at] + str((int(page[at]) + 1) % 10) + page[at + 1 :]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_digit_anywhere_in_the_html_is_found(lang: str) -> None:
    html = PAGES[lang].html
    places = list(visible_digits(html, r"<style>.*?</style>|<[^>]*>|&#\d+;"))
    assert len(places) > 100
    missed = [
        html[at - 30 : at + 30]
        for at in places
        if not check_html(planted(html, at), DIGEST, lang=lang)
    ]
    assert missed == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_digit_anywhere_in_the_markdown_is_found(lang: str) -> None:
    text = PAGES[lang].markdown
    places = list(visible_digits(text, r'\(#f-[^)]*\)|<a id="[^"]*">'))
    assert len(places) > 100
    missed = [  # every third: each check pours a fresh page
        text[at - 30 : at + 30]
        for at in places[::3]
        if not check_markdown(planted(text, at), DIGEST, lang=lang)
    ]
    assert missed == []


def test_every_kind_of_zone_is_on_the_page() -> None:
    html = PAGES["zh"].html
    shown = (
        "第33期 总第208期 第1科 2023年8月8日 沛政发[2023]5号 2023-10-31 还有84天 另有1篇转载 "
        "404 http://127.0.0.1/inner/ 320322 [1"
    )
    for words in shown.split():
        assert words in html


@pytest.mark.parametrize(
    "words", ["另有五千万元", "共99人", "两个团队", "１２月", "三百万元", "亿元"]
)
def test_a_number_between_the_zones_is_found(words: str) -> None:
    html = PAGES["zh"].html.replace("</h1>", f"</h1><p>{words}</p>", 1)
    (found, *_) = check_html(html, DIGEST)
    assert found.numeral in words
    text = PAGES["zh"].markdown.replace("## 一", f"{words}\n\n## 一", 1)
    if words != "亿元":
        assert check_markdown(text, DIGEST)


def test_a_number_in_words_that_a_zone_does_not_have_is_found() -> None:
    html = PAGES["zh"].html.replace("人才发展专项资金", "人才发展专项资金三千万元", 1)
    assert check_html(html, DIGEST)


def test_a_lost_qualifier_is_found() -> None:
    link = re.search(r'href="#f-(\w+)">最高5000万元<', PAGES["zh"].html)
    assert link
    html = PAGES["zh"].html.replace(">最高5000万元<", ">5000万元<")
    (found, *_) = check_html(html, DIGEST)
    assert found.numeral == "5000万元"
    assert "up_to" in found.why


def test_a_link_to_another_fact_is_found() -> None:
    html = PAGES["zh"].html
    ids = {text: fact for fact, text in re.findall(r'href="#f-(\w+)">([^<]+)<', html)}
    wrong = html.replace(f'#f-{ids["1亿元"]}">', f'#f-{ids["10亿元"]}">')
    assert any("10亿元" in found.why for found in check_html(wrong, DIGEST))
    unknown = html.replace(f'#f-{ids["1亿元"]}">', '#f-000000000000">')
    assert any("no fact" in found.why for found in check_html(unknown, DIGEST))


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_a_link_that_is_no_web_address_is_found(href: str) -> None:
    html = PAGES["zh"].html.replace("</h1>", f'</h1><a href="{href}">x</a>', 1)
    assert [found.numeral for found in check_html(html, DIGEST)] == [href]


def test_an_unproven_page_is_not_returned() -> None:
    fact, proof = next((k, p) for k, p in DIGEST.proofs.items() if p.shown == "1亿元")
    lying = replace(proof, shown="9亿元", quote="9亿元")
    bad = replace(DIGEST, proofs={**DIGEST.proofs, fact: lying})
    with pytest.raises(CheckError, match=r"9亿元.*not written"):
        render_html(bad)
    with pytest.raises(CheckError, match="9亿元"):
        render_markdown(bad)


def test_a_quote_that_is_not_in_its_article_is_found() -> None:
    items = list(DIGEST.items)
    at = next(i for i, item in enumerate(items) if item.quote)
    items[at] = replace(items[at], quote=Quote(1, ((Part("设置7亿元人才发展专项资金"),),)))
    with pytest.raises(CheckError, match="not in the article"):
        publish_pages(replace(DIGEST, items=tuple(items)))


def test_a_sound_page_passes() -> None:
    check_page(check_html(PAGES["zh"].html, DIGEST), "digest.html")
    check_page(check_markdown(PAGES["zh"].markdown, DIGEST), "digest.md")


@pytest.mark.parametrize(
    ("quote", "fields", "good", "bad"),
    [
        ("5000万元", {"value": "5e7"}, ["5000万元", "50 million yuan"], ["500万元", "5000元"]),
        ("500 million yuan", {"value": "5e8"}, ["5亿元", "500 million yuan"], ["50亿元", "5亿人"]),
        ("30%", {"value": "30", "unit": "percent"}, ["30%"], ["3%", "30"]),
        ("two", {"value": "2", "unit": "count"}, ["2个", "two", "2"], ["2人", "3个"]),
        ("180", {"value": "180", "unit": "person", "qualifier": "more_than"},
         ["超180人", "more than 180 people"], ["180人", "近180人"]),
        ("4800-10000元", {"value": "4800", "value_max": Decimal(10000)},
         ["4800元—1万元", "4800 yuan to 10000 yuan"], ["4800元", "1万元", "4800元—10万元"]),
    ],
)  # fmt: skip
def test_what_a_fact_proves(quote: str, fields: dict, good: list[str], bad: list[str]) -> None:
    proof = next(iter(DIGEST.proofs.values()))
    fact = figure(quote, quote, **{"unit": "CNY"} | fields)
    proof = replace(proof, shown=quote, quote=quote, figure=fact, policy=None)
    assert [text for text in good if not proves(proof, text)] == []
    assert [text for text in bad if proves(proof, text)] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("value", "unit"),
    [("5e7", "CNY"), ("1e8", "CNY"), ("123456", "CNY"), ("123456789", "CNY"), ("1.5e12", "USD"),
     ("3.3e4", "m2"), ("0.5", "percent"), ("4", "rank"), ("1", "ratio"), ("20000", "person"),
     ("36", "month"), ("7", "kWh")],
)  # fmt: skip
@pytest.mark.parametrize(
    "qualifier", ["exact", "up_to", "nearly", "more_than", "at_least", "approx"]
)
def test_what_is_written_reads_back_as_the_same_amount(
    value: str, unit: str, qualifier: str, lang: str
) -> None:
    fact = figure("xx0", "xx0", value, unit, qualifier=qualifier)
    proof = next(iter(DIGEST.proofs.values()))
    proof = replace(proof, shown="xx0", quote="xx0", figure=fact, policy=None)
    text = load_wording(lang).amount(fact, "xx0")
    assert proves(proof, text)
    assert not proves(replace(proof, figure=replace(fact, value=fact.value * 10)), text)
