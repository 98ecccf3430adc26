-- What does a policy grant, and to whom?
with granting as (
    select district
    from granting_policies
    where ($policy::varchar is null or contains(policy, $policy::varchar))
        and ($id::varchar is null or policy_id = $id::varchar)
),
-- measures lie by district: where a policy grants none, none is read
there as (
    from measures where district in (select district from granting)
    union all
    from measures where district is null
)
select
    policy, district, district_name, target, tier, benefit, amount, amount_max, unit, qualifier,
    per, conditions, grade, published, url, quote
from there
where policy is not null
    and ($policy::varchar is null or contains(policy, $policy::varchar))
    and ($id::varchar is null or policy_id = $id::varchar)
order by policy, tier nulls last, coalesce(amount_max, amount) desc, fact_id
