-- How did an indicator, such as 高层次人才, develop in a district over time?
select
    coalesce(a.published, a.first_seen) as day, f.in_district as district,
    d.name as district_name, f.counted, f.value, f.value_max, f.unit, f.qualifier, f.cumulative,
    a.grade, a.url, f.quote
from figures f
join articles a on a.id = f.article_id
left join districts d on d.code = f.in_district and d.valid_to is null
where f.repeats is null
    and f.counted is not null
    and ($noun::varchar is null or contains(f.counted, $noun::varchar))
    and ($district::varchar is null or lies_in(f.in_district, $district::varchar))
    and ($unit::varchar is null or f.unit = $unit::varchar)
order by f.in_district nulls last, f.unit, f.counted, day, f.fact_id
