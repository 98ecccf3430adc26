"""Articles on several pages: the way to the next one, and all of them joined."""

import pytest

from crawler.article import Article, Attachment
from crawler.parts import find_next_part, join_parts

FIRST = "http://a.cn/art/1.html"


def article(text: str, author: str | None = None, *files: str) -> Article:
    attachments = tuple(Attachment(url=file, name=file) for file in files)
    return Article(
        id="a", url=FIRST, text=text, body=(0, len(text)), lang="zh-Hans", sha256="0",
        author=author, attachments=attachments,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "links", "address"),
    [
        (FIRST, "<a href='1_2.html'>下一页</a>", "http://a.cn/art/1_2.html"),
        (FIRST, "【1】<a href='1_2.html'>【2】</a><a href='1_3.html'>【3】</a>", "http://a.cn/art/1_2.html"),
        ("http://a.cn/art/1_2.html", "<a href='1_3.html'>[3]</a>", "http://a.cn/art/1_3.html"),
        ("http://a.cn/t?id=7", "<a href='?id=7&page=2'>Next page</a>", "http://a.cn/t?id=7&page=2"),
        (FIRST, "<a href='2.html'>下一篇</a> <a href='1_2.html'>打印</a>", None),
        (FIRST, "<a href='index_2.html'>下一页</a> <a href='http://b.cn/art/1_2.html'>2</a>", None),
        ("http://a.cn/art/1_2.html", "<a href='1.html'>1</a> <a href='http://[x'>3</a>", None),
    ],
)  # fmt: skip
def test_the_next_part_is_the_next_number_of_the_same_address(
    url: str, links: str, address: str | None
) -> None:
    assert find_next_part(f"<p>正文</p>{links}".encode(), url) == address


def test_parts_are_one_article() -> None:
    parts = [
        article("第一段。\n第二段。", None, "http://a.cn/a.pdf"),
        article("第二段。\n第三段。", "王一", "http://a.cn/a.pdf", "http://a.cn/b.pdf"),
    ]
    whole = join_parts(parts)
    assert whole.text == "第一段。\n第二段。\n第三段。"
    assert whole.body == (0, len(whole.text))
    assert (whole.author, whole.url) == ("王一", FIRST)
    assert [file.url for file in whole.attachments] == ["http://a.cn/a.pdf", "http://a.cn/b.pdf"]
    assert join_parts(parts[:1]) == parts[0]
