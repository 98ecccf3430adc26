-- Who issues policies, how many, and which was the latest?
select
    issuer, district, district_name, count(*) as policies,
    count(*) filter (action in ('issued', 'revised')) as issued,
    max(coalesce(published, first_seen)) as latest_day,
    arg_max(name, (coalesce(published, first_seen), id)) as latest
from latest_policies
where issuer is not null
    and ($district::varchar is null or lies_in(district, $district::varchar))
group by issuer, district, district_name
order by policies desc, issuer, district
