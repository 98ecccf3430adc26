import re
from importlib.resources import files

import pytest

from extract import lexicon
from extract.lexicon import LexiconError, any_of, load_words

TABLES = [
    (folder, path.name.removesuffix(".toml"))
    for folder in ("zh", "en")
    for path in sorted((files("extract") / "data" / folder).iterdir(), key=lambda p: p.name)
    if path.name.endswith(".toml")
]


@pytest.mark.parametrize(("folder", "table"), TABLES)
def test_every_table_loads(folder, table):
    sections = load_words(folder, table)
    assert sections
    for words in sections.values():
        re.compile(words.pattern)


def test_both_scripts_read_the_same_tables():
    assert (
        load_words("zh-Hant", "units")["person"].names == load_words("zh", "units")["person"].names
    )


def test_a_surface_form_leads_to_its_canonical_name():
    money = load_words("zh-Hans", "units")["money"]
    assert money["美元"] == money.get("美元") == "USD"
    assert "美元" in money
    assert money.get(None) is None
    assert money.get("贝壳") is None


def test_the_longest_form_wins():
    assert re.match(any_of(["元", "元人民币"]), "元人民币").group() == "元人民币"
    assert re.match(any_of([]), "x") is None


def test_a_missing_table_is_named():
    with pytest.raises(LexiconError, match=r"no table 'nothing' for language 'en'"):
        load_words("en", "nothing")


def test_a_form_under_two_names_is_an_error(tmp_path, monkeypatch):
    folder = tmp_path / "data" / "xx"
    folder.mkdir(parents=True)
    (folder / "t.toml").write_text('[s]\none = ["a"]\ntwo = ["a"]\n', "utf-8")
    monkeypatch.setattr(lexicon, "files", lambda _: tmp_path)
    with pytest.raises(LexiconError, match="'a' stands under 'one' and 'two'"):
        load_words("xx", "t")
