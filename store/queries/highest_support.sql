-- Where is support in money highest, for each tier of receivers?
select
    tier, district, district_name, target, benefit, amount, amount_max, qualifier, per, policy,
    grade, published, url, quote
from measures
where unit = 'CNY'
    and ($district::varchar is null or lies_in(district, $district::varchar))
    and ($tier::varchar is null or tier = $tier::varchar)
qualify row_number() over (
    partition by tier, district order by coalesce(amount_max, amount) desc, grade, fact_id
) = 1
order by tier nulls last, coalesce(amount_max, amount) desc, district
