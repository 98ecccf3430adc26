"""The body is found where no known container tells it, and two readers mend each other."""

import pytest

from crawler.bodies import choose
from crawler.containers import Body
from crawler.gate import open_page
from crawler.lead import read_below_headline
from crawler.page import read_page

TITLE = "云湖区发布青年人才安居办法"
ONE = "云湖区昨日发布办法，对新引进的博士给予每月1500元租房补贴，最长三年。"
TWO = "区人才办介绍，去年全区引进高层次人才团队12个，兑现项目资助2600万元。"
THREE = "符合条件的青年可以在线申请公寓，租金按照市场价的一半收取，名额不限。"
RULES = (
    "<p>使用者须遵守有关规定，不得发布广告，不得侵犯他人权利，违者删除，敬请谅解，谢谢配合。</p>"
    * 6
)
LIST = "<ul>" + "<li><a href='x'>邻区引进博士五百名，奖励一千万元，成效显著</a></li>" * 12 + "</ul>"


@pytest.mark.parametrize(
    "html",
    [
        "<div class=k1>{body}</div>{list}",
        "<div class=k1><div>{body}</div><div>{list}</div></div>",
        "<div class=k1>{body}<h3>其他人也在看</h3>{list}{rules}</div>",
        "<div class=k1><b>{one}</b><br><br>{two}<br><br>{three}</div>{list}",
        "<table><tr><td>{list}</td><td>{body}</td></tr></table>",
        "{list}<article>{body}</article><div class=comment>{rules}</div>",
        "<div><section><p>{one}</p></section><section><p>{two}</p><p>{three}</p></section></div>{list}",
    ],
)
def test_a_page_without_a_known_container(html: str) -> None:
    body = f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"
    head = f"<title>{TITLE}_云湖网</title><h1>{TITLE}</h1><p>2024-03-02 来源：云湖日报</p>"
    shown = html.format(body=body, one=ONE, two=TWO, three=THREE, list=LIST, rules=RULES)
    article = read_page((head + shown).encode(), url=None)
    assert article.text.split("\n") == [ONE, TWO, THREE]
    assert (article.title, article.source) == (TITLE, "云湖日报")


def test_a_short_notice_beside_long_rules_is_the_article() -> None:
    head = f"<title>{TITLE}</title><div>{TITLE}</div><div>2024-03-02</div>"
    page = f"{head}<div><p>{ONE}</p></div><div><h4>留言規則</h4>{RULES}</div>"
    assert read_page(page.encode(), url=None).text.startswith(ONE)


def test_the_next_article_of_an_endless_page_is_left_out() -> None:
    page = (
        f"<title>{TITLE}</title><div><h1>{TITLE}</h1><p>{ONE}</p><p>{TWO}</p></div>"
        f"<div><h1>另一篇报道的标题</h1><p>{THREE}</p><p>{THREE}</p></div>"
    )
    assert read_below_headline(open_page(page.encode(), None)).lines == (ONE, TWO)


def body(*lines: str, by: str = "readability") -> Body:
    return Body(lines, 0.0, by)


@pytest.mark.parametrize(
    ("dense", "below", "chosen"),
    [
        ((TWO, THREE, TWO + "续", THREE + "续"), (ONE, TWO, THREE), "below"),  # the lead is lost
        ((ONE, TWO), (ONE, TWO, THREE, "附则" * 40 + "。"), "below"),  # cut short
        ((ONE, TWO, THREE), (ONE, TWO), "dense"),
        (("不得发布广告，不得侵犯他人权利。",), (ONE,), "below"),  # about something else
        ((ONE,), ("不得发布广告，不得侵犯他人权利。",), "dense"),
        ((ONE, TWO), (), "dense"),
    ],
)
def test_the_better_of_two_readers(
    dense: tuple[str, ...], below: tuple[str, ...], chosen: str
) -> None:
    found = {"dense": body(*dense), "below": body(*below, by="headline")}
    assert choose(found["dense"], found["below"], [TITLE]) is found[chosen]


def test_a_reader_that_trims_has_lost_no_lead() -> None:
    dense, below = body(TWO, THREE, by="trafilatura"), body(ONE, TWO, by="headline")
    assert choose(dense, below, [TITLE]) is dense
