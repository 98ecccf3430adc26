"""Who wrote an article, wherever it says so; offices and words are nobody."""

import pytest

from crawler.bylines import is_byline, is_person, read_byline, read_opening, read_signature
from crawler.lines import plain


@pytest.mark.parametrize(
    ("line", "source", "author"),
    [
        ("◎徐报融媒记者 范海杰", "徐报融媒", "范海杰"),
        ("整合 云湖日报·要闻记者 王小明", "云湖日报·要闻", "王小明"),
        ("云湖商报记者王小明/文受访者供图", "云湖商报", "王小明"),
        ("本报记者王小明发自云湖", "本报", "王小明"),
        ("云湖晚报记者 王小明 李大同 文/图", "云湖晚报", "王小明 李大同"),
        ("記者 王小明 台北報導", None, "王小明"),
        ("By Jane Doe and John Roe", None, "Jane Doe and John Roe"),
        ("记者从区人社局获悉", None, None),
        ("本报记者部", None, None),
        ("全区记者 节活动今天举行，五百人参加", None, None),
    ],
)
def test_a_line_of_reporters(line: str, source: str | None, author: str | None) -> None:
    assert read_byline(plain(line)) == (source, author)
    assert is_byline(line) == (author is not None)


@pytest.mark.parametrize(
    ("paragraph", "names"),
    [
        ("本报讯（记者 王一 通讯员 李二）昨日，全区新增公寓。", "王一 李二"),
        ("新华社北京5月30日电（记者王一、李二）全区新增公寓。", "王一 李二"),
        ("（中央社記者王小明台北30日電）全區新增公寓。", "王小明"),
        ("〔記者王小明／台北報導〕全區新增公寓。", "王小明"),
        ("【云湖晚报讯】（见习记者 王一）全区新增公寓。", "王一"),
        ("本报讯 昨日，全区（含高新区）新增公寓。", None),
        ("记者了解到，全区新增公寓。", None),
    ],
)
def test_reporters_in_a_dateline(paragraph: str, names: str | None) -> None:
    assert read_opening(paragraph) == names


@pytest.mark.parametrize(
    ("paragraph", "names"),
    [
        ("补贴按月发放。（王小明）", "王小明"),
        ("补贴按月发放。(记者 王小明 李二)", "王小明 李二"),
        ("（作者：王小明）", "王小明"),
        ("补贴按月发放。（完）", None),
        ("补贴按月发放。（区人社局供稿）", None),
        ("补贴按月发放（三年）", None),
    ],
)
def test_names_in_brackets_at_the_end(paragraph: str, names: str | None) -> None:
    assert read_signature(paragraph) == names


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("王小明", True),
        ("欧阳云", True),
        ("王一、李二", True),
        ("玛丽·王", True),
        ("Ann Lee", True),
        ("大汉网络", False),
        ("云湖区人社局", False),
        ("编辑部", False),
    ],
)
def test_persons_have_family_names(name: str, person: bool) -> None:
    assert is_person(name) == person
