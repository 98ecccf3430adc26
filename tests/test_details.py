"""What the crawl says of a problem comes out in the language of the digest."""

import json
import re
from pathlib import Path

import pytest
import scrapy.exceptions

from crawler.health import Problem, SourceHealth
from summarize.details import say_detail
from summarize.render import publish_pages
from summarize.wording import load_wording
from tests.test_render import made

HOUSE = Path(__file__).parent.parent
LINES = [
    json.loads(line)
    for line in (HOUSE / "tests/specs/details.zh.jsonl").read_text("utf-8").splitlines()
]
PATTERNS = load_wording("zh").table["details"]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["said"][:30])
def test_a_detail_is_said_in_chinese(line: dict[str, str]) -> None:
    assert load_wording("zh").detail(line["said"]) == line["zh"]
    if "unreachable" not in line["said"]:
        assert load_wording("en").detail(line["said"]) == line["said"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_has_a_line_that_fails_without_it(pattern: str) -> None:
    left = {name: words for name, words in PATTERNS.items() if name != pattern}
    kinds = load_wording("zh").table["problems"]
    assert any(say_detail(line["said"], left, kinds) != line["zh"] for line in LINES)


def test_each_pattern_is_what_the_crawl_says() -> None:
    said = "\n".join(path.read_text("utf-8") for path in sorted((HOUSE / "crawler").rglob("*.py")))
    said = re.sub(r"\{[^{}]*\}", "{}", said) + "".join(
        f"{name}: {{}}" for name in dir(scrapy.exceptions)
    )
    assert [pattern for pattern in PATTERNS if pattern not in said] == []


def test_a_digest_tells_them_in_its_language() -> None:
    late = Problem(kind="no_rows", url="http://a.cn/", detail="1 rows, at least 3 expected")
    source = SourceHealth(source_id="a", name="甲", pages=1, articles=1, problems=(late,))
    for lang, words in (("zh", "1条，至少应有3条"), ("en", "1 rows, at least 3 expected")):
        pages = publish_pages(made(sources=[source]), lang=lang)
        for page in (pages.html, pages.markdown):
            assert words in page
