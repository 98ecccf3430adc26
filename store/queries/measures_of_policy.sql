-- What does a policy grant, and to whom?
select
    policy, district, district_name, target, tier, benefit, amount, amount_max, unit, qualifier,
    per, conditions, grade, published, url, quote
from measures
where policy is not null
    and ($policy::varchar is null or contains(policy, $policy::varchar))
    and ($id::varchar is null or policy_id = $id::varchar)
order by policy, tier nulls last, coalesce(amount_max, amount) desc, fact_id
