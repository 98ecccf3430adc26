-- Which figures count a thing, such as 人才 or 项目?
select
    coalesce(f.district, a.district) as district, d.name as district_name, f.counted, f.role,
    f.value, f.value_max, f.unit, f.qualifier, f.per, f.cumulative, f.policy,
    a.grade, a.published, a.url, f.quote
from figures f
join articles a on a.id = f.article_id
left join districts d on d.code = coalesce(f.district, a.district) and d.valid_to is null
where ($noun::varchar is null or contains(f.counted, $noun::varchar))
    and ($district::varchar is null or lies_in(coalesce(f.district, a.district), $district::varchar))
order by f.unit, f.value desc, f.fact_id
