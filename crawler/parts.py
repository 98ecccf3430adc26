"""Articles that a site prints on several pages: the way to the next one, and all of them joined."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from crawler.article import Article
from crawler.gate import Page, open_page
from crawler.lines import bare, fold

_NEXT = re.compile(r"(?:下一[页頁]|后一页|Next(?:\s+page)?)\s*[>»\u203a]*$", re.IGNORECASE)
_NUMBER = re.compile(r"[\[【(]?\s*(?P<number>\d{1,2})\s*[\]】)]?$")
#: What a site adds to the address of a first page: news_2.html, news-2.shtml, ?page=2
_PART = re.compile(r"(?:[_\-](?P<number>\d{1,3})|[?&](?:p|page|pn)=(?P<query>\d{1,3}))$")
_SUFFIX = re.compile(r"\.\w{2,5}$")


def find_next_part(data: bytes, url: str) -> str | None:
    """Return the address of the page on which the article of `url` goes on; None at its end.

    Raises:
        PageError: `data` is no page.
    """
    page = open_page(data, url)
    stem, number = _split(url)
    for address, label in _links(page, url):
        its_stem, its_number = _split(address)
        if its_stem == stem and its_number == number + 1 and _is_way_on(label, number + 1):
            return address
    return None


def join_parts(parts: Sequence[Article]) -> Article:
    r"""Return the article whose pages are `parts`, in order; the first tells all but the text.

    A line that a part repeats from the end of the part before is kept once.

    >>> from crawler.article import Article
    >>> def part(text):
    ...     return Article(id="a", text=text, body=(0, len(text)), lang="zh-Hans", sha256="")
    >>> join_parts([part("一。"), part("二。")]).text
    '一。\n二。'
    """
    texts = [part.text[slice(*part.body)].split("\n") for part in parts]
    lines = list(texts[0])
    for before, after in pairwise(texts):
        repeated = bare(before[-1]) == bare(after[0])
        lines += after[1:] if repeated else after
    text = "\n".join(lines)
    files = {file.url: file for part in parts for file in part.attachments}
    author = next((part.author for part in parts if part.author), None)
    return replace(
        parts[0],
        text=text,
        body=(0, len(text)),
        author=author,
        attachments=tuple(files.values()),
    )


def _links(page: Page, url: str) -> list[tuple[str, str]]:
    """Return the addresses on the site of `url` that a page links to, with their labels."""
    found = []
    for link in page.root.iter("a"):
        label = " ".join("".join(link.itertext()).split())
        try:
            address = urljoin(url, (link.get("href") or "").strip()).partition("#")[0]
            same_site = urlsplit(address).netloc == urlsplit(url).netloc
        except ValueError:  # http://[broken
            continue
        if label and same_site:
            found.append((address, fold(label)))
    return found


def _is_way_on(label: str, number: int) -> bool:
    match = _NUMBER.match(label)
    return bool(_NEXT.match(label)) or (match is not None and int(match["number"]) == number)


def _split(url: str) -> tuple[str, int]:
    """Return an address without its number of a part, and that number; a first page has 1.

    >>> _split("http://a.cn/t1_2.html"), _split("http://a.cn/t1.html")
    (('http://a.cn/t1.html', 2), ('http://a.cn/t1.html', 1))
    """
    suffix = _SUFFIX.search(url)
    end = suffix.group() if suffix and "?" not in url else ""
    start = url[: len(url) - len(end)]
    match = _PART.search(start)
    if match is None:
        return url, 1
    return start[: match.start()] + end, int(match["number"] or match["query"])
