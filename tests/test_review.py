"""What people decide about facts goes over what is read, now and at each rerun."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from bole.evaluate import evaluate_folder
from extract.facts import Evidence
from store import Store, StoreError
from store.corrections import Correction, apply_corrections, build_fact, fields_of
from store.gold import write_gold
from store.review import KINDS, read_sheet, write_sheet
from tests.store_samples import FIRST, FULL, SECOND, sample

TEXTS = {"full": FULL.article.text}
ANY = {"district": None, "since": None, "article": None, "limit": 100}


@pytest.fixture
def path(tmp_path):
    with Store(tmp_path / "bole.duckdb") as store:
        store.write_articles([FULL, sample(1)], reader_version="1")
    return tmp_path / "bole.duckdb"


def sheet_of(path, target, *, lang="zh", **chosen):
    with Store(path) as store:
        tables = {kind: store.facts_to_review(kind, **{**ANY, **chosen}) for kind in KINDS}
    rows = {kind: table.to_pylist() for kind, table in tables.items()}
    columns = {kind: table.column_names for kind, table in tables.items()}
    return write_sheet(target, rows, lang=lang, columns=columns)


def edit(sheet, kind, quote, **cells):
    """Write into the row about `quote`, as a person does; keys are Chinese headers."""
    book = load_workbook(sheet)
    header = [one.value for one in book[kind][1]]
    for row in book[kind].iter_rows(min_row=2):
        if row[header.index("原文")].value == quote:
            for name, value in cells.items():
                row[header.index(name)].value = value
    book.save(sheet)


def add(sheet, kind, **cells):
    book = load_workbook(sheet)
    header = [one.value for one in book[kind][1]]
    book[kind].append([cells.get(name) for name in header])
    book.save(sheet)


def test_nothing_is_decided_without_a_verdict(path, tmp_path):
    assert read_sheet(sheet_of(path, tmp_path / "r.xlsx"), TEXTS) == ([], [])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_confirmed_stays_as_it_was_read(path, tmp_path, lang):
    sheet = sheet_of(path, tmp_path / "r.xlsx", lang=lang, article="full")
    book = load_workbook(sheet)
    for kind in KINDS:
        for row in book[kind].iter_rows(min_row=2):
            row[0].value = "对"
    book.save(sheet)
    corrections, problems = read_sheet(sheet, TEXTS, reviewer="王五")
    assert problems == []
    assert len(corrections) == 4
    assert {one.reviewer for one in corrections} == {"王五"}
    decided, lost = apply_corrections(FULL, corrections)
    assert (decided, lost) == (FULL, [])


def test_a_person_mends_strikes_out_and_adds(path, tmp_path):
    sheet = sheet_of(path, tmp_path / "r.xlsx")
    edit(sheet, "figure", "最高资助2000万元", 结论="已改", 数值=2500, 条件="全职；无房")
    edit(sheet, "figure", "3亿元", 结论="错")
    add(
        sheet,
        "figure",
        结论="漏",
        文章编号="full",
        原文="沛县",
        数值=1,
        单位="count",
        限定="exact",
        用途="other",
        累计="否",
    )
    corrections, problems = read_sheet(sheet, TEXTS)
    assert problems == []
    with Store(path) as store:
        store.write_corrections(corrections)
        for version in ("1", "2"):
            (report,) = [r for r in store.read_reports(until=SECOND) if r.article.id == "full"]
            figures = {figure.evidence.quote: figure for figure in report.facts.figures}
            assert sorted(figures) == sorted(["最高资助2000万元", "3000至5000元", "沛县"])
            assert figures["最高资助2000万元"].value == Decimal(2500)
            assert figures["最高资助2000万元"].conditions == ("全职", "无房")
            assert figures["最高资助2000万元"].tier == "top"
            # a later version of the rules reads the same wrong facts again
            store.write_articles([FULL], reader_version=version)
        once = store.dump()
        store.write_corrections(corrections)
        assert store.dump() == once
        assert len(store.corrections()) == 3
        assert store.corrections({"article-00001"}) == []


def test_a_correction_follows_its_words_when_the_text_changes():
    fact = FULL.facts.figures[2]
    wrong = Correction(article_id="full", kind="figure", evidence=fact.evidence, fields=None)
    shifted = replace(FULL.article, text="更正：" + FULL.article.text)
    moved = replace(
        fact, evidence=Evidence(fact.evidence.start + 3, fact.evidence.end + 3, "3亿元")
    )
    report = replace(FULL, article=shifted, facts=replace(FULL.facts, figures=(moved,)))
    decided, lost = apply_corrections(report, [wrong])
    assert (decided.facts.figures, lost) == ((), [])


def test_a_correction_whose_words_are_gone_is_a_failure(path):
    fact = FULL.facts.figures[2]
    right = Correction(
        article_id="full", kind="figure", evidence=fact.evidence, fields=fields_of(fact)
    )
    gone = replace(
        FULL,
        article=replace(FULL.article, text="无", body=(0, 1)),
        facts=replace(FULL.facts, figures=(), policies=(), places=(), names=()),
    )
    with Store(path) as store:
        store.write_corrections([right])
        store.write_articles([gone], reader_version="2")
        (failure,) = store.failures()
        assert (failure.stage, failure.kind) == ("correct", "lost")
        assert "'3亿元': the text has these words no more" in failure.message
        store.write_articles([FULL], reader_version="3")
        assert store.failures() == []


def test_a_fact_that_no_rule_reads_is_added_at_each_rerun(path):
    fact = FULL.facts.figures[2]
    right = Correction(
        article_id="full", kind="figure", evidence=fact.evidence, fields=fields_of(fact)
    )
    blind = replace(FULL, facts=replace(FULL.facts, figures=()))
    with Store(path) as store:
        store.write_articles([blind], reader_version="2")
        store.write_corrections([right])
        store.write_articles([blind], reader_version="3")
        (report,) = [r for r in store.read_reports(until=SECOND) if r.article.id == "full"]
    assert report.facts.figures == (fact,)


@pytest.mark.parametrize("fact", [*FULL.facts.figures, *FULL.facts.policies])
def test_facts_come_back_from_their_fields(fact):
    kind = "figure" if fact in FULL.facts.figures else "policy"
    plain = json.loads(json.dumps(fields_of(fact)))
    assert build_fact(kind, plain, fact.evidence) == fact


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"结论": "也许"}, "unknown verdict '也许'; verdicts: right, "),
        ({"结论": "对", "数值": "两千"}, "value '两千' is no number"),
        ({"结论": "对", "单位": None}, "has no unit; give it one"),
        ({"结论": "对", "累计": "也许"}, "'也许' is neither yes nor no"),
        ({"结论": "对", "文章编号": "other"}, "no article 'other'"),
        ({"结论": "对", "原文": "没有的话"}, "the article does not say '没有的话'"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_and_left_out(path, tmp_path, cells, said):
    sheet = sheet_of(path, tmp_path / "r.xlsx", article="full")
    edit(sheet, "figure", "3亿元", **cells)
    edit(sheet, "figure", "3000至5000元", 结论="错")
    corrections, problems = read_sheet(sheet, TEXTS)
    assert [one.evidence.quote for one in corrections] == ["3000至5000元"]
    assert said in problems[0]
    assert problems[0].startswith("r.xlsx, figure, row ")


def test_a_correction_that_makes_no_fact_is_refused(path):
    wrong = Correction(
        article_id="full", kind="figure", evidence=Evidence(0, 1, "柳"), fields={"x": 1}
    )
    with Store(path) as store, pytest.raises(StoreError, match="a figure has no field 'x'"):
        store.write_corrections([wrong])


def test_files_that_are_no_sheet_are_named(tmp_path):
    with pytest.raises(StoreError, match=r"no sheet .*bole review export"):
        read_sheet(tmp_path / "none.xlsx", {})
    (tmp_path / "text.xlsx").write_text("名称", encoding="utf-8")
    with pytest.raises(StoreError, match="is no XLSX file"):
        read_sheet(tmp_path / "text.xlsx", {})
    Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(StoreError, match="has no tab figure or policy"):
        read_sheet(tmp_path / "other.xlsx", {})


def test_a_sheet_holds_what_was_asked_for(path, tmp_path):
    def articles(**chosen):
        sheet = sheet_of(path, tmp_path / "r.xlsx", **chosen)
        rows = list(load_workbook(sheet)["figure"].iter_rows(values_only=True))
        at = rows[0].index("文章编号")
        return [row[at] for row in rows[1:]]

    assert articles() == ["full"] * 3 + ["article-00001"] * 3
    assert articles(since=SECOND) == ["full"] * 3
    assert articles(since=FIRST, limit=2) == ["full"] * 2
    assert articles(district="330000") == []
    assert articles(article="article-00001") == ["article-00001"] * 3


def test_only_articles_that_were_judged_as_a_whole_become_gold(tmp_path):
    facts = [("figure", f) for f in FULL.facts.figures] + [
        ("policy", p) for p in FULL.facts.policies
    ]
    right = [
        Correction(article_id="full", kind=kind, evidence=f.evidence, fields=fields_of(f))
        for kind, f in facts
    ]
    assert write_gold([FULL, sample(1)], right[1:], tmp_path / "gold") == []
    assert write_gold([FULL, sample(1)], right, tmp_path / "gold") == [
        tmp_path / "gold" / "full.txt"
    ]
    case = json.loads((tmp_path / "gold" / "full.json").read_text("utf-8"))
    text = (tmp_path / "gold" / "full.txt").read_text("utf-8")
    assert [text[f["start"] : f["end"]] for f in case["figures"]] == [
        f["quote"] for f in case["figures"]
    ]
    assert case["figures"][1]["value"] == 3000.5
    assert case["policies"][0]["name"] == "柳溪英才办法"
    assert "figures.precision" in evaluate_folder(tmp_path / "gold").rates()
