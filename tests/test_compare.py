"""District against district, and version against version; every cell cites."""

from dataclasses import astuple, replace
from datetime import date
from decimal import Decimal
from random import Random

import pyarrow as pa
import pytest

from extract.facts import Evidence, Figure, Policy
from store import Store
from store.changes import change_row
from store.comparison import compare, matrix_rows
from store.offers import Offer, read_offers
from tests.store_samples import FIRST, sample, story

RENT = ("rent", "doctor")


def offer(number, amount, district="320322", **changes):
    values = {
        "fact_id": f"f{number}",
        "district": district,
        "policy": "英才办法",
        "target": "博士",
        "tier": "doctor",
        "benefit": "rent",
        "amount": Decimal(amount),
        "amount_max": None,
        "unit": "CNY",
        "qualifier": "exact",
        "per": "month",
        "cumulative": False,
        "grade": "B",
        "day": date(2024, 3, 1),
        "url": f"http://news.example/{number}",
        "title": f"第{number}篇",
        "article_id": f"a{number}",
        "quote": f"{amount}元",
        "stories": (f"s{number}",),
    }
    return Offer(**{**values, **changes})


def cell(*offers, district="320322"):
    return compare(offers, [district], [RENT]).cells[district, RENT]


def test_what_nobody_offers_is_missing():
    matrix = compare([offer(1, 1000)], ["320322", "330127"], [RENT, ("award", None)])
    assert {key: one.state for key, one in matrix.cells.items()} == {
        ("320322", RENT): "one",
        ("330127", RENT): "missing",
        ("320322", ("award", None)): "missing",
        ("330127", ("award", None)): "missing",
    }
    rows = list(matrix_rows(matrix))
    assert [row["amount"] for row in rows] == [Decimal(1000), None, None, None]
    assert rows[0]["url"] == "http://news.example/1"
    assert rows[0]["grade"] == "B"
    assert set(rows[0]) == set(rows[1])


def test_without_measures_all_that_are_offered_are_columns():
    told = [offer(1, 1000), offer(2, 5, benefit="award"), offer(3, 7, benefit=None, tier=None)]
    matrix = compare(told, ["320322"])
    assert matrix.measures == (("award", "doctor"), RENT, (None, None))
    assert [len(one.offers) for one in matrix.cells.values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("measure", "count"), [(("rent", None), 2), ((None, "doctor"), 2), (("rent", "master"), 1)]
)
def test_a_measure_may_leave_benefit_or_tier_open(measure, count):
    told = [offer(1, 1), offer(2, 1, tier="master"), offer(3, 1, benefit="award")]
    assert len(compare(told, ["320322"], [measure]).cells["320322", measure].offers) == count


def test_best_evidence_comes_first_then_the_newest():
    told = cell(
        offer(1, 1000, grade="C"),
        offer(2, 1000, day=date(2024, 1, 1)),
        offer(3, 1000, day=date(2024, 2, 1)),
        offer(4, 1000, grade="A"),
    )
    assert [one.fact_id for one in told.offers] == ["f4", "f3", "f2", "f1"]
    assert (told.state, told.reasons) == ("one", ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"day": date(2022, 3, 1)}, "year"),
        ({"qualifier": "up_to"}, "cap"),
        ({"cumulative": True, "day": date(2022, 3, 1)}, "cap"),
        ({"policy": "引才办法"}, "policy"),
        ({}, "unknown"),
    ],
)
def test_different_amounts_are_a_conflict_with_a_likely_reason(changes, reason):
    told = cell(offer(1, 1000), offer(2, 1500, **changes))
    assert (told.state, told.reasons) == ("conflict", (reason,))
    assert [one.amount for one in told.offers] in ([1000, 1500], [1500, 1000])


def test_a_district_against_its_city():
    city, county = offer(1, 1000, "320300"), offer(2, 1500, "320322")
    told = cell(city, county, district="320300")
    assert (told.state, told.reasons) == ("conflict", ("district",))
    assert [one.district for one in told.offers] == ["320300", "320322"]
    assert cell(city, county, district="320322").offers == (county,)
    assert cell(city, replace(county, amount=Decimal(1000)), district="320300").offers == (city,)


def test_steps_of_one_support_are_no_conflict():
    steps = [offer(1, 1000), offer(2, 1500, article_id="a1", stories=("s1",))]
    assert cell(*steps).state == "steps"
    part = offer(3, 1500, article_id="a3")
    assert (cell(*steps, part).state, cell(*steps, part).reasons) == ("steps", ())


@pytest.mark.parametrize("changes", [{"unit": "USD"}, {"per": "year"}])
def test_other_units_and_rates_are_not_compared(changes):
    assert cell(offer(1, 1000), offer(2, 12000, **changes)).state == "steps"


