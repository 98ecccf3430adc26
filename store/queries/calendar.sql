-- Which policies end from a day on, which are on trial, soonest first?
select
    last_day_of(p.valid_to) as ends,
    case when p.trial then 'trial' else 'validity' end as what,
    p.name, p.district, d.name as district_name, p.issuer, p.doc_number, p.issued, p.valid_from,
    p.valid_to, a.grade, a.url
from policies p
join articles a on a.id = p.article_id
left join districts d on d.code = p.district and d.valid_to is null
where (p.valid_to is not null or p.trial)
    and ($since::date is null or last_day_of(p.valid_to) >= $since::date or p.valid_to is null)
    and ($until::date is null or last_day_of(p.valid_to) <= $until::date)
    and ($district::varchar is null or lies_in(p.district, $district::varchar))
order by ends nulls last, p.district nulls last, p.name, p.id
