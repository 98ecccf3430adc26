-- Which measures became known since a day, newest first?
select
    coalesce(published, first_seen) as day, district, district_name, policy, target, tier, benefit,
    amount, amount_max, unit, qualifier, per, grade, url, quote
from measures
where ($since::date is null or coalesce(published, first_seen) >= $since::date)
    and ($district::varchar is null or lies_in(district, $district::varchar))
order by day desc, district nulls last, fact_id
