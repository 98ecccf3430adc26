"""Sources: how each stands by what came last, and what could not be had or read."""

import csv
import re
from io import StringIO

import pytest

from bole.web.app import create_app
from tests.web_client import client_of
from tests.web_offices import shared_office


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    settings = shared_office(tmp_path_factory)
    with client_of(create_app(settings.data.parent, settings)) as made:
        yield made


def words_of(page):
    return re.sub(r"<[^>]+>|\s+", " ", page)


def test_each_problem_is_told_by_its_kind_while_it_lasts(client):
    words = " ".join(words_of(client.get("/sources").text).split())
    assert "2个来源，其中1个有问题" in words
    assert "网站规则禁止抓取 ×1" in words
    assert "页面不存在 ×1" in words  # the page that came late, and robots.txt, are no problem
    rows = csv.DictReader(StringIO(client.get("/sources.csv").text))
    assert {row["\ufeff编号"]: row["状况"] for row in rows} == {
        "city": "网站规则禁止抓取×1；页面不存在×1",
        "calm": "正常",
    }


def test_what_could_not_be_had_stands_beside_what_could_not_be_read(client):
    words = " ".join(words_of(client.get("/sources").text.partition('id="s-fail"')[2]).split())
    assert "采集 City 页面不存在 1 http://city.example/gone HTTP 404" in words
    assert "采集 City 网站规则禁止抓取 1 http://city.example/barred robots.txt" in words
    assert "读取 页面没有正文 1 http://city.example/empty" in words


def test_clocks_are_those_of_china(client):
    assert "2024-03-06 08:00" in client.get("/sources").text  # midnight in UTC