def drawn(random, number):
    """Return an offer that is like others in most of what may tell them apart."""
    return offer(
        number,
        random.choice([1000, 1500, 2000]),
        random.choice(["320300", "320322", "320324"]),
        amount_max=random.choice([None, None, Decimal(2000)]),
        qualifier=random.choice(["exact", "up_to"]),
        day=date(random.choice([2022, 2024]), 3, 1),
        policy=random.choice(["英才办法", "引才办法"]),
        per=random.choice(["month", "month", "year"]),
        article_id=f"a{random.randrange(6)}",
        stories=tuple(random.sample(["s1", "s2", "s3", "s4"], random.choice([1, 1, 2]))),
    )


def reasons_of_all_pairs(offers):
    """Return why offers disagree, by looking at each two articles that tell them."""
    told = {}
    for one in offers:
        told.setdefault((one.unit, one.per, one.article_id), []).append(one)
    found = set()
    for (*kind, _), ones in told.items():
        for (*other_kind, _), others in told.items():
            sets = [{(o.amount, o.highest) for o in group} for group in (ones, others)]
            shared = {s for o in ones for s in o.stories} & {s for o in others for s in o.stories}
            if kind == other_kind and not shared and not (sets[0] <= sets[1] or sets[1] <= sets[0]):
                found.add(reason_of(ones[0], others[0]))
    return found


def reason_of(one, other):
    traits = {
        "district": lambda o: o.district,
        "cap": lambda o: (o.qualifier == "up_to", o.cumulative),
        "year": lambda o: o.day.year,
        "policy": lambda o: o.policy,
    }
    differ = [reason for reason, trait in traits.items() if trait(one) != trait(other)]
    return differ[0] if differ else "unknown"


def test_reasons_are_those_of_each_two_articles_that_disagree():
    random, seen = Random(3), set()
    for _ in range(80):
        told = [drawn(random, number) for number in range(random.randrange(2, 12))]
        (one,) = compare(told, ["320300"], [(None, None)]).cells.values()
        amounts = {(o.amount, o.highest, o.unit, o.per) for o in one.offers}
        assert len(one.offers) <= len(told)
        assert set(one.reasons) == reasons_of_all_pairs(one.offers)
        expected = "conflict" if one.reasons else "steps" if len(amounts) > 1 else "one"
        assert one.state == expected
        seen |= {one.state, *one.reasons}
    assert seen == {"one", "steps", "conflict", "district", "cap", "year", "policy", "unknown"}


def test_reposts_of_one_story_count_once():
    row = {**{n: getattr(offer(1, 1), n) for n in Offer.__slots__ if n != "stories"}, "story": "s"}
    repost = {**row, "fact_id": "f2", "article_id": "a2"}
    (one,) = read_offers(pa.Table.from_pylist([row, repost]))
    assert (one.fact_id, one.stories) == ("f1", ("s",))
    (one,) = read_offers(pa.Table.from_pylist([row, {**repost, "story": "t"}, repost]))
    assert one.stories == ("s", "t")
    assert cell(offer(1, 1000), offer(2, 1500, stories=("s1",))).state == "steps"


def one_by_one(rows):
    """Return the offers of rows, by looking at each."""
    told = {}
    for row in rows:
        names = ("district", "policy", "tier", "benefit", "unit", "qualifier", "per", "cumulative")
        key = (*(row[name] for name in names), row["amount"], row["amount_max"])
        told.setdefault(key, (row, []))[1].append(row["story"])
    return [
        Offer(**{n: v for n, v in row.items() if n != "story"}, stories=tuple(dict.fromkeys(said)))
        for row, said in told.values()
    ]


def cell_of(offers, code, measure):
    """Return the state of a cell, what it shows and why that differs, by looking at each offer."""
    stem = code.rstrip("0") if code.endswith("00") else code
    inside = [o for o in offers if o.district.startswith(stem) and (o.benefit, o.tier) == measure]
    own = [o for o in inside if o.district == code]
    amounts = {(o.amount, o.highest, o.unit, o.per) for o in own}
    below = [
        o
        for o in inside
        if o.district != code and (o.amount, o.highest, o.unit, o.per) not in amounts
    ]
    shown = [*own, *below]
    reasons = reasons_of_all_pairs(shown)
    several = len({(o.amount, o.highest, o.unit, o.per) for o in shown}) > 1
    state = "conflict" if reasons else "steps" if several else "one" if shown else "missing"
    return state, tuple(shown), reasons


