"""The pages without a browser: filters, paging, languages, files, snapshots, hostile input."""

import csv
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from importlib.resources import files
from io import StringIO
from itertools import combinations

import pytest

from bole.config import ConfigError
from bole.web.answers import Answers
from bole.web.app import create_app
from bole.web.drawing import TREE_HEIGHT, WIDTH, draw_bars, draw_tree
from bole.web.filters import Filters, count_facts, find_facts, make_cursor, read_cursor
from bole.web.marks import FOLDER, read_mark
from bole.web.pages.today import sections_of
from bole.web.sidebyside import Span, lay_side_by_side
from bole.web.snapshot import Door
from bole.web.words import LANGS, load_words
from store import Store
from tests.reports import figure, policy, report
from tests.store_samples import FIRST, FULL, SECOND, THIRD, figure_ids, sample, story
from tests.web_client import client_of, make_office, publish
from tests.web_site import SCRIPT, TRADITIONAL

TEXT = "对博士给予30万元安家补贴。"
OTHER = "对博士给予40万元安家补贴。"
PEOPLE = "引进高层次人才12人。"
HOSTILE = "<script>window.ran=1</script>沛县设立3亿元基金"


def offer(name, text, quote, value, **fields):
    doctor = {"role": "support", "tier": "doctor", "benefit": "settling_in", "target": "博士"}
    fields = {"district": "320300", "published": date(2024, 3, 1)} | fields
    return report(name, text, figures=[figure(text, quote, value, **doctor)], **fields)


