"""Marks of readers: files that the next run takes in, whatever happens meanwhile."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bole.cli import main
from bole.daily import take_marks
from bole.web import marks
from bole.web.api.app import ADDRESS
from bole.web.marks import Mark, MarkError, import_marks, mark_fact, read_mark, waiting_marks
from extract.facts import fact_id
from store import Store
from tests.store_samples import FULL, figure_ids
from tests.web_api import open_api
from tests.web_client import client_of, copy_office

FUND = figure_ids(FULL)[2]
SUPPORT = figure_ids(FULL)[0]
POLICY = fact_id("full", "policy", FULL.facts.policies[0].evidence)
NOW = datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC)


@pytest.fixture
def office(tmp_path, tmp_path_factory):
    return copy_office(tmp_path_factory, tmp_path / "office")


@pytest.fixture
def folder(office):
    return office.data / marks.FOLDER


def say_of(office, fact, verdict="wrong", fields=None, reviewer=None):
    mark = Mark(fact_id=fact, verdict=verdict, fields=fields, reviewer=reviewer)
    with Store.open_snapshot(office.data) as store:
        return mark_fact(store, office.data / marks.FOLDER, mark, decided=NOW)


def take(office):
    with Store(office.database) as store:
        return import_marks(store, office.data / marks.FOLDER)


def figures_of(office):
    with Store(office.database) as store:
        (report,) = store.reports_of({"full"})
        return {figure.evidence.quote: figure for figure in report.facts.figures}


def test_a_mark_waits_as_a_file_and_the_database_is_as_it_was(office, folder):
    before = office.database.read_bytes()
    said = say_of(office, FUND, reviewer="王五")
    assert (said.verdict, said.evidence.quote, said.reviewer) == ("wrong", "3亿元", "王五")
    assert [path.name for path in folder.iterdir()] == [f"{FUND}.json"]
    assert waiting_marks(folder) == [(FUND, said, NOW)]
    assert read_mark(folder, FUND) == said
    assert office.database.read_bytes() == before


def test_the_next_run_takes_marks_in(office, folder):
    say_of(office, FUND, "wrong")
    say_of(office, SUPPORT, "corrected", {"value": 25_000_000, "conditions": ["全职"], "tier": ""})
    say_of(office, POLICY, "right")
    told = []
    with Store(office.database) as store:
        take_marks(store, office, told.append)
    assert told == ["kept 3 marks of readers"]
    assert list(folder.iterdir()) == []
    figures = figures_of(office)
    assert "3亿元" not in figures
    mended = figures["最高资助2000万元"]
    assert (mended.value, mended.conditions, mended.tier) == (Decimal(25_000_000), ("全职",), None)
    assert mended.target == "顶尖人才团队"
    with Store(office.database) as store:
        assert len(store.corrections()) == 3
        take_marks(store, office, told.append)
    assert len(told) == 1


def test_of_several_marks_of_a_fact_the_last_counts(office, folder):
    say_of(office, FUND, "wrong")
    say_of(office, FUND, "right", reviewer="赵六")
    assert len(list(folder.iterdir())) == 1
    kept, problems = take(office)
    assert ([one.verdict for one in kept], problems) == (["right"], [])
    assert "3亿元" in figures_of(office)


def test_a_run_that_was_killed_loses_no_mark(office, folder, monkeypatch):
    say_of(office, FUND)
    with monkeypatch.context() as broken:
        broken.setattr(Store, "write_corrections", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(office)
    assert [path.suffix for path in folder.iterdir()] == [".taken"]
    say_of(office, SUPPORT)  # made between the runs
    kept, _ = take(office)
    assert {one.evidence.quote for one in kept} == {"3亿元", "最高资助2000万元"}
    assert list(folder.iterdir()) == []


def test_a_mark_that_is_made_during_the_import_waits(office, folder, monkeypatch):
    say_of(office, FUND, "wrong")
    write = Store.write_corrections

    def meanwhile(store, corrections):
        say_of(office, FUND, "right")
        write(store, corrections)

    monkeypatch.setattr(Store, "write_corrections", meanwhile)
    take(office)
    assert read_mark(folder, FUND).verdict == "right"
    monkeypatch.undo()
    kept, _ = take(office)
    assert [one.verdict for one in kept] == ["right"]


def file_of(**changes):
    row = {"article_id": "full", "kind": "figure", "start": 0, "end": 1, "quote": "柳"}
    row |= {"fields": None, "reviewer": None, "decided": "2024-01-01T00:00:00+00:00"}
    return json.dumps({**row, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[1]",
        "{}",
        "[" * 100_000,
        file_of(kind="place"),
        file_of(start="x"),
        file_of(fields={"value": "Infinity", "unit": "CNY"}),
        file_of(fields={"value": "1", "unit": "\ud800"}),
        file_of(fields=[]),
        file_of(article_id="none"),
        file_of(quote="\ud800"),
        file_of(decided="yesterday"),
        b"\xff\xfe",
    ],
)
def test_files_that_make_no_sense_are_put_aside_and_told(office, folder, text):
    say_of(office, FUND)
    raw = text if isinstance(text, bytes) else text.encode()
    (folder / "0123456789ab.json").write_bytes(raw)
    kept, (problem,) = take(office)
    assert len(kept) == 1
    assert "0123456789ab.refused: " in problem
    assert "\n" not in problem
    assert [path.name for path in folder.iterdir()] == ["0123456789ab.refused"]
    assert take(office) == ([], [])


def test_a_folder_of_marks_is_imported_by_command(office, folder, capsys):
    say_of(office, FUND)
    main_ends(["review", "import", str(folder), "-C", str(office.data.parent)], 0)
    assert "kept 1 judgements" in capsys.readouterr().err
    with Store.open_snapshot(office.data) as store:
        assert store.ask("corrected").num_rows == 1


def main_ends(words, code):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == code


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": "corrected", "fields": {"colour": "red"}}, "no field 'colour'"),
        ({"verdict": "corrected", "fields": {"value": "viel"}}, "value 'viel' is no number"),
        ({"verdict": "corrected", "fields": {"value": ""}}, "has no value; give it one"),
        ({"verdict": "corrected", "fields": {"value": "NaN"}}, "NaN is no amount"),
        ({"verdict": "corrected", "fields": {"value": "1e40"}}, "is no amount below"),
        ({"verdict": "corrected", "fields": {"target": "x" * 20_000}}, "at most 16000 characters"),
        ({"verdict": "right", "fields": {"value": 1}}, "say corrected"),
        ({"reviewer": "a\nb"}, "is no name"),
    ],
)
def test_what_makes_no_fact_is_refused(office, folder, changes, words):
    with pytest.raises(MarkError, match=words):
        say_of(office, FUND, **{"verdict": "wrong", **changes})
    assert not folder.exists() or list(folder.iterdir()) == []


def test_so_many_marks_wait_and_no_more(office, monkeypatch):
    monkeypatch.setattr(marks, "MOST", 1)
    say_of(office, FUND)
    with pytest.raises(MarkError, match=r"1 marks wait .* bole run"):
        say_of(office, SUPPORT)
    say_of(office, FUND, "right")  # in place of the one that waits


def test_marks_at_once_leave_whole_files(office, folder):
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda n: say_of(office, FUND, reviewer=f"r{n}"), range(24)))
    (path,) = folder.iterdir()
    assert json.loads(path.read_text("utf-8"))["reviewer"].startswith("r")


# through the API


def test_marks_come_through_the_api(office, folder):
    api = client_of(open_api(office))
    url = f"{ADDRESS}/marks"
    given = {"fact_id": SUPPORT, "verdict": "corrected", "fields": {"value": 1}, "reviewer": "王五"}
    made = api.post(url, json=given)
    assert (made.status_code, made.json()["fields"]["value"]) == (201, "1")
    assert api.get(url).json() == [made.json()]
    assert api.delete(f"{url}/{SUPPORT}").status_code == 204
    assert api.delete(f"{url}/{SUPPORT}").status_code == 404
    assert api.get(url).json() == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"fact_id": "0123456789ab", "verdict": "wrong"}, 404),
        ({"fact_id": "../../etc/pw", "verdict": "wrong"}, 422),
        ({"fact_id": FUND, "verdict": "maybe"}, 422),
        ({"fact_id": FUND, "verdict": "corrected", "fields": {"colour": "red"}}, 422),
        ({"fact_id": FUND, "verdict": "corrected", "fields": {"counted": "\ud800"}}, 422),
        ({"fact_id": FUND, "verdict": "wrong", "more": 1}, 422),
        ({"fact_id": FUND, "verdict": "wrong", "reviewer": "x" * 101}, 422),
    ],
)
def test_the_api_refuses_marks_that_make_no_sense(office, folder, given, status):
    answer = client_of(open_api(office)).post(
        f"{ADDRESS}/marks",
        content=json.dumps(given),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert not folder.exists()


def test_marks_are_never_made_by_other_sites_or_forms(office, folder):
    api = client_of(open_api(office))
    given = {"fact_id": FUND, "verdict": "wrong"}
    answer = api.post(f"{ADDRESS}/marks", json=given, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert api.post(f"{ADDRESS}/marks", data=given).status_code == 422
    assert not folder.exists()
