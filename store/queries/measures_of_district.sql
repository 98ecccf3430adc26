-- What does a district, with all below it, offer to talents, teams and firms?
select
    district, district_name, policy, target, tier, benefit, amount, amount_max, unit, qualifier,
    per, conditions, grade, published, url, quote
from measures
where $district::varchar is null or lies_in(district, $district::varchar)
order by district, policy nulls last, amount desc, fact_id
