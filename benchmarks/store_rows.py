"""Made-up articles with figures in their texts, as `Store.write_tables` takes them.

Every quote stands in its text where its figure says, so that the check at the door of the store
has its full work. A row depends on the number of its article alone: any part can be made again.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random

import duckdb
import pyarrow as pa

from extract.gazetteer import all_districts, districts_by_code
from store.schema import FACT_TABLES, SCHEMAS

#: Figures of an article.
EACH = 20
#: Articles of a batch.
BATCH = 50_000
#: Policies of a district: a policy is of one district, as its id says.
POLICIES = 16
#: Targets that measures are for.
TARGETS = 2_000
#: Sentences that searched articles are made of, and how many one has.
_SENTENCES, _OF_EACH = 20_000, 50

_LEAD, _BEHIND = "类人才团队给予最高", "万元的一次性支持，符合条件的单位和个人可以按程序申报；"
_START = len("对1234" + _LEAD)  # of the quote in its sentence
_QUOTED = len("1234万元")
_WIDTH = len("对1234" + _LEAD + "1234" + _BEHIND)

_MACROS = f"""
create macro h(a, b, c) as (hash(a, b, c) >> 1)::bigint;
create macro tens(n, k) as 1000 + h(n, k, 0) % 9000;
create macro target_of(n, k) as h(n, k, 1) % {TARGETS};
create macro sentence(n, k) as
    '对' || lpad(target_of(n, k)::varchar, 4, '0') || '{_LEAD}' || tens(n, k) || '{_BEHIND}';
"""
_ONE = f"""
create or replace table one as
select
    n, printf('%016x', hash(n)) as id, d.code as district,
    d.place * {POLICIES} + h(n, 0, 1) % {POLICIES} as policy,
    date '2015-01-01' + (n // 140)::integer as day,
    ['A', 'B', 'C', 'D'][1 + h(n, 0, 2) % 4] as grade
from range($first, $last) numbers(n)
join codes d on d.place = h(n, 0, 3) % $codes
order by n
"""
_ARTICLES = f"""
with written as (
    select *, concat({", ".join(f"sentence(n, {k})" for k in range(EACH))}) as text from one
)
select
    id, 'http://news.example/' || id || '.html' as url, '第' || n || '篇：人才政策落地' as title,
    text, 0::integer as body_start, length(text)::integer as body_end, day as published,
    'meta' as published_from, '柳溪日报' as source, '柳溪网' as publisher,
    district as publisher_code, 'zh-Hans' as lang,
    []::struct(url varchar, name varchar)[] as attachments, sha256(id) as sha256,
    sha256(id || '#') as text_sha256, 'bench' as reader_version, day as first_seen, district, grade
from written
order by n
"""
_FIGURES = f"""
with figure as (
    select
        one.*, k, tens(n, k) as tens, target_of(n, k) as target, h(n, k, 2) % 12 as tier,
        h(n, k, 3) % 15 as benefit, h(n, k, 4) % 20 as role
    from one, range({EACH}) figures(k)
)
select
    printf('%012x', h(n, k, 5) >> 15) as fact_id, id as article_id, k::integer as position,
    (tens * 10000)::decimal(38, 6) as value, if(role < 14, 'CNY', 'person') as unit,
    'up_to' as qualifier, '支持' as counted,
    case when role < 8 then 'support' when role < 9 then 'fund' when role < 13 then 'talent'
        else 'other' end as role,
    target || '类人才' as target, false as cumulative, '第' || policy || '号英才办法' as policy,
    printf('%012x', policy) as policy_id,
    ['project_funding', 'settling_in', 'home_purchase', 'rent', 'living', 'salary',
     'loan_interest', 'award', 'employer_reward', 'platform', 'training', 'talent_housing',
     'fund_access', 'tax', 'other'][1 + benefit] as benefit,
    ['top', 'leading', 'high_level', 'young', 'doctor', 'master', 'bachelor', 'skilled', 'team',
     'firm', 'platform', 'other'][1 + tier] as tier,
    []::varchar[] as conditions, (k * {_WIDTH} + {_START})::integer as start,
    (k * {_WIDTH} + {_START + _QUOTED})::integer as "end", tens || '万元' as quote,
    district as in_district
from figure
order by n, k
"""
_MENTIONS = """
select
    printf('%012x', h(n, 0, 9) >> 15) as fact_id, id as article_id, 0::integer as position,
    printf('%012x', policy) as policy_id, '第' || policy || '号英才办法' as name,
    'document' as kind, if(n % 3 = 0, 'issued', 'mentioned') as action, '柳溪市' as issuer,
    district, false as trial, 0::integer as start, 1::integer as "end", '对' as quote,
    '第' || policy || '号英才办法' as family
from one
order by n
"""


def batches(articles: int) -> Iterator[dict[str, pa.Table]]:
    """Yield the rows of articles and their facts."""
    made = {"articles": _ARTICLES, "figures": _FIGURES, "policy_mentions": _MENTIONS}
    for con in _numbered(articles):
        yield _tables({name: con.execute(sql).to_arrow_table() for name, sql in made.items()})


def worded_batches(articles: int, words: Sequence[str]) -> Iterator[dict[str, pa.Table]]:
    """Yield rows of articles without facts; the earlier a word stands the more often it comes."""
    random = Random(11)
    shares = list(accumulate(1 / (place + 3) for place in range(len(words))))
    sentences = ["".join(random.choices(words, cum_weights=shares, k=6)) for _ in range(_SENTENCES)]
    for con in _numbered(articles):
        rows = con.execute(_ARTICLES).to_arrow_table()
        texts = ["，".join(random.choices(sentences, k=_OF_EACH)) for _ in range(rows.num_rows)]
        ends = pa.array([len(text) for text in texts], pa.int32())
        for name, column in (("text", pa.array(texts)), ("body_end", ends)):
            rows = rows.set_column(rows.schema.get_field_index(name), name, column)
        yield _tables({"articles": rows})


def search_words() -> list[str]:
    """Return what the texts that are searched are made of, each of two characters or more."""
    spoken = [f"{a}{b}" for a in "人引育留用才技科创产" for b in "才策金补贴住房计划团队企业园区"]
    return sorted({d.short for d in all_districts() if len(d.short) == 2}) + spoken


def _numbered(articles: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection whose table `one` holds the articles of a batch, batch by batch."""
    codes = [code for code in districts_by_code() if not code.endswith("0000")]
    with duckdb.connect() as con:
        con.execute(_MACROS)
        con.register("given", pa.table({"place": range(len(codes)), "code": codes}))
        con.execute("create table codes as from given")
        counts = {"codes": len(codes)}
        for first in range(0, articles, BATCH):
            con.execute(_ONE, {**counts, "first": first, "last": min(articles, first + BATCH)})
            yield con


def _tables(made: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the tables of a batch with all their columns; what was not made is empty."""
    names = ("articles", *FACT_TABLES)
    return {name: _whole(made.get(name), SCHEMAS[name]) for name in names}


def _whole(rows: pa.Table | None, schema: pa.Schema) -> pa.Table:
    if rows is None:
        return schema.empty_table()
    given = {name: rows[name] for name in rows.schema.names}
    columns = [given.get(field.name, pa.nulls(rows.num_rows, field.type)) for field in schema]
    return pa.table(columns, names=schema.names).cast(schema)
