-- Which policies are in force on a day, as far as their dates are stated?
select
    name, district, district_name, kind, doc_number, issuer, issued, valid_from, valid_to, trial,
    grade, url, quote
from latest_policies
where action in ('issued', 'revised', 'implemented')
    and (valid_to is null or last_day_of(valid_to) >= coalesce($day::date, current_date))
    and (valid_from is null or valid_from <= coalesce($day::date, current_date)::varchar)
    and ($district::varchar is null or lies_in(district, $district::varchar))
order by district nulls last, name, id
