-- How large is support in money, by benefit and tier: how many offers, median, highest?
with narrowed as (
    select
        benefit, tier, per, count(*) as offers, count(distinct in_district) as districts,
        median(coalesce(value_max, value)) as median_amount,
        max(coalesce(value_max, value)) as highest_amount
    from cited_figures
    where role = 'support'
        and repeats is null
        and unit = 'CNY'
        and lies_in(in_district, $district::varchar)
    group by benefit, tier, per
)
from support_amounts where $district::varchar is null
union all by name
from narrowed
order by offers desc, benefit nulls last, tier nulls last, per nulls last
