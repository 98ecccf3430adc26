"""SQL of the store that is longer than a line; questions of users are in `store/queries`."""

#: Distinct policies anew from their mentions, for the ids in `touched`.
REFRESH_POLICIES = """
insert into policies by name
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
    where m.policy_id in (select id from touched)
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
    min(first_seen) as first_seen
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
