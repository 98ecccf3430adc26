"""What is no article is told by its kind; articles that speak of such things pass."""

from pathlib import Path

import pytest

from crawler.gate import PageError
from crawler.page import read_page

#: `<kind>.<name>.html`; the kind `article` passes.
PAGES = sorted(Path(__file__).parent.glob("refused/*.html"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_only_articles_become_articles(path: Path) -> None:
    try:
        found = "article" if read_page(path.read_bytes(), url="http://a.cn/x.html").text else "?"
    except PageError as error:
        found = error.kind
    assert found == path.name.partition(".")[0]


def test_each_kind_has_a_page() -> None:
    kinds = {path.name.partition(".")[0] for path in PAGES}
    assert {"list", "navigation", "challenge", "error_page", "login", "no_body"} <= kinds
