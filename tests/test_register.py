"""The printed register of policy documents, as tables, lines and blanks set it."""

from datetime import date

import pytest

from crawler.article import Register
from crawler.page import read_page
from crawler.register import read_register

SENTENCE = "区里今年安排专项资金，支持企业引进急需的工程师和博士，按月发放租房补贴。"
WHOLE = Register(
    number="湖府规〔2024〕3号",
    issuer="云湖区人民政府",
    index="113/2024-0003",
    signed=date(2024, 2, 20),
    in_force=date(2024, 3, 1),
    expires=date(2029, 2, 28),
    status="有效",
)


@pytest.mark.parametrize(
    "lines",
    [
        [
            "索 引 号：113/2024-0003 | 发布机构：云湖区人民政府",
            "文　　号：湖府规〔2024〕3号 | 成文日期：2024年2月20日",
            "实施日期：2024-03-01 | 失效日期：2029-02-28 | 有效性：有效",
        ],
        [
            "索引号： | 113/2024-0003 | 发文机关： | 云湖区人民政府",
            "发文字号： | 湖府规〔2024〕3号 | 成文日期： | 2024年02月20日",
            "生效日期： | 2024年3月1日 | 失效时间： | 2029年2月28日 | 时效性： | 有效",
        ],
        [
            "发文机关：云湖区人民政府 索引号：113/2024-0003 文号：湖府规〔2024〕3号",
            "成文日期：", "2024年2月20日", "施行日期：", "2024年3月1日",
            "废止日期：", "2029年2月28日", "文件状态：", "有效",
        ],
    ],
    ids=["labels", "cells", "lines"],
)  # fmt: skip
def test_the_same_register_in_three_shapes(lines: list[str]) -> None:
    assert read_register(lines) == WHOLE


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["文号：湖府规〔2024〕3号"],
        ["本办法的实施日期：另行通知。", "有效期：五年。"],
        ["发布机构：", "文号：", "状态"],
    ],
)
def test_one_label_or_prose_is_no_register(lines: list[str]) -> None:
    assert read_register(lines) is None


def test_a_status_that_a_script_fills_in_is_unknown() -> None:
    lines = [
        "文号：湖府规〔2024〕3号",
        "发布机构：云湖区人民政府",
        "文件状态：",
        "关于印发青年人才安居办法的通知",
    ]
    assert read_register(lines) == Register(number="湖府规〔2024〕3号", issuer="云湖区人民政府")


def test_a_page_has_the_register_above_its_text() -> None:
    table = (
        "<table><tr><td>文号：</td><td>湖府规〔2024〕3号</td></tr>"
        "<tr><td>实施日期：</td><td>2024年3月1日</td></tr></table>"
    )
    html = f"<title>安居办法的通知</title><h1>安居办法的通知</h1>{table}<p>{SENTENCE * 3}</p>"
    register = read_page(html.encode(), url=None).register
    assert register == Register(number="湖府规〔2024〕3号", in_force=date(2024, 3, 1))
    assert read_page(f"<h1>办法</h1><p>{SENTENCE * 3}</p>".encode(), url=None).register is None
