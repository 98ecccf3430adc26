"""What makes a page a new version of itself, and what does not."""

import pytest

from crawler.changes import is_same_content

PAGE = "<html><head>{head}</head><body><p>给予最高50万元补助。</p>{more}</body></html>"


def same(old: str, new: str) -> bool:
    both = [text if "<html" in text else PAGE.format(head="", more=text) for text in (old, new)]
    return is_same_content(*(text.encode() for text in both))


@pytest.mark.parametrize(
    "words",
    [
        *(
            "浏览次数：",
            "浏览量: ",
            "浏览数 ",
            "浏览（",
            "阅读次数：",
            "阅读量：<b>",
            "阅读数:",
            "阅读<i>",
        ),
        *(
            "点击次数：",
            "点击数：",
            "点击量：",
            "点击率：",
            "点击：<span id='hits'>",
            "访问次数：",
            "访问人数：",
        ),
        *(
            "访问总量：",
            "访问量：",
            "访问数：",
            "访客：",
            "人气：",
            "今日访问：",
            "累计访问：",
            "在线人数：",
        ),
        *(
            "瀏覽次數：",
            "瀏覽人次：",
            "点赞（",
            "Views: ",
            "visits ",
            "Hits: ",
            "Page views: ",
            "visitors: ",
        ),
    ],
)
def test_a_counter_that_goes_on_is_no_news(words: str) -> None:
    assert same(f"<p>{words}1,234</p>", f"<p>{words}1,235</p>")
    assert not same(f"<p>{words}人才 34</p>", f"<p>{words}人才 35</p>")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("今天是2026年1月2日 星期五", "今天是2026年1月3日 星期六"),
        ("当前时间：10:00:01", "当前时间：10:00:09"),
        ("现在时间 2026-01-02 10:00", "现在时间 2026-01-03 09:00"),
        ("现在是10:00", "现在是11:30"),
        ("服务器时间：10:00", "服务器时间：11:00"),
        ("Server time: 10:00", "Server time: 11:00"),
        ("<!-- made in 12 ms -->", "<!-- made in 9 ms -->"),
        ("<script>var t=1;</script>", "<script>var t=2;</script>"),
        ("<script nonce='a1'>f('字')</script>", "<script nonce='b2'>f('字')</script>"),
        ('<input name="_csrf" value="1">', '<input name="_csrf" value="2">'),
        ('<meta name="token" content="1">', '<meta name="token" content="2">'),
        ('<input id="nonce" value="1">', '<input id="nonce" value="2">'),
        ('<input name="__VIEWSTATE" value="1">', '<input name="__VIEWSTATE" value="2">'),
        ('<input id="__EVENTVALIDATION" value="1">', '<input id="__EVENTVALIDATION" value="2">'),
        ('<meta name="requestId" content="1">', '<meta name="requestId" content="2">'),
        ('<meta name="request-id" content="1">', '<meta name="request-id" content="2">'),
        ('<meta name="sessionId" content="1">', '<meta name="sessionId" content="2">'),
        *(
            (f'<img src="/a.png?{name}=1.5">', f'<img src="/a.png?{name}=2">')
            for name in ("v", "ver", "version", "t", "ts", "time", "timestamp", "r", "rand")
        ),
        ('<link href="/a.css?_=1">', '<link href="/a.css?_=2">'),
        ('<img src="/a.png?random=1">', '<img src="/a.png?random=2">'),
        ("<p>a</p>\n\n<p>b</p>", "<p>a</p>\n <p>b</p>"),
    ],
)
def test_what_changes_by_itself_is_no_news(old: str, new: str) -> None:
    assert same(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<p>补助80万元</p>", "<p>补助100万元</p>"),
        ("<p>浏览量达5000</p>", "<p>浏览量达6000</p>"),  # a sentence, no counter
        ("<p>阅读量：500万</p>", "<p>阅读量：600万</p>"),
        ("<p>访问量：1.5</p>", "<p>访问量：1.6</p>"),
        ('<a href="1.pdf">附件</a>', '<a href="2.pdf">附件</a>'),
        (
            '<meta name="PubDate" content="2026-01-01">',
            '<meta name="PubDate" content="2026-01-02">',
        ),
        (
            '<script type="application/ld+json">1</script>',
            '<script type="application/ld+json">2</script>',
        ),
        ("<script>say('人才1')</script>", "<script>say('人才2')</script>"),
        (r"<script>say('\u4eba1')</script>", r"<script>say('\u4eba2')</script>"),
        ('<a href="/list?t=1">更多</a>', '<a href="/list?t=2">更多</a>'),
        ("", "<p>一段新的话</p>"),
    ],
)
def test_what_is_said_anew_is_news(old: str, new: str) -> None:
    assert not same(old, new)


def test_pages_in_other_encodings_are_compared_as_text() -> None:
    old, new = (PAGE.format(head="", more=f"点击：{n}").encode("gb18030") for n in (1, 2))
    assert is_same_content(old, new)
