-- Where is support in money highest, for each tier of receivers?
select
    tier, district, district_name, target, benefit, amount, amount_max, qualifier, per, policy,
    grade, published, url, quote
from highest_measures
where ($district::varchar is null or lies_in(district, $district::varchar))
    and ($tier::varchar is null or tier = $tier::varchar)
order by tier nulls last, coalesce(amount_max, amount) desc, district
