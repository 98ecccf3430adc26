"""Charts: bars of proven numbers, drawn where they say more than a line of text."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from summarize.charts import LEAST_BARS, MOST_BARS, WEEKS, Bar, draw_bars
from summarize.checking import check_html
from summarize.digest import Digest
from summarize.render import publish_pages, render_html
from tests.reports import DAY, figure, policy, report
from tests.test_render import made

CODES = ("320300", "320322", "320505", "320214")


def offers(count: int) -> Digest:
    """Return an issue in which so many districts offer something for one measure."""
    reports = []
    for n, code in enumerate(CODES[:count]):
        text = f"第{n}区对引进的博士给予最高{n + 2}0万元购房补贴。"
        offer = figure(
            text, f"最高{n + 2}0万元", f"{n + 2}e5", qualifier="up_to", role="support",
            target="博士", benefit="home_purchase", tier="doctor", district=code,
        )  # fmt: skip
        reports.append(report(f"r{n}", text, figures=[offer], district=code))
    return made(*reports, home="320505")


def issues(*days: date) -> Digest:
    """Return an issue that knows of one new policy on each of the days."""
    reports = []
    for n, day in enumerate(days):
        text = f"沛县印发《第{n}号人才办法》。"
        name = policy(text, f"第{n}号人才办法", issued=day.isoformat())
        reports.append(report(f"p{n}", text, policies=[name], district="320322", published=day))
    return made(*reports)


def bars(count: int) -> list[Bar]:
    return [
        Bar(label=f"<{n}>", label_zone=f"z{n}", value=Decimal(n + 1), shown="&", fact=f"{n}")
        for n in range(count)
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_ranking_is_drawn_with_each_number_linked_to_its_fact(lang):
    digest = offers(4)
    html = publish_pages(digest, lang=lang).html
    (svg,) = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    (comparison,) = digest.comparisons
    facts = [rank.fact for rank in comparison.ranks]
    assert re.findall(r'href="#f-(\w+)"', svg) == facts
    widths = [int(w) for w in re.findall(r'<rect [^>]*width="(\d+)"', svg)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == round(widths[0] * 2 / 5)
    assert svg.count('class="strong"') == 1
    assert "<script" not in svg


def test_a_wrong_number_in_a_drawing_is_refused():
    digest = offers(3)
    html = render_html(digest)
    head, svg = html.split("<svg", 1)
    planted = f"{head}<svg{svg.replace('最高40万元', '最高90万元', 1)}"
    assert any("90万元" in found.numeral for found in check_html(planted, digest))
    loose = f"{head}<svg><text>77人</text{svg}"
    assert any(found.numeral == "77" for found in check_html(loose, digest))


def test_two_offers_are_not_drawn():
    assert "<svg" not in render_html(offers(LEAST_BARS - 1))


def test_new_policies_by_weeks():
    digest = issues(DAY, date(2023, 8, 1), date(2023, 7, 20), date(2023, 7, 20), date(2020, 1, 1))
    assert [week.policies for week in digest.weeks] == [0, 0, 0, 2, 1, 1]
    assert digest.weeks[-1].first == date(2023, 8, 2)
    html = render_html(digest)
    assert html.count("<rect") == WEEKS
    assert html.count('width="0"') == 3
    assert "2023年8月2日起一周" in html
    lying = replace(digest, weeks=(*digest.weeks[:-1], replace(digest.weeks[-1], policies=9)))
    assert check_html(render_html(lying), digest)


def test_few_weeks_are_not_drawn():
    assert issues(DAY, date(2023, 7, 20)).weeks == ()


def test_words_are_escaped_and_bars_are_few():
    svg = draw_bars(bars(MOST_BARS + 3), title='"><script>')
    assert "<script" not in svg
    assert "&lt;0&gt;" in svg
    assert svg.count("<rect") == MOST_BARS
    assert draw_bars(bars(2), title="x") == ""
    assert draw_bars([replace(bar, value=Decimal(0)) for bar in bars(4)], title="x") == ""
