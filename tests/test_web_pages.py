"""All pages without a browser: languages, what cannot be answered, hostile words, files."""

import re
from importlib.resources import files

import pytest

from bole.web.app import create_app
from bole.web.words import LANGS, load_words
from store import Store, named_queries
from tests.web_client import client_of, make_office
from tests.web_offices import shared_office


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return shared_office(tmp_path_factory)


@pytest.fixture(scope="module")
def client(settings):
    with client_of(create_app(settings.data.parent, settings)) as made:
        yield made


@pytest.fixture(scope="module")
def store(settings):
    with Store.open_snapshot(settings.data) as opened:
        yield opened


PAGES = (
    *("/", "/facts", "/compare", "/policies", "/districts", "/districts/320300", "/search?q=人才"),
    *("/sources", "/query", "/query?name=funds", "/articles/full", "/articles/script"),
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_speaks_either_language(client, path):
    client.cookies.clear()
    chinese, english = (client.get(path, headers={"Accept-Language": lang}) for lang in LANGS)
    assert (chinese.status_code, english.status_code) == (200, 200)
    assert '<html lang="zh-CN">' in chinese.text
    assert '<html lang="en">' in english.text
    assert english.text.count("<main") == chinese.text.count("<main") == 1


def test_a_language_that_is_asked_for_is_kept(client):
    asked = client.get("/facts?lang=en")
    assert '<html lang="en">' in asked.text
    assert "bole_lang=en" in asked.headers["set-cookie"]
    assert "HttpOnly" in asked.headers["set-cookie"]
    assert '<html lang="en">' in client.get("/sources").text
    client.cookies.clear()
    assert "set-cookie" not in client.get("/facts?lang=xx").headers


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/facts?district=nowhere", 400, "nowhere"),
        ("/facts?least=abc", 422, "least"),
        ("/facts?order=up", 422, "order"),
        ("/facts/000000000000", 404, "000000000000"),
        ("/articles/none", 404, "none"),
        ("/policies/none", 404, "none"),
        ("/policies?district=nowhere", 400, "nowhere"),
        ("/districts/999999", 404, "999999"),
        ("/districts/320602", 404, "320613"),
        ("/today/2020-01-01", 404, "2020"),
        ("/compare?district=nowhere", 400, "nowhere"),
        ("/compare?district=" + ",".join(f"3203{n:02}" for n in (0, 2, 3, 5, 11, 12, 21, 22, 24)),
         400, "at most 8"),
        ("/query?sql=drop table articles", 400, "reads"),
        ("/query?sql=select nothing", 400, "nothing"),
        ("/query?sql=select * from read_csv('/etc/passwd')", 400, "beyond the tables"),
        ("/query?name=nothing", 400, "nothing"),
        ("/query?name=funds&p.x=1", 400, "has no"),
        ("/search?q=，", 400, "，"),
        ("/nothing", 404, "没有这一页"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_why_on_a_page(client, path, status, said):
    answer = client.get(path)
    assert answer.status_code == status
    assert said in answer.text
    assert "<nav" in answer.text


def test_words_of_articles_are_text_and_their_links_only_of_the_web(client, store):
    (fact,) = store.select("select fact_id from figures where article_id = 'hostile'")
    (named,) = store.select("select policy_id from policy_mentions where article_id = 'hostile'")
    paths = ("/articles/hostile", "/districts/320322", "/facts?district=320322", "/policies")
    paths += (f"/facts/{fact['fact_id']}", f"/policies/{named['policy_id']}", "/search?q=沛县")
    paths += ("/query?sql=from articles where id='hostile'",)
    for path in paths:
        page = client.get(path).text
        assert "沛县" in page
        for words in ("<script>window", "<img", "<b>x", "<i>", "<u>", 'href="javascript'):
            assert words not in page, path


def test_a_file_begins_no_formula_and_has_headers_in_the_language(client):
    lines = client.get("/facts.csv?article=hostile&lang=en").text.splitlines()
    assert lines[0].startswith("\ufeffPublished,First seen,District code,District")
    assert "'=1+1<img src=x>" in lines[1]
    client.cookies.clear()
    answer = client.get("/facts.csv?article=hostile")
    assert answer.text.startswith("\ufeff发布日期,首次采集,地区代码")
    assert answer.headers["content-disposition"] == 'attachment; filename="bole-facts.csv"'


def test_before_anything_is_published_a_page_says_what_to_do(tmp_path):
    settings = make_office(tmp_path / "office", 1)
    for path in (settings.data / "snapshots").iterdir():
        path.unlink()
    with client_of(create_app(tmp_path, settings)) as client:
        answer = client.get("/facts")
    assert answer.status_code == 503
    assert "bole run" in answer.text
    assert str(tmp_path) not in answer.text


@pytest.mark.parametrize("words", ["服務", "服务"])
def test_search_takes_both_scripts(client, words):
    page = client.get("/search", params={"q": words}).text
    assert "/articles/script" in page
    assert "<mark>服務" in page


def test_both_languages_have_the_same_words_and_each_is_used():
    chinese, english = map(keys_of, LANGS)
    assert chinese == english
    folder = files("bole.web")
    sources = [*(folder / "templates").iterdir(), *(folder / "pages").iterdir()]
    text = "".join(one.read_text("utf-8") for one in sources if one.name.endswith(("j2", "py")))
    asked = set(re.findall(r'say\("([a-z]+\.\w+)"', text))
    asked |= set(re.findall(r'column\("(\w+)"', text))
    made = set(re.findall(r'say\("([a-z]+\.(?:\w+_)?)" ~', text))
    assert {key for key in asked if "." in key} - made <= chinese
    columns = set(re.findall(r'"(\w+)"', text))
    unused = {
        key
        for key in chinese
        if key not in asked
        and not any(key.startswith(start) for start in made)
        and key.split(".")[1] not in columns
    }
    looked_up = {"question", "parameter", "stage", "outcome", "day_from"}  # by words of the rows
    assert {key for key in unused if key.split(".")[0] not in looked_up} <= {"page.html_lang"}
    assert load_words("zh").table["question"].keys() == named_queries().keys()


def keys_of(lang):
    table = load_words(lang).table
    return {f"{section}.{name}" for section in table for name in table[section]}


def test_one_and_many_are_told_apart():
    words = load_words("en")
    shown = [words.say("form.n_facts", count) for count in (0, 1, "1", 2, "1,000")]
    assert shown == ["0 facts", "1 fact", "1 fact", "2 facts", "1,000 facts"]
    assert (words.unit("person"), load_words("zh").unit("person")) == ("people", "人")


def test_titles_are_read_in_simplified_script_without_notes(client):
    page = client.get("/articles/script").text
    assert "<h1>无锡高新区人才新政</h1>" in page
    assert "<q>無錫高新區(qū)人才新政</q>" in page
    assert "無錫高新區(qū)" not in client.get("/").text
