"""The door to the newest snapshot, answers that are kept, and readers while runs publish."""

import re
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from bole.web.answers import Answers
from bole.web.api.app import ADDRESS
from bole.web.app import create_app
from bole.web.snapshot import Door
from tests.store_samples import sample
from tests.web_client import client_of, copy_office, make_office, publish


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


@pytest.mark.slow
def test_fifty_readers_see_no_error_while_runs_publish(tmp_path, tmp_path_factory):
    made = copy_office(tmp_path_factory, tmp_path / "office")
    app = create_app(made.data.parent, made)
    lists = ("figures?limit=5", "measures", "articles?limit=3", "questions/funds", "search?q=人才")
    pages = ("/facts", "/districts/320300", "/policies", "/search?q=人才", "/compare")
    paths = [*pages, *(f"{ADDRESS}/{path}" for path in lists)]
    started = Barrier(51)

    def read(number):
        client = client_of(app)
        started.wait()
        return Counter(
            client.get(paths[(number + turn * 3) % len(paths)]).status_code for turn in range(3)
        )

    with ThreadPoolExecutor(50) as readers:
        seen = [readers.submit(read, number) for number in range(50)]
        started.wait()
        for number in range(3):
            publish(made, [sample(200 + number)])
        total = sum((one.result(timeout=60) for one in seen), Counter())
    assert total == {200: 150}
    client = client_of(app)
    assert len(client.get(f"{ADDRESS}/articles?limit=100").json()["items"]) == 9
    assert f"/articles/{sample(202).article.id}" in client.get("/facts").text


def test_answers_are_kept_for_one_snapshot_and_bounded():
    kept, made = Answers(most=2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, lambda key=key: made.append(key) or key) == key
    assert made == ["a", "b", "c", "b"]


def test_of_many_that_ask_for_the_same_at_once_one_makes_it():
    kept, made, begun, over = Answers(), [], Barrier(5), Event()

    def make():
        made.append(1)
        over.wait(10)
        return "rows"

    def ask(_):
        begun.wait(10)
        return kept.get("a", make)

    with ThreadPoolExecutor(4) as readers:
        asked = [readers.submit(ask, number) for number in range(4)]
        begun.wait(10)
        over.set()
        assert [one.result(10) for one in asked] == ["rows"] * 4
    assert made == [1]


def test_what_went_wrong_is_not_kept():
    kept = Answers()
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 2) == 2


def test_without_the_index_words_around_quotes_come_from_the_tables(tmp_path, tmp_path_factory):
    settings = copy_office(tmp_path_factory, tmp_path / "office")
    shown = []
    for _ in range(2):
        with client_of(create_app(settings.data.parent, settings)) as client:
            shown.append(client.get("/facts").text)
        shutil.rmtree(settings.data / "search", ignore_errors=True)
    assert shown[0] == shown[1]
    assert re.search(r"<q>[^<]+<b>[^<]+</b>[^<]*</q>", shown[0])
