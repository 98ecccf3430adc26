-- Which figures count a thing, such as 人才 or 项目?
select
    f.in_district as district, d.name as district_name, f.counted, f.role,
    f.value, f.value_max, f.unit, f.qualifier, f.per, f.cumulative, f.policy,
    a.grade, a.published, a.url, f.quote
from figures f
join articles a on a.id = f.article_id
left join districts d on d.code = f.in_district and d.valid_to is null
where f.repeats is null
    and ($noun::varchar is null or contains(f.counted, $noun::varchar))
    and ($district::varchar is null or lies_in(f.in_district, $district::varchar))
order by f.unit, f.value desc, f.fact_id
