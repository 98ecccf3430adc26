-- Which articles are about a district, newest first?
select
    coalesce(a.published, a.first_seen) as day, a.district, d.name as district_name, a.title,
    a.source, a.grade, a.lang, a.id, a.url
from articles a
left join districts d on d.code = a.district and d.valid_to is null
where $district::varchar is null or lies_in(a.district, $district::varchar)
order by day desc, a.id
