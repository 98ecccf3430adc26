"""Policies, and figures that several articles tell, are one."""

import shutil
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from store import Store
from store.policies import refresh_policies
from tests.store_samples import (
    FIRST,
    FULL,
    SECOND,
    THIRD,
    figure_ids,
    rows,
    sample,
    story,
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


def test_mentions_of_one_policy_make_one_row_with_the_best_of_each(store):
    late = replace(sample(2).facts.policies[0], doc_number="府发[2024]2号", trial=True)
    second = replace(
        sample(2, grade="C"), facts=replace(sample(2).facts, grade="C", policies=(late,))
    )
    write(store, sample(1, action="mentioned"), second)
    sql = "select name, district, doc_number, trial, article_id, mentions from policies"
    best = ("英才办法", "320300", "府发[2024]2号", True, "article-00001", 2)
    assert rows(store, sql) == [best]


def test_policies_of_one_name_in_two_districts_are_two(store):
    other = replace(sample(2).facts.policies[0], district="330100")
    write(store, sample(1), replace(sample(2), facts=replace(sample(2).facts, policies=(other,))))
    assert rows(store, "select district from policies order by all") == [("320300",), ("330100",)]


def test_a_policy_goes_when_no_article_names_it_any_more(store):
    write(store, sample(1), sample(2))
    nameless = replace(sample(1), facts=replace(sample(1).facts, policies=()))
    write(store, nameless)
    assert rows(store, "select mentions from policies") == [(1,)]
    write(store, replace(sample(2), facts=replace(sample(2).facts, policies=())))
    assert rows(store, "select * from policies") == []


def mentioning(random, number):
    """An article whose mention of one of two policies states some of what may be stated."""
    report = sample(number, grade=random.choice("ABCD"))
    mention = replace(
        report.facts.policies[0],
        district=random.choice(["320300", "330100"]),
        kind=random.choice(["document", "programme"]),
        doc_number=random.choice([None, None, "府发[2024]1号", "府发[2024]2号"]),
        issuer=random.choice([None, "柳溪市"]),
        issued=random.choice([None, "2024", "2024-03-01"]),
        valid_to=random.choice([None, None, "2027"]),
        trial=random.choice([False, False, True]),
    )
    article = replace(report.article, published=random.choice([None, FIRST, SECOND]))
    facts = replace(report.facts, policies=(mention,))
    return replace(report, article=article, facts=facts, first_seen=random.choice([SECOND, THIRD]))


def test_policies_are_summed_up_alike_at_once_and_bit_by_bit(store):
    random = Random(9)
    reports = [mentioning(random, number) for number in range(24)]
    every = "select * from policies order by id"
    while reports:
        now = [reports.pop() for _ in range(min(len(reports), random.choice([1, 5])))]
        write(store, *now)
        found = rows(store, every)
        ids = [one for (one,) in rows(store, "select id from policies")]
        refresh_policies(store._db, ids)
        assert rows(store, every) == found
    assert sum(n for (n,) in rows(store, "select mentions from policies")) == 24


def test_what_is_told_anew_of_a_policy_takes_no_other_look_at_its_mentions(store, monkeypatch):
    write(store, sample(1), sample(2))
    looked = []
    monkeypatch.setattr("store.policies.refresh", lambda *given: looked.append(given[2]))
    numbered = replace(sample(3).facts.policies[0], doc_number="府发[2024]2号")
    write(store, replace(sample(3), facts=replace(sample(3).facts, policies=(numbered,))))
    assert rows(store, "select doc_number, mentions from policies") == [("府发[2024]2号", 3)]
    assert looked == [[]]


def test_figures_know_the_policy_of_their_article(store):
    write(store, sample(1, figures=1), FULL)
    sql = "select f.policy, p.name from figures f left join policies p on p.id = f.policy_id"
    assert rows(store, f"{sql} order by all") == [
        ("柳溪英才办法", "柳溪英才办法"),
        ("英才办法", "英才办法"),
        (None, None),
        (None, None),
    ]


# reposts


def test_what_a_repost_repeats_is_listed_once(store):
    first, repost = sample(1, figures=2), sample(2, figures=2, grade="D")
    same = tuple(
        replace(mine, value=theirs.value)
        for mine, theirs in zip(repost.facts.figures, first.facts.figures, strict=True)
    )
    own = replace(same[1], value=Decimal(7))
    repost = replace(repost, facts=replace(repost.facts, figures=(same[0], own)))
    write(store, first, repost)
    store.write_stories([story("s", first, repost)])
    listed = "select article_id, amount from measures order by all"
    a, b = first.article.id, repost.article.id
    amounts = [figure.value for figure in first.facts.figures]
    assert rows(store, listed) == [(a, amounts[0]), (a, amounts[1]), (b, Decimal(7))]
    repeats = "select fact_id, repeats from all_measures where repeats is not null"
    assert rows(store, repeats) == [(figure_ids(repost)[0], figure_ids(first)[0])]
    once = store.dump()
    write(store, first)
    assert store.dump() == once
    store.write_stories([story("s", first), story("t", repost)])
    assert len(rows(store, listed)) == 4


def test_figures_count_under_their_own_district_their_policys_or_their_articles(store):
    own = sample(1, figures=1)
    figure = replace(own.facts.figures[0], district="330127")
    policyless = replace(
        sample(3, figures=1), facts=replace(sample(3, figures=1).facts, policies=())
    )
    write(store, replace(own, facts=replace(own.facts, figures=(figure,))), sample(2, figures=1))
    write(store, policyless)
    sql = "select in_district from figures order by article_id"
    assert rows(store, sql) == [("330127",), ("320300",), ("320322",)]


def test_zones_are_kept_with_the_code_that_they_count_under(store):
    sql = "select code, district, hosts from zones where name = '苏州工业园区'"
    assert rows(store, sql) == [("320571", "320500", ["320505", "320506"])]
