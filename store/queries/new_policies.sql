-- Which policies were issued, planned, changed or carried out, newest first?
select
    coalesce(published, first_seen) as day, district, district_name, name, kind, action,
    doc_number, issuer, issued, valid_from, valid_to, trial, grade, url, quote
from latest_policies
where ($since::date is null or coalesce(published, first_seen) >= $since::date)
    and ($district::varchar is null or lies_in(district, $district::varchar))
order by day desc, district nulls last, name, id
