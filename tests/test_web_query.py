"""Query: named questions, those of the office, and what comes of them."""

import re

import pytest

from bole.web.app import create_app
from bole.web.questions import FOLDER, run_question
from store import Store, StoreError
from store.questions import load_question
from tests.web_client import client_of
from tests.web_offices import shared_office


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return shared_office(tmp_path_factory)


@pytest.fixture(scope="module")
def client(settings):
    with client_of(create_app(settings.data.parent, settings)) as made:
        yield made


def test_a_named_question_is_asked_with_its_parameters_and_goes_on_as_sql(client):
    page = client.get("/query?name=funds&p.district=沛县").text
    assert "3亿元" in page
    assert "lies_in(in_district, &#39;沛县&#39;::varchar)" in page
    rows = client.get("/query.csv?name=funds&p.district=沛县").text.splitlines()
    assert len(rows) == 2
    twice = client.get("/query?sql=select 1 as a, 2 as a").text
    assert "a_1" in twice


def test_the_questions_of_the_office_stand_beside_those_of_bole(client, settings):
    folder = settings.data.parent / FOLDER
    folder.mkdir()
    sql = "-- 某地有几条？\nselect count(*) as n from figures where in_district = $district;"
    (folder / "几条.sql").write_text(sql, "utf-8")
    (folder / "..sql").write_text("select 1", "utf-8")
    (folder / "drop.sql").write_text("drop table figures", "utf-8")
    listed = client.get("/query").text
    assert "某地有几条？" in listed
    assert 'href="/query?name=%E5%87%A0%E6%9D%A1"' in listed
    page = client.get("/query", params={"name": "几条", "p.district": "沛县"}).text
    assert 'name="p.district"' in page
    assert re.search(r"<td class=.num.>\d+</td>", page)
    rows = client.get("/query.csv", params={"name": "几条", "p.district": "沛县"})
    assert len(rows.text.splitlines()) == 2
    for name, said in (
        ("drop", "cannot run this SQL"),
        ("..", "no question"),
        ("../几条", "no question"),
    ):
        answer = client.get("/query", params={"name": name})
        assert answer.status_code == 400
        assert said in answer.text, name
    assert "no question" in client.get("/query.csv?name=x").text


def test_of_a_large_answer_only_the_rows_of_the_page_are_looked_for(settings):
    with Store.open_snapshot(settings.data) as store:
        question = load_question("figures_about")
        whole = run_question(store, question, {}, limit=1_000).to_pylist()
        pages = [
            run_question(store, question, {}, limit=7, skip=skip).slice(0, 7).to_pylist()
            for skip in range(0, len(whole), 7)
        ]
        assert [row for page in pages for row in page] == whole
        assert len(whole) > 50
        with pytest.raises(StoreError, match="has no 'x'"):
            run_question(store, question, {"x": "1"}, limit=1)
