"""`bole sources add` of an index of sitemaps: the sitemaps that it names tell the form."""

import gzip
from collections.abc import Iterable
from datetime import date

import pytest

from crawler import adding
from crawler.adding import propose_source
from crawler.errors import CrawlError
from crawler.probing import Sample
from tests.sites import kinds
from tests.sites.server import article_page

BASE = "http://www.example.cn"
INDEX = f"{BASE}/sitemap.xml"
ROWS = [(f"/rc/t2024011{n}_{n}.html", "", date(2024, 1, 10 + n)) for n in range(5)]
MAP = kinds.sitemap([*ROWS, ("/about.html", "", date(2024, 1, 1))], BASE).encode()


def index(*parts: str) -> bytes:
    return kinds.sitemap_index(parts, BASE).encode()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Pages by address, as a crawl fetches them."""
    pages = {BASE + href: article_page("人才政策").encode() for href, _, _ in ROWS}

    def fetch(urls: Iterable[str], **_more: object) -> dict[str, Sample]:
        return {
            url: Sample(url=url, body=pages.get(url), problem=None if url in pages else "not_found")
            for url in urls
        }

    monkeypatch.setattr(adding, "fetch_samples", fetch)
    return pages


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("is_nested", [False, True])
def test_an_index_is_added_by_the_form_of_its_newest_sitemap(
    site: dict[str, bytes], *, is_packed: bool, is_nested: bool
) -> None:
    site[f"{BASE}/2024.xml"] = gzip.compress(MAP) if is_packed else MAP
    site[INDEX] = index("/inner.xml") if is_nested else index("/2024.xml", "/2023.xml")
    site[f"{BASE}/inner.xml"] = index("/2024.xml", "/2023.xml")
    proposal = propose_source(INDEX, [], user_agent="x", given={})
    assert (proposal.guess.preset, proposal.guess.url) == ("sitemap", INDEX)
    assert proposal.guess.keys == {"item_url": r"/rc/t\d+_\d+\.html$"}
    assert len(proposal.guess.rows) == 5
    assert f'url = "{INDEX}"' in proposal.table
    warning = f"by {BASE}/2024.xml, one of 2: see that item_url holds for the others too"
    assert proposal.guess.warning == warning


@pytest.mark.parametrize(
    "pages",
    [
        {INDEX: index("/gone.xml")},
        {INDEX: index()},
        {INDEX: index("/sitemap.xml")},
        {INDEX: index("/2024.xml"), f"{BASE}/2024.xml": b"<html>nothing</html>"},
    ],
)
def test_an_index_that_leads_nowhere_is_told(
    site: dict[str, bytes], pages: dict[str, bytes]
) -> None:
    site.update(pages)
    with pytest.raises(CrawlError, match="no list of articles to be seen"):
        propose_source(INDEX, [], user_agent="x", given={})
