"""Twice as much page is at most about twice as much work, whatever the page is made of."""

import sys
from collections.abc import Callable

import pytest

from crawler.page import PageError, read_page

SENTENCE = "区里今年安排专项资金，支持企业引进急需的工程师和博士，按月发放租房补贴。"
HEAD = "<title>我区出台办法_云湖网</title><h1>我区出台办法</h1><p>2024-03-02 来源：云湖日报</p>"
TEXT = f"<p>{SENTENCE * 5}</p>"
#: What a page is made of, by how often.
PAGES: dict[str, Callable[[int], str]] = {
    "nested blocks": lambda n: HEAD + "<div>" * (10 * n) + SENTENCE * 9,
    "nested spans": lambda n: HEAD + "<p>" + "<span>" * (10 * n) + SENTENCE * 9,
    "one long line": lambda n: HEAD + "<div>" + SENTENCE * n + "</div>",
    "links": lambda n: HEAD + TEXT + "<a href='/1.html'>邻区引进博士五百名并奖励</a>" * n,
    "paragraphs": lambda n: HEAD + "".join(f"<p>第{i}条 {SENTENCE}</p>" for i in range(n)),
    "table rows": lambda n: HEAD + TEXT + "<table>" + "<tr><td>甲<td>1500元</tr>" * n + "</table>",
    "table cells": lambda n: HEAD + TEXT + "<table><tr>" + "<td>甲</td>" * n + "</tr></table>",
    "entities": lambda n: HEAD + TEXT + "&#x110000;&nosuch;&&amp;lt;&#xD800;&#0;" * n,
    "labels": lambda n: HEAD + "<p>来源：云湖日报 作者：王一 编辑：李二</p>" * n + TEXT,
    "headings": lambda n: "".join(f"<h1>我区出台办法{i}</h1>" for i in range(n)) + TEXT,
    "parts of a title": lambda n: "<title>" + "办法_" * n + "</title>" + TEXT,
    "tags": lambda n: "".join(f"<meta name='a{i}' content='b'>" for i in range(n)) + HEAD + TEXT,
    "times": lambda n: HEAD + "<time datetime='x'>a</time>" * n + TEXT,
    "known containers": lambda n: HEAD + "<div id=zoom>x</div>" * n + TEXT,
    "breaks": lambda n: HEAD + "<div>" + f"{SENTENCE}<br><br>" * n + "</div>",
}


@pytest.mark.parametrize("name", PAGES)
def test_work_grows_with_the_page_and_no_faster(name: str) -> None:
    build = PAGES[name]
    work(build(100))  # tables are read and kept
    assert work(build(400)) < 2.6 * work(build(200))


def work(html: str) -> int:
    """Return how many calls reading a page takes."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        read_page(html.encode("utf-8", "replace"), url="http://a.cn/1.html")
    except PageError:
        return calls
    finally:
        sys.setprofile(None)
    return calls
