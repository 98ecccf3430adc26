"""What goes into the store comes out of it, once, and what is wrong is refused."""

import shutil
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from crawler.article import Register
from extract.facts import Evidence, Facts
from store import Failure, Store
from tests.store_samples import (
    BARE,
    FIRST,
    FULL,
    SECOND,
    THIRD,
    figure_ids,
    rows,
    sample,
    write,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bole.duckdb"


@pytest.fixture
def store(path, empty):
    shutil.copyfile(empty, path)  # quicker than to make the tables anew
    with Store(path) as opened:
        opened._db.execute("pragma disable_checkpoint_on_shutdown")  # quicker, and nobody reopens
        yield opened


def test_reports_come_back_as_they_were_written(store):
    write(store, FULL, BARE)
    assert store.read_reports(until=SECOND) == [BARE, FULL]


def test_editor_and_register_come_back_as_they_were_read(store):
    register = Register(
        number="柳府规〔2024〕3号",
        issuer="柳溪市人民政府",
        in_force=date(2024, 3, 1),
        expires=date(2029, 2, 28),
        status="有效",
        validity="五年",
    )
    report = replace(FULL, article=replace(FULL.article, editor="王五", register=register))
    store.write_articles([report], reader_version="1")
    assert store.read_reports(until=SECOND) == [report]
    told = "select register.number, register.expires from articles"
    assert store._db.rows(told) == [("柳府规〔2024〕3号", date(2029, 2, 28))]


def test_amounts_come_back_without_the_zeros_of_the_table(store):
    write(store, FULL)
    (report,) = store.read_reports(until=SECOND)
    values = [str(value) for f in report.facts.figures for value in (f.value, f.value_max)]
    assert values == ["20000000", "None", "3000.5", "5000", "300000000", "None"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [("0", "0"), ("-2.50", "-2.5"), ("33.3333333333", "33.333333"), ("9" * 32, "9" * 32)],
)
def test_amounts_are_kept_to_six_decimals(store, value, kept):
    report = sample(1, figures=1)
    figure = replace(report.facts.figures[0], value=Decimal(value))
    write(store, replace(report, facts=replace(report.facts, figures=(figure,))))
    (back,) = store.read_reports(until=FIRST)
    assert str(back.facts.figures[0].value) == kept


def test_reports_are_chosen_by_day_and_ordered_by_day_and_id(store):
    days = {3: FIRST, 1: SECOND, 2: SECOND, 4: THIRD}
    write(store, *(sample(number, day=day) for number, day in days.items()))
    told = [report.article.id for report in store.read_reports(since=FIRST, until=SECOND)]
    assert told == ["article-00003", "article-00001", "article-00002"]
    assert len(store.read_reports(until=THIRD)) == 4
    assert store.read_reports(since=THIRD, until=SECOND) == []


def test_writing_again_replaces_all_facts_of_an_article(store):
    write(store, sample(1, figures=5), sample(2))
    write(store, sample(1, figures=2), version="2")
    assert store.read_reports(until=FIRST) == [sample(1, figures=2), sample(2)]
    assert store.known_pages() == {
        "article-00001": (f"{1:064x}", "2"),
        "article-00002": (f"{2:064x}", "1"),
    }


def test_writing_the_same_again_changes_nothing(store):
    write(store, FULL, BARE, sample(1))
    once = store.dump()
    write(store, sample(1), FULL)
    assert store.dump() == once
    assert once["figures"]
    assert once["policies"]


def test_of_two_reports_of_one_article_the_last_counts(store):
    write(store, sample(1, figures=1, day=FIRST), sample(1, figures=2, day=SECOND))
    assert store.read_reports(until=THIRD) == [sample(1, figures=2, day=FIRST)]


@pytest.mark.parametrize(("later", "kept"), [(THIRD, SECOND), (FIRST, FIRST)])
def test_first_seen_never_moves_to_a_later_day(store, later, kept):
    write(store, sample(1, day=SECOND))
    write(store, sample(1, day=later), version="2")
    assert [report.first_seen for report in store.read_reports(until=THIRD)] == [kept]
    assert rows(store, "select first_seen from policies") == [(kept,)]


def test_fact_ids_are_those_of_extract(store):
    write(store, FULL)
    found = rows(store, "select fact_id from figures order by position")
    assert [fact for (fact,) in found] == figure_ids(FULL)


# what is refused


def with_figures(report, *evidence, **changes):
    model = report.facts.figures[0]
    figures = tuple(replace(model, evidence=Evidence(*one), **changes) for one in evidence)
    return replace(report, facts=replace(report.facts, figures=figures))


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ((0, 2, "第9"), r"figure 0-2 '第9': the text has '第1' there"),
        ((-2, 2, "第1"), "does not lie in the 34 characters"),
        ((0, 0, ""), "does not lie in the 34 characters"),
        ((0, 99, "第1"), "does not lie in the 34 characters"),
    ],
)
def test_a_fact_that_does_not_point_at_its_words_is_refused(store, evidence, said):
    good = sample(1, figures=2)
    first, second = good.facts.figures
    bad = replace(first, evidence=Evidence(*evidence))
    write(store, replace(good, facts=replace(good.facts, figures=(bad, second))), sample(2))
    kept = replace(good, facts=replace(good.facts, figures=(second,)))
    assert store.read_reports(until=FIRST) == [kept, sample(2)]
    (failure,) = store.failures()
    assert (failure.stage, failure.subject, failure.kind) == (
        "store",
        good.article.id,
        "ungrounded",
    )
    assert said in failure.message
    assert "1 facts are refused" in failure.message


