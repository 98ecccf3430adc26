-- How many talents do districts count, latest first?
select
    f.in_district as district, d.name as district_name, f.counted, f.value, f.value_max,
    f.qualifier, f.cumulative, coalesce(a.published, a.first_seen) as day, a.grade, a.url, f.quote
from figures f
join articles a on a.id = f.article_id
left join districts d on d.code = f.in_district and d.valid_to is null
where f.role = 'talent'
    and f.repeats is null
    and ($district::varchar is null or lies_in(f.in_district, $district::varchar))
order by day desc, f.value desc, f.fact_id
