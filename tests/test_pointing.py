"""Quotes at their offsets, for many rows at once."""

from random import Random

import pyarrow as pa
import pytest

from store.pointing import lay_out, misplaced

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
    assert misplaced(rows, lay_out(articles())) == ([1] if is_wrong else [])


def test_rows_in_pieces_are_those_of_one_table():
    rows = facts(("a", 0, 1, "柳"), ("c", 0, 1, "𠀀"), ("c", 1, 2, "才"), ("c", 1, 2, "人"))
    pieces = pa.concat_tables([rows.slice(0, 1), rows.slice(1), rows.slice(2, 1)])
    texts = pa.concat_tables([articles("abc").slice(2), articles("ab")])
    assert misplaced(pieces, lay_out(texts)) == [2, 4]


def test_nothing_is_misplaced_where_there_is_nothing():
    assert misplaced(facts(), lay_out(articles())) == []
    assert misplaced(facts(("a", 0, 1, "柳")), lay_out(articles(""))) == [0]


@pytest.mark.parametrize("place", [0, 7, 8, 15, 16, 24, 41])
def test_a_long_quote_is_compared_to_its_last_byte(place):
    """Quotes are compared eight bytes at a time: a difference counts wherever it stands."""
    text = "".join(chr(ord("a") + n % 26) for n in range(42))
    quote = text[:place] + "!" + text[place + 1 :]
    texts = lay_out(pa.table({"id": ["x", "y"], "text": [text, text + "末"]}))
    rows = [("x", 0, 42, text), ("x", 0, 42, quote), ("y", 0, 42, quote), ("y", 0, 42, text)]
    assert misplaced(facts(*rows), texts) == [1, 2]


def test_a_row_that_lacks_its_place_is_refused():
    assert misplaced(facts(("a", None, 1, "柳"), ("a", 0, None, "柳")), lay_out(articles())) == [
        0,
        1,
    ]


def test_quotes_of_long_texts_are_found_wherever_they_lie():
    random = Random(4)
    texts = ["".join(random.choices("a柳é𠀀。", k=random.randrange(400))) for _ in range(40)]
    told = pa.table({"id": [str(n) for n in range(40)], "text": texts})
    given, wrong = [], []
    for place in range(1500):
        number = random.randrange(40)
        start = random.randrange(len(texts[number]) + 1)
        end = random.randrange(start, min(len(texts[number]), start + 60) + 1)
        moved = start + random.choice([0, 0, 1])
        given.append((str(number), moved, end, texts[number][start:end]))
        if texts[number][moved:end] != texts[number][start:end] or moved > end:
            wrong.append(place)
    assert len(wrong) > 100
    assert misplaced(facts(*given), lay_out(told)) == wrong
