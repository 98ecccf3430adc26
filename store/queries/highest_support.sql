-- Where is support in money highest, for each tier of receivers?
with offered as (
    -- one row a tier and district before anything is joined: the tables may be large
    select
        f.tier, f.in_district as district,
        arg_max(f.fact_id, (coalesce(f.value_max, f.value), f.fact_id)) as fact_id
    from figures f
    where f.role = 'support'
        and f.repeats is null
        and f.unit = 'CNY'
        and ($district::varchar is null or lies_in(f.in_district, $district::varchar))
        and ($tier::varchar is null or f.tier = $tier::varchar)
    group by f.tier, f.in_district
)
select
    m.tier, m.district, m.district_name, m.target, m.benefit, m.amount, m.amount_max,
    m.qualifier, m.per, m.policy, m.grade, m.published, m.url, m.quote
from measures m
where m.fact_id in (select fact_id from offered)
order by m.tier nulls last, coalesce(m.amount_max, m.amount) desc, m.district
