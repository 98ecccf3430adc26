"""Lists that are broken or made to do harm: each is read in time, or told to be no list."""

import gzip
import json
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.lists import Ask, ListPage, first_ask, read_list
from crawler.sources import Source, load_presets
from tests.sites import kinds

URL = "http://www.example.cn/gzdt/index.html"
BASE = "http://www.example.cn"
ROWS = kinds.rows_of("/art/{y}/{m}/{d}/art_9_{n}.html", 6)
TRS_ROWS = kinds.rows_of("{ym}/t{day}_{n}.html", 6)
VALUES = {"webId": "w", "pageId": "p", "tplSetId": "t", "tagId": "g"}
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>人才</title>'
    '<link href="http://e.cn/1"/><published>2024-05-30T18:20:00+08:00</published></entry></feed>'
)
#: A list as each preset reads it, by name of the preset and shape.
LISTS = {
    ("trs", "page"): kinds.html_list(TRS_ROWS),
    ("jcms", "store"): kinds.jcms_column(ROWS, 30),
    ("jcms_js", "arrays"): kinds.jcms_arrays(ROWS),
    ("jpaas", "page"): kinds.jpaas_column(VALUES),
    ("jpaas", "unit"): kinds.jpaas_unit(ROWS),
    ("gkmlpt", "answer"): kinds.gkmlpt(ROWS),
    ("ucap_api", "answer"): kinds.ucap_info(ROWS),
    ("json", "answer"): kinds.nested_json(ROWS),
    ("search_jcms", "answer"): kinds.search(ROWS, BASE),
    ("rss", "rss"): kinds.rss(ROWS),
    ("rss", "atom"): ATOM,
    ("sitemap", "places"): kinds.sitemap(ROWS, BASE),
    ("sitemap", "index"): kinds.sitemap_index(["/1.xml", "/2.xml"], BASE),
    ("urls", "lines"): kinds.address_list(ROWS, BASE),
}
NESTED = {
    "rows": "data.searchResult.dataResults[]",
    "fields": {"title": "data.title", "url": "data.url", "date": "data.cdate"},
}


def read(preset: str, body: bytes, ask: Ask | None = None) -> ListPage:
    rule = load_presets()[preset]
    if preset == "json":
        rule = replace(rule, **NESTED)
    if preset == "search_jcms":
        rule = replace(rule, values={"q": "人才", "site": "1"})
    source = Source(id="x", name="x", url=URL, preset=rule, level="city", publisher="official")
    return read_list(source, ask or first_ask(source), URL, body)


def ask_of(shape: str) -> Ask | None:
    """A piece of JSON comes from the interface; the column's own page is asked first."""
    return Ask(url=BASE + "/unit", page=2, values=VALUES) if shape == "unit" else None


@pytest.mark.parametrize(("preset", "shape"), LISTS)
def test_each_list_names_something_as_it_is(preset: str, shape: str) -> None:
    page = read(preset, LISTS[preset, shape].encode(), ask_of(shape))
    assert page.trouble is None
    assert page.rows or page.more


@pytest.mark.parametrize(
    ("preset", "shape", "old", "new"),
    [
        ("trs", "page", b'<a href="#">', b'<a\x01b href="#">'),  # no name for lxml
        ("rss", "rss", b"<title>", b"<title>&#x110000;&#xD800;&#99999999999999999999;"),
        ("sitemap", "places", b"<lastmod>", b"<last:mod-http:>"),  # no tag for etree's QName
    ],
)
def test_a_slip_in_one_place_costs_no_row(preset: str, shape: str, old: bytes, new: bytes) -> None:
    body = LISTS[preset, shape].encode()
    assert old in body
    rows = read(preset, body.replace(old, new, 1)).rows
    assert {row.url for row in rows} == {row.url for row in read(preset, body).rows}


#: Where a byte goes wrong, and how: changed, cut out, doubled with what follows it, cut off there.
MUTATIONS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(("put", "drop", "repeat", "end")),
        st.one_of(
            st.binary(min_size=1, max_size=4),
            st.sampled_from(
                [
                    b"<",
                    b">",
                    b"]]>",
                    b"\x00",
                    b"\xff\xfe",
                    b'"',
                    b"'",
                    b"{",
                    b"[",
                    b"\\u12",
                    b"&#x110000;",
                ]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


def mutated(body: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    for share, kind, piece in changes:
        at = int(share * len(body))
        rest = {
            "put": piece + body[at + len(piece) :],
            "drop": body[at + 1 + piece[0] :],
            "repeat": body[at : at + 40] * (1 + piece[0] % 8) + body[at:],
            "end": piece,
        }
        body = body[:at] + rest[kind]
    return body


@pytest.mark.parametrize(("preset", "shape"), LISTS)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(changes=MUTATIONS)
def test_a_damaged_list_is_read_or_told(
    preset: str, shape: str, changes: list[tuple[float, str, bytes]]
) -> None:
    page = read(preset, mutated(LISTS[preset, shape].encode(), changes), ask_of(shape))
    assert all(row.url.startswith(("http://", "https://")) for row in page.rows)
    assert len({row.url for row in page.rows}) == len(page.rows)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["articles", "title", "url", "created_at", "data", "html", "result"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("preset", ["gkmlpt", "jpaas", "search_jcms"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(answer=JSON)
def test_any_json_is_read_or_told(preset: str, answer: object) -> None:
    page = read(preset, json.dumps(answer).encode(), Ask(url=BASE + "/unit", page=2, values=VALUES))
    assert all(row.url.startswith(("http://", "https://")) for row in page.rows)


# ---- bombs


def laughs(root: str, inside: str) -> bytes:
    """Entities of entities: nine levels of ten make a thousand million words of a few."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY l0 "人才">{levels}]>'
    return (head + inside.replace("BOMB", "&l9;")).encode()


PLACE = "<url><loc>http://a.cn/1.html</loc><title>BOMB</title></url>"
ITEM = "<item><title>BOMB</title><link>http://a.cn/1.html</link></item>"
BOMBS = {
    "sitemap": ("sitemap", laughs("urlset", f"<urlset>{PLACE}</urlset>")),
    "rss": ("rss", laughs("rss", f'<rss version="2.0"><channel>{ITEM}</channel></rss>')),
    "quadratic": (
        "sitemap",
        f'<!DOCTYPE urlset [<!ENTITY a "{"x" * 50_000}">]><urlset>'
        f"<url><loc>http://a.cn/{'&a;' * 5_000}</loc></url></urlset>".encode(),
    ),
    "outside": (
        "rss",
        (
            b'<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/hosts">]><rss version="2.0"><channel>'
            b"<item><title>t</title><link>http://a.cn/&e;</link></item></channel></rss>"
        ),
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_entities_are_not_unfolded(name: str) -> None:
    preset, body = BOMBS[name]
    read(preset, LISTS[preset, "rss" if preset == "rss" else "places"].encode())  # libraries load
    tracemalloc.start()
    page = read(preset, body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 * 2**20
    assert all(len(row.url) < 100 and len(row.title or "") < 100 for row in page.rows)


def test_a_packed_sitemap_is_read_up_to_the_limit_of_the_protocol() -> None:
    good = LISTS["sitemap", "places"].encode()
    assert len(read("sitemap", gzip.compress(good)).rows) == len(ROWS)
    bomb = gzip.compress(good + b" " * (51 * 2**20))
    tracemalloc.start()
    page = read("sitemap", bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert page.trouble == "a packed sitemap that is broken or too large"
    assert most < 120 * 2**20
    assert read("sitemap", gzip.compress(good)[:-9]).trouble == page.trouble