@pytest.mark.parametrize("attribute", ["policies", "places", "names"])
def test_facts_of_every_kind_are_checked(store, attribute):
    fact = replace(getattr(FULL.facts, attribute)[0], evidence=Evidence(0, 2, "别处"))
    facts = replace(FULL.facts, **{attribute: (fact,)})
    write(store, replace(FULL, facts=facts))
    (back,) = store.read_reports(until=SECOND)
    assert getattr(back.facts, attribute) == ()
    assert "'柳溪'" in store.failures()[0].message


def test_two_figures_with_the_same_words_are_one(store):
    write(store, with_figures(sample(1), (0, 2, "第1"), (0, 2, "第1")))
    assert len(store.read_reports(until=FIRST)[0].facts.figures) == 1
    assert "another figure has the same words" in store.failures()[0].message


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+32"])
def test_a_value_that_is_no_amount_is_refused(store, value):
    write(store, with_figures(sample(1), (0, 2, "第1"), value=Decimal(value)))
    assert store.read_reports(until=FIRST)[0].facts.figures == ()
    assert value in store.failures()[0].message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "半个\ud83d字"}, "half of a surrogate pair"),
        ({"body": (3, 99)}, "its body 3-99 does not lie in its"),
        ({"fetched": datetime(2024, 1, 1)}, "has no zone"),  # noqa: DTZ001
    ],
)
def test_an_article_that_cannot_be_stored_does_not_stop_the_others(store, changes, said):
    bad = replace(sample(1), article=replace(sample(1).article, **changes))
    write(store, bad, sample(2))
    assert store.read_reports(until=FIRST) == [sample(2)]
    assert [(f.subject, f.kind) for f in store.failures()] == [("article-00001", "article")]
    assert said in store.failures()[0].message


def test_facts_of_another_article_are_refused(store):
    write(store, replace(sample(1), facts=Facts(article_id="other", district=None, grade="A")))
    assert store.read_reports(until=FIRST) == []
    assert "'other'" in store.failures()[0].message


def test_a_failure_goes_when_the_article_is_read_well(store):
    write(store, with_figures(sample(1), (0, 2, "假的")))
    store.write_failures([Failure(subject="article-00001", stage="read", kind="bug", message="x")])
    write(store, sample(1))
    assert [failure.stage for failure in store.failures()] == ["read"]
