-- What is offered to a target, such as 博士 or 团队, highest amount first?
select
    target, tier, district, district_name, benefit, amount, amount_max, unit, qualifier, per,
    conditions, policy, grade, published, url, quote
from measures_by_target
where (
        $target::varchar is null
        or target in (select target from targets where contains(target, $target::varchar))
    )
    and ($tier::varchar is null or tier = $tier::varchar)
    and ($benefit::varchar is null or benefit = $benefit::varchar)
order by unit, coalesce(amount_max, amount) desc, fact_id
