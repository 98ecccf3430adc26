-- Form 2: where a figure counts, what reposts repeat, versions of policies, zones, corrections.
alter table figures add column in_district varchar;
alter table figures add column repeats varchar;
update figures set in_district = whose.district
from (
    select f.fact_id, coalesce(f.district, m.district, a.district) as district
    from figures f
    join articles a on a.id = f.article_id
    left join policy_mentions m on m.article_id = f.article_id and m.policy_id = f.policy_id
) whose
where whose.fact_id = figures.fact_id;
-- every article is read again by this version of bole: its families come with it
alter table policy_mentions add column family varchar;
update policy_mentions set family = name;
alter table policies add column family varchar;
update policies set family = name;

create table zones (
    name varchar not null,
    code varchar,
    city varchar not null,
    hosts varchar[] not null,
    same_as varchar,
    district varchar not null,
    aliases varchar[] not null,
    english varchar[] not null
);

create table corrections (
    article_id varchar not null,
    kind varchar not null,
    "start" integer not null,
    "end" integer not null,
    quote varchar not null,
    verdict varchar not null,
    fields varchar,
    reviewer varchar,
    decided timestamp not null
);

update figures set repeats = told.first
from (
    select b.fact_id, arg_min(a.fact_id, (sa.position, a.position)) as first
    from story_articles sb
    join story_articles sa on sa.story_id = sb.story_id and sa.position < sb.position
    join figures b on b.article_id = sb.article_id
    join figures a on a.article_id = sa.article_id
        and (a.role, a.unit, a.value) = (b.role, b.unit, b.value)
        and a.value_max is not distinct from b.value_max
        and a.in_district is not distinct from b.in_district
        and coalesce(a.tier = b.tier, true)
        and coalesce(a.benefit = b.benefit, true)
    group by b.fact_id
) told
where told.fact_id = figures.fact_id;
