"""The watchlist: what it may say, and how it tells what it may not."""

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.errors import CrawlError
from crawler.sources import (
    DEFAULT_WATCHLIST,
    SourceError,
    choose_sources,
    load_presets,
    load_sources,
)
from extract.gazetteer import districts_by_code

COLUMN = """
[[source]]
id = "xz_gzdt"
name = "徐州市 工作动态"
level = "city"
district = "320300"
publisher = "official"
preset = "trs"
url = "https://www.example.cn/gzdt/"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_column_takes_its_preset_the_defaults_and_its_own_keys(tmp_path: Path) -> None:
    defaults = "schema = 1\n[defaults]\ndelay = 5\nmax_pages = 2\n"
    own = 'max_pages = 7\nlist_item = "ul li"\nallow_private = ["127.0.0.1:80"]\n'
    (source,) = load_sources(write(tmp_path, defaults + COLUMN + own))
    assert (source.delay, source.max_pages, source.min_items) == (5, 7, 3)
    assert source.preset.list_item == "ul li"
    assert source.preset.item_url == load_presets()["trs"].item_url
    assert source.allow_private == ("127.0.0.1:80",)
    assert (source.district, source.enabled) == ("320300", True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("delai = 3", ["sources.toml:10", "'delai' = 3", "did you mean 'delay'"]),
        ("delay = -1", ["sources.toml:10", "delay = -1", "between 0 and 600"]),
        ('delay = "3"', ["sources.toml:10", "delay = '3'", "must be a number"]),
        ("max_pages = 0", ["sources.toml:10", "max_pages = 0", "1 to 10000"]),
        ("enabled = 1", ["sources.toml:10", "must be true or false"]),
        ('lang = "fr"', ["sources.toml:10", "one of zh-Hans, zh-Hant, en"]),
        ('allow_private = ["localhost"]', ["sources.toml:10", '"host:port"']),
        ('allow_private = "localhost:1"', ["sources.toml:10", "a list of strings"]),
        ('list_item = "ul >> li["', ["sources.toml:10", "no CSS selector"]),
        ('item_url = "(abc"', ["sources.toml:10", "no regular expression"]),
        ('item_date = "\\\\d+"', ["sources.toml:10", "groups y, m and d"]),
        ('pages = "index.html"', ["sources.toml:10", "must hold {n}"]),
        ("max_items = 0", ["sources.toml:10", "1 or more"]),
        ('keywords_any = "人才"', ["sources.toml:10", "a list of strings"]),
        ('fields = { headline = "x" }', ["sources.toml:10", "fields: title, url, date"]),
        ("values = { q = 1 }", ["sources.toml:10", "a table of strings"]),
        ('discover = "(x"', ["sources.toml:10", "no regular expression"]),
        ("per_page = 0", ["sources.toml:10", "1 to 1000"]),
        ('form = { a = "b" }\njson_body = "{}"', ["sources.toml:10", "leave one out"]),
        ("delay = ", ["line 10"]),
        ("[sauce]\nx = 1", ["sources.toml:10", "unknown table [sauce]", "[[source]]"]),
        ('[[sources]]\nx = "1"', ["sources.toml:10", "did you mean '[[source]]'"]),
        ('lst_item = "li"', ["sources.toml:10", "did you mean 'list_item'"]),
        ("[defaults]\ndelai = 1", ["sources.toml:11", "did you mean 'delay'"]),
        ("[defaults]\ndelay = -1", ["sources.toml:11", "delay = -1", "between 0 and 600"]),
        ('[defaults]\ndelay = "1"', ["sources.toml:11", "must be a number"]),
        ("delay = nan", ["sources.toml:10", "between 0 and 600"]),
        ("min_items = -1", ["sources.toml:10", "0 or more"]),
        ("stale_after_days = 0", ["sources.toml:10", "1 or more"]),
        ('hours = "25:00-06:00"', ["sources.toml:10", "22:00-06:00"]),
        ('keywords_none = [""]', ["sources.toml:10", "leave out the empty word"]),
        ('keywords_any = [" "]', ["sources.toml:10", "leave out the empty word"]),
        ('allow_private = ["http://localhost:1"]', ["sources.toml:10", '"host:port"']),
        ('endpoint = "ftp://a.cn/x"', ["sources.toml:10", "ftp://a.cn/x", "https://"]),
        ('pages = "file:///{n}"', ["sources.toml:10", "https://"]),
        ('referer = "javascript:1"', ["sources.toml:10", "https://"]),
        ('pages = "{n}_{m}.html"', ["sources.toml:10", "nothing stands for {m}", "one of {n}"]),
        ('rows = "data.list[0"', ["sources.toml:10", "rows = 'data.list[0'", "data.list[]"]),
        ('rows = "data..list[]"', ["sources.toml:10", "is no path"]),
        ('rows = ""', ["sources.toml:10", "is no path"]),
        ('fields = { title = "a[0]" }', ["sources.toml:10", "is no path"]),
    ],
)
def test_a_slip_is_named_with_its_line_value_and_cure(
    tmp_path: Path, line: str, words: list[str]
) -> None:
    with pytest.raises(SourceError) as caught:
        load_sources(write(tmp_path, f"{COLUMN}{line}\n"))
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"trs"', '"trss"', [":8", "no preset 'trss'", "did you mean 'trs'?"]),
        ('"trs"', '"none_of_these"', [":8", "no preset 'none_of_these'", "presets: trs, "]),
        ('"320300"', '"999999"', [":6", "district = '999999'", "GB/T 2260"]),
        ('"320300"', '"320300 "', [":6", "GB/T 2260"]),
        ('"https://www.example.cn/gzdt/"', '"ftp://www.example.cn/"', [":9", "ftp://", "https://"]),
        ('"trs"', '"html"', [":8", "list_item", "item_url"]),
        ('"trs"', '"json"', [":8", "where the rows stand", "data.list[]"]),
        (
            '"trs"\nurl = "https://www.example.cn/gzdt/"',
            '"json"\nrows = "[]"\nurl = "https://www.example.cn/?page={m}"',
            [":10", "nothing stands for {m}", "{n}"],
        ),
        (
            '"trs"',
            '"json"\nrows = "[]"\nparams = { page = "{m}" }',
            [":10", "a value for {m}", "one of {end}, {n}"],
        ),
        ("/gzdt/", "/gzdt/{n}.html", [":9", "nothing stands for {n}", "in full"]),
        ('"trs"', '"search_jcms"', [":8", "a value for {q}", "values = { q = "]),
        ('"320300"', '"3203"', [":6", "GB/T 2260"]),
        ('"https://www.example.cn/gzdt/"', '"www.example.cn"', [":9", "https://"]),
        ('id = "xz_gzdt"\n', "", [":2", "no 'id'"]),
        ('"xz_gzdt"', '"xz gzdt"', [":3", "letters, digits"]),
        ('"city"', '"village"', [":5", "one of national"]),
    ],
)
def test_a_wrong_value_is_named_likewise(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    with pytest.raises(SourceError) as caught:
        load_sources(write(tmp_path, COLUMN.replace(old, new)))
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("schema", ["9", "0", '"1"', "true"])
def test_a_watchlist_of_another_form_is_refused(tmp_path: Path, schema: str) -> None:
    text = f"# mine\nschema = {schema}\n{COLUMN}"
    with pytest.raises(SourceError, match=r"toml:2: schema = .* write schema = 1, or update bole"):
        load_sources(write(tmp_path, text))


def test_a_code_that_no_district_has_is_refused_with_a_near_one(tmp_path: Path) -> None:
    path = write(tmp_path, COLUMN.replace("320300", "320399"))
    assert load_sources(path)[0].district == "320399"
    words = r"toml:6: district = '320399' is no district today; did you mean '320300'\?"
    with pytest.raises(SourceError, match=words):
        load_sources(path, districts=["320300", "110000"])


def test_an_id_is_used_once(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r":12: id = 'xz_gzdt' is used twice"):
        load_sources(write(tmp_path, COLUMN + COLUMN))


@pytest.mark.parametrize(
    ("text", "words"), [("", "no \\[\\[source.*sources add"), (None, "bole init")]
)
def test_an_empty_or_missing_file_is_told(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "none.toml" if text is None else write(tmp_path, text)
    with pytest.raises(SourceError, match=words):
        load_sources(path)


def test_sources_are_chosen_by_name_or_by_being_enabled(tmp_path: Path) -> None:
    off = COLUMN.replace("xz_gzdt", "xz_off") + "enabled = false\n"
    sources = load_sources(write(tmp_path, COLUMN + off))
    assert [one.id for one in choose_sources(sources, [])] == ["xz_gzdt"]
    assert [one.id for one in choose_sources(sources, ["xz_off", "xz_gzdt"])] == [
        "xz_gzdt",
        "xz_off",
    ]
    with pytest.raises(SourceError, match=r"no source 'xz_gzd' .* xz_gzdt"):
        choose_sources(sources, ["xz_gzd"])
    assert issubclass(SourceError, CrawlError)


def test_a_list_of_addresses_may_be_a_file_beside_the_watchlist(tmp_path: Path) -> None:
    text = COLUMN.replace('"trs"', '"urls"').replace("https://www.example.cn/gzdt/", "mine.txt")
    (source,) = load_sources(write(tmp_path, text))
    assert source.url == (tmp_path / "mine.txt").as_uri()
    with pytest.raises(SourceError, match="https://"):
        load_sources(write(tmp_path, text.replace('"urls"', '"rss"')))


def test_tables_in_a_source_replace_those_of_its_preset(tmp_path: Path) -> None:
    text = COLUMN.replace('"trs"', '"gkmlpt"')
    own = 'fields = { title = "name", url = "href" }\n'
    words = '[defaults]\nkeywords_any = ["人才"]\nkeywords_none = ["体检"]\n'
    (source,) = load_sources(write(tmp_path, words + text + own))
    assert source.preset.fields == {"title": "name", "url": "href"}
    assert source.preset.rows == "articles[]"
    assert (source.keywords_any, source.keywords_none) == (("人才",), ("体检",))


def test_the_watchlist_that_ships_is_right() -> None:
    sources = load_sources(DEFAULT_WATCHLIST, districts=districts_by_code())
    assert len(sources) > 55
    kinds = {one.preset.kind for one in sources}
    assert kinds >= {"html_list", "xml_records", "json_list", "sitemap"}
    assert all(one.keywords_any and one.keywords_none for one in sources)
    assert all(one.note for one in sources if not one.enabled)
    assert not any(one.allow_private for one in sources)
    assert all(one.delay >= 3 for one in sources)


def test_the_watchlist_loads_without_the_crawler() -> None:
    heavy = "{'scrapy', 'twisted', 'lxml', 'warcio', 'feedparser'}"
    modules = "crawler.sources, crawler.collect, crawler.health"
    code = f"import sys, {modules}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
