"""SQL of the store that is longer than a line; questions of users are in `store/queries`."""

from collections.abc import Collection, Mapping, Sequence

#: Distinct policies of all mentions; the best evidence grade wins, then the earlier day.
POLICIES = """
with mention as (
    select
        m.*,
        a.first_seen,
        row_number() over (
            partition by m.policy_id
            order by a.grade, coalesce(a.published, a.first_seen), a.id, m.position
        ) as rank
    from policy_mentions m
    join articles a on a.id = m.article_id
    where {chosen}
)
select
    policy_id as id,
    any_value(name) as name,
    any_value(district) as district,
    arg_min(kind, rank) as kind,
    arg_min(doc_number, rank) filter (doc_number is not null) as doc_number,
    arg_min(issuer, rank) filter (issuer is not null) as issuer,
    arg_min(issued, rank) filter (issued is not null) as issued,
    arg_min(valid_from, rank) filter (valid_from is not null) as valid_from,
    arg_min(valid_to, rank) filter (valid_to is not null) as valid_to,
    bool_or(trial) as trial,
    arg_min(article_id, rank) as article_id,
    count(distinct article_id) as mentions,
    min(first_seen) as first_seen,
    any_value(family) as family
from mention
group by policy_id
order by policy_id
"""

#: Stories anew from their articles, for the ids in `touched`.
REFRESH_STORIES = """
insert into stories by name
select
    s.story_id as id,
    arg_min(s.article_id, s.position) as article_id,
    count(*) as reports,
    min(a.first_seen) as first_seen
from story_articles s
join articles a on a.id = s.article_id
where s.story_id in (select id from touched)
group by s.story_id
order by s.story_id
"""


#: Which figures of articles in the stories `touched` a better article of the story tells too.
REFRESH_REPEATS = """
with member as materialized (
    select s.story_id, s.position as place, f.*
    from story_articles s
    join figures f on f.article_id = s.article_id
    where s.story_id in (select id from touched)
),
told as (
    select b.fact_id, arg_min(a.fact_id, (a.place, a.position)) as first
    from member b
    join member a
        on a.story_id = b.story_id and a.place < b.place
        and (a.role, a.unit, a.value) = (b.role, b.unit, b.value)
        and a.value_max is not distinct from b.value_max
        and a.in_district is not distinct from b.in_district
        and coalesce(a.tier = b.tier, true)
        and coalesce(a.benefit = b.benefit, true)
    group by b.fact_id
)
update figures set repeats = now.first
from (
    select member.fact_id, told.first
    from member
    left join told on told.fact_id = member.fact_id
    where told.first is distinct from member.repeats
) now
where now.fact_id = figures.fact_id
"""

#: Failures of `failed` into the table; one that is known keeps the instant of its first time.
MERGE_FAILURES = """
merge into failures using failed using (stage, subject)
when matched then update set kind = failed.kind, message = failed.message
when not matched then insert (stage, subject, kind, message, since)
    values (failed.stage, failed.subject, failed.kind, failed.message, $now)
"""

#: Numbers of an issue that is not written yet: within the year of $day and in all.
NEXT_NUMBERS = """
select
    coalesce(max(number_in_year) filter (year(day) = year($day::date)), 0) + 1,
    coalesce(max(number_in_all), 0) + 1
from digests
"""

#: Corrections of `given` into the table, each in place of one about the same words.
MERGE_CORRECTIONS = """
merge into corrections using given using (article_id, kind, "start")
when matched then update set
    "end" = given."end", quote = given.quote, verdict = given.verdict, fields = given.fields,
    reviewer = given.reviewer, decided = $now
when not matched then insert
    (article_id, kind, "start", "end", quote, verdict, fields, reviewer, decided)
    values (
        given.article_id, given.kind, given."start", given."end", given.quote, given.verdict,
        given.fields, given.reviewer, $now
    )
"""

#: So many values DuckDB compares a column with before it reads the others.
_FEW = 8
_OFFERS = """
from offers
where {chosen}
order by grade, day desc, fact_id
"""


def offers_sql(asked: Mapping[str, Collection[str]]) -> str:
    """Return the SQL of what is offered, best evidence first.

    Args:
        asked: The values that are wanted, by column of `offers`.
    """
    chosen = (_one_of(column, sorted(values)) for column, values in asked.items())
    return _OFFERS.format(chosen=" and ".join(chosen))


def _one_of(column: str, values: Sequence[str]) -> str:
    """Return SQL for a column that holds one of these values.

    They are written out: rows of others are passed over then, where values given beside the SQL
    would be looked up only after all columns are read, as would those of a long `in`.
    """
    written = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    if len(values) <= _FEW:
        return f"{column} in ({written})"
    first, last = (value.replace("'", "''") for value in (values[0], values[-1]))
    return f"{column} between '{first}' and '{last}' and list_contains([{written}], {column})"


#: Measures of policies with their versions: each article that issued, revised or drafted one.
VERSIONS = """
select
    m.family, m.name as version, m.district, m.action,
    coalesce(m.issued, strftime(coalesce(a.published, a.first_seen), '%Y-%m-%d')) as issued,
    coalesce(a.published, a.first_seen) as day, a.grade, a.url, a.title,
    f.fact_id, f.target, f.tier, f.benefit, f.value as amount, f.value_max as amount_max, f.unit,
    f.qualifier, f.per, f.quote
from policy_mentions m
join articles a on a.id = m.article_id
join figures f on f.article_id = m.article_id and f.policy_id = m.policy_id
where m.action in ('issued', 'revised', 'planned', 'solicited')
    and f.role = 'support'
    and f.repeats is null
    and (contains(m.name, $policy::varchar) or contains(m.family, $policy::varchar))
    and ($district::varchar is null or lies_in(m.district, $district::varchar))
order by m.family, m.district, issued, a.grade, f.fact_id
"""

_CONTEXT = """
    substr(a.text, greatest(f."start" + 1 - 30, 1), f."end" - f."start" + 60) as context,
    a.title, a.url, a.grade, f.article_id, f."start", f."end"
"""
_CHOSEN = """
where ($district::varchar is null or lies_in({district}, $district::varchar))
    and ($since::date is null or a.first_seen >= $since::date)
    and ($article::varchar is null or a.id = $article::varchar)
order by a.first_seen desc, f.article_id, f.position
limit $limit
"""

#: What people review of each kind: the fields of a fact between its words and its article.
REVIEWED = {
    "figure": f"""
select
    c.verdict, f.quote, f.value, f.value_max, f.unit, f.qualifier, f.counted, f.role, f.target,
    f.per, f.cumulative, f.district, f.policy, f.benefit, f.tier, f.conditions, {_CONTEXT}
from figures f
join articles a on a.id = f.article_id
left join corrections c
    on c.article_id = f.article_id and c.kind = 'figure' and c."start" = f."start"
{_CHOSEN.format(district="f.in_district")}""",  # noqa: S608
    "policy": f"""
select
    c.verdict, f.quote, f.name, f.kind, f.action, f.doc_number, f.issuer, f.district, f.issued,
    f.valid_from, f.valid_to, f.trial, {_CONTEXT}
from policy_mentions f
join articles a on a.id = f.article_id
left join corrections c
    on c.article_id = f.article_id and c.kind = 'policy' and c."start" = f."start"
{_CHOSEN.format(district="coalesce(f.district, a.district)")}""",  # noqa: S608
}
