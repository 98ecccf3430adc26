"""Quotes at their offsets, for many rows at once."""

import pyarrow as pa
import pytest

from store.pointing import misplaced

TEXTS = {"a": "柳溪市最高资助2000万元。", "b": "", "c": "𠀀人才 talent é末"}


def articles(ids="abc"):
    texts = pa.array([TEXTS[one] for one in ids], pa.string())
    return pa.table({"id": pa.array(list(ids), pa.string()), "text": texts})


def facts(*rows):
    names = ("article_id", "start", "end", "quote")
    types = (pa.string(), pa.int32(), pa.int32(), pa.string())
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return pa.table(
        [pa.array(c, t) for c, t in zip(columns, types, strict=True)], names=list(names)
    )


@pytest.mark.parametrize(
    ("article", "start", "end", "quote", "is_wrong"),
    [
        ("a", 5, 7, "资助", False),
        ("a", 0, 14, TEXTS["a"], False),
        ("a", 13, 14, "。", False),
        ("a", 5, 7, "资金", True),
        ("a", 4, 6, "资助", True),
        ("a", 5, 8, "资助", True),
        ("a", -1, 1, "柳溪", True),
        ("a", 13, 15, "。柳", True),
        ("a", 14, 15, "𠀀", True),
        ("b", 0, 0, "", False),
        ("b", 0, 1, "柳", True),
        ("c", 0, 3, "𠀀人才", False),
        ("c", 4, 10, "talent", False),
        ("c", 11, 13, "é末", False),
        ("c", 12, 13, "é", True),
        ("x", 0, 1, "柳", True),
    ],
)
def test_a_quote_is_where_its_row_says(article, start, end, quote, is_wrong):
    right = ("a", 0, 3, "柳溪市")
    rows = facts(right, (article, start, end, quote), right)
    assert misplaced(rows, articles()) == ([1] if is_wrong else [])


def test_rows_in_pieces_are_those_of_one_table():
    rows = facts(("a", 0, 1, "柳"), ("c", 0, 1, "𠀀"), ("c", 1, 2, "才"), ("c", 1, 2, "人"))
    pieces = pa.concat_tables([rows.slice(0, 1), rows.slice(1), rows.slice(2, 1)])
    texts = pa.concat_tables([articles("abc").slice(2), articles("ab")])
    assert misplaced(pieces, texts) == [2, 4]


def test_nothing_is_misplaced_where_there_is_nothing():
    assert misplaced(facts(), articles()) == []
    assert misplaced(facts(("a", 0, 1, "柳")), articles("")) == [0]
