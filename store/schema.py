"""The tables as Arrow schemas; `store/rows.py` makes their rows of nouns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

#: Form of the tables in schema.sql; a file with a higher number was written by a newer bole.
VERSION = 5

#: Money, areas and people alike: 32 digits before the point, 6 behind it.
_AMOUNT = pa.decimal128(38, 6)
_TEXT, _INT, _DAY, _FLAG = pa.string(), pa.int32(), pa.date32(), pa.bool_()
_LONG, _INSTANT, _TEXTS = pa.int64(), pa.timestamp("us"), pa.list_(pa.string())
_FILES = pa.list_(pa.struct([("url", pa.string()), ("name", pa.string())]))
_REGISTER = pa.struct(
    [
        ("number", pa.string()),
        ("issuer", pa.string()),
        ("index", pa.string()),
        ("signed", pa.date32()),
        ("in_force", pa.date32()),
        ("expires", pa.date32()),
        ("status", pa.string()),
        ("validity", pa.string()),
    ]
)
_FACT = {"fact_id": _TEXT, "article_id": _TEXT, "position": _INT}
_SPAN = {"start": _INT, "end": _INT, "quote": _TEXT}

#: Columns of each table in the order of its rows; schema.sql says what they mean.
SCHEMAS: Mapping[str, pa.Schema] = {
    name: pa.schema(list(columns.items()))
    for name, columns in {
        "sources": {
            "id": _TEXT,
            "name": _TEXT,
            "url": _TEXT,
            "district": _TEXT,
            "level": _TEXT,
            "publisher": _TEXT,
            "lang": _TEXT,
            "enabled": _FLAG,
        },
        "fetches": {
            "id": _LONG,
            "url": _TEXT,
            "final_url": _TEXT,
            "source_id": _TEXT,
            "kind": _TEXT,
            "fetched": _INSTANT,
            "status": _INT,
            "etag": _TEXT,
            "last_modified": _TEXT,
            "sha256": _TEXT,
            "warc_file": _TEXT,
            "warc_offset": _LONG,
            "items": _INT,
            "problem": _TEXT,
            "detail": _TEXT,
            "list_title": _TEXT,
            "list_date": _DAY,
        },
        "pages_read": {
            "url": _TEXT,
            "sha256": _TEXT,
            "reader_version": _TEXT,
            "article_id": _TEXT,
        },
        "articles": {
            "id": _TEXT,
            "url": _TEXT,
            "title": _TEXT,
            "text": _TEXT,
            "body_start": _INT,
            "body_end": _INT,
            "published": _DAY,
            "published_from": _TEXT,
            "source": _TEXT,
            "publisher": _TEXT,
            "author": _TEXT,
            "publisher_code": _TEXT,
            "lang": _TEXT,
            "attachments": _FILES,
            "fetched": _INSTANT,
            "sha256": _TEXT,
            "text_sha256": _TEXT,
            "reader_version": _TEXT,
            "first_seen": _DAY,
            "district": _TEXT,
            "grade": _TEXT,
            "read_by": _TEXT,
            "editor": _TEXT,
            "register": _REGISTER,
        },
        "figures": {
            **_FACT,
            "value": _AMOUNT,
            "value_max": _AMOUNT,
            "unit": _TEXT,
            "qualifier": _TEXT,
            "counted": _TEXT,
            "role": _TEXT,
            "target": _TEXT,
            "per": _TEXT,
            "cumulative": _FLAG,
            "district": _TEXT,
            "policy": _TEXT,
            "policy_id": _TEXT,
            "benefit": _TEXT,
            "tier": _TEXT,
            "conditions": _TEXTS,
            **_SPAN,
            "in_district": _TEXT,
            "repeats": _TEXT,
        },
        "policy_mentions": {
            **_FACT,
            "policy_id": _TEXT,
            "name": _TEXT,
            "kind": _TEXT,
            "action": _TEXT,
            "doc_number": _TEXT,
            "issuer": _TEXT,
            "district": _TEXT,
            "issued": _TEXT,
            "valid_from": _TEXT,
            "valid_to": _TEXT,
            "trial": _FLAG,
            **_SPAN,
            "family": _TEXT,
        },
        "places": {
            **_FACT,
            "code": _TEXT,
            "name": _TEXT,
            "candidates": _TEXTS,
            "role": _TEXT,
            **_SPAN,
        },
        "names": {**_FACT, "text": _TEXT, "label": _TEXT, "title": _TEXT, **_SPAN},
        "districts": {
            "code": _TEXT,
            "name": _TEXT,
            "parent": _TEXT,
            "level": _TEXT,
            "short": _TEXT,
            "is_word": _FLAG,
            "pinyin": _TEXT,
            "english": _TEXT,
            "valid_from": _INT,
            "valid_to": _INT,
            "successor": _TEXT,
        },
        "zones": {
            "name": _TEXT,
            "code": _TEXT,
            "city": _TEXT,
            "hosts": _TEXTS,
            "same_as": _TEXT,
            "district": _TEXT,
            "aliases": _TEXTS,
            "english": _TEXTS,
        },
        "story_articles": {"story_id": _TEXT, "article_id": _TEXT, "position": _INT},
        "digest_items": {
            "day": _DAY,
            "position": _INT,
            "section": _TEXT,
            "story_id": _TEXT,
            "fact_ids": _TEXTS,
        },
        "corrections": {
            "article_id": _TEXT,
            "kind": _TEXT,
            **_SPAN,
            "verdict": _TEXT,
            "fields": _TEXT,
            "reviewer": _TEXT,
        },
        "failures": {"stage": _TEXT, "subject": _TEXT, "kind": _TEXT, "message": _TEXT},
    }.items()
}

#: Tables of facts: the attribute of `Facts` and the word that their ids are made with.
FACT_TABLES: Mapping[str, tuple[str, str]] = {
    "figures": ("figures", "figure"),
    "policy_mentions": ("policies", "policy"),
    "places": ("places", "place"),
    "names": ("names", "name"),
}


def to_table(name: str, rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Return `rows` as an Arrow table with the columns of table `name`."""
    schema = SCHEMAS[name]
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return pa.table(arrays, schema=schema)