REPORTS = [
    *(sample(number, figures=3) for number in range(1, 20)),
    FULL,
    TRADITIONAL,
    offer("here", TEXT, "30万元", "3e5", grade="B"),
    offer("there", OTHER, "40万元", "4e5", grade="C"),
    offer("beside", TEXT, "30万元", "3e5", district="320500", grade="A"),
    report("people", PEOPLE, figures=[figure(PEOPLE, "12人", "12", "person", role="talent")]),
    report(
        "hostile",
        HOSTILE,
        title="=1+1<img src=x>",
        url="javascript:window.ran=1",
        source="<b>x</b>",
        district="320322",
        published=date(2024, 4, 1),
        figures=[figure(HOSTILE, "3亿元", "3e8", role="fund", counted="<i>基金</i>")],
        policies=[policy(HOSTILE, "基金", "fund", issuer="<u>沛县</u>")],
    ),
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    made = make_office(tmp_path_factory.mktemp("pages") / "office", 0)
    with Store(made.database) as store:
        store.write_articles(REPORTS, reader_version="1")
        store.write_stories([story("s", sample(1), sample(2)), story("t", FULL)])
        store.publish()
    return made


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


CASES = {
    "district": ("320300", "lies_in(in_district, '320300')"),
    "role": ("fund", "role = 'fund'"),
    "unit": ("CNY", "unit = 'CNY'"),
    "tier": ("doctor", "tier = 'doctor'"),
    "benefit": ("living", "benefit = 'living'"),
    "least": ("400000", "coalesce(value_max, value) >= 400000"),
    "most": ("400000", "value <= 400000"),
    "target": ("博士", "contains(target, '博士')"),
    "words": ("30万元", "contains(quote, '30万元')"),
    "article": ("full", "article_id = 'full'"),
    "since": ("2024-03-01", "coalesce(published, first_seen) >= '2024-03-01'"),
    "until": ("2024-02-29", "coalesce(published, first_seen) <= '2024-02-29'"),
    "grade": ("A", "grade = 'A'"),
    "source": ("柳溪日报", "article_id in (select id from articles where source = '柳溪日报')"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_filter_lets_through_what_it_says(client, store, name):
    value, where = CASES[name]
    sql = f"select count(*) as n from cited_figures where repeats is null and {where}"
    wanted = store.select(sql)[0]["n"]
    every = store.select("select count(*) as n from figures where repeats is null")[0]["n"]
    assert 0 < wanted < every
    page = client.get("/facts", params={name: value}).text
    assert f"共{wanted}条事实" in page
    lines = list(csv.reader(StringIO(client.get("/facts.csv", params={name: value}).text)))
    assert len(lines) - 1 == wanted


def test_a_source_of_the_watchlist_is_a_filter_too(store):
    assert count_facts(store, Filters(source="nobody")) == 0


@pytest.mark.parametrize("order", ["newest", "oldest", "highest", "lowest"])
def test_pages_hold_every_fact_once_and_in_order(store, order):
    found, after = [], ""
    while after is not None:
        page = find_facts(store, Filters(order=order), after=after, limit=7)
        found += page.rows
        after = page.after
    assert len(found) == count_facts(store, Filters())
    assert len({row["fact_id"] for row in found}) == len(found)
    keys = {
        "newest": lambda row: -row["day"].toordinal(),
        "oldest": lambda row: row["day"].toordinal(),
        "highest": lambda row: -(row["value_max"] or row["value"]),
        "lowest": lambda row: row["value"],
    }
    assert found == sorted(found, key=lambda row: (keys[order](row), row["fact_id"]))


@pytest.mark.parametrize(
    "after",
    ["x", "é", "bnVsbA", make_cursor(FIRST, "f", "oldest"), make_cursor(SECOND, "f", "lowest")],
)
def test_a_place_that_no_page_gave_is_refused(client, after):
    with pytest.raises(ConfigError, match="no place in this list"):
        read_cursor(after, "newest")
    page = client.get("/facts", params={"after": after})
    assert page.status_code == 400
    assert 'role="alert"' in page.text


def test_a_place_comes_back_as_it_was():
    assert read_cursor(make_cursor(THIRD, "f", "newest"), "newest") == (THIRD, "f")
    place = make_cursor(Decimal("3000.500000"), "f", "highest")
    assert read_cursor(place, "highest") == (Decimal("3000.5"), "f")


def test_empty_fields_of_a_form_ask_for_nothing(client):
    empty = dict.fromkeys((*CASES, "policy"), "")
    whole, asked = client.get("/facts").text, client.get("/facts", params=empty).text
    count = re.compile(r"共\d+条事实")
    assert count.search(asked)[0] == count.search(whole)[0]


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


def test_a_fact_stands_in_its_article_and_in_simplified_script(client):
    (fact, *_) = figure_ids(TRADITIONAL)
    page = client.get(f"/facts/{fact}").text
    marked = re.findall(r'<mark class="on"[^>]*><a[^>]*>(.*?)</a>', page)
    assert marked == ["30 萬元", "30万元"]
    assert "安家費" not in page
    assert f'href="/articles/script#f-{fact}"' in page


def test_lines_outside_the_article_proper_are_grey(client):
    page = client.get("/articles/script").text
    assert page.count('<tr class="outside') == 1
    assert "9億元" in page


def test_text_side_by_side_is_whole_and_marks_are_apart():
    spans = [Span(start=3, end=9, fact="a"), Span(start=5, end=8, fact="b")]
    lines = lay_side_by_side(SCRIPT, "zh-Hant", (0, len(SCRIPT)), spans)
    assert "\n".join("".join(p.text for p in line.raw) for line in lines) == SCRIPT
    assert {piece.fact for line in lines for piece in line.raw} == {None, "a"}
    assert lines[0].clean[0].text == "无锡高"
    assert not lines[0].is_same


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
    assert lines[0].startswith("\ufeffDay,District code,District")
    assert "'=1+1<img src=x>" in lines[1]
    client.cookies.clear()
    answer = client.get("/facts.csv?article=hostile")
    assert answer.text.startswith("\ufeff日期,地区代码")
    assert answer.headers["content-disposition"] == 'attachment; filename="bole-facts.csv"'


def test_a_comparison_tells_conflicts_reasons_and_heat(client):
    page = client.get("/compare?district=320300&district=320500&benefit=settling_in").text
    assert "说法不一" in page
    assert re.search(r'<td class="h4">.*?<td class="h\d">', page, re.DOTALL)
    for words in ("30万元", "40万元", "#f-"):
        assert words in page
    rows = list(
        csv.DictReader(
            StringIO(client.get("/compare.csv?district=320300,320500&benefit=settling_in").text)
        )
    )
    assert {row["状态"] for row in rows} == {"conflict", "one"}


def test_districts_are_compared_by_name_as_well_and_without_any_the_own_is_proposed(client):
    named = client.get("/compare?district=徐州市、苏州市").text
    assert 'href="/districts/320500"' in named
    proposed = client.get("/compare").text
    assert "未选地区" in proposed
    assert 'href="/districts/320300"' in proposed


def test_too_many_offers_are_narrowed_to_one_benefit(client, monkeypatch):
    monkeypatch.setattr("bole.web.pages.compare._OFFERS", 2)
    path = "/compare?district=320300&district=320500&tier=doctor"
    assert "措施过多" in client.get(path).text
    monkeypatch.setattr("bole.web.pages.compare._OFFERS", 0)
    answer = client.get("/compare?district=320300&tier=doctor")
    assert answer.status_code == 400
    assert "too much" in answer.text


def test_a_policy_has_its_timeline_versions_and_grants(client, store):
    (found,) = store.select("select id from policies where name = '柳溪英才办法'")
    page = client.get(f"/policies/{found['id']}").text
    assert "最高2000万元" in page
    assert "柳府发[2024]1号" in page
    assert page.count("<time") == 1


def test_what_a_new_version_changed_is_told_with_both_quotes(tmp_path):
    reports = []
    for year, quote, value in ((2023, "30万元", "3e5"), (2024, "40万元", "4e5")):
        text = f"《彭城英才办法》对博士给予{quote}安家补贴。"
        fields = {"role": "support", "tier": "doctor", "benefit": "settling_in"}
        money = figure(text, quote, value, policy="彭城英才办法", **fields)
        rule = policy(text, "彭城英才办法", district="320300", issued=f"{year}-05-01")
        day = date(year, 5, 1)
        reports.append(
            report(f"v{year}", text, figures=[money], policies=[rule], published=day, grade="A")
        )
    settings = make_office(tmp_path / "office", 0)
    publish(settings, reports)
    with client_of(create_app(tmp_path, settings)) as client:
        found = re.search(r"/policies/([0-9a-f]{12})", client.get("/policies").text)[1]
        page = client.get(f"/policies/{found}").text
    assert re.search(r"提高.*?30万元.*?2023-05-01.*?40万元.*?2024-05-01", page, re.DOTALL)


def test_policies_are_filtered_and_paged(client, store):
    every = store.select("select count(*) as n from latest_policies")[0]["n"]
    rows = list(csv.reader(StringIO(client.get("/policies.csv").text)))
    assert len(rows) - 1 == every
    assert "英才办法" in client.get("/policies?words=英才").text
    assert "没有符合条件" in client.get("/policies?words=没有").text
    assert "没有符合条件" in client.get("/policies?page=9").text


def test_a_district_shows_what_is_below_it_and_its_trend_as_rows(client):
    page = client.get("/districts/320000").text
    assert page.count("<rect") > 3
    assert "徐州市沛县" in page
    rows = list(csv.DictReader(StringIO(client.get("/districts/320300/trend.csv").text)))
    assert sum(int(row["事实"]) for row in rows) > 10


@pytest.mark.parametrize(
    ("typed", "first"), [("徐州", "320300"), ("xuz", "320300"), ("3203", "320300")]
)
def test_districts_are_proposed_by_name_pinyin_and_code(client, typed, first):
    found = client.get("/districts/suggest", params={"q": typed}).json()
    assert found[0]["code"] == first
    assert client.get("/districts/suggest?q=").json() == []


@pytest.mark.parametrize("words", ["服務", "服务"])
def test_search_takes_both_scripts(client, words):
    page = client.get("/search", params={"q": words}).text
    assert "/articles/script" in page
    assert "<mark>服務" in page


def test_a_named_question_is_asked_with_its_parameters_and_goes_on_as_sql(client):
    page = client.get("/query?name=funds&p.district=沛县").text
    assert "3亿元" in page
    assert "lies_in(in_district, &#39;沛县&#39;::varchar)" in page
    rows = client.get("/query.csv?name=funds&p.district=沛县").text.splitlines()
    assert len(rows) == 2
    twice = client.get("/query?sql=select 1 as a, 2 as a").text
    assert "a_1" in twice


def test_old_news_is_marked_and_numbers_lead_to_the_facts_of_their_article():
    facts = {"p": "《甲办法》", "sum": "5亿元", "one": "3个", "other": "3个"}
    item = {"section": "policies", "text": "印发《甲办法》，设5亿元基金、3个平台", "facts": ["p"]}
    issue = {
        "day": "2024-06-03", "first": None, "items": [item | {"source": 1}],
        "facts": {fact: {"quote": quote, "source": 1} for fact, quote in facts.items()},
        "sources": [{"title": "某地印发甲办法", "published": "2024-05-02"}],
    }  # fmt: skip
    sections = dict(sections_of(issue))
    (shown,) = sections.pop("policies")
    assert not any(sections.values())
    linked = [(piece.text, piece.fact) for piece in shown["pieces"] if piece.fact]
    assert linked == [("《甲办法》", "p"), ("5亿元", "sum")]  # 3个 may be either
    assert shown["is_old"]
    issue["sources"][0]["published"] = "2024-05-03"
    assert not dict(sections_of(issue))["policies"][0]["is_old"]


def test_today_without_a_day_leads_to_the_newest(client):
    answer = client.get("/today", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_day_without_a_digest_shows_what_came_last(client):
    page = client.get("/").text
    assert "尚无日报" in page
    assert 'href="/articles/full"' in page


def test_before_anything_is_published_a_page_says_what_to_do(tmp_path):
    settings = make_office(tmp_path / "office", 1)
    for path in (settings.data / "snapshots").iterdir():
        path.unlink()
    with client_of(create_app(tmp_path, settings)) as client:
        answer = client.get("/facts")
    assert answer.status_code == 503
    assert "bole run" in answer.text
    assert str(tmp_path) not in answer.text


def test_a_mark_waits_for_the_next_run_and_the_tables_stay(client, settings):
    fact = figure_ids(FULL)[0]
    before = settings.database.read_bytes()
    wrong = client.post(f"/facts/{fact}/mark", data={"verdict": "wrong"}, follow_redirects=False)
    assert (wrong.status_code, wrong.headers["location"]) == (303, f"/facts/{fact}#mark")
    assert read_mark(settings.data / FOLDER, fact).verdict == "wrong"
    assert "已记录：错误" in client.get(f"/facts/{fact}").text
    given = {"verdict": "corrected", "value": "abc"}
    refused = client.post(f"/facts/{fact}/mark", data=given)
    assert refused.status_code == 400
    assert "abc" in refused.text
    assert client.post(f"/facts/{fact}/mark", data={}).status_code == 400
    assert client.post("/facts/000000000000/mark", data={"verdict": "right"}).status_code == 404
    client.post(f"/facts/{fact}/mark", data={"verdict": "withdraw"})
    assert read_mark(settings.data / FOLDER, fact) is None
    assert settings.database.read_bytes() == before


def test_only_fields_that_a_person_changed_are_corrected(client, settings):
    fact = figure_ids(FULL)[0]
    form = {"verdict": "corrected", "value": "20000000", "qualifier": "exact", "target": "团队"}
    client.post(f"/facts/{fact}/mark", data=form)
    said = read_mark(settings.data / FOLDER, fact)
    assert (said.fields["qualifier"], said.fields["target"]) == ("exact", "团队")
    assert said.fields["conditions"] == ["年龄不超过45周岁", "全职"]
    client.post(f"/facts/{fact}/mark", data={"verdict": "withdraw"})


def test_a_newer_snapshot_is_read_at_once_and_the_old_one_closed(tmp_path):
    settings = make_office(tmp_path / "office", 3)
    door = Door(settings.data)
    with door.reader() as old:
        before = old.select("select count(*) as n from articles")[0]["n"]
        first = door.stamp()
        publish(settings, [sample(number) for number in range(10, 14)])
        assert door.stamp() != first
        with door.reader() as new:
            assert new.select("select count(*) as n from articles")[0]["n"] == before + 4
        assert old.select("select count(*) as n from articles")[0]["n"] == before
    door.close()


def test_many_read_while_snapshots_are_published(tmp_path):
    settings = make_office(tmp_path / "office", 5)
    with client_of(create_app(tmp_path, settings)) as client, ThreadPoolExecutor(6) as pool:
        answers = []
        for number in range(20, 24):
            paths = ["/facts", "/districts/320300", "/policies", f"/search?q={number}"] * 2
            asked = [pool.submit(client.get, path) for path in paths]
            publish(settings, [sample(number)])
            answers += [one.result().status_code for one in asked]
        assert set(answers) == {200}
        assert f"/articles/{sample(23).article.id}" in client.get("/facts").text


def test_answers_are_kept_for_one_snapshot_and_bounded():
    kept, made = Answers(most=2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, lambda key=key: made.append(key) or key) == key
    assert made == ["a", "b", "c", "b"]


def test_tiles_fill_the_drawing_and_lie_apart():
    sizes = [50, 30, 7, 7, 3, 2, 1]
    tiles = draw_tree([(str(n), f"地区{n}", size) for n, size in enumerate(sizes)])
    area = sum(tile.width * tile.height for tile in tiles)
    assert abs(area - WIDTH * TREE_HEIGHT) < 20
    for tile in tiles:
        share = tile.value / sum(sizes)
        assert abs(tile.width * tile.height / (WIDTH * TREE_HEIGHT) - share) < 0.001
    for a, b in combinations(tiles, 2):
        apart_x = a.x + a.width <= b.x + 0.1 or b.x + b.width <= a.x + 0.1
        apart_y = a.y + a.height <= b.y + 0.1 or b.y + b.height <= a.y + 0.1
        assert apart_x or apart_y
    assert draw_tree([]) == []
    assert draw_bars([("a", Decimal(0))]) == []


def keys_of(lang):
    table = load_words(lang).table
    return {f"{section}.{name}" for section in table for name in table[section]}


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
    assert unused <= {"page.html_lang"}
