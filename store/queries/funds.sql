-- Which funds and budgets are there, by size?
select
    f.in_district as district, d.name as district_name, f.counted, f.policy,
    f.value as amount, f.value_max as amount_max, f.unit, f.qualifier, f.cumulative,
    a.grade, a.published, a.url, f.quote
from figures f
join articles a on a.id = f.article_id
left join districts d on d.code = f.in_district and d.valid_to is null
where f.role = 'fund'
    and f.repeats is null
    and ($district::varchar is null or lies_in(f.in_district, $district::varchar))
order by f.unit, coalesce(f.value_max, f.value) desc, f.fact_id
