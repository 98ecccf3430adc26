-- Which stories were told by most articles?
select
    s.id as story, s.reports, s.first_seen, a.title, a.district, d.name as district_name,
    a.grade, a.url
from stories s
join articles a on a.id = s.article_id
left join districts d on d.code = a.district and d.valid_to is null
where ($since::date is null or s.first_seen >= $since::date)
    and ($district::varchar is null or lies_in(a.district, $district::varchar))
order by s.reports desc, s.first_seen desc, s.id