def test_a_matrix_by_column_is_the_one_of_looking_at_each_offer():
    random, seen = Random(7), set()
    for _ in range(30):
        offers = [
            replace(
                drawn(random, number),
                benefit=random.choice(["rent", "award", None]),
                policy=random.choice(["英才办法", None]),
                title=random.choice([None, "标题"]),
            )
            for number in range(random.randrange(60))
        ]
        offers.sort(key=lambda o: (o.grade, -o.day.toordinal(), o.fact_id))
        names = [name for name in Offer.__slots__ if name != "stories"]
        rows = [{n: getattr(o, n) for n in names} | {"story": o.stories[0]} for o in offers]
        plain, found = one_by_one(rows), read_offers(offers_table(rows))
        assert found == plain
        assert [type(value) for one in found for value in astuple(one)] == [
            type(value) for one in plain for value in astuple(one)
        ]
        codes = ["320000", "320300", "320322", "110000"]
        matrix = compare(found, codes)
        assert compare(plain, codes) == matrix
        assert set(matrix.measures) == {(one.benefit, one.tier) for one in plain}
        for (code, measure), told in matrix.cells.items():
            assert (told.state, tuple(told.offers), set(told.reasons)) == cell_of(
                plain, code, measure
            )
            assert told.offers[:1] == tuple(told.offers)[:1]
            seen |= {told.state, *told.reasons}
    assert seen == {
        *("missing", "one", "steps", "conflict"),
        *("district", "cap", "year", "policy", "unknown"),
    }


def offers_table(rows):
    """Return rows as the store gives them."""
    types = {"amount": pa.decimal128(38, 6), "amount_max": pa.decimal128(38, 6)}
    types |= {"cumulative": pa.bool_(), "day": pa.date32()}
    names = [*(n for n in Offer.__slots__ if n != "stories"), "story"]
    return pa.table(
        {n: pa.array([row[n] for row in rows], types.get(n, pa.string())) for n in names}
    )


def test_the_store_compares_what_districts_and_all_below_offer(tmp_path):
    first, repost, other = (sample(n, figures=1) for n in (1, 2, 3))
    figure = first.facts.figures[0]
    repost = replace(
        repost,
        facts=replace(
            repost.facts,
            figures=(replace(repost.facts.figures[0], value=figure.value),),
        ),
    )
    with Store(tmp_path / "bole.duckdb") as store:
        store.write_articles([first, repost, other], reader_version="1")
        store.write_stories([story("s", first, repost), story("t", other)])
        offers = store.compare(["320000"], tiers=["team"])
        assert store.compare(["320000"], benefits=["rent"]) == []
        assert store.compare(["330000"]) == []
    assert sorted((one.article_id, one.stories) for one in offers) == [
        ("article-00001", ("s",)),
        ("article-00003", ("t",)),
    ]
    (told,) = compare(offers, ["320000"]).cells.values()
    assert told.state == "conflict"


# versions


def version(number, name, issued, *, action="issued", **amounts):
    """Return an article that issues a version of a policy; amounts by benefit, in 万元."""
    text = f"印发《{name}》" + "".join(f"，{word}{amount}万元" for word, amount in amounts.items())
    report = sample(number, day=FIRST)
    at = text.index(name)
    policy = Policy(
        name=name,
        kind="document",
        action=action,
        district="320300",
        issued=issued,
        evidence=Evidence(at, at + len(name), name),
    )
    figures = []
    for word, amount in amounts.items():
        quote = f"{amount}万元"
        at = text.index(word + quote) + len(word)
        figures.append(
            Figure(
                value=Decimal(amount * 10_000),
                unit="CNY",
                role="support",
                policy=name,
                benefit=word,
                tier="doctor",
                evidence=Evidence(at, at + len(quote), quote),
            )
        )
    article = replace(report.article, text=text, body=(0, len(text)))
    facts = replace(report.facts, policies=(policy,), figures=tuple(figures))
    return replace(report, article=article, facts=facts)


def test_a_new_version_says_what_it_changed_measure_by_measure(tmp_path):
    told = [
        version(1, "英才办法（试行）", "2021-05", settling_in=80, rent=2, living=1, award=5),
        version(
            2, "英才办法（2024年修订）", "2024-03-01", settling_in=100, rent=2, living=3, salary=9
        ),
        version(3, "英才办法（2024年修订）", "2024-03-01", action="mentioned", settling_in=999),
        version(4, "引智办法", "2024", settling_in=1),
    ]
    with Store(tmp_path / "bole.duckdb") as store:
        store.write_articles(told, reader_version="1")
        rows = [change_row(change) for change in store.changes("英才办法")]
        assert store.changes("英才办法", district="330000") == []
        assert store.changes("引智") == []
    changed = {row["benefit"]: (row["change"], row["before"], row["after"]) for row in rows}
    assert changed == {
        "settling_in": ("raised", Decimal(800_000), Decimal(1_000_000)),
        "living": ("raised", Decimal(10_000), Decimal(30_000)),
        "award": ("dropped", Decimal(50_000), None),
        "salary": ("added", None, Decimal(90_000)),
    }
    (row,) = [row for row in rows if row["benefit"] == "settling_in"]
    assert row["before_version"] == "英才办法（试行）"
    assert (row["after_quote"], row["after_issued"]) == ("100万元", "2024-03-01")
    assert row["before_url"].endswith("article-00001.html")
